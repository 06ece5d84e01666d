"""The ledger of a poll: it tells no order of votes, and no row is lost however its writing ends."""

from __future__ import annotations

import json
import os
import random
from itertools import pairwise
from pathlib import Path

import pytest

from govflow.domain.refusals import Refused
from govflow.services.polls.ballot_box import Box
from govflow.services.polls.ledger import HEAD, PLACE, Ledger, Unreadable
from govflow.store import PollRound, db
from tests.support.factories import rows
from tests.support.topics.polls import asked, ballots, box_files, close, everyone, kept, say, seen

ELECTORS = range(1, 31)
BLANK = {one: b"blank %d" % one for one in ELECTORS}


@pytest.fixture
def path(tmp_path) -> Path:
    Ledger.make(tmp_path / "a.ledger", 7, 1024, BLANK)
    return tmp_path / "a.ledger"


def vote(path: Path, elector: int, before: bytes, after: bytes) -> None:
    ledger = Ledger(path)
    assert ledger.expect(elector, before, after)
    ledger.keep(elector, after)


def places(content: bytes) -> list[bytes]:
    return [content[at : at + PLACE.size] for at in range(HEAD.size, len(content), PLACE.size)]


def test_whatever_order_people_vote_in_the_ledger_is_the_same(path):
    """Were it a list of votes as they came, or were anything counted in it, one of these would differ."""
    new, found = {one: b"new %d" % one for one in ELECTORS}, set()
    fresh = path.read_bytes()
    for chance in range(20):
        path.write_bytes(fresh)
        now, order = dict(BLANK), random.Random(chance).sample(ELECTORS, len(ELECTORS))
        for one in [*order, *order[:chance]]:  # some change their answers
            vote(path, one, now[one], now[one] + b"!")
            now[one] += b"!"
        for one in order:
            vote(path, one, now[one], new[one])
        found.add(path.read_bytes())
    assert len(found) == 1
    assert [one.name for one in path.parent.iterdir()] == ["a.ledger"]


@pytest.mark.both_engines
def test_a_vote_changes_one_place_of_a_file_that_stays_as_long_as_it_was(app):
    project = asked(app)
    ledger = next(one for one in box_files(app) if one.suffix == ".ledger")
    backups = [ledger.read_bytes()]
    for number in (3, 1, 5, 1):
        say(project, number, heard="2")
        backups.append(ledger.read_bytes())
    changed = [
        [number for number, pair in enumerate(zip(places(a), places(b), strict=True)) if pair[0] != pair[1]]
        for a, b in pairwise(backups)
    ]
    order = sorted(project.member(f"p-{number}").id for number in range(6))
    assert changed == [[order.index(project.member(f"p-{number}").id)] for number in (3, 1, 5, 1)]
    assert {len(one) for one in backups} == {HEAD.size + 6 * PLACE.size}


def test_a_place_that_is_torn_while_it_is_written_still_allows_the_row_that_is_there(path, monkeypatch):
    """Every mixture of old and new bytes, from either end; also where the vote before died before or after its commit.

    Until `expect` has come back the old row is in the database, from then on maybe the new one.
    """
    wrote, now, put = [], dict(BLANK), os.pwrite

    def watched(handle, content, at):
        before = path.read_bytes()[at : at + PLACE.size]
        put(handle, content, at)
        wrote.append((before, content))

    monkeypatch.setattr(os, "pwrite", watched)
    for number, ending in enumerate(["well", "before", "before", "well", "after", "well", "after", "before", "well"]):
        wrote.clear()
        ledger, old, new = Ledger(path), now[4], b"vote %d" % number
        assert ledger.expect(4, old, new)
        now[4] = old if ending == "before" else new
        if ending == "well":
            ledger.keep(4, new)
        whole = path.read_bytes()
        for (before, after), there in zip(wrote, (old, new), strict=False):
            for cut in range(PLACE.size + 1):
                for torn in (before[:cut] + after[cut:], after[:cut] + before[cut:]):
                    path.write_bytes(whole.replace(wrote[-1][1], torn))
                    assert Ledger(path).allows(now | {4: there})
        path.write_bytes(whole)
        assert Ledger(path).allows(now)
        assert Ledger(path).allows(now | {4: old}) == (ending != "well"), "what was replaced may not come back"


