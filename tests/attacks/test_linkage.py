"""Whoever has the database, its log, its files and every backup, but not the ballot key, links no vote to a person.

500 votes in five polls of a hundred people (by `./dev fuzz` 1,000 in ten), each cast twice: past us in a naive schema,
which every attack must link completely (or the attack proves nothing), and through GovFlow. An attack answers with the
words it believes each voter wrote; the words say what was chosen. Ours may be guessed no better than by always naming
the most frequent answer.
"""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

import pytest
from redis import Redis
from sqlalchemy import text, update

from govflow.domain.polls.polls import Poll, Statement
from govflow.services.polls import polls
from govflow.store import PollRound, db
from tests.attacks.artefacts import PostgresFiles, SqliteFiles, every_row, files_of
from tests.attacks.naive import NaiveVote, connect
from tests.support.factories import TODAY, a_plugin, a_project, person, rows
from tests.support.fuzzing import FUZZ

pytestmark = pytest.mark.both_engines

VOTERS, POLLS = 100, 10 if FUZZ else 5
CHOICES = {"1": 0.4, "2": 0.3, "3": 0.2, "4": 0.1}
POLL = Poll(
    slug="vote", title="A vote", version="1", scale={value: f"Choice {value}" for value in CHOICES},
    statements=(
        Statement(id="choice", text="Which?", stages=("bid",)),
        Statement(id="why", text="Why?", stages=("bid",), kind="words"),
    ),
)  # fmt: skip

Links = Mapping[str, str]
Marks = Mapping[bytes, str]
"""Bytes that give somebody, or something, away, and whom or what."""


@dataclass
class Sight:
    """What one schema shows: voters and words in some order, and pieces in which both may stand together."""

    voters: dict[str, Sequence[str]] = field(default_factory=dict)
    words: dict[str, Sequence[str]] = field(default_factory=dict)
    pieces: dict[str, list[tuple[Iterable[str], Iterable[str]]]] = field(default_factory=dict)

    def attacks(self) -> dict[str, Links]:
        """The first voter of an order wrote the first words; a voter and words alone in a piece belong together."""
        found: dict[str, Links] = {
            name: dict(zip(order, self.words[name], strict=False)) for name, order in self.voters.items()
        }
        for name, pieces in self.pieces.items():
            alone = ((set(voters), set(words)) for voters, words in pieces)
            found[name] = {min(who): min(what) for who, what in alone if len(who) == len(what) == 1}
        return found


def standing_in(content: bytes | str, marks: Marks) -> list[str]:
    """Who, or what, these bytes give away, in the order it stands there."""
    raw = content if isinstance(content, bytes) else content.encode()
    places = {name: place for mark, name in marks.items() if (place := raw.find(mark)) >= 0}
    return sorted(places, key=places.__getitem__)


def marks_of(names: Iterable[str]) -> Marks:
    return {one.encode(): one for one in names}


def changes(states: Sequence[Mapping[str, object]]) -> list[list[str]]:
    """From each backup to the next: whose row is new or another."""
    return [[name for name, row in after.items() if before.get(name) != row] for before, after in pairwise(states)]


