"""A small project in bid: everything is there but the welcome of one person, and the talk about how it is going."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

from datetime import date, timedelta

import govflow_stress_test

from tests.support.factories import a_file, person, toml

TODAY = date(2026, 3, 2)
BEGAN, JOINED = TODAY - timedelta(days=30), TODAY - timedelta(days=20)
PEOPLE = {
    "lead-1": person("lead-1", "research", role="lead", joined=BEGAN),
    "lived-1": person("lived-1", "lived", joined=BEGAN),
    "practice-1": person("practice-1", "practice", joined=BEGAN),
    "research-1": person("research-1", "research", joined=BEGAN),
    "lived-2": person("lived-2", "lived", joined=JOINED, invited_by="lead-1"),
}


def file() -> bytes:
    asked = [
        question.name
        for question in govflow_stress_test.EVIDENCE
        if "bid" in question.stages and question.unless_given != "inductions"
    ]
    evidence = [
        {"check": "induction.welcomed", "about": key, "by": key, "on": BEGAN, "answers": {"agreed": True}}
        for key in PEOPLE if key != "lived-2"
    ]  # fmt: skip
    evidence.append({
        "check": "stress_test.evidence", "by": "lived-1", "on": BEGAN, "answers": dict.fromkeys(asked, "Told by phone."),
    })  # fmt: skip
    return toml(a_file(members=list(PEOPLE.values()), evidence=evidence, entered=BEGAN, started=BEGAN))
