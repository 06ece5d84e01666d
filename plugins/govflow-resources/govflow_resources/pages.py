"""Two pages: the guides by how hard they are to read, and what the group says about sharing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import Desk, Entry, Field, Form, Link, Table, Text, Verdict, count, refuse
from govflow_resources.sharing import (
    ANSWER,
    ASK,
    COPIED,
    GUIDE,
    HOW_FAR,
    LEVELS,
    ORGANISATION_WIDE,
    PLACE,
    SHARE,
    SHARED,
    YES_OR_NO,
    agreed,
    agreed_for,
    said_no,
    silent,
    the,
)

SHOWN = 100


def library(desk: Desk) -> list[Any]:
    """All guides, or those of one reading level."""
    level = desk.query.get("level", "")
    case, wanted = desk.case, {level} if level in LEVELS else set(LEVELS)
    filters = [
        (Link(text=words, page="library", query={"level": name} if name else {}), "Shown now" if name == level else "")
        for name, words in {"": "All of them", **LEVELS}.items()
    ]
    ours = [row for row in reversed(case.registers[GUIDE]) if row.values["level"] in wanted]
    others = [row for row in reversed(case.registers[SHARED]) if row.values["level"] in wanted]
    return [
        Table(caption="How hard to read?", columns=("Show", "Now"), rows=filters),
        Table(
            caption=LEVELS.get(level, "Our guides"),
            columns=("Guide", "Made by", "How hard to read", "It helps with"),
            rows=[
                (Link(text=row.values["title"], entry=(GUIDE, row.key)), *_told(row), row.values.get("helps", ""))
                for row in ours[:SHOWN]
            ],
            empty="No guide is here yet.",
        ),
        Table(
            caption="Guides of our organisation",
            columns=("Guide", "Made by", "How hard to read", "Where to get it"),
            rows=[(row.values["title"], *_told(row), _where(row)) for row in others[:SHOWN]],
            empty="No group of this organisation shares a guide yet.",
        ),
        Table(
            caption="More",
            columns=("Go to",),
            rows=[(Link(text="Add a guide", page="guide"),), (Link(text="Sharing guides", page="sharing"),)],
        ),
    ]


def _told(row: Entry) -> tuple[str, str]:
    return row.values["made_by"], LEVELS[row.values["level"]]


def _where(row: Entry) -> Any:
    link = row.values.get("link")
    return Link(text="Open it", web=link) if str(link).startswith("https://") else link or row.values.get("ask", "")


def sharing(desk: Desk) -> list[Any]:
    """What was asked, how it stands, and the reader's own answer."""
    case, rows = desk.case, desk.case.registers[SHARE]
    parts: list[Any] = [
        Text(text="A guide stays in this project until all of you agree. One no is enough, and nobody has to say why."),
        Table(
            caption="What was asked",
            columns=("Guide", "How far", "How it stands", "Your answer"),
            rows=[
                (
                    Link(text=title_of(desk, row), entry=(SHARE, row.key)),
                    HOW_FAR[row.values["how_far"]],
                    stands(desk, row),
                    YES_OR_NO.get(_own(desk, row.key), "Not yet"),
                )
                for row in list(reversed(rows))[:SHOWN]
            ],
            empty="Nobody has asked to share a guide.",
        ),
    ]
    if rows and desk.reader in case.here:
        parts.append(_answer_form(desk))
    ready = [
        row for row in case.registers[GUIDE] if agreed_for(case, row.key, ORGANISATION_WIDE) and not _out(desk, row)
    ]
    if ready:
        parts.append(_share_form(ready))
    places = [(_guide_title(desk, row.values["guide"]), row.values["link"]) for row in case.registers[PLACE]]
    links = {
        "share": "Ask to share a guide",
        "place": "Write down where a guide is in public",
        "shared": "Guides of our organisation",
    }
    return [
        *parts,
        Table(caption="In public", columns=("Guide", "Where"), rows=places[:SHOWN], empty="No guide is in public."),
        Table(caption="More", columns=("Go to",), rows=[(Link(text=text, page=page),) for page, text in links.items()]),
    ]


def stands(desk: Desk, row: Entry) -> str:
    if said_no(desk.case, row):
        return "It stays in this project. Somebody would rather not share it."
    if agreed(desk.case, row):
        return "All of you agree"
    return f"{count(len(silent(desk.case, row)), 'answer')} to come"


def title_of(desk: Desk, share: Entry) -> str:
    return _guide_title(desk, share.values["guide"])


def _guide_title(desk: Desk, key: str) -> str:
    guide = the(desk.case, GUIDE, key)
    return guide.values["title"] if guide else "A guide that was taken off the list"


def _own(desk: Desk, share: str) -> str:
    return next((row.values["answer"] for row in desk.case.rows(ANSWER, person=desk.reader, share=share)), "")


def _out(desk: Desk, guide: Entry) -> bool:
    """Whether it stands on the organisation's list already."""
    return any(
        all(row.values.get(name) == guide.values.get(name) for name in COPIED) for row in desk.case.registers[SHARED]
    )


def _answer_form(desk: Desk) -> Form:
    asked = {
        row.key: f"{title_of(desk, row)}: {HOW_FAR[row.values['how_far']].lower()}"
        for row in desk.case.registers[SHARE]
    }

    def keep(desk: Desk, answers: Mapping[str, Any]) -> None:
        before = desk.case.rows(ANSWER, person=desk.reader, share=answers["share"])
        if before:
            desk.change("answer", before[0].key, answer=answers["answer"])
        else:
            desk.add("answer", person=desk.reader, **answers)

    return Form(
        slug="answer",
        title="Your own answer",
        fields=(
            Field(name="share", label="About which guide?", kind="choice", choices=asked, required=True),
            Field(name="answer", label="May it be shared?", kind="choice", choices=YES_OR_NO, required=True),
        ),
        send=keep,
        button="Keep my answer",
    )


def _share_form(ready: list[Entry]) -> Form:
    """What was agreed to is copied as it is; a file stays here, and others are told where to ask for it."""
    by_key = {row.key: row for row in ready}

    def share(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
        guide = by_key[answers["guide"]].values
        if not guide.get("link") and not answers.get("ask"):
            return refuse("This guide is a file, and files stay here. Say where others get it.")
        copied = {name: guide[name] for name in COPIED if name in guide}
        desk.add("shared", **copied, ask=answers.get("ask"))
        return None

    return Form(
        slug="share",
        title="Put it on the list of our organisation",
        fields=(
            Field(
                name="guide",
                label="Which guide, of those you agreed on?",
                kind="choice",
                choices={row.key: row.values["title"] for row in ready},
                required=True,
            ),
            ASK,
        ),
        send=share,
        button="Share it",
    )
