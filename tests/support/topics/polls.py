"""A poll of a small project: asking, answering, closing, and what lies in its box."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from govflow.domain.polls.polls import Poll, Statement
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.polls import polls
from govflow.services.polls.ballot_box import Box
from govflow.store import PollRound, SealedBallot, db
from tests.support.factories import TODAY, a_plugin, a_project, person, rows


def box_files(app) -> list[Path]:
    return sorted((app.config["GOVFLOW"].key_dir / "polls").glob("*"))


def kept() -> dict[int, bytes]:
    found = dict(db.session.execute(select(SealedBallot.member_id, SealedBallot.sealed)).all())
    db.session.rollback()
    return found


POLL = Poll(
    slug="how",
    title="How is it going?",
    version="1",
    days_open=14,
    scale={"1": "No", "2": "Yes"},
    no_score={"skip": "Not for me"},
    statements=(
        Statement(id="heard", text="I am heard.", stages=("bid",)),
        Statement(id="paid", text="I am paid.", stages=("bid", "trial")),
        Statement(id="else", text="Anything else?", stages=("bid",), kind="words"),
    ),
)
PLUGINS = {"kitchen": a_plugin(polls=[POLL], checks=[])}


def asked(app, number=6, *, names=False, **facts):
    """A project of so many partners, and an observer, in which everyone has been asked."""
    members = [person("p-0", role="lead"), *[person(f"p-{n}", "lived") for n in range(1, number)]]
    project = a_project(
        app, plugins=facts.pop("plugins", PLUGINS), members=[*members, person("watcher", role="observer")], **facts
    )
    polls.open_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY, names=names)
    return project


def say(project, number, *, today=TODAY, **given):
    given = given or {"heard": "2", "paid": "1"}
    polls.answer_round(project.id, poll_id="kitchen.how", given=given, by=project.by(f"p-{number}"), today=today)


def ballots():
    """What the sealed rows would say if they were opened now, by somebody who has the key and the database."""
    (row,) = rows(PollRound)
    return list(Box(row.box).open(row.id, {entry.member_id: entry.sealed for entry in rows(SealedBallot)}).values())


def everyone(project, answers, **words):
    for number, value in enumerate(answers):
        say(project, number, heard=value, **words)


def seen(project, key="p-0", *, today=TODAY):
    snapshot = load_snapshot(project.row, today=today)
    return polls.round_seen(project.id, snapshot, "kitchen.how", member_id=project.member(key).id)


def close(project, *, today=TODAY):
    polls.close_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=today)
