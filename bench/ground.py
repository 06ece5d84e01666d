"""The ground the pages are measured on: a thousand projects, ten members each, two hundred leads with five each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from govflow import clock
from govflow.services.project_file import import_project
from govflow.store import Base, FindingRow, MemberRow, Person, Project, VisitRow, db
from govflow.store.projects import new_stamp

TODAY = clock.today(None)
STARTED = TODAY - timedelta(days=200)
MEMBERS, LEADS = 10, 200


def make_projects(count: int) -> None:
    """One project made as people make it, and the rest as its copies; every tenth is late, the others are not yet due.

    The lead of the first is `lead-0@example.org`, and of every `LEADS`-th after it.
    """
    import_project(_file().encode(), today=TODAY, keep_dates=True)
    first = db.session.scalars(select(Project).where(Project.slug == "p-0")).one()
    people = _people(count)
    members = _rows(MemberRow, first.id)
    findings = _rows(FindingRow, first.id)
    due = {True: TODAY - timedelta(days=3), False: TODAY + timedelta(days=30)}
    own = {column.key: getattr(first, column.key) for column in Project.__mapper__.column_attrs}
    for start in range(1, count, 100):
        numbers = range(start, min(count, start + 100))
        copies = [{**own, "slug": f"p-{n}", "title": f"Project {n}", "stamp": new_stamp()} for n in numbers]
        for copy in copies:
            copy.pop("id")
        ids = db.session.scalars(insert(Project).returning(Project.id, sort_by_parameter_order=True), copies).all()
        visits, seats, found = [], [], []
        for number, id_ in zip(numbers, ids, strict=True):
            visits += [{**row, "project_id": id_} for row in _rows(VisitRow, first.id)]
            for place, row in enumerate(members):
                seats.append({**row, "project_id": id_, "person_id": people[number][place]})
            late = number % 10 == 0
            for row in findings:
                dates = {"due_on": due[late], "tell_from": due[late]} if row["open"] else {}
                found.append({**row, "project_id": id_, **dates})
        for table, rows in ((VisitRow, visits), (MemberRow, seats), (FindingRow, found)):
            db.session.execute(insert(table), rows)
        db.session.commit()


def _rows(table: type[Base], project_id: int) -> list[dict[str, Any]]:
    names = [column.key for column in table.__mapper__.column_attrs if column.key != "id"]
    rows = db.session.scalars(select(table).where(table.project_id == project_id))  # type: ignore[attr-defined]
    return [{name: getattr(row, name) for name in names} for row in rows]


def _people(count: int) -> list[list[int]]:
    """For each project the ids of its people, the lead first."""
    lead = db.session.scalar(select(Person.id).where(Person.email == "lead-0@example.org"))
    new = [{"name": f"Lead {n}", "email": f"lead-{n}@example.org"} for n in range(1, min(LEADS, count))]
    new += [{"name": f"Person {n}", "email": f"person-{n}@example.org"} for n in range(count * (MEMBERS - 1))]
    ids = db.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), new).all()
    db.session.commit()
    leads, others = [lead, *ids[: min(LEADS, count) - 1]], ids[min(LEADS, count) - 1 :]
    size = MEMBERS - 1
    return [[leads[n % LEADS], *others[n * size : (n + 1) * size]] for n in range(count)]


def _file() -> str:
    lines = [
        'govflow = 1\n[organisation]\nslug = "bench"\nname = "Bench"\n[project]\nslug = "p-0"\ntitle = "Project 0"',
        f'stage = "design"\nstarted = {STARTED}\nentered = {STARTED}',
    ]
    for number in range(MEMBERS):
        key = f"m-{number}" if number else "lead-0"
        kind = ("lived", "practice", "research")[number % 3]
        lines.append(
            f'[[member]]\nkey = "{key}"\nname = "Person {number}"\nemail = "{key}@example.org"\n'
            f'role = "{"member" if number else "lead"}"\nexpertise = ["{kind}"]\njoined = {STARTED}'
        )
    return "\n".join(lines)
