"""Changes to an approved study: from the group's decision to the sponsor, the committee and their answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from govflow.plugin import (
    ALWAYS,
    EVERY_MEMBER,
    Case,
    Check,
    Field,
    Finding,
    Page,
    Register,
    day,
    entry,
    hookimpl,
    met,
    named,
    setting,
    unmet,
)
from govflow_modifications.page import changes
from govflow_modifications.steps import (
    ANSWERED,
    APPROVED,
    DECIDED,
    DECISION,
    KINDS,
    MODIFICATION,
    REVIEW,
    SET_BY,
    SPONSOR,
    WITHDRAWN,
    began,
    check_modification,
    closed,
    stands,
)


@dataclass(frozen=True)
class Settings:
    days_to_send: int = setting(
        14, label="Within how many days does a change go to the sponsor?", least=1, most=365, per_project=True
    )


def approved(case: Case) -> Finding:
    """Whether a change was approved or taken back, as somebody wrote it down."""
    row = case.subject
    if closed(row):
        told = f" {case.name(row.by)} wrote it down." if row.by else ""
        return met(f"{stands(row)}.{told}")
    owed = named(*([row.values["contact"]] if row.values.get("contact") else []), *_leads(case))
    said = f"{stands(row)}. Until it is approved or taken back, the plan stays as it was."
    if "answer_by" in row.values:
        who = SET_BY[row.values["set_by"]]
        said += f" An answer is to come by {day(row.values['answer_by'])}. {who} set that day."
        return unmet(said, due=row.values["answer_by"], owed_by=owed, remind_before=(60, 30, 7))
    if SPONSOR not in row.values:
        return unmet(said, due=began(row, case) + timedelta(days=case.config.days_to_send), owed_by=owed)
    return unmet(said, owed_by=owed)


def _leads(case: Case) -> list[str]:
    return [key for key in case.here if case.has_role(key, "lead")]


@hookimpl
def register_config() -> type[Settings]:
    return Settings


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="modification",
            title="Modifications",
            one="modification",
            why="A change to the approved plan, and its way to the sponsor and the committee.",
            label="what",
            added_by=(EVERY_MEMBER,),
            check_entry=check_modification,
            fields=(
                Field(name="what", label="What is to change?", required=True),
                Field(name="why", label="Why?", kind="long_text"),
                Field(
                    name="partner_idea",
                    label="Did it begin with an idea of a partner?",
                    kind="yes_no",
                    help="Partners are the people you do the research with. You need not say who.",
                ),
                Field(name="decision", label="Which decision of the group is it?", kind="entry_of", of=DECISION),
                Field(name="decided", label="Or in a sentence: what did the group decide?"),
                Field(name=DECIDED, label="When did the group decide it?", kind="date"),
                Field(name="contact", label="Who talks with the sponsor about it?", kind="person"),
                Field(name=SPONSOR, label="When did it go to the sponsor?", kind="date"),
                Field(
                    name="kind",
                    label="Which kind is it?",
                    kind="choice",
                    choices=KINDS,
                    help="The sponsor decides this. Leave it empty until you are told.",
                ),
                Field(name=ANSWERED, label="When did the sponsor say so?", kind="date"),
                Field(name=REVIEW, label="When did it go to the committee?", kind="date"),
                Field(name="answer_by", label="By which day is an answer to come?", kind="date"),
                Field(name="set_by", label="Who set that day?", kind="choice", choices=SET_BY),
                Field(name=APPROVED, label="On which day was it approved?", kind="date", help="As you were told."),
                Field(
                    name="told_by", label="Who told you so, and how?", help="For example: a letter of the committee."
                ),
                Field(name=WITHDRAWN, label="On which day did you take it back?", kind="date"),
                Field(name="reference", label="What number do they know it by?"),
            ),
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="changes",
            title="Changes to the approved plan",
            why="Where each change stands, how long each step takes, and how many came from partners’ ideas.",
            view=changes,
            in_pack=changes,
            needs=(DECISION,),
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="approved",
            title="A change to the approved plan",
            why="Nobody works by a change before those who have to say yes have said so.",
            about=entry(MODIFICATION),
            judge=approved,
            stages=("design", "trial", "dissemination"),
            holds_in=("trial",),
            lasts=ALWAYS,
            needs=(DECISION,),
        )
    ]
