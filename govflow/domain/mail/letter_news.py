"""The words of letters that tell of something. No subject and no first line names a project: it may name an illness."""

from __future__ import annotations

from govflow.domain.mail.letters import Block, EmailContent, ending, hello


def poll_open(
    *, name: str, project: str, title: str, until: str, last: bool, private: bool, link: str, stop: str
) -> EmailContent:
    """A round of questions is open. It goes to everyone asked alike, whether they have answered or not."""
    kept = "Your answers are private: nobody can see who said what."
    named = "This one is asked with names: all will see who said what."
    return _news(
        "the last day for some questions" if last else "some questions for you",
        name=name,
        first="You are asked some questions. Everyone who is asked gets this same email. You do not have to answer.",
        project=f"{title} ({project})",
        then=(
            f"You can answer until {until}. You can change your answers until then.",
            kept if private else named,
            "If you have answered, you need do nothing.",
        ),
        link=(link, "See the questions"),
        stop=stop,
    )


def gate_open(*, name: str, project: str, link: str, stop: str) -> EmailContent:
    """All is ready for the next stage."""
    return _news(
        "all is ready for a next step",
        name=name,
        first="All that was asked for is done. A lead can now move the project on to its next stage. "
        "There is no hurry.",
        project=project,
        then=("Have a look together first.",),
        link=(link, "See the gate"),
        stop=stop,
    )


def waiver_proposed(*, name: str, project: str, link: str, stop: str) -> EmailContent:
    """Somebody proposes to let something pass for now, and this reader may agree or not."""
    return _news(
        "your view is asked for",
        name=name,
        first="Somebody proposes to let one thing pass for now. It needs a second person to agree. "
        "You can also leave it.",
        project=project,
        then=("Read why, and see what you think.",),
        link=(link, "Read it"),
        stop=stop,
    )


def moved(*, name: str, project: str, stage: str, link: str, stop: str) -> EmailContent:
    """The project is in another stage now; no `stage`: it is closed."""
    return _news(
        "a project has moved on",
        name=name,
        first="A project you are part of has moved on. The page says what comes next, and who agreed to it. "
        "You need do nothing.",
        project=project,
        then=(f"It is now in this stage: {stage}." if stage else "It is now closed.",),
        link=(link, "See the project"),
        stop=stop,
    )


def _news(
    subject: str, *, name: str, first: str, project: str, then: tuple[str, ...], link: tuple[str, str], stop: str
) -> EmailContent:
    return EmailContent(
        subject=f"GovFlow: {subject}",
        blocks=(
            hello(name),
            Block(text=first),
            Block(text=project, heading=True),
            *(Block(text=one) for one in then[:-1]),
            Block(text=then[-1], link=link[0], link_text=link[1]),
            *ending(stop),
        ),
    )