class Journal(logging.Handler):
    """Every line any logger writes."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Arena:
    """One project of a hundred people, and everything an attacker gathers while they vote, in both schemas."""

    def __init__(self, app, url: str, redis_url: str):
        members = [person("p-0", role="lead"), *[person(f"p-{number}", "lived") for number in range(1, VOTERS)]]
        self.project = a_project(app, plugins={"kitchen": a_plugin(polls=[POLL], checks=[])}, members=members)
        self.url, self.rng, self.redis = url, random.Random(7), Redis.from_url(redis_url)
        self.naive = NaiveVote(url, redis_url)
        self.ids = {f"p-{n}@example.org": self.project.member(f"p-{n}").id for n in range(VOTERS)}
        self.by = {f"p-{n}@example.org": self.project.by(f"p-{n}") for n in range(VOTERS)}
        self.emails = {number: email for email, number in self.ids.items()}

    def poll(self) -> tuple[dict[str, str], Sight, Sight]:
        """Everyone votes once, in any order. The truth, and what can be seen of it in the naive schema and in ours."""
        truth = {
            email: f"{self.rng.choices(list(CHOICES), list(CHOICES.values()))[0]}-{self.rng.randbytes(8).hex()}"
            for email in self.ids
        }
        who = {"poll_id": "kitchen.vote", "by": self.by["p-0@example.org"], "today": TODAY}
        polls.open_round(self.project.id, **who)
        naive, ours, files = Sight(), Sight(), files_of(self.url)
        self.seals: dict[bytes, str] = {}
        self._vote(truth, naive, ours)
        self._look(files, truth, naive, ours)
        files.end()
        polls.close_round(self.project.id, **who)
        result = rows(PollRound)[-1].results
        for name in ours.voters:
            ours.words[name] = result["why"]["words"]
        assert Counter(result["why"]["words"]) == Counter(truth.values()), "all words were told, or nothing is at stake"
        self._look_at_what_is_left(truth, naive, ours)
        self.naive.forget()
        db.session.rollback()
        db.session.execute(update(PollRound).values(visit=-PollRound.id))  # so that the same people are asked again
        db.session.commit()
        return truth, naive, ours

    def _vote(self, truth: Mapping[str, str], naive: Sight, ours: Sight) -> None:
        order = list(truth)
        self.rng.shuffle(order)
        journal, root = Journal(), logging.getLogger()
        before = root.level
        root.addHandler(journal)
        root.setLevel(logging.INFO)
        naive_states, our_states, heard = [({}, {})], [self._sealed()], []
        for email in order:
            self.naive.vote(email, truth[email])
            naive_states.append(self._naive_rows())
            journal.lines.clear()
            given = {"choice": truth[email][0], "why": truth[email], "why-show": "yes"}
            polls.answer_round(self.project.id, poll_id="kitchen.vote", given=given, by=self.by[email], today=TODAY)
            heard.append(list(journal.lines))
            our_states.append(self._sealed())
        root.removeHandler(journal)
        root.setLevel(before)
        words = marks_of(truth.values())
        naive.pieces["backups"] = list(
            zip(changes([one for one, _ in naive_states]), changes([two for _, two in naive_states]), strict=True)
        )
        ours.pieces["backups"] = [(people, standing_in(repr(people), words)) for people in changes(our_states)]
        naive.voters["journal and time"] = [who for _, who in self.naive.journal]
        naive.words["journal and time"] = self._naive_column("words", "naive_ballot", "created_at")
        ours.voters["journal and time"] = [
            who for lines in heard for who in standing_in(" ".join(lines), marks_of(truth))
        ]

    def _look(self, files: SqliteFiles | PostgresFiles, truth: Mapping[str, str], naive: Sight, ours: Sight) -> None:
        words, people = marks_of(truth.values()), marks_of(truth)
        connection = connect(self.url)
        everything = every_row(connection)
        connection.close()
        jobs = [one.decode() for one in self.redis.lrange("naive:jobs", 0, -1)]
        naive.pieces["audit and mail"] = [(standing_in(one, people), standing_in(one, words)) for one in everything]
        naive.pieces["queue"] = [(standing_in(one, people), standing_in(one, words)) for one in jobs]
        of_ours = [one for one in everything if not one.startswith("naive")]
        queued = [repr(self.redis.dump(key)) for key in self.redis.scan_iter("*") if key != b"naive:jobs"]
        ours.pieces["audit and mail"] = [(standing_in(one, people), standing_in(one, words)) for one in of_ours]
        ours.pieces["queue"] = [(standing_in(one, people), standing_in(one, words)) for one in queued]
        if isinstance(files, PostgresFiles):
            self._look_at_postgres(files, words, naive, ours)
        else:
            self._look_at_sqlite(files, words, people, naive, ours)

    def _look_at_postgres(self, files: PostgresFiles, words: Marks, naive: Sight, ours: Sight) -> None:
        def column(what: str, table: str, by: str) -> list:
            return list(db.session.scalars(text(f"SELECT {what} FROM {table} ORDER BY {by}")))

        ballots = dict(db.session.execute(text("SELECT xmin::text, words FROM naive_ballot")).all())
        voters = db.session.execute(text("SELECT xmin::text, voter FROM naive_turnout")).all()
        naive.pieces["xmin"] = [([voter], [ballots[xmin]]) for xmin, voter in voters]
        naive.voters["ctid"], naive.words["ctid"] = (
            column("voter", "naive_turnout", "ctid"),
            column("words", "naive_ballot", "ctid"),
        )
        ours.voters["xmin"] = [self.emails[one] for one in column("member_id", "sealed_ballot", "xmin::text::bigint")]
        ours.voters["ctid"] = [self.emails[one] for one in column("member_id", "sealed_ballot", "ctid")]
        lines = {}
        for table, what, name in (("naive_turnout", "voter", "voter"), ("naive_ballot", "words", "words")):
            number = files.file_of(table)
            for place, one in db.session.execute(text(f"SELECT ctid::text, {what} FROM {table}")).all():
                lines[number, *map(int, place.strip("()").split(","))] = (name, one)
        db.session.rollback()
        written = files.commits()
        naive.pieces["log of the database"] = [
            ([lines[one][1] for one in some if lines.get(one, "")[:1] == ("voter",)],
             [lines[one][1] for one in some if lines.get(one, "")[:1] == ("words",)])
            for _, some in written
        ]  # fmt: skip
        sealed = files.file_of("sealed_ballot")
        touched = [place for _, some in written for place in some if place[0] == sealed]
        here = {
            (sealed, *map(int, place.strip("()").split(","))): self.emails[member]
            for place, member in db.session.execute(text("SELECT ctid::text, member_id FROM sealed_ballot")).all()
        }
        db.session.rollback()
        ours.voters["log of the database"] = [here[one] for one in touched if one in here]
        leaked = standing_in(files.log_bytes(), words)
        naive.voters["bytes on the disk"] = standing_in(files.bytes("naive_turnout"), marks_of(self.ids))
        naive.words["bytes on the disk"] = standing_in(files.bytes("naive_ballot"), words)
        ours.voters["bytes on the disk"] = standing_in(files.bytes("sealed_ballot"), self.seals)
        assert len(leaked) == VOTERS, "the words that went through the naive schema stand in the log"
        assert not standing_in(files.bytes("sealed_ballot", "poll_round", "log_line", "letter", "project"), words)

    def _look_at_sqlite(self, files: SqliteFiles, words: Marks, people: Marks, naive: Sight, ours: Sight) -> None:
        ours.voters["rowid"] = [
            self.emails[one] for one in db.session.scalars(text("SELECT member_id FROM sealed_ballot ORDER BY rowid"))
        ]
        db.session.rollback()
        naive.voters["rowid"] = self._naive_column("voter", "naive_turnout", "rowid")
        naive.words["rowid"] = self._naive_column("words", "naive_ballot", "rowid")
        commits = files.commits()
        told: set[str] = set()
        naive.pieces["log of the database"] = []
        for one in commits:  # what a page that was split brings again has been told before
            people_here, words_here = ([*standing_in(one, marks)] for marks in (people, words))
            new = ([who for who in people_here if who not in told], [what for what in words_here if what not in told])
            told |= {*people_here, *words_here} if words_here else set()
            naive.pieces["log of the database"].append(new)
        mine = [one for one in commits if standing_in(one, self.seals)]
        ours.pieces["log of the database"] = [(standing_in(one, self.seals), standing_in(one, words)) for one in mine]
        ours.voters["order in the log"] = [who for one in mine for who in standing_in(one, self.seals)]

    def _look_at_what_is_left(self, truth: Mapping[str, str], naive: Sight, ours: Sight) -> None:
        """After close: the naive schema deletes its ballots too, and keeps only a count."""
        words = marks_of(truth.values())
        before = self._naive_column("voter", "naive_turnout", "voter")
        assert len(before) == VOTERS
        self.naive.close()
        db.session.rollback()
        files = files_of(self.url)
        if isinstance(files, PostgresFiles):
            naive.voters["freed space"] = standing_in(files.bytes("naive_turnout"), marks_of(truth))
            naive.words["freed space"] = standing_in(files.bytes("naive_ballot"), words)
            ours.voters["freed space"] = standing_in(files.bytes("sealed_ballot"), self.seals)
        else:
            content = files.bytes()
            naive.pieces["freed space"] = _neighbours(content, truth)
            ours.voters["freed space"] = standing_in(content, self.seals)
        files.end()
        ours.words["freed space"] = rows(PollRound)[-1].results["why"]["words"]

    def _sealed(self) -> dict[str, bytes]:
        found = db.session.execute(text("SELECT member_id, sealed FROM sealed_ballot")).all()
        db.session.rollback()
        now = {self.emails[member]: bytes(sealed) for member, sealed in found}
        self.seals |= {sealed[:48]: email for email, sealed in now.items()}
        return now

    def _naive_rows(self) -> tuple[dict[str, str], dict[str, str]]:
        voters = self._naive_column("voter", "naive_turnout", "voter")
        words = self._naive_column("words", "naive_ballot", "words")
        return dict.fromkeys(voters, "here"), dict.fromkeys(words, "here")

    def _naive_column(self, what: str, table: str, by: str) -> list[str]:
        connection = self.naive.connection
        found = [one for (one,) in connection.execute(f"SELECT {what} FROM {table} ORDER BY {by}").fetchall()]
        connection.rollback()
        return found


def _neighbours(content: bytes, truth: Mapping[str, str]) -> list[tuple[list[str], list[str]]]:
    """The audit line in a freed page: who, and right behind it what."""
    return [([who], [words]) for who, words in truth.items() if f"{who} voted for {words}".encode() in content]


@dataclass
class Scores:
    """How many of all votes each attack linked: to the very words, and to the right choice."""

    words: Counter[str] = field(default_factory=Counter)
    choices: Counter[str] = field(default_factory=Counter)

    def add(self, truth: Mapping[str, str], sight: Sight) -> None:
        for name, links in sight.attacks().items():
            self.words[name] += sum(links.get(voter) == words for voter, words in truth.items())
            self.choices[name] += sum(links.get(voter, " ")[0] == words[0] for voter, words in truth.items())


@pytest.fixture
def fought(app, database_url, redis_url):
    """All votes, attacked: the scores against the naive schema and against ours, and the most frequent answers."""
    arena, naive, ours, most_frequent = Arena(app, database_url, redis_url), Scores(), Scores(), 0
    for _ in range(POLLS):
        truth, against_naive, against_ours = arena.poll()
        naive.add(truth, against_naive)
        ours.add(truth, against_ours)
        most_frequent += max(Counter(words[0] for words in truth.values()).values())
    arena.naive.connection.close()
    return naive, ours, most_frequent


def test_the_attacks_link_every_naive_vote_and_none_of_ours(fought):
    naive, ours, most_frequent = fought
    votes = VOTERS * POLLS
    print(f"naive {dict(naive.words)}\nours {dict(ours.words)}\nchoices {dict(ours.choices)}, baseline {most_frequent}")
    assert set(naive.words.values()) == {votes}, f"an attack that does not work proves nothing: {naive.words}"
    chance = POLLS  # whoever gives every voter some words at random is right once in each poll
    for name in ours.words:
        assert ours.words[name] <= chance + 3 * sqrt(chance), f"{name} links words to people: {ours.words}"
        spread = sqrt(most_frequent * (1 - most_frequent / votes))
        assert ours.choices[name] <= most_frequent + 3 * spread, f"{name} tells choices: {ours.choices}"
