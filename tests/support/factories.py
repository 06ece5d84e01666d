"""Small projects and small plugins for tests, made the way a person would make them: from a project file."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import tomli_w
from flask import Flask
from sqlalchemy import func, select, text

from govflow.domain.gates.checks import Case, Check, Finding, Judgement, met, unmet
from govflow.domain.gates.gates import Gate
from govflow.domain.gates.overdue import Due
from govflow.domain.plugins.declarations import Declared
from govflow.domain.questions import Question
from govflow.plugin import hookimpl
from govflow.plugin_host.loader import ask_plugin, load_plugins
from govflow.services.base.actions import Actor
from govflow.services.base.findings import judge_now
from govflow.services.base.snapshots.cache import SnapshotCache
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates.current import gate_of
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.store import Base, MemberRow, Project, db
from tests.support.kept_projects import Same, made_once

TODAY = date(2026, 3, 2)
LONG_AGO = date(2026, 1, 1)
SHIPPED = tuple(
    folder.name.removeprefix("govflow-").replace("-", "_")
    for folder in sorted(Path(__file__).parents[2].glob("plugins/govflow-*"))
)
PRACTICES = tuple(set(SHIPPED) - {"stress_test", "induction", "outputs", "paid_authors", "lifecycles", "checklist"})
"""Plugins that the core is not tested with: each has journeys of its own, in tests/practices."""


def days(number: int) -> timedelta:
    return timedelta(days=number)


# --- project files ------------------------------------------------------------------------------------


def toml(given: Mapping[str, Any]) -> bytes:
    """A dictionary as TOML; what is None is left out."""
    return tomli_w.dumps(_without_none(given)).encode()


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(inside) for key, inside in value.items() if inside is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(inside) for inside in value]
    return value


def person(key: str, *expertise: str, role: str = "member", **facts: Any) -> dict[str, Any]:
    """One member of a project file; their key tells who they are."""
    return {
        "key": key,
        "name": key.replace("-", " ").title(),
        "email": f"{key}@example.org",
        "expertise": list(expertise),
        "role": role,
        "joined": LONG_AGO,
        **facts,
    }


LEAD = person("lead-1", "research", role="lead")
LIVED = person("lived-1", "lived")
PRACTICE = person("practice-1", "practice")
RESEARCH = person("research-1", "research")
FOUR = (LEAD, LIVED, PRACTICE, RESEARCH)


def a_file(
    *,
    stage: str = "bid",
    members: Sequence[Mapping[str, Any]] = FOUR,
    slug: str = "kettle",
    organisation: str = "hearth",
    entered: date = LONG_AGO,
    started: date = LONG_AGO,
    **more: Any,
) -> dict[str, Any]:
    """A project file as a dictionary. `visit`, `group`, `evidence` and `entry` are lists; the rest is [project]."""
    lists = {name: list(more.pop(name)) for name in ("visit", "group", "evidence", "entry", "document") if name in more}
    project = {
        "slug": slug,
        "title": "The Kettle Study",
        "stage": stage,
        "started": started,
        "entered": entered,
        **more,
    }
    return {
        "govflow": 1,
        "organisation": {"slug": organisation, "name": "Hearth"},
        "project": project,
        "member": [dict(member) for member in members],
        **lists,
    }


# --- projects -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A project in the database, and its people by key."""

    id: int
    slug: str

    @property
    def row(self) -> Project:
        return db.session.get_one(Project, self.id, populate_existing=True)

    def member(self, key: str) -> MemberRow:
        return db.session.execute(
            select(MemberRow).where(MemberRow.project_id == self.id, MemberRow.key == key)
        ).scalar_one()

    def by(self, key: str, *, operator: bool = False, strong: bool = False) -> Actor:
        return Actor(self.member(key).person_id, operator=operator, strong=strong)

    def gate(self, today: date = TODAY) -> Gate:
        return gate_of(load_snapshot(self.row, today=today))

    def finding(self, check: str, subject: str | None = None, *, today: date = TODAY) -> Finding:
        findings = judge_now(load_snapshot(self.row, today=today))
        return next(one for one in findings if one.place == (check, subject))


