"""What pays for whom until when, and the stretches that nothing pays for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import Case, Entry, Verdict, count, day, ok, refuse, warn

OUTPUT, LEFT, COVER = "outputs.output", "outputs.left", "paid_authors.cover"
HOW = {"funded": "There is a funded line", "declined": "The person has chosen not to be paid"}
DAY = timedelta(days=1)
Stretch = tuple[date, date]


def writers_of(case: Case, output: Entry) -> list[str]:
    """Whose time needs cover: every writer who is here, and one who left and stays an author, as they told a lead."""
    stay = {
        row.values["person"]
        for row in case.registers.get(LEFT, ())
        if row.values["output"] == output.key and row.values["wish"] == "author"
    }
    here = {member.key for member in case.members}
    return [key for key in output.values.get("writers", ()) if key in here or key in stay]


def funded(case: Case, output: str, person: str) -> list[Entry]:
    """The funded lines of one person for one output, the earliest first."""
    rows = case.rows(COVER, output=output, person=person, how="funded")
    return sorted((row for row in rows if "until" in row.values), key=_stretch)


def declined(case: Case, output: str, person: str) -> bool:
    return bool(case.rows(COVER, output=output, person=person, how="declined"))


def holes(lines: Iterable[Entry], end: date, *, funding_ends: date | None = None) -> list[Stretch]:
    """The stretches up to the end of the write-up that no line pays for, where there is a line at all."""
    found: list[Stretch] = []
    reach = funding_ends
    for number, row in enumerate(lines):
        starts, until = _stretch(row)
        if reach is not None and reach + DAY < starts and reach < end:
            found.append((reach + DAY, min(starts - DAY, end)))
        reach = until if number == 0 or reach is None else max(reach, until)
    if reach is not None and reach < end:
        found.append((reach + DAY, end))
    return found


def gap(case: Case, output: str, person: str, end: date) -> str:
    """What is missing for one writer, or nothing."""
    if declined(case, output, person):
        return ""
    first, lines = case.name(person).split()[0], funded(case, output, person)
    if not lines:
        return f"{first} has no pay cover for the write-up yet."
    said = []
    for starts, ends in holes(lines, end, funding_ends=case.project.funding_ends):
        if ends == end:
            said.append(f"{first}’s pay ends {count((end - starts).days + 1, 'day')} before the write-up does.")
        else:
            said.append(f"{first} has no pay cover from {day(starts)} to {day(ends)}.")
    return " ".join(said)


def _stretch(row: Entry) -> Stretch:
    """From when to when a line pays; without a first day it counts from the beginning."""
    return row.values.get("starts") or date.min, row.values["until"]


# --- what may be written down ---------------------------------------------------------------------------------


def check_cover(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["how"] == "declined":
        if case.by != values["person"]:
            return refuse("Only the person can say that they choose not to be paid. Ask them to add this themselves.")
        if not values.get("words"):
            return refuse("Say in your own words that you choose not to be paid. You can change your mind at any time.")
        return ok
    if not values.get("until"):
        return refuse("Give the day until which the money is there.")
    if values.get("starts") and values["starts"] > values["until"]:
        return refuse("This cover ends before it begins. Look at the two days again.")
    if not case.has_role(case.by, "lead", "coordinator", "finance"):
        return refuse("A lead or the finance contact adds funded lines. You can add that you choose not to be paid.")
    return _besides(values, case)


def _besides(values: Mapping[str, Any], case: Case) -> Verdict:
    """What is said of a line beside others. Two that overlap may both be right: two funders can share one person."""
    name = case.name(values["person"])
    output = next((row for row in case.registers.get(OUTPUT, ()) if row.key == values["output"]), None)
    if output and values["person"] not in output.values.get("writers", ()):
        return warn(f"This is kept, but {name} is not on the writing list of this output. Add them there.")
    starts, until = values.get("starts") or date.min, values["until"]
    for row in case.registers.get(COVER, ()):
        mine = (row.values["output"], row.values["person"]) == (values["output"], values["person"])
        if not mine or (case.subject and row.key == case.subject.key):
            continue
        if row.values["how"] == "declined":
            return warn(f"{name} has said that they choose not to be paid. Ask them before you go on.")
        first, last = _stretch(row)
        if first <= until and starts <= last:
            return warn(
                f"{name} has another line for the same time, up to {day(last)}. Both are kept. "
                "If this one takes its place, take the other off the list."
            )
    return ok
