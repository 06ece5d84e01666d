"""Who asks, and whether they may. Every route says what it needs; a test fails on one that does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, redirect, request, session, url_for

from govflow import clock
from govflow.domain.access import Viewer, may
from govflow.domain.people import MemberWithId
from govflow.domain.refusals import NotFound
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.auth import sessions
from govflow.services.base.actions import Actor, member_for
from govflow.services.base.snapshots.snapshot import current_snapshot
from govflow.services.base.visibility import limit_scope_for
from govflow.services.people import projects
from govflow.web.errors import return_form

View = Callable[..., Any]
ANYONE, SIGNED_IN, INVITED = "anyone", "signed in", "invited"
SESSION = "sid"
LONGEST_NEXT = 1_000


def load_person() -> None:
    """Find out who asks, from the session in the database; a session ended there is ended here."""
    g.person, g.session, g.looks_after = None, None, False
    if request.endpoint == "static" or request.blueprint == "api":  # the API looks at tokens, never at a cookie
        return
    token = session.get(SESSION)
    if token:
        g.session = sessions.signed_in(token)
        if g.session is None:
            session.pop(SESSION)
        else:
            g.person = g.session.person
            sessions.touch_session(token, g.session)
            g.looks_after = limit_scope_for(g.person.id, today=today())
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in request.path):
        abort(404)  # no name of ours has such a letter, and PostgreSQL refuses to look for one


def today() -> date:
    return clock.today(current_app.config["GOVFLOW"].today)


def row_id(given: str | None) -> int | None:
    """The number of a row from a form or an address, or None where it can be none."""
    text = given or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def by() -> Actor:
    return Actor(g.person.id, strong=g.session.strong)


def anyone(view: View) -> View:
    """A page for everybody, signed in or not."""
    view.access = ANYONE  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """A page for anybody who is signed in; it shows each person their own."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs) if g.person else ask_to_sign_in()

    run.access = SIGNED_IN  # type: ignore[attr-defined]
    return run


@dataclass
class ProjectView:
    """One project as the person who asks may see it."""

    project: Any
    actor: Viewer
    today: date

    @cached_property
    def snapshot(self) -> ProjectSnapshot:
        return current_snapshot(self.project, today=self.today)

    @cached_property
    def me(self) -> MemberWithId | None:
        return member_for(self.snapshot, g.person.id)

    @property
    def key(self) -> str | None:
        return self.me.key if self.me else None

    def may(self, action: str) -> bool:
        return may(self.actor, action)


def in_project(action: str) -> Callable[[View], View]:
    """A page inside a project, for those whom access.md lets do `action`. To everybody else it is not there."""

    def declare(view: View) -> View:
        @wraps(view)
        def run(slug: str, **kwargs: Any) -> Any:
            if not g.person:
                return ask_to_sign_in()
            try:
                project, actor, terms = projects.project_seen_by(slug, g.person.id, today=today())
            except NotFound:
                abort(404)
            if not may(actor, "see project"):
                abort(404)
            if not may(actor, action):
                abort(403)
            g.terms = terms  # only now: a page that is not there says nothing in anybody's words
            return view(ProjectView(project=project, actor=actor, today=today()), **kwargs)

        run.access = action  # type: ignore[attr-defined]
        return run

    return declare


def ask_to_sign_in() -> Any:
    """A page asked for comes after signing in; a form that was posted comes back with everything that was typed."""
    if request.method == "POST":
        return return_form("You were signed out before this was sent.", 401, sign_in=True)
    come_back_here()
    return redirect(url_for("auth.ask_for_link"))


def come_back_here() -> None:
    """Remember which page was asked for, while something else has to be done first."""
    wanted = local_path(request.full_path if request.query_string else request.path)
    session["next"] = wanted if len(wanted) <= LONGEST_NEXT else "/"  # a cookie holds 4 KB in all


def go_to_what_was_asked(otherwise: str = "/") -> Any:
    """On to the page that was asked for before."""
    return redirect(local_path(session.pop("next", otherwise)))


def local_path(path: str) -> str:
    """A path on this site, or the start page: never a way to somewhere else."""
    try:
        parts = urlsplit(path.replace("\\", "/"))
    except ValueError:
        return "/"
    plain = all(32 < ord(letter) < 127 for letter in path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")) or not plain:
        return "/"
    return path
