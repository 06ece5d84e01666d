"""What the evidence pack of PARTNERS2 costs as a PDF, against the same pack as a page. The limit is three seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from govflow import clock
from govflow.services.auth.sign_in_links import operator_link, use_link
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.store import Person, db

PARTNERS2 = Path(__file__).parent.parent / "govflow" / "demo" / "partners2.toml"
TODAY = clock.today(None)


def pdf(app: Flask, rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    with app.app_context():
        made = import_project(PARTNERS2.read_bytes(), today=TODAY, to_present=True)
        for plugin in ("impact", "budget", "modifications"):
            switch(organisation="mcpin", plugin=plugin, on=True, by=None, today=TODAY)
        lead = db.session.scalar(db.select(Person).where(Person.email == "lead-1@example.org"))
        session = use_link(operator_link(lead.id), device="bench", today=TODAY)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = session
    path = f"/projects/{made['slug']}/evidence"
    assert client.get(f"{path}.pdf").data.startswith(b"%PDF")
    mine = rounds(lambda: client.get(f"{path}.pdf"), lambda: client.get(path))
    tell("evidence pack of PARTNERS2: as a PDF / as a page (limit 3,000 ms)", f"{made['members']} members", *mine)
