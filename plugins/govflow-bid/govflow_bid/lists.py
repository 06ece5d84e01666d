"""The lists of a bid, and the rules for writing a line in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import EVERY_MEMBER, Case, Field, Register, Verdict, day, listed, ok, refuse, warn

DRAFT, MAP, COST, HELP, HOURS, KEEPER, HEARD = (
    "bid.draft", "bid.decides", "bid.cost", "bid.help", "bid.hours", "bid.keeper", "bid.heard",
)  # fmt: skip
TIME, WRITING = "time", "writing"
SUPPORT = {"access": "Access", "training": "Training", "coordination": "Coordination"}
KINDS = {
    TIME: "Time of partners",
    WRITING: "Writing up after the contract",
    **SUPPORT,
    "inclusion": "Reaching people who are often left out",
}
FORMS = {"cv": "The CV, as the funder asks for it", "costing": "The costing forms"}
MOST_DAYS = 3_660


def check_draft(values: Mapping[str, Any], case: Case) -> Verdict:
    written, fixed = values["written_on"], values.get("fixed_on")
    if max(written, fixed or written) > case.today:
        return refuse(f"{day(max(written, fixed or written))} is still to come. Write it down when it has happened.")
    if fixed and fixed < written:
        return refuse("A draft cannot be fixed before it is written. Look at the two days again.")
    return ok


def check_cost(values: Mapping[str, Any], case: Case) -> Verdict:
    """Who is paid how much is plain to reckon. That nothing is planned for somebody is theirs alone to say."""
    people, days = values.get("people", []), values.get("days")
    if values["kind"] in (TIME, WRITING) and not people:
        return refuse("Say for whom. Choose everyone for whom this is the same.")
    if values.get("none"):
        if days is not None or "rate" in values:
            return refuse("Give days and a rate, or say why nothing is planned. Leave the other one empty.")
        if people and people != [case.by]:
            return refuse("Each person alone says that nothing is to be planned for them. Ask them to write it here.")
        return ok
    if days is None or "rate" not in values:
        return refuse("Give the days and the rate. If nothing is planned, say why not.")
    if not 0 < days <= MOST_DAYS:
        return refuse("Give more than 0 days, and less than ten years. Half days are fine, such as 2.5.")
    if not float(values["rate"]):
        return refuse("Give a rate of more than nothing, or say why nothing is planned.")
    return ok


def check_help(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["offered_on"] > case.today:
        return refuse(f"{day(values['offered_on'])} is still to come. Write it down when it was offered.")
    if values["offered_by"] == values["person"]:
        return refuse("Help comes from somebody else. Say who offered it.")
    return ok


def check_hours(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] != case.by:
        return refuse("Each person writes down their own hours. Choose yourself.")
    if values["lost_on"] > case.today:
        return refuse(f"{day(values['lost_on'])} is still to come. Give the day on which you lost the time.")
    before = sum(
        row.values["hours"]
        for row in case.registers.get(HOURS, ())
        if (row.values["person"], row.values["lost_on"]) == (values["person"], values["lost_on"])
        and (case.subject is None or row.key != case.subject.key)
    )
    if not 0 < values["hours"] <= 24:
        return refuse("Give more than 0 hours, and at most 24. Half hours are fine, such as 1.5.")
    if before + values["hours"] > 24:
        return refuse(f"You have {before:g} hours on {day(values['lost_on'])} already. A day has 24.")
    return ok


def check_heard(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["heard_on"] > case.today:
        return refuse(f"{day(values['heard_on'])} is still to come. Write it down when you have heard it.")
    keepers = [row.values["person"] for row in case.registers.get(KEEPER, ())]
    if case.by in keepers:
        return ok
    if not keepers:
        return warn("Kept. Say who keeps it real. The gate waits for what they hear.")
    return warn(f"Kept. The gate waits for what {listed([case.name(key) for key in keepers])} heard. Tell them too.")


COST_FIELDS = (
    Field(name="what", label="What is it for?", required=True),
    Field(name="kind", label="What kind is it?", kind="choice", choices=KINDS, required=True),
    Field(name="people", label="For whom?", kind="people", help="Choose everyone for whom this is the same."),
    Field(name="days", label="How many days, or how often?", kind="number", help="For each person, such as 2.5."),
    Field(name="rate", label="How much for one?", kind="money", help="In pounds. Use a rate of a card, no salary."),
    Field(name="none", label="If nothing is planned: why not?", kind="long_text", most=500),
)
HOURS_FIELDS = (
    Field(name="what", label="What took your time?", help="Such as: the claim form.", most=120, required=True),
    Field(name="hours", label="How many hours?", kind="number", required=True, help="Such as 1.5."),
    Field(name="lost_on", label="On which day?", kind="date", required=True),
    Field(name="host", label="Whose barrier was it?", required=True, most=100, help="An institution, no person."),
)


def _list(slug: str, title: str, one: str, why: str, fields: tuple[Field, ...], **more: Any) -> Register:
    return Register(
        slug=slug, title=title, one=one, why=why, fields=fields, added_by=(EVERY_MEMBER,), **{"label": "what", **more}
    )


LISTS = [
    _list(
        "draft", "Drafts of the bid", "draft", "Which drafts there were, who wrote them, and when one was fixed.",
        (
            Field(name="what", label="Which draft is it?", required=True, help="For example: First draft."),
            Field(name="written_on", label="On which day was it written?", kind="date", required=True),
            Field(name="fixed_on", label="On which day was it fixed?", kind="date",
                  help="Leave it empty while everything can still change."),
            Field(name="authors", label="Who wrote it?", kind="people", required=True, left=True),
            Field(name="link", label="Where is it?", kind="link"),
        ),
        check_entry=check_draft,
    ),
    _list(
        "decides", "Who decides what in the bid", "decision", "The key decisions, who shares them, and their limits.",
        (
            Field(name="what", label="What is to decide?", required=True),
            Field(name="decider", label="Who decides it, and how?", required=True),
            Field(name="limits", label="Within which limits, and who set them?", kind="long_text", required=True),
            Field(name="fallback", label="Who decides if you cannot agree?", required=True),
        ),
    ),
    _list(
        "cost", "What the bid asks for", "line of the costing", "What is planned, for whom: days times a rate.",
        COST_FIELDS, check_entry=check_cost,
    ),
    _list(
        "help", "Help offered with forms", "offer of help", "Who was offered help with the CV and the costing forms.",
        (
            Field(name="person", label="To whom?", kind="person", required=True),
            Field(name="forms", label="Help with what?", kind="choices", choices=FORMS, required=True),
            Field(name="offered_by", label="Who offered it?", kind="person", required=True),
            Field(name="offered_on", label="On which day?", kind="date", required=True),
        ),
        label="person", check_entry=check_help,
    ),
    _list(
        "hours", "Hours lost to barriers", "note of hours lost", "Time that an institution’s own barriers took.",
        (Field(name="person", label="Whose hours?", kind="person", required=True), *HOURS_FIELDS),
        check_entry=check_hours,
    ),
    _list(
        "keeper", "Who keeps it real", "task", "Who talks with people outside, so that the questions are relevant.",
        (
            Field(name="person", label="Who does it?", kind="person", required=True),
            Field(name="what", label="What is it called?", required=True, help="For example: keeping it real."),
            Field(name="with_whom", label="With whom do they talk?", required=True, help="In general. Name nobody."),
        ),
    ),
    _list(
        "heard", "What people outside told us", "piece of feedback", "What was heard, and what follows for the bid.",
        (
            Field(name="what", label="What did they tell you?", required=True, help="Name nobody."),
            Field(name="heard_on", label="On which day?", kind="date", required=True),
            Field(name="follows", label="What follows for the bid?", kind="long_text"),
        ),
        check_entry=check_heard,
    ),
]  # fmt: skip
