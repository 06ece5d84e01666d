"""`./dev bench`: how fast, as ratios against a floor measured in the same run. Absolute figures are for context only.

Each line: what, size, median ms of ours, median ms of the floor, ratio. Rounds are interleaved, so that a slow
moment of the machine meets both. Nothing here is a test; nothing here fails on a slow machine.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, render_template_string
from flask_migrate import upgrade
from sqlalchemy import event

from bench import evidence, growth, history, letters, meetings, money, over_a_socket, plugins, sign_in, votes
from bench.report import tell, write_page
from govflow import clock
from govflow.app import create_app
from govflow.services.auth.sign_in_links import operator_link, use_link
from govflow.services.project_file import import_project
from govflow.settings import load_settings
from govflow.store import Person, db

TODAY = clock.today(None)
DEMO = Path(__file__).parent.parent / "govflow" / "demo"


def rounds(ours: Callable[[], object], floor: Callable[[], object], count: int = 15) -> tuple[float, float, float]:
    """Median ms of both, and the median of the ratios round by round."""
    ours(), floor()
    mine, bare, ratios = [], [], []
    for _ in range(count):
        a, b = timed(ours), timed(floor)
        mine.append(a)
        bare.append(b)
        ratios.append(a / b)
    return statistics.median(mine), statistics.median(bare), statistics.median(ratios)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def fresh_app(folder: str) -> Flask:
    settings = load_settings(instance=Path(folder), environ={"GOVFLOW_DEMO": "1"})
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        upgrade()
    return app


def statements(work: Callable[[], object]) -> int:
    count = 0

    def one(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", one)
    work()
    event.remove(db.engine, "before_cursor_execute", one)
    return count


FLOOR_PAGE = """<!doctype html><title>floor</title><ul>{% for row in rows %}<li><h4>{{ row.title }}</h4>
<p>{{ row.sentence }}</p><p>{{ row.due }}</p><p>{{ row.who }}</p></li>{% endfor %}</ul>"""


def grown(data: str, members: int) -> str:
    """PARTNERS2 with more members, each inducted."""
    more = []
    for number in range(members):
        key = f"more-{number}"
        more.append(
            f"""
[[member]]
key = "{key}"
name = "More Person{number}"
email = "{key}@example.org"
expertise = ["lived"]
joined = 2015-01-10
[[evidence]]
check = "induction.welcomed"
about = "{key}"
by = "{key}"
on = 2015-01-20
[evidence.answers]
agreed = true
"""
        )
    return data.replace('slug = "partners2"', f'slug = "partners2-{members}"') + "\n" + "\n".join(more)


def gate_page(app: Flask) -> None:
    data = (DEMO / "partners2.toml").read_text("utf-8")
    floor_app = Flask("floor")

    @floor_app.get("/<int:rows>")
    def floor(rows: int) -> str:
        row = {"title": "Title", "sentence": "A sentence of usual length stands here.", "due": "3 May", "who": "Sam"}
        return render_template_string(FLOOR_PAGE, rows=[row] * rows)

    def measure(members: int) -> None:
        with app.app_context():
            made = import_project(grown(data, members).encode(), today=TODAY, to_present=True)
            lead = db.session.scalar(db.select(Person).where(Person.email == "lead-1@example.org"))
            session = use_link(operator_link(lead.id), device="bench", today=TODAY)
        client, bare = app.test_client(), floor_app.test_client()
        with client.session_transaction() as cookie:
            cookie["sid"] = session
        path = f"/projects/{made['slug']}/gate"
        assert client.get(path).status_code == 200
        with app.app_context():
            count = statements(lambda: client.get(path))
        rows = made["members"] + 6
        mine, floor_ms, ratio = rounds(lambda: client.get(path), lambda: bare.get(f"/{rows}"))
        what = "gate page / bare Flask + Jinja page with as many rows"
        tell(what, f"{made['members']} members", mine, floor_ms, ratio, sql=count)

    for members in (0, 225):
        measure(members)


def main() -> None:
    import logging

    logging.disable(logging.CRITICAL)
    wanted = sys.argv[1:]
    if not wanted or "gate_page" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            gate_page(fresh_app(folder))
    if not wanted or "sweep" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            letters.scan(fresh_app(folder), rounds, tell)
    if not wanted or "letters" in wanted:
        letters.posting(tell)
    if not wanted or "sign_in" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            sign_in.asking(fresh_app(folder), rounds, tell)
    if not wanted or "votes" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            votes.voting(fresh_app(folder), rounds, tell)
    if not wanted or "history" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            history.history(fresh_app(folder), rounds, tell)
    if not wanted or "rota" in wanted:
        meetings.rota(rounds, tell)
    if not wanted or "meetings" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            meetings.pages(fresh_app(folder), rounds, tell)
    if not wanted or "money" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            money.pages(fresh_app(folder), rounds, tell)
    if not wanted or "evidence" in wanted:
        with tempfile.TemporaryDirectory() as folder:
            evidence.pdf(fresh_app(folder), rounds, tell)
    for part in (plugins.judging, plugins.starting):
        if not wanted or part.__name__ in wanted:
            part(rounds, tell)
    if not wanted or "pages" in wanted:
        over_a_socket.pages(tell)
    if not wanted or "growth" in wanted:
        growth.pages(timed, tell)
    if not wanted or "again" in wanted:
        growth.looked_at_again(timed, tell)
    if not wanted or "write" in wanted:
        write_page()


if __name__ == "__main__":
    main()
