"""What meetings cost: the rota of 300 meetings for 70 people, and each page of such a project against a tenth of it.

The project has 1,000 decisions too, and a text that all 70 agreed to.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from govflow_meetings.lists import JOBS
from govflow_meetings.rota import fill

from govflow import clock
from govflow.services.auth.sign_in_links import operator_link, use_link
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.store import Person, db

MEETINGS, MEMBERS, DECISIONS = 300, 70, 1_000
TODAY = clock.today(None)
PAGES = (
    *("", "/gate", "/people", "/history", "/sign-off"),
    *("/meetings/plan", "/meetings/agenda", "/meetings/meeting", "/meetings/meeting/m-9", "/gate/meetings.rhythm"),
    *("/decisions/log", "/decisions/decision", "/decisions/decision/d-9", "/decisions/decision/add"),
    *("/gate/decisions.log", "/ways_of_working/together", "/ways_of_working/agreement"),
)


def rota(rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    """Against going through the people in turn, for each job with another beginning."""
    people = [f"p-{number}" for number in range(MEMBERS)]
    willing = dict.fromkeys(JOBS, people)

    def in_turn() -> list[dict[str, str]]:
        return [
            {job: people[(number + place) % MEMBERS] for place, job in enumerate(JOBS)} for number in range(MEETINGS)
        ]

    size = f"{MEETINGS} meetings x {MEMBERS} people x {len(JOBS)} jobs"
    tell("the rota / going round without asking", size, *rounds(lambda: fill([{}] * MEETINGS, willing), in_turn))


def pages(app: Flask, rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    large, small = (_client(app, part) for part in (1, 10))
    for path in (*PAGES, "/projects"):
        own = path if path == "/projects" else f"/projects/p-{{}}{path}"
        urls = [own.format(part) for part in (1, 10)]
        assert large.get(urls[0]).status_code == small.get(urls[1]).status_code == 200, path
        mine = rounds(lambda urls=urls: large.get(urls[0]), lambda urls=urls: small.get(urls[1]))
        tell(
            f"{path or '/projects/…'}: {MEETINGS} meetings, {DECISIONS:,} decisions, {MEMBERS} members / a tenth",
            "page",
            *mine,
        )


def _client(app: Flask, part: int) -> FlaskClient:
    """A lead's browser, in a project of so many meetings and members, or of a part of them."""
    with app.app_context():
        import_project(_file(part).encode(), today=TODAY, keep_dates=True)
        switch(organisation=f"bench-{part}", plugin="meetings", on=True, by=None, today=TODAY)
        lead = db.session.scalar(db.select(Person).where(Person.email == f"m-0-{part}@example.org"))
        session = use_link(operator_link(lead.id), device="bench", today=TODAY)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = session
    return client


def _file(part: int) -> str:
    members, first = range(MEMBERS // part), TODAY - timedelta(weeks=MEETINGS // part // 2)
    lines = [f'govflow = 1\n[organisation]\nslug = "bench-{part}"\nname = "Bench"\n[project]\nslug = "p-{part}"']
    lines.append(f'title = "Bench"\nstage = "design"\nstarted = {first}\nentered = {first}')
    for number in members:
        role, kind = ("lead" if number == 0 else "member"), ("lived", "practice", "research")[number % 3]
        lines.append(
            f'[[member]]\nkey = "m-{number}"\nname = "Person {number}"\nemail = "m-{number}-{part}@example.org"\n'
            f'role = "{role}"\nexpertise = ["{kind}"]\njoined = {first}'
        )
    for number in range(MEETINGS // part):
        lines.append(_meeting(number, first + timedelta(weeks=number), members))
    for number in range(DECISIONS // part):
        lines.append(_decision(number, first + timedelta(days=number % 7), members))
    agreed = ", ".join(f'{{ member = "m-{one}", on = {first} }}' for one in members)
    lines.append(
        f'[[document]]\ndocument = "ways_of_working.agreement"\n[[document.version]]\non = {first}\nby = "m-0"\n'
        f'text = "We knock, because doors are thin."\nagreed = [{agreed}]'
    )
    return "\n".join(lines)


def _decision(number: int, day: date, members: range) -> str:
    shared = ", ".join(f'"m-{one}"' for one in members if one % 5 == number % 5)
    return (
        f'[[entry]]\nregister = "decisions.decision"\nkey = "d-{number}"\nby = "m-0"\non = {day}\n[entry.values]\n'
        f'question = "Question {number}"\nmethod = "consensus"\nstands = "decided"\nshared_with = [{shared}]\n'
        f'outcome = "We do it."\ndecided_on = {day}'
    )


def _meeting(number: int, day: date, members: range) -> str:
    starts = datetime.combine(day, datetime.min.time()) + timedelta(hours=10)
    came = ", ".join(f'"m-{one}"' for one in members) if day < TODAY else ""
    jobs = "\n".join(f'{job} = "m-{(number + place) % len(members)}"' for place, job in enumerate(JOBS))
    return (
        f'[[entry]]\nregister = "meetings.meeting"\nkey = "m-{number}"\nby = "m-0"\non = {TODAY}\n[entry.values]\n'
        f'title = "Meeting {number}"\nstarts = "{starts:%Y-%m-%d %H:%M}"\nends = "{starts:%Y-%m-%d} 12:00"\n'
        'how = "both"\n'
        f'agenda_out = {TODAY}\nminutes = "{"We talked and drank tea. " * 20}"\ncame = [{came}]\n{jobs}'
    )
