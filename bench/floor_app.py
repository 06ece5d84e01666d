"""The floor: bare Flask and Flask-SQLAlchemy, one page of fifty overdue rows for whoever is signed in.

Its model is `anchors/performance.md` §2, `floor /session`: who asks is looked up, fifty rows with their project and
owner are joined in, Jinja draws a table. It knows no plugins, no permissions and no other page.
"""

from __future__ import annotations

import gc
import os
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask, abort, render_template_string, session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

TODAY = datetime.now(UTC).date()
PROJECTS, CHECKS, OWNERS = 1_000, 20, 200


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class User(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class Study(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    owner_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    owner: Mapped[User] = relationship()


class Check(db.Model):  # type: ignore[name-defined, misc]
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    sentence: Mapped[str] = mapped_column(String(300))
    due_on: Mapped[date]
    open: Mapped[bool]
    study_id: Mapped[int] = mapped_column(ForeignKey(Study.id), index=True)
    study: Mapped[Study] = relationship()
    __table_args__ = (Index("ix_due", "open", "due_on"),)


PAGE = """<!doctype html><html lang="en"><head><title>Overdue</title></head><body><h1>Overdue, {{ me.name }}</h1>
<table>{% for check in checks %}<tr><td><a href="/checks/{{ check.id }}">{{ check.title }}</a></td>
<td>{{ check.study.title }}</td><td>{{ check.study.owner.name }}</td><td>{{ check.sentence }}</td>
<td>{{ check.due_on.strftime("%d %B %Y") }}</td></tr>{% endfor %}</table></body></html>"""


def create_app() -> Flask:
    app = Flask("floor")
    app.config.update(SECRET_KEY="floor", SQLALCHEMY_DATABASE_URI=os.environ["FLOOR_DATABASE_URL"])
    db.init_app(app)

    @app.get("/in/<int:user>")
    def sign_in(user: int) -> str:
        session["user"] = user
        return "in"

    @app.get("/session")
    def overdue() -> Any:
        me = db.session.get(User, session.get("user", 0)) or abort(403)
        checks = db.session.scalars(
            db.select(Check)
            .where(Check.open, Check.due_on < TODAY)
            .order_by(Check.due_on, Check.id)
            .limit(50)
            .options(joinedload(Check.study).joinedload(Study.owner))
        )
        return render_template_string(PAGE, me=me, checks=checks.all())

    return app


def fill() -> None:
    """The floor's tables and rows; a tenth of the checks are overdue."""
    with create_app().app_context():
        db.create_all()
        db.session.execute(db.insert(User), [{"id": n + 1, "name": f"Owner {n}"} for n in range(OWNERS)])
        studies = [{"id": n + 1, "title": f"Study {n}", "owner_id": n % OWNERS + 1} for n in range(PROJECTS)]
        db.session.execute(db.insert(Study), studies)
        checks = [
            {
                "title": f"Check {n}",
                "sentence": "This has not been said yet, and it is asked for before the next stage.",
                "due_on": TODAY + timedelta(days=n % 300 - 30),
                "open": n % 10 == 0,
                "study_id": n % PROJECTS + 1,
            }
            for n in range(PROJECTS * CHECKS)
        ]
        db.session.execute(db.insert(Check), checks)
        db.session.commit()


def post_worker_init(worker: Any) -> None:
    """For gunicorn: what was loaded stays, as ours does."""
    gc.collect()
    gc.freeze()
