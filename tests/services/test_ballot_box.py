"""The box of a poll: whatever somebody with the database does to the sealed rows, nothing wrong is ever counted."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, insert, update

from govflow.domain.refusals import Refused
from govflow.services import sweep
from govflow.services.polls import polls
from govflow.services.polls.ballot_box import Box, Disturbed
from govflow.services.polls.ledger import Ledger
from govflow.store import EventRow, PollElector, PollRound, SealedBallot, db
from tests.support.factories import TODAY, days, rows
from tests.support.topics.polls import asked, box_files, close, everyone, kept, say, seen

pytestmark = pytest.mark.both_engines


def put(sealed: dict[int, bytes]) -> None:
    """As somebody would who may write to the database, past GovFlow."""
    for member, row in sealed.items():
        db.session.execute(update(SealedBallot).where(SealedBallot.member_id == member).values(sealed=row))
    db.session.commit()


def test_the_key_and_the_ledger_are_read_by_their_owner_alone(app):
    asked(app)
    files = box_files(app)
    assert [one.suffix for one in files] == [".key", ".ledger"]
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
    assert {one.parent.stat().st_mode & 0o777 for one in files} == {0o700}


def test_closing_destroys_the_key_and_every_sealed_row(app):
    project = asked(app)
    everyone(project, "121212")
    key = next(one for one in box_files(app) if one.suffix == ".key")
    with key.open("rb") as still_open:
        secret = still_open.read()
        close(project)
        still_open.seek(0)
        assert still_open.read() != secret, "the bytes on the disk are overwritten before the name goes"
    assert box_files(app) == []
    assert rows(SealedBallot) == []


@pytest.mark.parametrize(
    "kind", ["reset one", "reset all but one", "replay", "swap", "copy", "stuff", "take away", "garbage"]
)
def test_rows_that_were_touched_past_govflow_make_closing_refuse(app, kind):
    project = asked(app)
    blank = kept()
    say(project, 1, heard="1")
    first = kept()
    everyone(project, "121212")
    now = kept()
    one, other = sorted(now)[1:3]
    match kind:
        case "reset one":
            put({one: blank[one]})
        case "reset all but one":
            put({member: row for member, row in blank.items() if member != one})
        case "replay":
            put({one: first[one]})
        case "swap":
            put({one: now[other], other: now[one]})
        case "copy":
            put({one: now[other]})
        case "garbage":
            put({one: b"x" * len(now[one])})
        case "take away":
            db.session.execute(delete(SealedBallot).where(SealedBallot.member_id == one))
            db.session.commit()
        case "stuff":
            values = {"round_id": rows(PollRound)[0].id, "member_id": project.member("watcher").id, "sealed": now[one]}
            db.session.execute(insert(SealedBallot).values(values))
            db.session.execute(insert(PollElector).values({key: values[key] for key in ("round_id", "member_id")}))
            db.session.commit()
    with pytest.raises(Refused, match="not the ones that were given"):
        close(project)
    db.session.rollback()
    row = rows(PollRound)[0]
    assert (row.closed, row.results) == (None, {})


def test_an_older_copy_of_the_database_cannot_be_counted(app):
    """All rows put back to how they were a vote ago: each is a row that was once right."""
    project = asked(app)
    everyone(project, "12121")
    backup = kept()
    say(project, 5, heard="2")
    put(backup)
    with pytest.raises(Disturbed):
        close(project)


def test_a_round_that_is_pointed_to_another_rounds_box_is_not_opened(app):
    project = asked(app)
    everyone(project, "121212")
    row = rows(PollRound)[0]
    other, _ = Box.make(row.id + 1, [one.member_id for one in rows(SealedBallot)], longest=100)
    row.box = other.name
    db.session.commit()
    with pytest.raises(Disturbed):
        close(project, today=TODAY + days(15))


def test_a_poll_whose_rows_were_touched_stays_open_for_the_sweep_and_a_lead_puts_it_aside(app, caplog):
    project = asked(app)
    everyone(project, "121212")
    with pytest.raises(Refused, match="as they were given"):
        polls.put_aside(project.id, poll_id="kitchen.how", why="I fear it", by=project.by("p-0"), today=TODAY)
    db.session.rollback()
    put({sorted(kept())[0]: b"x" * 100})
    sweep.sweep(today=TODAY + days(15))
    assert rows(PollRound)[0].closed is None
    assert "stays open" in caplog.text
    with pytest.raises(Refused, match="closed"):
        say(project, 2, today=TODAY + days(15))
    db.session.rollback()
    late = {"poll_id": "kitchen.how", "by": project.by("p-0"), "today": TODAY + days(15)}
    polls.put_aside(project.id, why="Somebody touched it", **late)
    row = rows(PollRound)[0]
    assert (row.closed, row.put_aside, row.results) == (TODAY + days(15), "Somebody touched it", {})
    assert (rows(SealedBallot), box_files(app)) == ([], [])
    assert [one.verb for one in rows(EventRow)][-1] == "round.put_aside"
    polls.open_round(project.id, **late)
    assert [one.number for one in rows(PollRound)] == [1, 2]


def test_without_its_key_a_poll_says_so_and_takes_no_answer(app):
    project = asked(app)
    say(project, 1)
    for path in box_files(app):
        path.rename(path.with_suffix(".elsewhere"))
    for act in (lambda: say(project, 2), lambda: close(project, today=TODAY + days(20))):
        with pytest.raises(Refused, match="key of this poll is not on this machine"):
            act()
        db.session.rollback()
    assert seen(project).said is None


def test_a_vote_that_dies_before_its_commit_leaves_the_earlier_answer_and_a_poll_that_can_be_closed(app, monkeypatch):
    project = asked(app)
    everyone(project, "121212")
    commit = db.session.commit

    def dies():
        raise KeyboardInterrupt

    monkeypatch.setattr(db.session, "commit", dies)
    with pytest.raises(KeyboardInterrupt):
        say(project, 1, heard="skip")
    monkeypatch.setattr(db.session, "commit", commit)
    db.session.rollback()
    say(project, 2, heard="skip")
    close(project)
    assert rows(PollRound)[0].answered == 6


def test_a_vote_that_dies_right_after_its_commit_counts(app, monkeypatch):
    def dies(*_):
        raise KeyboardInterrupt

    project = asked(app)
    everyone(project, "12121")
    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "keep", dies)
        with pytest.raises(KeyboardInterrupt):
            say(project, 5, heard="2")
    db.session.rollback()
    say(project, 5, heard="1")
    close(project)
    assert rows(PollRound)[0].answered == 6


def test_a_poll_that_could_not_be_opened_in_the_database_leaves_no_key_behind(app, monkeypatch):
    project = asked(app)
    everyone(project, "121212")
    close(project)
    rows(PollRound)[0].visit = 0
    db.session.commit()

    def dies():
        raise KeyboardInterrupt

    monkeypatch.setattr(db.session, "commit", dies)
    with pytest.raises(KeyboardInterrupt):
        polls.open_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY)
    db.session.rollback()
    assert box_files(app) == []


def at_once(app, acts):
    """Run all at the same moment, each in a thread and an app context of its own; the refusals, or None."""
    barrier, said = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        with app.app_context():
            barrier.wait()
            try:
                act()
            except Refused as refusal:
                said[number] = str(refusal)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return said


def test_fifty_votes_of_one_person_at_the_same_moment_count_once(app):
    project = asked(app)
    everyone(project, "12121")
    by = project.by("p-5")
    given = [{"heard": "12"[number % 2]} for number in range(50)]
    db.session.rollback()
    said = at_once(
        app,
        [
            lambda one=one: polls.answer_round(project.id, poll_id="kitchen.how", given=one, by=by, today=TODAY)
            for one in given
        ],
    )
    assert said == [None] * 50
    assert len(rows(SealedBallot)) == 6
    close(project)
    assert rows(PollRound)[0].answered == 6


@pytest.mark.parametrize("race", range(8))
def test_a_vote_that_races_the_close_counts_if_and_only_if_it_was_accepted(app, race):
    project = asked(app, 7)
    everyone(project, "12121")
    voters, lead = [project.by("p-5"), project.by("p-6")], project.by("p-0")
    db.session.rollback()
    said = at_once(
        app,
        [
            *[
                lambda by=by: polls.answer_round(
                    project.id, poll_id="kitchen.how", given={"heard": "2"}, by=by, today=TODAY
                )
                for by in voters
            ],
            lambda: polls.close_round(project.id, poll_id="kitchen.how", by=lead, today=TODAY),
        ],
    )
    accepted = said[:2].count(None)
    assert said[2] is None
    assert rows(PollRound)[0].answered == 5 + accepted
