"""The history: written with the act or not at all, never changed, erased in words alone, and read as access.md says."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from govflow.domain.history.chain import ERASED, look_over
from govflow.domain.history.history import SENTENCES, sentence
from govflow.domain.refusals import NotFound, Refused
from govflow.services.base.actions import Actor, log_of, require_looked_after
from govflow.services.gates import evidence, gates
from govflow.services.history.checkpoints import lines_of
from govflow.services.history.history import erase_words_about, history, organisation_history
from govflow.services.people import people, projects
from govflow.services.plugins.plugins import switch
from govflow.store import EventDetailsRow, EventRow, EvidenceRow, Person, Share, db, now, write
from tests.support.concurrency import at_once
from tests.support.factories import FOUR, NOTHING, TEA, TODAY, Made, a_project, person, rows

pytestmark = pytest.mark.both_engines

KITCHEN = {"kitchen": TEA}


@pytest.fixture
def project(app: Flask) -> Made:
    return a_project(app, plugins=KITCHEN, members=[*FOUR, person("olga", role="observer")])


def not_ready(project: Made, key: str = "lived-1", words: str = "I was ill.") -> None:
    gates.say_not_ready(project.id, words=words, by=project.by(key), today=TODAY)


def words_of(project: Made, **how) -> list[str]:
    return [one.words for one in history(project.id, **how)[0]]


def whole(organisation_id: int = 1) -> int:
    """How many lines the chain has; it must be whole."""
    verdict = look_over(lines_of(organisation_id))
    db.session.rollback()
    assert verdict.problem == ""
    return verdict.head.number


# --- with the act, or not at all ------------------------------------------------------------------------------------


def test_lines_are_numbered_from_one_in_each_organisation_and_make_a_chain(app: Flask, project: Made) -> None:
    other = a_project(app, organisation="moor", slug="peat")
    not_ready(project)
    not_ready(other)
    numbers = [(one.organisation_id, one.number) for one in rows(EventRow)]
    assert numbers == [(1, 1), (1, 2), (1, 3), (2, 1), (1, 4), (2, 2)]
    assert (whole(1), whole(2)) == (4, 2)


def test_an_act_that_is_refused_leaves_no_line_and_no_gap(app: Flask, project: Made) -> None:
    before = whole()
    with pytest.raises(Refused):
        gates.waive(
            project.id, check_id="kitchen.tea", subject=None, reason="Soon.", until=TODAY,
            by=project.by("lived-1"), second=project.by("olga"), today=TODAY,
        )  # fmt: skip
    not_ready(project)
    assert [one.verb for one in rows(EventRow)][before:] == ["sign_off.not_ready"]
    assert whole() == before + 1


FULL = {
    "sqlite": ["CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"],
    "postgresql": [
        "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$",
        "CREATE TRIGGER is_full BEFORE INSERT ON {table} EXECUTE FUNCTION is_full()",
    ],
}


@pytest.mark.parametrize("table", ["log_line", "log_words"])
def test_where_the_history_cannot_be_written_the_act_does_not_happen(app: Flask, project: Made, table: str) -> None:
    for statement in FULL[db.engine.dialect.name]:
        db.session.execute(text(statement.format(table=table)))
    db.session.commit()
    given = {"check_id": "kitchen.tea", "subject": None, "given": {"done": "yes"}}
    with pytest.raises(DatabaseError):
        evidence.answer(project.id, **given, by=project.by("lived-1"), today=TODAY)
    db.session.rollback()
    assert rows(EvidenceRow) == []
    assert project.row.version == 2
    assert whole() == 3


def test_many_who_act_at_once_in_two_projects_make_one_chain_without_a_gap(app: Flask, project: Made) -> None:
    other = a_project(app, slug="teapot")
    before = whole()
    places = [(one, one.by(key)) for one in (project, other) for key in ("lived-1", "practice-1", "research-1")]

    def act(index: int) -> None:
        one, by = places[index % len(places)]
        gates.say_not_ready(one.id, words=f"Round {index}.", by=by, today=TODAY)

    assert at_once(app, 24, act) == [None] * 24
    assert whole() == before + 24


def test_two_organisations_that_share_projects_never_wait_for_each_other_in_a_ring(app: Flask) -> None:
    """Each switches a plugin, which tells both histories."""
    for slug, organisation in (("kettle", "hearth"), ("peat", "moor")):
        a_project(app, plugins={"kitchen": NOTHING, "cellar": NOTHING}, slug=slug, organisation=organisation)
    write()
    for project, organisation in ((1, 2), (2, 1)):
        db.session.add(Share(project_id=project, organisation_id=organisation))
    db.session.commit()
    before = whole(1) + whole(2)

    def act(index: int) -> None:
        organisation, plugin = (("hearth", "kitchen"), ("moor", "cellar"))[index % 2]
        switch(organisation=organisation, plugin=plugin, on=index % 4 < 2, by=None, today=TODAY)

    assert at_once(app, 12, act) == [None] * 12
    assert whole(1) + whole(2) == before + 12 * 3


def test_a_clock_that_is_set_back_does_not_turn_the_history_round(app: Flask, project: Made) -> None:
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        not_ready(project)
    not_ready(project, "practice-1")
    lines = rows(EventRow)
    assert lines[-1].at == lines[-2].at
    assert whole() == len(lines)


# --- never changed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_line SET verb = 'x'",
        "UPDATE log_line SET number = number + 1 WHERE number = 2",
        "DELETE FROM log_line WHERE number = 3",
        "UPDATE log_words SET facts = '{}'",
        "UPDATE log_words SET whom_id = NULL",
    ],
)
def test_the_database_itself_refuses_to_change_a_line(app: Flask, project: Made, statement: str) -> None:
    not_ready(project)
    with pytest.raises(DatabaseError, match=r"only added to: a line is never changed|may be erased, and are never"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert whole() == 4


def test_a_table_cannot_be_emptied_at_one_stroke_either(app: Flask, project: Made) -> None:
    everything = "TRUNCATE log_line CASCADE" if db.engine.dialect.name == "postgresql" else "DELETE FROM log_line"
    with pytest.raises(DatabaseError, match="only added to"):
        db.session.execute(text(everything))
    db.session.rollback()


# --- erased in words alone --------------------------------------------------------------------------------------------


def erase(project: Made, key: str) -> int:
    write()
    person_id = project.by(key).person_id
    count = erase_words_about(person_id, by=None, today=TODAY)
    db.session.get_one(Person, person_id).name = "Somebody who left"
    db.session.commit()
    return count


def test_erasing_somebodys_words_keeps_the_chain_whole_and_says_so(app: Flask, project: Made) -> None:
    not_ready(project, words="I was ill, in hospital.")
    gates.reply_to(project.id, member="lived-1", words="Get well.", by=project.by("lead-1"), today=TODAY)
    assert erase(project, "lived-1") == 2
    assert words_of(project)[:2] == ["These words were erased.", "These words were erased."]
    assert "hospital" not in json.dumps([one.facts for one in rows(EventDetailsRow)])
    assert [(one.verb, one.facts) for one in rows(EventRow)][-1] == (ERASED, {"lines": "4-5"})
    assert organisation_history(1)[0][0].words == "The words of these lines were erased: 4-5."
    assert whole() == 6


def test_what_others_did_stays_and_so_does_what_holds_no_words_of_ones_own(app: Flask, project: Made) -> None:
    gates.sign_off(project.id, by=project.by("lived-1"), today=TODAY)
    not_ready(project, "practice-1", "The kettle leaks.")
    erase(project, "lived-1")
    assert words_of(project)[:2] == [
        "Practice 1 said “not ready”: The kettle leaks.",
        "Somebody who left signed off: ready.",
    ]


def test_words_of_others_that_name_the_person_go_too_and_words_that_only_sound_like_it_stay(app, project) -> None:
    not_ready(project, "practice-1", "Lived 1 was ill.")
    not_ready(project, "research-1", "Relived 12 times.")
    assert erase(project, "lived-1") == 1
    assert words_of(project)[:2] == ["Research 1 said “not ready”: Relived 12 times.", "These words were erased."]


def test_in_a_project_they_were_never_in_a_namesake_is_left_alone(app: Flask, project: Made) -> None:
    other = a_project(app, slug="teapot", members=[person("lead-2", "research", role="lead")])
    not_ready(other, "lead-2", "We ask Lived 1.")
    assert erase(project, "lived-1") == 0
    assert words_of(other)[0] == "Lead 2 said “not ready”: We ask Lived 1."


def test_a_person_of_two_organisations_is_erased_in_both_chains(app: Flask, project: Made) -> None:
    other = a_project(app, organisation="moor", slug="peat")
    not_ready(project)
    not_ready(other)
    assert erase(project, "lived-1") == 2
    assert [one.verb for one in rows(EventRow)].count(ERASED) == 2
    assert (whole(1), whole(2)) == (5, 3)


def test_erasing_nothing_leaves_no_line(app: Flask, project: Made) -> None:
    before = whole()
    assert erase(project, "olga") == 0
    assert whole() == before


def test_erasing_that_is_not_committed_erases_nothing(app: Flask, project: Made) -> None:
    not_ready(project)
    write()
    erase_words_about(project.by("lived-1").person_id, by=None, today=TODAY)
    db.session.rollback()
    assert words_of(project)[0] == "Lived 1 said “not ready”: I was ill."
    assert whole() == 4


# --- who reads what ---------------------------------------------------------------------------------------------------


def test_an_observer_reads_stage_moves_and_what_is_about_them_and_no_name(app: Flask, project: Made) -> None:
    by = {"by": project.by("lead-1"), "today": TODAY}
    not_ready(project)
    projects.pause(project.id, why="Sam is ill.", **by)
    projects.resume(project.id, **by)
    people.change_self(project.id, title="Guest", expertise=[], by=project.by("olga"), today=TODAY)
    people.remove(project.id, member="olga", **by)
    assert words_of(project, observer=project.by("olga").person_id) == [
        "Olga left.",
        "Olga changed what the project knows about them.",
        "A lead started the project again.",
        "A lead paused the project.",
    ]


def test_an_observer_reads_a_move_back_without_its_reason(app: Flask) -> None:
    project = a_project(app, plugins=KITCHEN, stage="design", members=[*FOUR, person("olga", role="observer")])
    gates.go_back(project.id, stage="bid", why="Sam is ill.", by=project.by("lead-1"), today=TODAY)
    assert words_of(project)[0] == "Lead 1 took the project back from Design to Bid: Sam is ill."
    assert words_of(project, observer=project.by("olga").person_id) == [
        "A lead took the project back from Design to Bid."
    ]


def test_an_admin_reads_what_was_done_for_the_organisation_and_nothing_of_its_projects(app, project) -> None:
    ada = people.invite_person(email="ada@example.org", name="Ada Harbour", organisation="hearth", admin=True)
    write()
    log_of(1, "session.began", by=project.by("lead-1"), today=TODAY)
    db.session.commit()
    not_ready(project)
    assert [one.words for one in organisation_history(1)[0]] == [
        "Lead 1 signed in.",
        "GovFlow switched the plugin “kitchen” on.",
    ]
    assert require_looked_after("hearth", Actor(ada.id)).id == 1
    for slug, by in (("hearth", project.by("lead-1")), ("moor", Actor(ada.id)), ("\x00", Actor(ada.id))):
        with pytest.raises(NotFound):
            require_looked_after(slug, by)


def test_history_is_read_page_by_page_and_no_line_twice(app: Flask, project: Made) -> None:
    for number in range(7):
        not_ready(project, words=f"Reason {number}.")
    read, before = [], None
    while True:
        lines, before = history(project.id, before=before, most=3)
        read += [one.words for one in lines]
        if before is None:
            break
    assert len(read) == len(set(read)) == 9
    assert read[0] == "Lived 1 said “not ready”: Reason 6."


@pytest.mark.parametrize("verb", [*SENTENCES, "unheard.of"])
def test_every_line_reads_as_a_sentence_also_without_its_facts(verb: str) -> None:
    said = sentence(verb, {}, by="Ann")
    assert said
    assert "{" not in said
