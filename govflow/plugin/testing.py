"""Help for testing a plugin: build a case by hand, judge it, hold a plugin to the door's promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from govflow.domain.checks import Case, Check, Entry, Evidence, Finding, ProjectFacts, Round, Visit, find
from govflow.domain.lifecycle import RESEARCH, Lifecycle
from govflow.domain.people import Member

TODAY = date(2026, 3, 2)


def make_member(key: str = "lead-1", **facts: Any) -> Member:
    """A member who joined on 1 January 2026; name and everything else can be given."""
    facts.setdefault("name", key.replace("-", " ").title())
    facts.setdefault("joined", date(2026, 1, 1))
    return Member(key=key, **facts)


def make_case(
    *,
    stage: str = "bid",
    today: date = TODAY,
    entered: date | None = None,
    members: Sequence[Member] = (),
    subject: Member | Entry | None = None,
    answers: Mapping[str, Any] | None = None,
    by: str | None = "lead-1",
    on: date | None = None,
    registers: Mapping[str, Sequence[Entry]] | None = None,
    polls: Mapping[str, Sequence[Round]] | None = None,
    given: Sequence[str] = (),
    config: Any = None,
    lifecycle: Lifecycle = RESEARCH,
    **project: Any,
) -> Case:
    """A case as the core would hand it to a judge. Days are `date`s; what is left out is empty."""
    entered = entered or today - timedelta(days=30)
    members = tuple(members) or (make_member("lead-1", role="lead"),)
    facts = ProjectFacts(slug="example", title="Example", started=project.pop("started", entered), **project)
    evidence = Evidence(answers, by=by, on=on or today, visit=1) if answers else Evidence()
    return Case(
        project=facts,
        lifecycle=lifecycle,
        stage=lifecycle.stage(stage),
        visit=Visit(number=1, stage=stage, entered=entered),
        today=today,
        subject=subject,
        members=tuple(one for one in members if one.here_on(today)),
        left=tuple(one for one in members if not one.here_on(today)),
        evidence=evidence,
        registers={name: tuple(rows) for name, rows in (registers or {}).items()},
        polls={name: tuple(rounds) for name, rounds in (polls or {}).items()},
        given=frozenset(given),
        config=config,
    )


def judged(check: Check, case: Case) -> Finding:
    """What the check says, judged as the core judges it: whatever goes wrong is *broken*."""
    return find(check, case)
