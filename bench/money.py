"""What 10,000 claims cost: each page of payments and of the budget, against the same project with 100."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from govflow import clock
from govflow.services.auth.sign_in_links import operator_link, use_link
from govflow.services.base.actions import Actor
from govflow.services.people.projects import find_project
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.services.registers import registers
from govflow.store import EntryRow, EntryVersion, MemberRow, Person, Project, db, now

CLAIMS, FEWER, MEMBERS, WAITING = 10_000, 100, 30, 20
TODAY = clock.today(None)
FIRST = TODAY - timedelta(days=400)
OF_MEMBER = ("", "/gate", "/payments/my_claim", "/payments/own", "/payments/claim", "/budget/overview")
OF_PAYER = ("/payments/pay", "/payments/offers", "/payments/claim", "/payments/paid", "/gate/payments.in_time")


def pages(app: Flask, rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    for claims in (CLAIMS, FEWER):
        _project(app, claims)
    for who, paths in (("m-2", OF_MEMBER), ("m-1", OF_PAYER)):
        large, small = (_client(app, f"{who}-{claims}@example.org") for claims in (CLAIMS, FEWER))
        for path in paths:
            urls = [f"/projects/p-{claims}{path}" for claims in (CLAIMS, FEWER)]
            assert large.get(urls[0]).status_code == small.get(urls[1]).status_code == 200, path
            mine = rounds(
                lambda urls=urls, large=large: large.get(urls[0]), lambda urls=urls, small=small: small.get(urls[1])
            )
            role = "payer" if who == "m-1" else "member"
            tell(f"{path or '/projects/…'} of a {role}: {CLAIMS:,} claims / {FEWER}", "page", *mine)
    tell(f"sending a claim where there are {CLAIMS:,} / {FEWER}", "write", *rounds(*_sending(app), 5))


def _sending(app: Flask) -> list[Callable[[], object]]:
    numbers = iter(range(1_000_000))

    def send(claims: int) -> object:
        with app.app_context():
            project = find_project(f"p-{claims}")
            member = db.session.scalar(
                db.select(MemberRow).where(MemberRow.project_id == project.id, MemberRow.key == "m-2")
            )
            given = {"person": "m-2", "task": f"More {next(numbers)}", "day": TODAY.isoformat(), "amount": "27.50"}
            registers.add(
                project.id, register_id="payments.claim", given=given, by=Actor(member.person_id), today=TODAY
            )
            db.session.remove()
            return None

    return [lambda: send(CLAIMS), lambda: send(FEWER)]


def _client(app: Flask, email: str) -> FlaskClient:
    with app.app_context():
        person = db.session.scalar(db.select(Person).where(Person.email == email))
        session = use_link(operator_link(person.id), device="bench", today=TODAY)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = session
    return client


def _project(app: Flask, claims: int) -> None:
    """All but the last few claims are paid. Lines are put into the store by hand: a file holds no 20,000 of them."""
    with app.app_context():
        import_project(_file(claims).encode(), today=TODAY, keep_dates=True)
        for plugin in ("payments", "budget"):
            switch(organisation=f"bench-{claims}", plugin=plugin, on=True, by=None, today=TODAY)
        project = db.session.scalar(db.select(Project).where(Project.slug == f"p-{claims}"))
        ids = dict(
            db.session.execute(db.select(MemberRow.key, MemberRow.id).where(MemberRow.project_id == project.id)).all()
        )
        for number in range(claims):
            person, day = f"m-{2 + number % (MEMBERS - 2)}", FIRST + timedelta(days=number % 380)
            facts = {"person": person, "amount": "27.50", "expenses": "3.00"}
            values = {**facts, "task": f"Task {number}", "day": day.isoformat(), "number": str(number)}
            _line(project, "payments.claim", f"task-{number}", ids[person], values)
            if number < claims - WAITING:
                paid = {**facts, "claim": f"task-{number}", "paid_on": day.isoformat(), "how": "bank"}
                _line(project, "payments.paid", f"paid-{number}", ids["m-1"], paid)
        project.version += 1
        db.session.commit()


def _line(project: Project, register: str, key: str, member: int, values: dict[str, str]) -> None:
    row = EntryRow(project_id=project.id, register=register, key=key)
    db.session.add(row)
    db.session.flush()
    db.session.add(EntryVersion(entry_id=row.id, number=1, values=values, member_id=member, on=TODAY, at=now()))


def _file(claims: int) -> str:
    lines = [f'govflow = 1\n[organisation]\nslug = "bench-{claims}"\nname = "Bench"\n[project]\nslug = "p-{claims}"']
    lines.append(f'title = "Bench"\nstage = "design"\nstarted = {FIRST}\nentered = {FIRST}')
    for number in range(MEMBERS):
        role = {0: "lead", 1: "finance"}.get(number, "member")
        lines.append(
            f'[[member]]\nkey = "m-{number}"\nname = "Person {number}"\nemail = "m-{number}-{claims}@example.org"\n'
            f'role = "{role}"\nexpertise = ["lived"]\njoined = {FIRST}'
        )
    for number in range(40):
        lines.append(
            f'[[entry]]\nregister = "budget.line"\nkey = "l-{number}"\nby = "m-0"\non = {FIRST}\n[entry.values]\n'
            f'what = "Line {number}"\nkind = "lived"\nstage = "design"\nplanned = "100"'
        )
    return "\n".join(lines)
