"""What is held about me, erasing, and how long things are kept: asked of the bytes on the disk, not of the pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from govflow.domain.questions import Question
from govflow.domain.refusals import ConfirmFirst, Invalid, Refused
from govflow.services import sweep
from govflow.services.auth import sessions, sign_in_links
from govflow.services.auth.sign_in import ask_for_link
from govflow.services.base.actions import Actor
from govflow.services.gates import evidence, gates
from govflow.services.mail import outbox, preferences
from govflow.services.people import people
from govflow.services.privacy import about_me, access_needs, erasing, retention
from govflow.services.project_file import export_project
from govflow.store import (
    AccessNeed,
    ApiToken,
    Base,
    Email,
    EvidenceRow,
    MemberRow,
    Opening,
    OpeningReply,
    Passkey,
    Person,
    SignedIn,
    SignInLink,
    SignOffRow,
    Subscription,
    db,
    forget_deleted,
    now,
)
from tests.support.factories import FOUR, TODAY, Made, a_check, a_plugin, a_project, days, dump, person, rows
from tests.support.site import with_an_app

pytestmark = pytest.mark.both_engines

NAME, ADDRESS = "Kanaria Vogelsang", "kanaria-vogelsang@example.org"
KEY = "kanaria-vogelsang"
CANARIES = (NAME, ADDRESS, KEY, "Kanaririole", "Kanariseat", "Kanarineed", "Kanarihope", "Kanarikey")
SHE = person(KEY, "lived", name=NAME, title="Kanaririole", seat="Kanariseat", organisation="Kanariseat")
HOPES = Question(name="hopes", label="What do you hope for?", private=True)
ASKED = a_check(questions=(*a_check().questions, HOPES, Question(name="who", label="Who?", kind="person")))
KITCHEN = {"kitchen": a_plugin(checks=[ASKED])}


@pytest.fixture
def project(app: Flask) -> Made:
    """She has left something of herself everywhere a member can."""
    made = a_project(app, plugins=KITCHEN, members=[*FOUR, SHE])
    by, at = made.by(KEY), {"today": TODAY}
    given = {"done": "yes", "hopes": "Kanarihope", "who": KEY}
    evidence.answer(made.id, check_id="kitchen.tea", subject=None, given=given, by=by, **at)
    gates.say_not_ready(made.id, words="Not yet", by=by, **at)
    gates.reply_to(made.id, member=KEY, words="I see", by=made.by("lead-1"), **at)
    access_needs.write_need(made.id, given={"need": "Kanarineed", "told_to": ["lead-1"]}, by=by, **at)
    access_needs.read_need(made.id, member=KEY, by=made.by("lead-1"), **at)
    people.change_self(made.id, title="Kanaririole", expertise=["lived"], by=by, **at)
    ask_for_link(ADDRESS, browser="b", code="2346C79D", network="n")
    lease, ids = outbox.claim()
    outbox.compose(ids[0], lease, **at)
    db.session.execute(update(Email).values(error=f"550 <{ADDRESS}> unknown"))
    sessions.start_session(by.person_id, device="Kanarikey browser", today=TODAY)
    passkey = {"credential_id": "c", "public_key": b"k", "handle": "h", "sign_count": 0, "name": "Kanarikey"}
    db.session.add(Passkey(person_id=by.person_id, made_at=now(), **passkey))
    db.session.commit()
    return made


def she() -> Actor:
    return Actor(next(one.id for one in rows(Person) if one.email == ADDRESS))


def erase(by: Actor, word: str = "ERASE") -> None:
    erasing.erase(word=word, by=by, today=TODAY)


def strong(by: Actor) -> Actor:
    return Actor(by.person_id, strong=True)


def on_disk(app: Flask) -> str:
    """Every table as text, and on SQLite the bytes of the file and of its log."""
    text = dump()
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        path = app.config["GOVFLOW"].instance / "govflow.sqlite"
        wal = path.with_name(f"{path.name}-wal")
        text += path.read_bytes().decode("latin-1") + (wal.read_bytes() if wal.exists() else b"").decode("latin-1")
    return text


def test_everything_that_is_held_is_told_opened_and_as_plain_values(project):
    preferences.change_preferences(
        given={"channel": "phone", "contact": "020 7946 0000", "rhythm": "weekly"}, by=she(), today=TODAY
    )
    held = about_me.held_about(by=strong(she()), today=TODAY)
    text = json.dumps(about_me.in_plain_values(held), ensure_ascii=False)
    assert "020 7946 0000" in text
    assert [one for one in CANARIES if one not in text] == []
    assert "Lead 1 read an access need of Kanaria Vogelsang." in text
    assert "sealed" not in text
    assert {title: len(some) for title, some in held.items() if not some} == {
        "Lines of lists that you wrote, or that name you": 0,
        "Texts you wrote, and what you said of texts": 0,
        "Files you gave": 0,
        "Asking to let something pass": 0,
        "Polls you were asked in": 0,
        "Chances you asked to hear of, and openings you replied to": 0,
        "Tokens with which programs speak for you": 0,
        "An address at which your calendar is read": 0,
    }


def test_what_somebody_said_to_hear_of_chances_and_of_an_opening_is_told_and_goes(app, project):
    by, organisation = she().person_id, project.row.organisation_id
    details = {"task": "Read.", "time": "An hour.", "pay": "£25", "access": "From home.", "person_id": by}
    days_of = {"opened_on": TODAY, "closes": TODAY + days(9)}
    opening = Opening(organisation_id=organisation, slug="readers", title="Readers", **details, **days_of)
    db.session.add(opening)
    db.session.flush()
    of = {"organisation_id": organisation, "person_id": by}
    db.session.add(Subscription(key="k", asked_on=TODAY, on=TODAY, name=NAME, words="Kanaririole hear", **of))
    db.session.add(OpeningReply(opening_id=opening.id, words="Kanaririole reply", on=TODAY, **of))
    db.session.add(ApiToken(token_hash="h", writes=False, made_at=now(), **of))
    db.session.commit()
    text = json.dumps(about_me.in_plain_values(about_me.held_about(by=strong(she()), today=TODAY)))
    assert "Kanaririole hear" in text
    assert "Kanaririole reply" in text
    erase(strong(she()))
    assert (rows(Subscription), rows(OpeningReply), rows(ApiToken)) == ([], [], [])
    assert [one.title for one in rows(Opening)] == ["Readers"], "what the organisation published is its record"
    assert "Kanaririole" not in on_disk(app)


def test_every_table_that_points_to_a_person_says_what_erasing_does_with_it():
    """A new table fails here until somebody has decided."""
    pointing = {
        mapper.class_
        for mapper in Base.registry.mappers
        if any(key.column.table.name == "person" for key in mapper.local_table.foreign_keys)
    }
    assert pointing == {*erasing.GOES, *erasing.STAYS}
    assert not set(erasing.GOES) & set(erasing.STAYS)


def test_nobody_else_s_things_are_told(project):
    text = str(about_me.held_about(by=project.by("practice-1"), today=TODAY))
    assert [one for one in CANARIES if one in text] == []


def test_after_erasing_neither_name_nor_address_nor_anything_private_is_on_the_disk(app, project):
    assert [one for one in CANARIES[:4] if one not in on_disk(app)] == [], "The search finds what is there."
    erase(strong(she()))
    found = on_disk(app)
    assert [one for one in CANARIES if one in found] == []


def test_what_the_group_decided_stays_and_reads_as_of_someone_who_left(app, project):
    by, member = strong(she()), project.member(KEY).id
    erase(by)
    row = db.session.get_one(MemberRow, member)
    assert (row.key, row.left, row.title, row.seat, row.organisation, row.words) == (
        f"left-{member}",
        TODAY,
        "",
        "",
        "",
        [],
    )
    assert [(one.words, one.reply) for one in rows(SignOffRow)] == [("Not yet", "I see")]
    assert [one.answers for one in rows(EvidenceRow)] == [{"done": True, "who": f"left-{member}"}]
    assert "Someone who left" in export_project(project.row)
    assert project.gate() is not None


def test_every_way_in_is_gone_and_an_address_that_comes_again_is_a_new_person(project):
    by = strong(she())
    session = sessions.start_session(by.person_id, device="A phone", today=TODAY)
    db.session.commit()
    erase(by)
    assert sessions.signed_in(session) is None
    assert [len(rows(table, person_id=by.person_id)) for table in (SignedIn, SignInLink, Passkey)] == [0, 0, 0]
    assert rows(AccessNeed) == []
    people.invite(project.id, email=ADDRESS, name="Kay", role="member", by=project.by("lead-1"), today=TODAY)
    assert she().person_id != by.person_id


def test_erasing_asks_for_a_word_and_for_a_second_step_where_there_is_one(app):
    project = a_project(app, plugins=KITCHEN, members=[*FOUR, SHE])
    by = project.by(KEY)
    for word in ("", "erase", "ERASE ME", "x" * 5_000, "\x00"):
        with pytest.raises(Invalid):
            erase(by, word)
    session = sessions.start_session(by.person_id, device="A phone", today=TODAY)
    db.session.commit()
    with_an_app(by.person_id, session)
    with pytest.raises(ConfirmFirst):
        erase(by)
    assert project.member(KEY).left is None
    erase(strong(by))
    assert project.member(f"left-{project.member('lead-1').id + 4}").left == TODAY


def test_the_only_lead_is_asked_to_hand_over_first_and_is_told_where(app, project):
    a_project(app, members=[*FOUR, SHE], slug="other", title="The Other Study")
    with pytest.raises(Refused, match="only lead of “The Kettle Study”"):
        erase(project.by("lead-1"))
    assert [one.name for one in rows(Person) if one.name == "Someone who left"] == []


def test_a_key_that_could_be_an_answer_is_left_alone_in_answers(app):
    odd = person("lived", "lived", name="Lived")
    project = a_project(app, plugins=KITCHEN, members=[*FOUR, odd])
    erase(project.by("lived"))
    assert [one.expertise for one in rows(MemberRow) if one.left] == [["lived"]]


# --- how long things are kept ---------------------------------------------------------------------------


def test_what_somebody_needs_goes_thirty_days_after_they_leave(project):
    people.leave(project.id, by=she(), today=TODAY)
    retention.forget_expired(today=TODAY + days(29))
    assert len(rows(AccessNeed)) == 1
    assert sweep.sweep(today=TODAY + days(30))["today"]
    assert rows(AccessNeed) == []


def test_of_a_need_taken_back_not_even_the_row_stays_after_thirty_days(project):
    access_needs.take_back(project.id, by=she(), today=TODAY)
    assert retention.forget_expired(today=TODAY + days(29)) == 0
    assert retention.forget_expired(today=TODAY + days(30)) == 1


def test_sessions_and_letters_go_after_a_year_and_what_is_owed_stays(project):
    with time_machine.travel(datetime.combine(TODAY, time(12), UTC), tick=False):
        sessions.start_session(she().person_id, device="old", today=TODAY)
        sign_in_links.operator_link(she().person_id)
    db.session.execute(update(Email).values(day=TODAY))
    db.session.execute(update(SignedIn).values(seen_at=datetime.combine(TODAY, time(12), UTC)))
    db.session.commit()
    sent, owed = (len([one for one in rows(Email) if (one.state == "owed") is is_owed]) for is_owed in (False, True))
    assert sent >= 1
    retention.forget_expired(today=TODAY + timedelta(days=364))
    assert len(rows(SignedIn)) >= 1
    assert len(rows(Email)) == sent + owed
    retention.forget_expired(today=TODAY + timedelta(days=367))
    assert rows(SignedIn) == []
    assert len(rows(Email)) == owed


def test_a_day_on_which_nothing_is_over_takes_no_lock(project):
    assert retention.forget_expired(today=TODAY) == 0


def test_every_period_names_where_it_comes_from():
    assert [rule.what for rule in retention.RULES if not (rule.source and rule.kept)] == []


def test_clearing_away_what_was_deleted_never_undoes_the_deletion(app, project):
    forget_deleted("no_such_table", whole=True)
    assert project.member(KEY) is not None


def test_somebody_whose_key_looks_like_that_of_an_erased_person_stops_no_erasing(app):
    keys = [person(f"left-{number}", "lived") for number in range(1, 9)]
    project = a_project(app, plugins=KITCHEN, members=[*FOUR, *keys])
    erase(project.by("practice-1"))
    found = [one.key for one in rows(MemberRow) if one.left]
    assert len(found) == 1
    assert found[0].startswith("left-")
    assert found[0] not in {one["key"] for one in keys}


def test_what_is_held_asks_for_the_second_step_of_whoever_has_one(app, project):
    """What they need is opened in it, and a link to sign in may have been read by somebody else."""
    with pytest.raises(ConfirmFirst):
        about_me.held_about(by=she(), today=TODAY)
    assert about_me.held_about(by=strong(she()), today=TODAY)
    assert about_me.held_about(by=project.by("lived-1"), today=TODAY), "without one a link is enough"
