"""Checkpoints: signed outside the database, never over a history that does not fit, and mailed to who asks for them."""

from __future__ import annotations

import dataclasses
import json
import logging
import stat
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from nacl.signing import VerifyKey

from govflow import jobs
from govflow.domain.history.checkpoint import read_checkpoints
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.services import sweep as sweeping
from govflow.services.base.actions import Actor
from govflow.services.base.keys import key_file
from govflow.services.gates import gates
from govflow.services.history import audit, checkpoints, weekly_checkpoint
from govflow.services.history.checkpoints import checkpoint_file, checkpoints_in, public_key, write_checkpoints
from govflow.services.mail import unsubscribe
from govflow.services.people import people
from govflow.store import Admin, CheckpointWish, Email, Person, db, write
from tests.support.concurrency import at_once
from tests.support.factories import TEA, TODAY, Made, a_project, days, rows
from tests.support.tampering import behind_its_back
from tests.support.topics.emails import Kept

pytestmark = pytest.mark.both_engines

NOON = datetime.combine(TODAY, time(12), tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=True) as traveller:
        yield traveller


@pytest.fixture
def project(app: Flask) -> Made:
    return a_project(app, plugins={"kitchen": TEA})


def act(project: Made, key: str = "lived-1") -> None:
    gates.say_not_ready(project.id, words="Not yet.", by=project.by(key), today=TODAY)


def signed() -> list[tuple[str, int]]:
    return [(one.organisation, one.count) for one in checkpoints_in(checkpoint_file())]


def sweep(today=TODAY):
    return sweeping.sweep(today=today)


# --- writing --------------------------------------------------------------------------------------------------------


def test_the_sweep_signs_what_is_new_at_most_every_quarter_of_an_hour(app: Flask, project: Made, clock) -> None:
    sweep()
    act(project)
    sweep()
    assert signed() == [("hearth", 3)]
    clock.move_to(NOON + timedelta(minutes=16))
    sweep()
    sweep()
    clock.move_to(NOON + timedelta(minutes=40))
    sweep()
    assert signed() == [("hearth", 3), ("hearth", 4)], "Nothing new, nothing signed."


def test_a_sweep_that_only_looks_signs_nothing(app: Flask, project: Made) -> None:
    sweeping.sweep(today=TODAY, dry_run=True)
    assert not checkpoint_file().exists()


def test_a_clock_that_was_wrong_once_does_not_stop_the_signing(app: Flask, project: Made, clock) -> None:
    clock.move_to(NOON + timedelta(days=365))
    write_checkpoints()
    clock.move_to(NOON)
    act(project)
    sweep()
    assert signed() == [("hearth", 3), ("hearth", 4)]


def test_a_checkpoint_can_be_looked_over_with_the_public_key_alone(app: Flask, project: Made) -> None:
    write_checkpoints()
    line = checkpoint_file().read_text("utf-8")
    (one,) = read_checkpoints(line)
    assert one.key == public_key()
    VerifyKey(bytes.fromhex(one.key)).verify(one.to_sign(), bytes.fromhex(one.signature))
    assert set(json.loads(line)) == {"form", "organisation", "count", "head", "at", "key", "signature"}


def test_its_key_is_its_owners_alone_and_is_made_once(app: Flask, project: Made) -> None:
    with pytest.raises(Refused, match="Nothing has been signed yet"):
        public_key()
    write_checkpoints()
    path, first = key_file(checkpoints.KEY), public_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    act(project)
    write_checkpoints()
    assert public_key() == first
    assert path.read_bytes() not in checkpoint_file().read_bytes()


def test_the_file_may_stand_elsewhere_and_is_only_added_to(app: Flask, project: Made, tmp_path: Path) -> None:
    elsewhere(app, tmp_path / "far" / "away.jsonl")
    write_checkpoints()
    before = checkpoint_file().read_bytes()
    act(project)
    write_checkpoints()
    assert checkpoint_file() == tmp_path / "far" / "away.jsonl"
    assert checkpoint_file().read_bytes().startswith(before)
    assert len(checkpoint_file().read_text("utf-8").splitlines()) == 2


