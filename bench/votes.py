"""What a sealed vote costs over a plain insert, in CPU; and closing a poll of five hundred."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Any

from flask import Flask
from sqlalchemy import text

from govflow import clock
from govflow.services.base.actions import Actor
from govflow.services.polls import polls
from govflow.services.polls.ballot_box import Box
from govflow.services.project_file import import_project
from govflow.store import MemberRow, Project, db, lock_project

TODAY = clock.today(None)
POLL, VOTERS, MOST_CPU_MS = "stress_test.how_is_it_going", 500, 5
PROJECT = f"""govflow = 1
[organisation]
slug = "bench"
name = "Bench"
[project]
slug = "votes"
title = "Votes"
stage = "bid"
started = {TODAY}
entered = {TODAY}
"""
MEMBER = """[[member]]
key = "m-{0}"
name = "Member {0}"
email = "m-{0}@example.org"
role = "{1}"
expertise = ["lived"]
joined = {2}
"""


def voting(app: Flask, rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    with app.app_context():
        members = [MEMBER.format(number, "member" if number else "lead", TODAY) for number in range(VOTERS)]
        import_project((PROJECT + "".join(members)).encode(), today=TODAY, keep_dates=True)
        project = db.session.query(Project.id).filter_by(slug="votes").scalar()
        voters = [Actor(one) for (one,) in db.session.query(MemberRow.person_id).filter_by(project_id=project)]
        polls.open_round(project, poll_id=POLL, by=voters[0], today=TODAY)
        db.session.execute(text("CREATE TABLE plain (id INTEGER PRIMARY KEY, choice TEXT)"))
        db.session.commit()
        turn = count()

        def ours() -> None:
            given = {"power-how": "4", "in-your-words": "More breaks, please.", "in-your-words-show": "yes"}
            polls.answer_round(project, poll_id=POLL, given=given, by=voters[next(turn) % VOTERS], today=TODAY)

        def bare() -> None:
            lock_project(project)
            db.session.execute(text("INSERT INTO plain (choice) VALUES ('4')"))
            db.session.commit()

        mine, floor, ratio = rounds(ours, bare, VOTERS)
        over = _cpu(ours, 200) - _cpu(bare, 200)
        tell(
            "a sealed vote / a plain insert under the same lock", f"{VOTERS} voters", mine, floor, ratio,
            cpu_over_ms=round(over, 2), most_cpu_ms=MOST_CPU_MS,
        )  # fmt: skip
        _closing(project, voters, tell)


def _closing(project: int, voters: list[Actor], tell: Callable[..., None]) -> None:
    """Against opening and decrypting every row and nothing else."""
    row = db.session.execute(text("SELECT id, box FROM poll_round")).one()
    sealed = dict(db.session.execute(text("SELECT member_id, sealed FROM sealed_ballot")).all())
    db.session.rollback()
    began = time.perf_counter()
    Box(row.box).open(row.id, sealed)
    floor = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    polls.close_round(project, poll_id=POLL, by=voters[0], today=TODAY)
    mine = (time.perf_counter() - began) * 1000
    tell("closing a poll / decrypting its rows", f"{VOTERS} voters", mine, floor, mine / floor, most_ms=1000)


def _cpu(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1000
