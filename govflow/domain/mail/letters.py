"""The words of our letters: plain text first, and the same as HTML. Kind, short, and nothing private in a subject.

Here too is what a plugin declares when it wants a letter of its own posted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape

from govflow.domain.gates.checks import Case, Who
from govflow.domain.terms import Terms, worded
from govflow.domain.wording import count, day


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is due or late, as its reader may read it. `sentence` is already fit for this reader's eyes.

    `helps`: why it is told to somebody who does not owe it.
    """

    project: str
    title: str
    sentence: str
    why: str
    due_on: date
    link: str
    helps: str = ""


@dataclass(frozen=True, kw_only=True)
class EmailContent:
    """A letter before it is put into an envelope. A block is text, or text with a link."""

    subject: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(block.as_text() for block in self.blocks) + "\n"

    @property
    def html(self) -> str:
        inside = "\n".join(block.as_html() for block in self.blocks)
        return (
            '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width"><title>{escape(self.subject)}</title></head>\n'
            '<body style="margin:0;background:#faf6f0"><div style="max-width:34em;margin:0 auto;padding:24px;'
            f'font:18px/1.6 system-ui,Arial,sans-serif;color:#2b2230">\n{inside}\n</div></body></html>\n'
        )


@dataclass(frozen=True, kw_only=True)
class Block:
    text: str
    heading: bool = False
    link: str = ""
    link_text: str = ""

    def as_text(self) -> str:
        if self.heading:
            return f"{self.text}\n{'-' * min(len(self.text), 60)}"
        return f"{self.text}\n{self.link}" if self.link else self.text

    def as_html(self) -> str:
        if self.heading:
            return f'<h2 style="font-size:20px;margin:28px 0 0">{escape(self.text)}</h2>'
        said = escape(self.text).replace("\n", "<br>\n")
        if self.link:
            said += (
                f'<br><a style="color:#5b2a5e" href="{escape(self.link, quote=True)}">'
                f"{escape(self.link_text or self.link)}</a>"
            )
        return f'<p style="margin:12px 0">{said}</p>'


def in_their_words(words: EmailContent, terms: Terms) -> EmailContent:
    """The letter in the words its project goes by; what is quoted stays, and so do links and titles."""
    if not terms:
        return words
    blocks = [
        one if one.heading else replace(one, text=worded(one.text, terms), link_text=worded(one.link_text, terms))
        for one in words.blocks
    ]
    return replace(words, subject=worded(words.subject, terms), blocks=tuple(blocks))


@dataclass(frozen=True)
class Trigger:
    """What a plugin's letter is written about: an entry that was added to one of its registers."""

    kind: str
    register: str


def entry_added(register: str) -> Trigger:
    """When an entry is added to this register of the plugin, named by its slug alone."""
    return Trigger("entry_added", register)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An email a plugin asks the core to post, through the one outbox, to each person `to` means.

    `words(case)` gives its paragraphs, at most 20, with the entry as `case.subject`; it is asked when the letter is
    posted, and an entry that has gone by then is not written about. `subject` is one line everybody may see on a locked
    screen: nothing of health, pay or roles, and no project's name.
    """

    slug: str
    subject: str
    to: Who
    when: Trigger
    words: Callable[[Case], Sequence[str]]


def from_plugin(*, name: str, subject: str, paragraphs: Sequence[str], link: str) -> EmailContent:
    """A plugin's letter in our envelope."""
    return EmailContent(
        subject=f"GovFlow: {subject}",
        blocks=(
            hello(name),
            *(Block(text=one) for one in paragraphs[:-1]),
            Block(text=paragraphs[-1], link=link, link_text="Open it in GovFlow"),
        ),
    )


def hello(name: str) -> Block:
    """How every letter begins."""
    return Block(text=f"Hello {name.split()[0] if name.split() else 'there'},")


def reminder(*, name: str, items: Sequence[Item], home: str, wishes: str, stop: str, today: date) -> EmailContent:
    """One letter listing everything that is due or late, oldest first: what, why, who can help, and one link each."""
    things = count(len(items), "thing")
    blocks = [
        hello(name),
        Block(
            text=f"{things[0].upper() + things[1:]} {'is' if len(items) == 1 else 'are'} waiting for you in GovFlow. "
            f"Nothing bad has happened. Here {'it is' if len(items) == 1 else 'is each of them'}, with the place where "
            "you can look after it."
        ),
    ]
    for item in sorted(items, key=lambda item: (item.due_on, item.project, item.title)):
        blocks += [
            Block(text=f"{item.title} ({item.project})", heading=True),
            Block(text=item.sentence),
            Block(text=f"Why it matters: {item.why}" if item.why else "It holds up the next step of the project."),
            *([Block(text=item.helps)] if item.helps else []),
            Block(text=_when(item.due_on, today), link=item.link, link_text="Look after this"),
        ]
    blocks += [
        Block(text="If you cannot do this just now, talk to your coordinator or another lead. They can help."),
        Block(text="Everything that waits for you is on your list:", link=home, link_text="My list"),
        Block(text="Too many emails, or at the wrong time? You can choose:", link=wishes, link_text="My emails"),
        *ending(stop),
    ]
    return EmailContent(subject=f"GovFlow: {things} waiting for you", blocks=tuple(blocks))


