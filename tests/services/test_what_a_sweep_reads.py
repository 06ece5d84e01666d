"""A sweep reads what is to be told now and, of all that was ever told, what belongs to it: nothing is lost by that."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from govflow.services import sweep
from govflow.services.mail import reminders
from govflow.services.mail.reminders import CALL, GATE, ReminderItem
from govflow.store import Email, EmailItem, FindingRow, Organisation, Person, db
from tests.support.factories import TODAY, a_plugin, a_project, days, rows
from tests.support.topics.emails import LATE, TEAM, told
from tests.support.topics.gates import answer

pytestmark = [pytest.mark.usefixtures("noon_of_today"), pytest.mark.both_engines]
CHECKS, SUBJECTS = ("a.one", "a.two"), ("", "x", "y")


def a_letter(chance: random.Random, people: list[int], organisation: int, number: int) -> Email:
    day = TODAY - days(chance.randrange(300))
    more = {"made_at": sweep.now(), "next_at": sweep.now(), "state": "sent", "serial": number}
    row = Email(
        person_id=chance.choice(people),
        organisation_id=organisation,
        kind="reminder",
        day=day,
        message_id=f"<{number}@x>",
        **more,
    )
    db.session.add(row)
    return row


def a_history(app, seed: int) -> tuple[int, list[ReminderItem]]:
    """Things late and done, of two projects, and hundreds of tellings of them, of earlier due days as well."""
    chance = random.Random(seed)
    projects = [a_project(app, plugins={"kitchen": a_plugin(checks=[])}) for _ in range(2)]
    organisation = rows(Organisation)[0].id
    people = [one.id for one in rows(Person)]
    due, findings = [], []
    for project in projects:
        for place in ((check, subject) for check in CHECKS for subject in SUBJECTS):
            day, late = TODAY - days(chance.randrange(60)), chance.random() < 0.7
            findings.append(a_row(project.id, organisation, place, day, late=late))
            if late and day < TODAY:
                due.append(ReminderItem(project.id, *place, "project", day, 7, (), ("lead-1",), {}))
        for check, subject in ((GATE, "bid"), (CALL, "7")):
            due.append(
                ReminderItem(project.id, check, subject, "project", TODAY - days(chance.randrange(60)), 7, (0,), (), {})
            )
    db.session.execute(insert(FindingRow), findings)
    letters = [a_letter(chance, people, organisation, number) for number in range(80)]
    db.session.flush()
    days_known = {one.due_on for one in due}
    items = {
        (
            chance.choice(projects).id,
            *chance.choice(
                [*((check, subject) for check in CHECKS for subject in SUBJECTS), (GATE, "bid"), (CALL, "7")]
            ),
            TODAY - days(chance.randrange(200)),
            chance.randrange(3),
        )
        for _ in range(1_500)
    }
    for project, check, subject, cycle, rank in items:
        on = chance.choice([*days_known, cycle])
        letter = chance.choice(letters)
        item = {"check": check, "subject": subject, "due_on": on, "cycle": cycle, "rank": rank}
        db.session.add(EmailItem(letter_id=letter.id, project_id=project, **item))
    db.session.commit()
    return organisation, due


def a_row(project: int, organisation: int, place: tuple[str, str], day, *, late: bool) -> dict:
    empty = {"title": "", "about": "project", "subject_label": "", "sentence": "", "short": "", "lines": {}}
    more = {"private": False, "holds": True, "owed_by": [], "look_again": None, "remind_every": 7, "remind_before": []}
    facts = {"project_id": project, "organisation_id": organisation, "check": place[0], "subject": place[1]}
    when = {"due_on": day, "tell_from": day + timedelta(days=1), "open": late, "outcome": "unmet" if late else "met"}
    return facts | empty | more | when


@pytest.mark.parametrize("seed", range(5))
def test_what_was_told_and_since_when_is_the_same_as_from_all_that_was_ever_told(app, seed):
    organisation, due = a_history(app, seed)
    since = TODAY - days(50)
    first, said = defaultdict(dict), set()
    for item, day in db.session.execute(select(EmailItem, Email.day).join(Email, Email.id == EmailItem.letter_id)):
        thing = (item.project_id, item.check, item.subject, item.due_on)
        first[thing][item.rank] = min(day, first[thing].get(item.rank, day))
        if item.cycle >= since:
            said.add((*thing[:3], item.cycle, item.rank))
    stands, found_said = reminders._said(organisation, due, TODAY, since=since)
    found_first = reminders._told_since(organisation, due, TODAY)
    assert any(first.get((*one.place, one.due_on)) for one in due)
    for one in due:
        assert found_first.get((*one.place, one.due_on), {}) == first.get((*one.place, one.due_on), {})
        assert {row for row in found_said if row[:3] == one.place} == {row for row in said if row[:3] == one.place}
    assert {(*one.place, one.due_on) for one in due if not one.is_other} <= stands
    done = {(row.project_id, row.check, row.subject) for row in rows(FindingRow) if not row.open}
    assert not done & {row[:3] for row in (*found_said, *found_first)}, "what is done is not read"


def test_a_second_sweep_says_nothing_again_and_a_later_one_goes_on_in_line(app):
    """The whole way, for half a year of weeks: one letter a week each, from the day they come into the line."""
    a_project(app, plugins=LATE, members=TEAM)
    got = [(week, who) for week in range(26) for who in told(TODAY + days(7 * week))]
    assert [week for week, who in got if who == "lead-1"] == list(range(26))
    assert [week for week, who in got if who == "co"] == list(range(2, 26))
    assert sweep.sweep(today=TODAY + days(7 * 25))["letters_new"] == 0


def test_what_is_answered_between_the_finding_and_the_writing_is_not_told_and_breaks_nothing(app, monkeypatch):
    """Of one that was told this week already too: nothing of it is said a second time."""
    project = a_project(app, plugins=LATE)
    assert told().keys() == {"lead-1"}
    (organisation,) = [one.id for one in rows(Organisation)]
    (batch,) = list(sweep._due_batches(organisation, TODAY + days(8)))
    db.session.rollback()
    answer(project, today=TODAY + days(8))
    for day in (TODAY, TODAY + days(8)):
        assert sweep._write(organisation, batch, day, dry_run=False) == 0
    assert [one.rank for one in rows(EmailItem)] == [0]


def test_a_clock_that_was_set_back_says_nothing_again_and_one_that_was_a_year_ahead_keeps_nobody_waiting(app):
    """The first letter says all at once, so nothing of the days before it is still to be told."""
    a_project(app, plugins=LATE, members=TEAM)
    assert [list(told(TODAY + days(number))) for number in (3, 2, -1, -4, 3)] == [["lead-1"], [], [], [], []]
    assert list(told(TODAY + days(10))) == ["lead-1"]
    assert "lead-1" in told(TODAY + days(370))
    assert "lead-1" in told(TODAY + days(17))
