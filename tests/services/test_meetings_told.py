"""Meetings as two groups tell of theirs: the network's co-production group, and the Hounslow Wellbeing Network.

The network: “The group meets every six weeks for the first 18 months of the network, followed by every three months for
the rest of the network”, three and a half years in all. Hounslow: *Co-production at McPin* (2023), case study 1.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise

import govflow_meetings
import pytest
from govflow_meetings.lists import JOBS

from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.plugins import plugin_pages
from govflow.services.registers import documents, registers
from tests.support.factories import TODAY, a_project, person
from tests.support.topics.emails import told

GROUP = [person("lead-1", "research", role="lead"), person("co", "research", role="coordinator")]
GROUP += [person(f"lived-{one}", "lived") for one in range(1, 5)]
GROUP += [person(f"practice-{one}", "practice") for one in range(1, 5)]
GROUP += [person(f"research-{one}", "research") for one in (1, 2)]
PEOPLE = [one["key"] for one in GROUP]
ROLES = ["chair", "note_taker", "provisions", "room", "administration"]
HOUNSLOW = {
    "title": "Working group", "first": "4 3 2026 10:30", "minutes": "120", "rhythm": "twice_a_month",
    "until": "3 9 2026", "how": "in_person", "place": "The health centre",
}  # fmt: skip


@pytest.fixture
def project(app):
    return a_project(app, plugins={"meetings": govflow_meetings}, members=GROUP, stage="design")


def add(project, register, by="lived-1", today=TODAY, **given):
    registers.add(project.id, register_id=f"meetings.{register}", given=given, by=project.by(by), today=today)
    return entries(project, register)[-1].key


def send(project, page, form, by="lived-1", query=None, today=TODAY, **given):
    return plugin_pages.send(
        project.id, plugin="meetings", name=page, form=form, given=given, query=query or {}, by=project.by(by),
        today=today,
    )  # fmt: skip


def entries(project, register, today=date(2030, 1, 1)):
    return load_snapshot(project.row, today=today).entries.get(f"meetings.{register}", ())


def held(project):
    return [one.values for one in sorted(entries(project, "meeting"), key=lambda row: row.values["starts"])]


# --- the network's co-production group --------------------------------------------------------------------


@pytest.mark.both_engines
def test_every_six_weeks_for_eighteen_months_then_every_three_months_without_an_edit_between(project):
    series = add(
        project, "series", title="Co-production group", first="2 3 2026 14:00", minutes="120", rhythm="six_weeks",
        until="1 9 2027", then="three_months", then_until="1 9 2029", how="both",
    )  # fmt: skip
    send(project, "plan", "put", series=series)
    starts = [one["starts"].date() for one in held(project)]
    assert len(starts) == 21
    assert (len([one for one in starts if one <= date(2027, 9, 1)]), starts[13]) == (13, date(2027, 9, 6))
    assert {(after - before).days for before, after in pairwise(starts[:13])} == {42}
    assert all(80 <= (after - before).days <= 100 for before, after in pairwise(starts[13:]))
    assert (starts[0], len({one.isocalendar().weekday for one in starts})) == (date(2026, 3, 2), 1)
    finding = project.finding("meetings.rhythm", today=date(2026, 3, 2))
    assert finding.look_again == date(2026, 4, 13), "it is looked at again when the first six weeks are over"
    assert project.row.plan == {}, "nothing was set for month 18"


def test_one_letter_tells_the_coordinator_when_a_time_has_passed_without_a_meeting(project):
    def heard(day):
        return {who for who, one in told(day).items() if "nothing is written down of a meeting" in one.text}

    given = {"title": "Group", "first": "2 3 2026 14:00", "minutes": "120", "rhythm": "six_weeks", "how": "both"}
    send(project, "plan", "put", series=add(project, "series", **given, until="1 9 2027"))
    assert heard(date(2026, 4, 12)) == set(), "the last day of the six weeks is still in time"
    assert heard(date(2026, 4, 13)) == {"co"}
    assert heard(date(2026, 4, 20)) == set(), "nobody is told twice"
    send(project, "agenda", "minutes", query={"meeting": entries(project, "meeting")[0].key}, today=date(2026, 4, 21),
         came=["lived-1", "co"])  # fmt: skip
    assert project.finding("meetings.rhythm", today=date(2026, 4, 21)).outcome == "met"


# --- Hounslow -----------------------------------------------------------------------------------------------


def test_twelve_meetings_in_six_months_and_each_role_goes_round(project):
    send(project, "plan", "put", series=add(project, "series", **HOUNSLOW))
    send(project, "plan", "share", series="working-group", jobs=ROLES)
    meetings = held(project)
    assert len(meetings) == 12
    for role in ROLES:
        assert sorted(one[role] for one in meetings) == sorted(PEOPLE), f"nobody is {role} twice before everybody was"
    assert all(one["chair"] != one["note_taker"] for one in meetings)
    for one in meetings:
        assert len({one[role] for role in ROLES}) == 5, "five people share five jobs"


def test_whoever_leaves_the_chair_to_others_is_not_asked_and_all_others_chair_once_before_anybody_does_twice(project):
    send(project, "plan", "left_to_others", by="lived-2", jobs=["chair"])
    send(project, "plan", "put", series=add(project, "series", **HOUNSLOW))
    send(project, "plan", "share", series="working-group", jobs=ROLES)
    chairs = [one["chair"] for one in held(project)]
    assert sorted(chairs[:11]) == sorted(set(PEOPLE) - {"lived-2"})
    assert sorted(one["note_taker"] for one in held(project)) == sorted(PEOPLE)


def test_each_meeting_began_with_a_recap_of_the_previous_session(project):
    send(project, "plan", "put", series=add(project, "series", **HOUNSLOW))
    for row in entries(project, "meeting"):
        query = {"meeting": row.key}
        send(project, "agenda", "agenda", query=query, agenda="30 What visitors said\n20 Knitting", out="no")
        parts = plugin_pages.see(
            load_snapshot(project.row, today=TODAY), "meetings", "agenda", reader="lived-1", query=query
        )[1]
        rows = next(one.rows for one in parts if getattr(one, "caption", "") == "Agenda")
        assert [row[0] for row in rows][:3] == [
            "Check-in, for whoever wants one", "Recap of last time", "What visitors said",
        ]  # fmt: skip
        assert rows[-1][0] == "Time to be together", "we finished each meeting with lunch in a local café"


def test_we_moved_to_a_community_venue_selected_by_voting_and_agreed_by_all_members(project):
    def says():
        return project.finding("meetings.venue").sentence

    add(project, "venue", name="The health centre", access="Codes and lanyards at the door.", whose="yes")
    hall = add(project, "venue", name="The community hall", access="Open doors, a ramp, a kitchen.")
    for number, key in enumerate(PEOPLE):
        send(project, "plan", "venue_choice", by=key, venue="the-health-centre" if number < 3 else hall)
    assert says().startswith("“The community hall” was chosen by 9 of 12. Write “Where we meet”")
    place = "meetings.where_we_meet"
    text = "We meet in the community hall, where nobody needs a lanyard."
    documents.write(project.id, document_id=place, text=text, after=0, by=project.by("lived-1"), today=TODAY)
    for key in PEOPLE[:-1]:
        documents.say(
            project.id, document_id=place, number=1, answer="agree", words="", by=project.by(key), today=TODAY
        )
    assert says().endswith("Not everybody has agreed to it yet: 1 of 12 are still to say so.")
    documents.say(
        project.id, document_id=place, number=1, answer="agree", words="", by=project.by(PEOPLE[-1]), today=TODAY
    )
    finding = project.finding("meetings.venue")
    assert (finding.outcome, finding.sentence) == (
        "met",
        "“The community hall” was chosen by 9 of 12. All 12 agree to it.",
    )


def test_nobody_reads_what_somebody_else_chose_nor_does_the_history_tell(project):
    for name in ("The health centre", "The community hall"):
        add(project, "venue", name=name)
    send(project, "plan", "venue_choice", by="lived-1", venue="the-community-hall")
    snapshot = load_snapshot(project.row, today=TODAY)
    for reader, number in (("lived-1", 1), ("lead-1", 0), ("co", 0), ("lived-2", 0)):
        seen = registers.entries_seen(snapshot, "meetings.venue_choice", reader=reader)
        assert len(seen) == number
    (row,) = entries(project, "venue_choice")
    assert "hall" not in row.key, "not even its address says so"


# --- whose time -----------------------------------------------------------------------------------------------


def test_whose_time_it_is_and_who_pays_is_agreed_by_each_person_themselves(project):
    series = add(project, "series", **HOUNSLOW)
    line = add(project, "time", by="co", series=series, person="practice-1", how="employer")
    here = {"register_id": "meetings.time", "key": line, "number": 1, "today": TODAY}
    for other in ("lead-1", "co", "practice-2"):
        with pytest.raises((NotFound, NotAllowed)):
            registers.approve(project.id, by=project.by(other), **here)
    registers.approve(project.id, by=project.by("practice-1"), **here)
    with pytest.raises(Invalid, match="Somebody else writes this line for you"):
        add(project, "time", by="lived-1", series=series, person="lived-1", how="project")
    finding = project.finding("meetings.time", series)
    assert finding.due_on == date(2026, 3, 3)
    assert "Practice 1" not in finding.sentence
    seen = finding.seen_by("lead-1")
    assert seen.sentence == "Who pays for people’s time: 11 of 12 have not agreed yet."


# --- what is typed --------------------------------------------------------------------------------------------


ONE = {"title": "One", "starts": "4 3 2026 10:30", "how": "both"}
LATER = {"then": "month", "then_until": "1 6 2027"}


@pytest.mark.parametrize(
    ("register", "given", "words"),
    [
        ("meeting", {**ONE, "ends": "4 3 2026 9:30"}, "cannot end before it starts"),
        ("series", {**HOUNSLOW, **LATER, "then_from": "1 12 2026"}, "Nobody would meet"),
        ("series", {**HOUNSLOW, "minutes": "100000"}, "from 10 minutes to 600"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(project, register, given, words):
    with pytest.raises(Invalid, match=words):
        add(project, register, **given)
    assert entries(project, register) == ()


def test_a_rota_with_nobody_willing_is_refused_and_changes_nothing(project):
    send(project, "plan", "put", series=add(project, "series", **HOUNSLOW))
    for key in PEOPLE:
        send(project, "plan", "left_to_others", by=key, jobs=["note_taker"])
    with pytest.raises(Invalid, match="Nobody is willing to do this job: Note-taker"):
        send(project, "plan", "share", series="working-group", jobs=ROLES)
    assert not any(one.get(role) for one in held(project) for role in JOBS)


def test_nobody_says_for_somebody_else_what_they_leave_to_others(project):
    with pytest.raises(Invalid, match="Only they themselves"):
        add(project, "left_to_others", by="lead-1", person="lived-1", jobs=["chair"])
    line = add(project, "left_to_others", by="lived-1", person="lived-1", jobs=["chair"])
    with pytest.raises(NotAllowed):
        registers.change(
            project.id, register_id="meetings.left_to_others", key=line, given={}, remove=True,
            by=project.by("lead-1"), today=TODAY,
        )  # fmt: skip


def test_the_first_meeting_begins_at_the_hour_that_was_said(project):
    send(project, "plan", "put", series=add(project, "series", **HOUNSLOW))
    assert held(project)[0]["starts"] == datetime.fromisoformat("2026-03-04T10:30")