def elsewhere(app: Flask, path: Path) -> None:
    app.config["GOVFLOW"] = dataclasses.replace(app.config["GOVFLOW"], checkpoints=path)


def test_a_last_line_without_its_end_is_not_written_into(app: Flask, project: Made) -> None:
    write_checkpoints()
    path = checkpoint_file()
    path.write_text(path.read_text("utf-8").rstrip("\n"), "utf-8")
    act(project)
    write_checkpoints()
    assert len(path.read_text("utf-8").splitlines()) == 2


def test_a_disk_that_is_full_leaves_no_half_line(app: Flask, project: Made, monkeypatch) -> None:
    write_checkpoints()
    before = checkpoint_file().read_bytes()
    act(project)

    def full(handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("govflow.services.history.checkpoints.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_checkpoints()
    assert checkpoint_file().read_bytes() == before


def test_sweeps_at_once_sign_each_line_once(app: Flask, project: Made) -> None:
    assert {len(found.checkpoints) for found in at_once(app, 6, lambda _: write_checkpoints())} == {0, 1}
    assert signed() == [("hearth", 3)]


# --- never over what does not fit -----------------------------------------------------------------------------------


def test_a_history_that_is_not_what_was_signed_is_not_signed_again(app: Flask, project: Made, caplog) -> None:
    write_checkpoints()
    act(project)
    with behind_its_back(app) as attacker:
        attacker.set(2, person_id=project.by("lead-1").person_id)
        attacker.hash_again(2)
    with caplog.at_level(logging.ERROR, "govflow.checkpoints"), time_machine.travel(NOON + timedelta(hours=1)):
        checkpoints.write_as_part_of_the_sweep()
    assert signed() == [("hearth", 3)]
    assert "The history of hearth was not signed." in caplog.text
    assert checkpoints.problems() == [
        "The history of hearth is not what was signed on 2 March 2026, 12:00 UTC. Run: govflow audit verify"
    ]


def test_what_was_put_in_since_the_last_checkpoint_is_not_signed(app: Flask, project: Made) -> None:
    write_checkpoints()
    act(project)
    with behind_its_back(app) as attacker:
        attacker.set(4, verb="sign_off.ready")
    assert write_checkpoints().problems == [
        "The history of hearth was not signed. Line 4 was changed after it was written."
    ]
    assert signed() == [("hearth", 3)]


def test_another_organisation_is_signed_all_the_same(app: Flask, project: Made) -> None:
    write_checkpoints()
    a_project(app, plugins={"kitchen": TEA}, organisation="moor", slug="peat")
    with behind_its_back(app) as attacker:
        attacker.run("UPDATE log_line SET hash = before WHERE number = 3 AND organisation_id = 1")
    assert [one.organisation for one in write_checkpoints().checkpoints] == ["moor"]


# --- where it cannot be written -------------------------------------------------------------------------------------


def test_where_the_file_cannot_be_written_the_sweep_goes_on_and_the_doctor_complains(app, project, tmp_path) -> None:
    (tmp_path / "a-file").write_text("", "utf-8")
    elsewhere(app, tmp_path / "a-file" / "checkpoints.jsonl")
    assert sweep()["today"] == TODAY.isoformat()
    (complaint,) = checkpoints.problems()
    assert "a-file/checkpoints.jsonl cannot be written" in complaint
    act(project)


def test_a_file_that_is_no_file_of_checkpoints_is_left_alone_and_complained_of(app: Flask, project: Made) -> None:
    write_checkpoints()
    checkpoint_file().write_text("Dear Ada,\n", "utf-8")
    sweep()
    assert checkpoint_file().read_text("utf-8") == "Dear Ada,\n"
    assert "cannot be read" in checkpoints.problems()[0]
    with pytest.raises(Invalid):
        write_checkpoints()


def test_a_file_that_is_gone_is_complained_of(app: Flask, project: Made) -> None:
    assert checkpoints.problems() == []
    write_checkpoints()
    assert checkpoints.problems() == []
    checkpoint_file().unlink()
    assert "is gone. Put it back" in checkpoints.problems()[0]


# --- by mail --------------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(app: Flask, project: Made) -> Actor:
    found = people.invite_person(email="ada@example.org", name="Ada Harbour", organisation="hearth", admin=True)
    return Actor(found.id)


def ask(ada: Actor, wanted: bool = True, today=TODAY) -> None:
    weekly_checkpoint.ask_for_checkpoints("hearth", wanted=wanted, by=ada, today=today)


def posted(today=TODAY) -> list:
    post = Kept()
    with time_machine.travel(datetime.combine(today, time(13), tzinfo=UTC)):
        sweep(today)
        jobs.deliver(post=post)
    return [one for one in post.letters if one.to == "ada@example.org"]


def test_an_admin_who_asks_gets_the_checkpoint_each_week(app: Flask, ada: Actor, tmp_path: Path) -> None:
    assert posted() == []
    ask(ada)
    sent = {day: len(posted(TODAY + days(day))) for day in range(16)}
    assert [day for day, count in sent.items() if count] == [0, 7, 14]
    assert set(sent.values()) == {0, 1}


def test_the_letter_holds_a_checkpoint_that_verifies_and_names_nothing_private(
    app: Flask, ada: Actor, tmp_path
) -> None:
    ask(ada)
    (letter,) = posted()
    assert letter.subject == "GovFlow: your weekly checkpoint"
    for private in ("hearth", "Hearth", "Kettle"):
        assert private not in letter.subject
    kept = tmp_path / "letter.json"
    kept.write_text(letter.text[letter.text.index("{") : letter.text.index("}") + 1], "utf-8")
    (looked,) = audit.verify(file=kept, keys=[public_key()])
    assert (looked.problem, looked.signed.count) == ("", 3)
    assert "/organisations/hearth/history" in letter.text


def test_weeks_without_a_sweep_give_one_letter_and_not_many(app: Flask, ada: Actor) -> None:
    ask(ada)
    posted()
    assert len(posted(TODAY + days(40))) == 1
    assert posted(TODAY + days(41)) == []


def test_two_sweeps_at_once_write_one_letter(app: Flask, ada: Actor) -> None:
    ask(ada)
    write_checkpoints()
    found = at_once(app, 6, lambda _: weekly_checkpoint.owe_checkpoint_letters(today=TODAY))
    assert sorted(found) == [0, 0, 0, 0, 0, 1]
    assert len(rows(Email, kind="checkpoint")) == 1


def test_who_stops_asking_or_is_no_admin_any_more_gets_no_letter(app: Flask, ada: Actor) -> None:
    ask(ada)
    ask(ada)
    assert len(rows(CheckpointWish)) == 1
    ask(ada, wanted=False)
    ask(ada, wanted=False)
    assert posted() == []
    ask(ada)
    sweep()
    write()
    db.session.delete(db.session.get_one(Admin, (1, ada.person_id)))
    db.session.commit()
    assert posted() == []
    assert [one.state for one in rows(Email, kind="checkpoint")] == ["cancelled"]
    assert posted(TODAY + days(7)) == []


def test_who_stopped_all_reminders_gets_none_until_they_start_again(app: Flask, ada: Actor) -> None:
    ask(ada)
    token = unsubscribe.stop_token(ada.person_id)
    unsubscribe.stop_reminders(token, today=TODAY)
    assert posted() == []
    unsubscribe.stop_reminders(token, today=TODAY, start_again=True)
    assert len(posted()) == 1


def test_without_a_checkpoint_the_letter_waits(app: Flask, ada: Actor, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("", "utf-8")
    elsewhere(app, tmp_path / "a-file" / "checkpoints.jsonl")
    ask(ada)
    assert posted() == []
    elsewhere(app, tmp_path / "checkpoints.jsonl")
    assert len(posted()) == 1


def test_nobody_else_can_ask_for_it(app: Flask, project: Made, ada: Actor) -> None:
    for slug, by in (("hearth", project.by("lead-1")), ("moor", ada), ("", ada)):
        with pytest.raises(NotFound):
            weekly_checkpoint.ask_for_checkpoints(slug, wanted=True, by=by, today=TODAY)
    assert rows(CheckpointWish) == []
    assert len(rows(Person)) == 5