def a_project(
    app: Flask,
    *,
    today: date = TODAY,
    plugins: Mapping[str, object] | None = None,
    keep_dates: bool = True,
    **file: Any,
) -> Made:
    """A tiny project. With `plugins`, these and no others are installed and on; without, what is installed stays."""
    if plugins is not None:
        install(app, plugins)
    given = a_file(**file)
    content = toml(given)

    def make() -> str:
        slug = import_project(content, today=today, keep_dates=keep_dates)["slug"]
        for plugin in plugins or ():
            switch(organisation=given["organisation"]["slug"], plugin=plugin, on=True, by=None, today=today)
        return str(slug)

    installed = Same(app.extensions["govflow"].declared) if plugins is None else tuple(plugins.items())
    slug = made_once(app, (content, today, keep_dates, installed), make)
    return made(slug)


def made(slug: str) -> Made:
    return Made(db.session.execute(select(Project.id).where(Project.slug == slug)).scalar_one(), slug)


def rows(model: type[Base], **where: Any) -> list[Any]:
    """Every row of a table, the oldest first, as it stands in the database."""
    found = select(model).filter_by(**where).execution_options(populate_existing=True)
    return list(db.session.scalars(found.order_by(*model.__table__.primary_key.columns)))


def row_counts() -> dict[str, int]:
    """How many rows each table has: the same before and after whatever must write nothing."""
    db.session.rollback()
    counted = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return counted


def dump() -> str:
    """Everything the database holds, as text: what is not in here is kept nowhere."""
    return repr(
        [
            tuple(row)
            for table in Base.metadata.sorted_tables
            for row in db.session.execute(text(f'SELECT * FROM "{table.name}"'))
        ]
    )


# --- plugins ------------------------------------------------------------------------------------------


class Plugin:
    """A plugin written inside a test."""


def a_plugin(**declares: Any) -> Plugin:
    """`a_plugin(checks=[…], registers=[…], polls=[…], config=Settings)`: what it declares is what its hooks say."""
    made = Plugin()
    for name, declared in declares.items():
        setattr(made, f"register_{name}", hookimpl(lambda declared=declared: declared))
    return made


def declared(plugins: Mapping[str, object] | None = None, *, skip: Iterable[str] = SHIPPED) -> Declared:
    """What is installed, looked for once, and these plugins, each asked anew."""
    found = _installed(frozenset(skip), tuple(sys.path))
    try:
        asked = {slug: ask_plugin(slug, plugin) for slug, plugin in (plugins or {}).items()}
    except Exception:
        return load_plugins(extra=plugins, skip=skip)  # which keeps what is wrong with it
    if found.plugins.keys() & asked.keys():
        return load_plugins(extra=plugins, skip=skip)  # which says of two of one name which is used
    return dataclasses.replace(found, plugins={**found.plugins, **asked})


@functools.cache
def _installed(skip: frozenset[str], _path: tuple[str, ...]) -> Declared:
    return load_plugins(skip=skip)


def install(app: Flask, plugins: Mapping[str, object] | None = None, *, skip: Iterable[str] = SHIPPED) -> None:
    """From now on these plugins are installed, and none of the shipped ones unless `skip` says so."""
    house = app.extensions["govflow"]
    app.extensions["govflow"] = dataclasses.replace(
        house, declared=declared(plugins, skip=skip), snapshots=SnapshotCache()
    )


def done(case: Case) -> Judgement:
    """The simplest judge: met when somebody answered yes."""
    return met("The kettle is on.") if case.evidence.get("done") else unmet("The kettle is not on yet.")


def a_check(slug: str = "tea", **facts: Any) -> Check:
    """A check with one yes-or-no question, `done`; everything about it can be said otherwise."""
    facts = {
        "title": "Put the kettle on",
        "why": "People talk better over tea.",
        "judge": done,
        "questions": (Question(name="done", label="Is the kettle on?", kind="yes_no"),),
        **facts,
    }
    return Check(slug=slug, **facts)


def due_on_entry(number: int) -> Due:
    return Due(anchor="stage_entry", days=number)


TEA = a_plugin(checks=[a_check()])
"""A plugin with one holding check, `kitchen.tea` where it is installed as `kitchen`."""
NOTHING = a_plugin(checks=[])
