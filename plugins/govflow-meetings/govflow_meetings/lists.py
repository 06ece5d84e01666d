"""The lists of meetings: series, meetings, who does not want which job, whose time, places, decisions, actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import (
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    SUBJECT,
    Case,
    Field,
    Register,
    Verdict,
    count,
    ok,
    person_field,
    refuse,
    warn,
)  # fmt: skip
from govflow_meetings import agenda
from govflow_meetings.cadence import RHYTHMS, Stretch, problem_of

JOBS = {
    "chair": "Chair",
    "note_taker": "Note-taker",
    "provisions": "Tea, coffee and milk",
    "room": "Setting out the room",
    "administration": "Letters and lists",
    "presenter": "Telling the group about something",
}
HOW = {"both": "In person and online", "in_person": "In person", "online": "Online"}
PAYS = {
    "project": "The project pays for my time",
    "employer": "My employer gives me this time (protected time)",
    "given": "I give my time. I was offered payment, and chose so",
}
A_DAY = timedelta(days=1)


def stretches(values: Mapping[str, Any]) -> list[Stretch]:
    """The rhythm of a series, and the one that follows it by itself, if there is one."""
    found = [Stretch(values["rhythm"], values["first"].date(), values["until"])]
    if values.get("then"):
        begins = values.get("then_from") or values["until"] + A_DAY
        found.append(Stretch(values["then"], begins, values.get("then_until", date.min)))
    return found


def check_series(values: Mapping[str, Any], case: Case) -> Verdict:
    if not 10 <= values["minutes"] <= 600:
        return refuse("A meeting lasts from 10 minutes to 600. Change how long it is.")
    if values.get("then") and not values.get("then_until"):
        return refuse("Say until which day the second rhythm lasts.")
    if not values.get("then") and (values.get("then_from") or values.get("then_until")):
        return refuse(
            "After the first rhythm nobody would meet. Choose how often you meet then, or leave its days empty."
        )
    problem = problem_of(stretches(values))
    return refuse(problem) if problem else ok


def check_meeting(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["ends"] <= values["starts"]:
        return refuse("A meeting cannot end before it starts. Look at the two times again.")
    if values["ends"] - values["starts"] > A_DAY:
        return refuse("A meeting lasts a day at most. For several days, add a meeting for each.")
    if values.get("chair") and values.get("chair") == values.get("note_taker"):
        return refuse("Let two people do this: whoever chairs cannot take the notes too. Choose somebody else for one.")
    try:
        planned = sum(minutes for minutes, _ in agenda.items(values.get("agenda", "")))
    except ValueError as error:
        return refuse(str(error))
    there = (values["ends"] - values["starts"]) // timedelta(minutes=1)
    if planned > there:
        return warn(
            f"Kept. The agenda takes {count(planned, 'minute')}, and the meeting has {there}. Leave something out?"
        )
    return ok


def check_own(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] != case.by:
        return refuse("Only they themselves can say this. Choose your own name.")
    return ok


def check_time(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] == case.by:
        return refuse("Somebody else writes this line for you, and you say yes to it. Ask your coordinator.")
    return ok


SERIES = Register(
    slug="series",
    title="Series of meetings",
    one="series",
    why="How often you meet, and for how long. A second rhythm begins by itself.",
    label="title",
    added_by=(EVERY_MEMBER,),
    check_entry=check_series,
    fields=(
        Field(name="title", label="What is it called?", required=True, help="For example, “Working group”."),
        Field(name="first", label="When does the first meeting begin?", kind="moment", required=True),
        Field(name="minutes", label="How many minutes does a meeting last?", kind="number", required=True),
        Field(name="rhythm", label="How often do you meet?", kind="choice", choices=RHYTHMS, required=True),
        Field(name="until", label="Until which day?", kind="date", required=True),
        Field(name="then", label="How often after that?", kind="choice", choices=RHYTHMS, help="Empty: it ends then."),
        Field(name="then_from", label="From which day?", kind="date", help="Empty: the day after."),
        Field(name="then_until", label="Until which day does that last?", kind="date"),
        Field(name="how", label="How do you meet?", kind="choice", choices=HOW, required=True),
        Field(name="place", label="Where?"),
        Field(name="people", label="Who is it for?", kind="people", help="Empty: everybody in the project."),
    ),
)
MEETING = Register(
    slug="meeting",
    title="Meetings",
    one="meeting",
    why="Every meeting: when, where, who does what, what is talked about, and what came of it.",
    label="title",
    added_by=(EVERY_MEMBER,),
    calendar=("starts", "ends"),
    calendar_for=(person_field("people"),),
    check_entry=check_meeting,
    fields=(
        Field(name="title", label="What is it called?", required=True),
        Field(name="starts", label="When does it start?", kind="moment", required=True),
        Field(name="ends", label="When does it end?", kind="moment", required=True),
        Field(name="series", label="Which series is it of?", kind="entry_of", of="meetings.series"),
        Field(name="how", label="How do you meet?", kind="choice", choices=HOW, required=True),
        Field(name="place", label="Where?"),
        Field(name="link", label="The address to join online", kind="link"),
        Field(
            name="access",
            label="How does one get in, and what helps there?",
            kind="long_text",
            help="Of the place, not of people: steps, lift, codes at the door, a quiet room, captions, who meets you.",
        ),
        Field(name="people", label="Who is it for?", kind="people", help="Empty: everybody in the project."),
        *(Field(name=job, label=title, kind="person") for job, title in JOBS.items()),
        Field(
            name="agenda",
            label="Agenda",
            kind="long_text",
            help="A line for each item. Begin it with its minutes: “20 Choosing our name”. "
            "Check-in and recap come first by themselves, breaks and time to be together are added.",
        ),
        Field(name="agenda_out", label="On which day did everybody get the agenda?", kind="date"),
        Field(name="came", label="Who came?", kind="people", help="Nobody is asked why they did not."),
        Field(name="minutes", label="Minutes: what was said", kind="long_text"),
        Field(name="no_meeting", label="We agreed not to meet this time", kind="yes_no", help="No reason is needed."),
    ),
)
LEFT = Register(
    slug="left_to_others",
    title="Jobs left to others",
    one="line",
    why="Everybody is asked for every job in turn. Leave out what you would rather not do. Nobody asks why.",
    label="person",
    added_by=(EVERY_MEMBER,),
    check_entry=check_own,
    fields=(
        Field(name="person", label="Who are you?", kind="person", required=True),
        Field(name="jobs", label="Which jobs do you leave to others?", kind="choices", choices=JOBS),
    ),
)
TIME = Register(
    slug="time",
    title="Whose time, and who pays for it",
    one="line",
    why="Agreed with each person before a series starts. They themselves say yes to their line.",
    label="person",
    added_by=(EVERY_MEMBER,),
    seen_by=(SUBJECT, person_field("person"), COORDINATOR, FINANCE),
    approved_by=(person_field("person"),),
    check_entry=check_time,
    fields=(
        Field(name="series", label="For which series?", kind="entry_of", of="meetings.series", required=True),
        Field(name="person", label="Whose time?", kind="person", required=True),
        Field(name="how", label="In their words", kind="choice", choices=PAYS, required=True),
    ),
)
VENUE = Register(
    slug="venue",
    title="Places we could meet",
    one="place",
    why="Anybody adds a place. Then everybody chooses one, and everybody agrees to it.",
    label="name",
    added_by=(EVERY_MEMBER,),
    fields=(
        Field(name="name", label="What is the place called?", required=True),
        Field(name="access", label="How does one get in, and what helps there?", kind="long_text"),
        Field(name="whose", label="Is it somebody’s place of work?", kind="yes_no", help="Then others are guests."),
    ),
)
CHOICE = Register(
    slug="venue_choice",
    title="My choice of a place",
    one="choice",
    why="You alone see what you chose. Your latest choice counts. Everybody sees how many chose each, at the end.",
    label="person",
    added_by=(EVERY_MEMBER,),
    seen_by=(SUBJECT,),
    check_entry=check_own,
    fields=(
        Field(name="person", label="Who are you?", kind="person", required=True),
        Field(name="venue", label="Which place do you choose?", kind="entry_of", of="meetings.venue", required=True),
    ),
)
DECISION = Register(
    slug="decision",
    title="Decisions of meetings",
    one="decision",
    label="text",
    added_by=(EVERY_MEMBER,),
    fields=(
        Field(name="text", label="What did you decide?", required=True),
        Field(name="meeting", label="In which meeting?", kind="entry_of", of="meetings.meeting", required=True),
        Field(name="said_by", label="Who said it first?", kind="person"),
    ),
)
ACTION = Register(
    slug="action",
    title="Actions of meetings",
    one="action",
    why="Who said it is one thing. Who looks after it, and by when, is another.",
    label="text",
    added_by=(EVERY_MEMBER,),
    fields=(
        Field(name="text", label="What will be done?", required=True),
        Field(name="meeting", label="In which meeting?", kind="entry_of", of="meetings.meeting", required=True),
        Field(name="decision", label="Which decision does it follow?", kind="entry_of", of="meetings.decision"),
        Field(name="said_by", label="Who said it?", kind="person", help="That does not make it theirs to do."),
        Field(name="owner", label="Who looks after it?", kind="person", required=True),
        Field(name="due", label="By which day?", kind="date", required=True),
        Field(name="done", label="Is it done?", kind="yes_no"),
    ),
)
LISTS = (SERIES, MEETING, LEFT, TIME, VENUE, CHOICE, DECISION, ACTION)
