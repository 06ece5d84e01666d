"""Checks without code: an organisation's admin writes them on a page, or as TOML. Same form, same engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from govflow.plugin import (
    ORGANISATION,
    Case,
    Check,
    Field,
    File,
    Finding,
    Form,
    Link,
    OrganisationDesk,
    Page,
    Table,
    Text,
    Verdict,
    day,
    hookimpl,
    met,
    ok,
    refuse,
    setting,
    unmet,
)
from govflow_checklist.checklist_file import MOST_LETTERS, OWED_BY, ListedCheck, read, written

STAGES = {"bid": "Bid", "design": "Design", "trial": "Trial", "dissemination": "Dissemination"}
KINDS = {
    "yes_no": "Yes or no",
    "long_text": "Words",
    "text": "A few words",
    "date": "A day",
    "number": "A number",
    "person": "Someone in the project",
    "link": "A web address",
}


@dataclass(frozen=True)
class Settings:
    """The checks of one organisation, as TOML. Reading them is checking them."""

    checks: str = setting(
        "",
        label="The checks, as TOML",
        kind="long_text",
        most=MOST_LETTERS,
        help="You can also write them on the page “Our own checks”.",
    )

    def __post_init__(self) -> None:
        read(self.checks)

    def together(self, other: Settings) -> Settings:
        """The checks of two organisations in a project they share; where both have a name, the second is numbered."""
        mine = read(self.checks)
        taken = {check.slug for check in mine}
        theirs = []
        for check in read(other.checks):
            slug, number = check.slug, 2
            while slug in taken:
                slug, number = f"{check.slug[:36]}_{number}", number + 1
            taken.add(slug)
            theirs.append(replace(check, slug=slug))
        return Settings(checks=written([*mine, *theirs]))


def judge_for(listed: ListedCheck) -> Any:
    """Met when every question that must be answered is, and no yes-or-no question that must be was answered no."""

    def answered(case: Case) -> Finding:
        if not case.evidence:
            return unmet(f"“{listed.title}” is still to be answered.")
        said_no = [question for question in listed.questions if question.kind == "yes_no" and question.required]
        no = [question.label for question in said_no if case.evidence.get(question.name) is False]
        if no:
            return unmet(f"Answered on {day(case.evidence.on)}, and not there yet: {no[0]}")
        return met(f"Answered on {day(case.evidence.on)} by {case.name(case.evidence.by or '')}.")

    return answered


@hookimpl
def register_config() -> type:
    return Settings


@hookimpl
def register_checks(config: Settings) -> list[Check]:
    return [
        Check(
            slug=check.slug,
            title=check.title,
            why=check.why,
            judge=judge_for(check),
            stages=check.stages,
            holds_in=check.stages if check.holds else (),
            about=check.about,
            questions=check.questions,
            answered_by=check.answered_by,
            owed_by=check.owed_by,
            due=check.due,
        )
        for check in read(config.checks)
    ]


# --- the page ---------------------------------------------------------------------------------------------

FIELDS = (
    Field(
        name="title", label="What is the check called?", required=True, help="A few words, such as: Ethics approval."
    ),
    Field(
        name="why",
        label="Why does it matter?",
        kind="long_text",
        required=True,
        help="One or two plain sentences. Everyone will read them.",
    ),
    Field(name="stages", label="In which stages is it asked?", kind="choices", choices=STAGES, required=True),
    Field(
        name="question", label="What is asked?", required=True, help="One question. You can add more later, as TOML."
    ),
    Field(name="kind", label="What kind of answer does it want?", kind="choice", choices=KINDS, required=True),
    Field(
        name="owed_by",
        label="Who is reminded when it is late?",
        kind="choice",
        choices={name: words for name, (_, words) in OWED_BY.items()},
        required=True,
    ),
    Field(
        name="due_days",
        label="How many days after the stage began is it due?",
        kind="number",
        help="Leave this empty if there is no due day.",
    ),
    Field(
        name="holds",
        label="Does the gate wait for it?",
        kind="yes_no",
        required=True,
        help="Say no if it is advice only.",
    ),
)
AS_TOML = (
    Field(
        name="checks",
        label="All the checks, as TOML",
        kind="long_text",
        most=MOST_LETTERS,
        help="Change them here, or paste a file that was taken from another organisation.",
    ),
)


def view(desk: OrganisationDesk) -> list[Any]:
    found = read(desk.config.checks)
    removing = next((check for check in found if check.slug == desk.query.get("remove")), None)
    if removing:
        return [
            Text(text=f"“{removing.title}” will not be asked any more. What was answered to it is kept."),
            Form(slug="remove", fields=(), send=lambda desk, answers: take_away(desk, removing), button="Take it away"),
        ]
    rows = [
        (
            check.title,
            ", ".join(STAGES[stage] for stage in check.stages),
            "Holds the gate" if check.holds else "Advice",
            check.due.sentence() if check.due else "no due day",
            Link(text=f"Take away “{check.title}”", query={"remove": check.slug}),
        )
        for check in found
    ]
    off = Text(text="The checklist is off, so none of this is asked yet. Switch it on under Plugins.")
    return [
        *([] if desk.on else [off]),
        Table(
            caption="Our own checks",
            columns=("Check", "Asked in", "What it does", "Due", "Take away"),
            rows=rows,
            empty="You have written no check yet.",
        ),
        Form(slug="add", title="Write a check", fields=FIELDS, send=add, button="Add this check"),
        Form(
            slug="toml",
            title="Or as a file",
            fields=AS_TOML,
            kept={"checks": desk.config.checks},
            send=replace_all,
            button="Keep these checks",
        ),
        File(
            name="checklist.toml",
            text=desk.config.checks or "# No checks yet.\n",
            label="Take the checks with you (TOML)",
        ),
    ]


def add(desk: OrganisationDesk, answers: dict[str, Any]) -> Verdict:
    found = read(desk.config.checks)
    due = answers.get("due_days")
    if due is not None and not (isinstance(due, int) and 1 <= due <= 3_650):
        return refuse("The due day is a whole number of days, from 1 to 3,650.")
    new = ListedCheck.from_page(answers, taken={check.slug for check in found})
    desk.keep_settings(checks=written([*found, new]))
    return ok


def take_away(desk: OrganisationDesk, removed: ListedCheck) -> Verdict:
    desk.keep_settings(checks=written([check for check in read(desk.config.checks) if check.slug != removed.slug]))
    return ok


def replace_all(desk: OrganisationDesk, answers: dict[str, Any]) -> Verdict:
    text = answers.get("checks", "")
    try:
        read(text)
    except ValueError as error:
        return refuse(str(error))
    desk.keep_settings(checks=text)
    return ok


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="write",
            title="Our own checks",
            why="Write your own questions. All your projects are asked them, in the stages you choose.",
            view=view,
            scope=ORGANISATION,
        )
    ]
