"""Meetings everyone can prepare for: a rhythm, agendas in time, jobs that go round, a place all agree to.

No check here holds a gate: what is late is told to whoever can help, and to nobody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from govflow.plugin import (
    AGREE,
    COORDINATOR,
    Case,
    Check,
    Document,
    Entry,
    Finding,
    Page,
    Register,
    after_field,
    count,
    day,
    entry,
    hookimpl,
    listed,
    met,
    named,
    not_needed,
    person_field,
    setting,
    unmet,
)  # fmt: skip
from govflow_meetings import pages
from govflow_meetings.cadence import Slot, slots
from govflow_meetings.lists import A_DAY, LISTS, stretches

TO_CHOOSE = timedelta(days=14)


@dataclass(frozen=True)
class Settings:
    """What an organisation may choose."""

    agenda_days: int = setting(
        7, label="How many days before a meeting does everybody get the agenda?", least=1, most=60, per_project=True
    )
    check_in: int = setting(
        10, label="How many minutes is the check-in?", help="Offered, never asked.", least=0, most=120
    )
    recap: int = setting(10, label="How many minutes is the recap of last time?", least=1, most=120)
    pause: int = setting(10, label="How many minutes is a break?", help="One each hour.", least=0, most=60)
    social: int = setting(15, label="How many minutes to be together at the end?", least=0, most=240)


def took_place(row: Entry) -> bool:
    """Something is written down of it, or that the group agreed not to meet."""
    return any(row.values.get(name) for name in ("came", "minutes", "no_meeting"))


def rhythm(case: Case) -> Finding:
    """Each slot that has passed since the series was written down has a meeting."""
    passed: list[tuple[Slot, Entry]] = []
    coming: list[date] = []
    for series in case.registers["meetings.series"]:
        held = [
            row.values["starts"].date() for row in case.rows("meetings.meeting", series=series.key) if took_place(row)
        ]
        for slot in slots(stretches(series.values)):
            if slot.ends >= case.today:
                coming.append(slot.ends)
            elif slot.ends >= series.on and not _paused(case, slot.ends) and not _held_in(slot, held):
                passed.append((slot, series))
    look_again = min(coming) + A_DAY if coming else None
    if not passed:
        return met("The meetings keep their rhythm.", look_again=look_again)
    slot, series = passed[0]
    more = f" So it is with {count(len(passed) - 1, 'other time')}." if len(passed) > 1 else ""
    return unmet(
        f"“{series.values['title']}”: nothing is written down of a meeting between {day(slot.starts)} and "
        f"{day(slot.ends)}.{more} Write who came, find a new day, or say that you agreed not to meet.",
        due=passed[-1][0].ends,
        look_again=look_again,
    )


def _held_in(slot: Slot, held: Sequence[date]) -> bool:
    return any(slot.starts <= day_ <= slot.ends for day_ in held)


def _paused(case: Case, on: date) -> bool:
    return any(pause.began <= on <= (pause.ended or case.today) for pause in case.project.pauses)


def agenda_out(case: Case) -> Finding:
    """The next meetings have an agenda that is out in good time."""
    ahead = timedelta(days=case.config.agenda_days)
    rows = [row for row in pages.coming(case) if not row.values.get("agenda_out")]
    soon = [row for row in rows if row.values["starts"].date() <= case.today + 2 * ahead]
    if not soon:
        first = rows[0].values["starts"].date() - 2 * ahead if rows else None
        return met("Every agenda that is needed now is out.", look_again=first)
    row, starts = soon[0], soon[0].values["starts"]
    people = [row.values[job] for job in ("chair", "note_taker") if row.values.get(job) in case.here]
    late = case.today > starts.date() - ahead
    return unmet(
        f"The agenda of “{row.values['title']}” on {day(starts.date())} is not out yet. "
        + (
            f"People need time to prepare. Send it today, or move the meeting: {day(pages.new_day(case, row))} is free."
            if late
            else f"Everybody gets it by {day(starts.date() - ahead)}."
        ),
        due=starts.date() - ahead,
        owed_by=named(*people) if people else COORDINATOR,
        look_again=min(starts.date() - ahead + A_DAY, starts.date() + A_DAY) if not late else starts.date() + A_DAY,
    )


def time_agreed(case: Case) -> Finding:
    """Whose time the series takes, and that each of them said yes to who pays for it."""
    assert isinstance(case.subject, Entry)
    series = case.subject.values
    if stretches(series)[-1].ends < case.today:
        return not_needed("This series is over.")
    agreed = {row.values["person"] for row in case.rows("meetings.time", series=case.subject.key) if row.approved_on}
    wanted = [member for key, member in case.here.items() if not series.get("people") or key in series["people"]]
    missing = [member for member in wanted if member.key not in agreed]
    if not missing:
        return met(
            f"All {len(wanted)} have agreed who pays for their time.", look_again=stretches(series)[-1].ends + A_DAY
        )
    short = f"Who pays for people’s time: {len(missing)} of {len(wanted)} have not agreed yet."
    begins = series["first"].date() - A_DAY
    return unmet(
        f"{short} They are {listed([member.name for member in missing])}.",
        short=short,
        lines={
            member.key: "It is not agreed with you yet who pays for your time in these meetings."
            for member in missing
            if not case.has_role(member.key, "lead", "coordinator")
        },
        due=min(max(begins, member.joined + TO_CHOOSE) if member.joined > begins else begins for member in missing),
        look_again=stretches(series)[-1].ends + A_DAY,
    )


def venue(case: Case) -> Finding:
    """Chosen by voting, and then agreed by everybody."""
    names = {row.key: row.values["name"] for row in case.registers["meetings.venue"]}
    if len(names) < 2:
        return not_needed("There are no two places to choose from. Anybody can add one.")
    rows = [row for row in case.registers["meetings.venue_choice"] if row.values["venue"] in names]
    chosen = {row.values["person"]: row.values["venue"] for row in rows if row.values["person"] in case.here}
    closes = min((row.on for row in rows), default=case.today) + TO_CHOOSE
    if not chosen or (len(chosen) < len(case.here) and case.today < closes):
        until = f"Everybody can choose until {day(closes)}." if chosen else "Nobody has chosen yet."
        return unmet(f"You have {count(len(names), 'place')} to choose from. {until}", look_again=closes)
    (first, most), *others = Counter(chosen.values()).most_common()
    if others and others[0][1] == most:
        level = listed(sorted(f"“{names[key]}”" for key, number in Counter(chosen.values()).items() if number == most))
        return unmet(f"{level} were chosen by {most} each. Talk about it, and choose again.")
    said = f"“{names[first]}” was chosen by {most} of {len(chosen)}."
    versions = case.documents["where_we_meet"]
    if not versions or names[first].casefold() not in versions[-1].text.casefold():
        return unmet(f"{said} Write “Where we meet” with its name in it, so that everybody can agree to it.")
    answers = {key: getattr(versions[-1].said.get(key), "answer", "") for key in case.here}
    waiting = sum(1 for answer in answers.values() if answer != AGREE)
    if waiting:
        return unmet(f"{said} Not everybody has agreed to it yet: {waiting} of {len(answers)} are still to say so.")
    return met(f"{said} All {len(answers)} agree to it.")


def action_done(case: Case) -> Finding:
    """An action has an owner, who is told when its day has passed."""
    assert isinstance(case.subject, Entry)
    values = case.subject.values
    if values.get("done"):
        return met(f"Done: “{values['text']}”.")
    if values["owner"] not in case.here:
        return unmet(
            f"“{values['text']}” has nobody who looks after it any more. Ask who would like to.", owed_by=COORDINATOR
        )
    return unmet(f"{case.name(values['owner'])} looks after “{values['text']}”, until {day(values['due'])}.")


@hookimpl
def register_config() -> type:
    return Settings


@hookimpl
def register_registers() -> Sequence[Register]:
    return LISTS


@hookimpl
def register_documents() -> list[Document]:
    return [
        Document(
            slug="where_we_meet",
            title="Where we meet",
            why="The place that most of you chose. It is ours once everybody agrees to it.",
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="plan",
            title="Our meetings",
            why="What comes next, who does what, and the jobs you leave to others.",
            view=pages.plan,
        ),
        Page(
            slug="agenda",
            title="Agenda and minutes",
            why="One meeting: before it, and after it.",
            view=pages.one_meeting,
        ),
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="rhythm",
            title="We meet when we said",
            why="Trust needs time together. One letter tells the coordinator when a time has passed without a meeting.",
            judge=rhythm,
            owed_by=COORDINATOR,
            remind_every=366,
            holds_in=(),
            principle="building-and-maintaining-relationships",
        ),
        Check(
            slug="agenda",
            title="Agendas in good time",
            why="A clear agenda in advance gives everybody time to prepare, and takes away worry.",
            judge=agenda_out,
            holds_in=(),
            principle="sharing-of-power",
        ),
        Check(
            slug="time",
            title="Whose time, and who pays for it",
            why="Before a series starts, each person agrees who pays for their time. Some need it protected at work.",
            judge=time_agreed,
            about=entry("meetings.series"),
            owed_by=COORDINATOR,
            private=True,
            holds_in=(),
            principle="including-all-perspectives-and-skills",
        ),
        Check(
            slug="venue",
            title="A place all agree to",
            why="A place that is one member’s workplace makes the others guests. Choose it by voting, then all agree.",
            judge=venue,
            holds_in=(),
            principle="sharing-of-power",
        ),
        Check(
            slug="action",
            title="Actions of meetings",
            why="What was decided gets done because somebody said yes to looking after it.",
            judge=action_done,
            about=entry("meetings.action"),
            owed_by=person_field("owner"),
            due=after_field("due", days=0),
            holds_in=(),
            principle="reciprocity",
        ),
    ]