def _when(due_on: date, today: date) -> str:
    if due_on < today:
        return f"It was due on {day(due_on)}."
    return "It is due today." if due_on == today else f"It is due on {day(due_on)}."


def ending(stop: str) -> tuple[Block, ...]:
    """How every letter ends that one click can stop."""
    words = "You do not need to answer this email. You can stop these reminders here:"
    return (Block(text=words, link=stop, link_text="Stop reminders"),)


def sign_in(*, name: str, link: str, minutes: int) -> EmailContent:
    """The link that signs somebody in."""
    return EmailContent(
        subject="GovFlow: your link to sign in",
        blocks=(
            hello(name),
            Block(
                text=f"Here is your link to sign in. It works once, for {minutes} minutes.",
                link=link,
                link_text="Sign in",
            ),
            Block(text="On another device than the one you asked on? It asks for the code that is shown there."),
            Block(text="If you did not ask for it, you can forget this email. Nothing has happened."),
        ),
    )


def hearing(*, organisation: str, known: bool, link: str) -> EmailContent:
    """Somebody typed this address to hear of chances. It names nobody: the name was typed by who knows whom."""
    words = (
        f"You asked {organisation} to tell you about chances to take part. You are on its list already. "
        "You can leave it with one button."
        if known
        else f"Somebody asked {organisation} to tell you about chances to take part. If that was you, please say yes "
        "on the page. If not, forget this email: we write no other."
    )
    return EmailContent(
        subject="GovFlow: please confirm your address" if not known else "GovFlow: you are on the list",
        blocks=(Block(text="Hello,"), Block(text=words, link=link, link_text="Open the page")),
    )


def chance(
    *, name: str, organisation: str, title: str, said: Sequence[tuple[str, str]], link: str, stop: str
) -> EmailContent:
    """A chance to take part, with everything somebody needs to decide."""
    return EmailContent(
        subject="GovFlow: a chance to take part",
        blocks=(
            hello(name),
            Block(text=f"{organisation} looks for people to take part."),
            Block(text=title, heading=True),
            *(Block(text=f"{what}: {words}") for what, words in said),
            Block(text="If you would like to, say so on the page.", link=link, link_text="See it in GovFlow"),
            Block(
                text="You get this because you asked to hear of chances. You can end that with one button:",
                link=stop,
                link_text="Tell me no more",
            ),
        ),
    )


def invitation(*, name: str, asked_by: str, link: str) -> EmailContent:
    """Somebody is asked to join a project. Which one stands on the page, not in the mail's first lines."""
    return EmailContent(
        subject="GovFlow: you are asked to join a project",
        blocks=(
            hello(name),
            Block(text=f"{asked_by} asks you to join a project. Sign in to see what it is about. Then say yes or no."),
            Block(text="You can say no without giving a reason.", link=link, link_text="See the invitation"),
        ),
    )


def weekly_checkpoint(*, name: str, checkpoint: str, page: str) -> EmailContent:
    """The checkpoint of a history, for an admin who asked for it. The subject says nothing of the organisation."""
    return EmailContent(
        subject="GovFlow: your weekly checkpoint",
        blocks=(
            hello(name),
            Block(text="Here is the checkpoint you asked for. Keep this email. You do not need to do anything else."),
            Block(text=checkpoint),
            Block(
                text="It says how long the history of your organisation is, and what its last line was. "
                "With it you can check later that nobody has changed what came before."
            ),
            Block(text="How to check, and how to stop these emails:", link=page, link_text="History and checkpoints"),
        ),
    )


SECOND_STEP_CHANGES = {
    "app added": "An app that shows codes was set up for your account.",
    "app removed": "The app that shows codes was taken away from your account.",
    "passkey added": "A passkey was added to your account.",
    "passkey removed": "A passkey was taken away from your account.",
    "all removed": "Whoever runs this service took away your passkeys, your app and your recovery codes. You were "
    "signed out everywhere.",
}


def second_step_changed(*, name: str, change: str, page: str) -> EmailContent:
    """That a way to show who one is was added or taken away, so that nobody else does it unseen."""
    return EmailContent(
        subject="GovFlow: how you sign in has changed",
        blocks=(
            hello(name),
            Block(text=SECOND_STEP_CHANGES[change]),
            Block(text="If that was you, or you asked for it, all is well. You need do nothing."),
            Block(
                text="If it was not you, open the page below. Sign out the other browsers, and take away what is not "
                "yours. Then tell the people who run this service.",
                link=page,
                link_text="How I sign in",
            ),
        ),
    )


def complaint(*, name: str, link: str) -> EmailContent:
    """To an organisation's admins. What the complaint says stands on the page alone."""
    return EmailContent(
        subject="GovFlow: a complaint has come",
        blocks=(
            hello(name),
            Block(text="A complaint has come.", link=link, link_text="Read it"),
            Block(text="Whoever made it must hear within 30 days that you have it."),
        ),
    )