def test_no_place_lies_across_two_sectors():
    assert HEAD.size % PLACE.size == 0
    assert 512 % PLACE.size == 0


@pytest.mark.parametrize("moment", ["expect", "commit", "keep"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_vote_that_dies_at_any_moment_leaves_one_of_the_two_answers_and_a_poll_that_closes(
    app, monkeypatch, moment, before
):
    project = asked(app)
    everyone(project, "111111")
    whose = db.session if moment == "commit" else Ledger
    well = getattr(whose, moment)

    def dies(*given):
        if not before:
            well(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(whose, moment, dies)
        with pytest.raises(KeyboardInterrupt):
            say(project, 1, heard="2")
    db.session.rollback()
    say(project, 2, heard="2")
    changed = 1 + (moment == "keep" or (moment == "commit" and not before))
    assert sorted(one["heard"] for one in ballots()) == ["1"] * (6 - changed) + ["2"] * changed
    close(project)
    assert rows(PollRound)[0].answered == 6


def as_before(app, project) -> Path:
    """The ledger as polls have it that were opened before it was made of places."""
    path = next(one for one in box_files(app) if one.suffix == ".ledger")
    ledger = Ledger(path)
    found = {elector: (one.hex(), other.hex(), answered) for elector, one, other, answered in ledger._places()}
    older = {
        "round": ledger.round_id,
        "size": ledger.size,
        "rows": {str(elector): [one] if one == other else [one, other] for elector, (one, other, _) in found.items()},
        "voted": sorted(elector for elector, (_, _, answered) in found.items() if answered),
    }
    path.write_text(json.dumps(older, separators=(",", ":")))
    return path


def test_a_poll_that_was_opened_before_an_upgrade_goes_on_and_closes(app):
    project = asked(app)
    everyone(project, "12")
    path = as_before(app, project)
    for number in (2, 3, 4, 5):
        assert Box(path.stem).turnout() == number
        say(project, number, heard="2")
    assert path.read_bytes().startswith(b"ledger 2")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.suffix for one in box_files(app)] == [".key", ".ledger"]
    close(project)
    assert rows(PollRound)[0].answered == 6


def test_a_poll_in_which_nobody_answers_after_the_upgrade_closes_too_and_disturbed_rows_are_still_found(app):
    project = asked(app)
    everyone(project, "121212")
    as_before(app, project)
    row = rows(PollRound)[0]
    now = kept()
    assert len(Box(row.box).open(row.id, now)) == 6
    one, other = sorted(now)[:2]
    with pytest.raises(Refused, match="not the ones that were given"):
        Box(row.box).open(row.id, now | {one: now[other]})
    close(project)
    assert rows(PollRound)[0].answered == 6


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"nothing", b"ledger 2", b"x" * 64])
def test_what_is_no_ledger_is_refused_in_a_sentence_and_nothing_is_counted(app, content):
    project = asked(app)
    everyone(project, "121212")
    path = next(one for one in box_files(app) if one.suffix == ".ledger")
    whole = path.read_bytes()
    for broken in (content, whole[:-1], whole + whole[-PLACE.size :], whole[: HEAD.size] + content):
        path.write_bytes(broken)
        with pytest.raises(Unreadable):
            Ledger(path)
        for act in (lambda: say(project, 2), lambda: close(project)):
            with pytest.raises(Refused):
                act()
            db.session.rollback()
        assert seen(project).said is None
    path.write_bytes(whole)
    close(project)
    assert rows(PollRound)[0].answered == 6


def test_a_row_of_nobody_s_and_a_row_that_was_never_given_are_not_taken(path):
    ledger = Ledger(path)
    assert not ledger.expect(99, b"x", b"y")
    assert not ledger.expect(4, BLANK[5], b"y")
    assert not ledger.allows({**BLANK, 99: b"x"})
    assert not ledger.allows({one: row for one, row in BLANK.items() if one != 4})
    assert ledger.allows(BLANK)
