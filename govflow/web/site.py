"""Pages that belong to nobody: help, promises, health, the demo's mail."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from govflow.domain import promises
from govflow.mail.demo import posted
from govflow.services.base.context import context
from govflow.services.health import database_ready
from govflow.services.mail.health import health, late_letters_lately
from govflow.web.access import anyone, today

bp = Blueprint("site", __name__)


def what_every_page_knows() -> dict[str, Any]:
    """Worked out for every field too, which is a template of its own: so a page alone asks for late letters."""
    late = late_letters_lately if g.get("looks_after") else str
    return {"person": g.get("person"), "demo": current_app.config["GOVFLOW"].demo, "late_letters": late}


@bp.get("/help")
@anyone
def help_page() -> Any:
    return render_template("site/help.html")


@bp.get("/accessibility")
@anyone
def accessibility() -> Any:
    return render_template("site/accessibility.html")


@bp.get("/promises")
@anyone
def promises_page() -> Any:
    return render_template("site/promises.html", promises=promises)


@bp.get("/healthz")
@anyone
def healthz() -> Any:
    return Response("alive\n", mimetype="text/plain")


@bp.get("/readyz")
@anyone
def readyz() -> Any:
    problem = database_ready(current_app.extensions["migrate"].directory)
    return Response(f"{problem or 'ready'}\n", status=503 if problem else 200, mimetype="text/plain")


@bp.get("/metrics")
@anyone
def metrics() -> Any:
    token = current_app.config["GOVFLOW"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    registry = CollectorRegistry()
    found = health(today=today())
    for name, what, value in (
        ("letters_owed", "Letters that are still to be posted", found.owed),
        ("letter_oldest_owed_seconds", "How long the oldest of them has waited", found.oldest or 0),
        ("letters_sent", "Letters that were posted, as far as they are remembered", found.sent),
        ("letters_failed", "Letters that could not be posted at all", found.failed),
        ("letters_to_tell", "Letters that somebody is to tell by phone or post", found.to_tell),
        ("sweep_seconds", "How long the last sweep took, all organisations together", found.sweep_seconds),
        ("look_agains_due", "Projects whose findings are to be judged again", found.look_agains),
        ("mail_servers_away", "Mail servers that do not answer", found.hosts_away),
    ):
        Gauge(f"govflow_{name}", what, registry=registry).set(value)
    failed = context().failed_jobs()
    if failed is not None:
        Gauge("govflow_jobs_failed", "Jobs of the workers that went wrong in the last day", registry=registry).set(
            failed
        )
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


@bp.get("/mail")
@anyone
def demo_mail() -> Any:
    settings = current_app.config["GOVFLOW"]
    if not settings.demo or settings.mail_url or request.remote_addr not in ("127.0.0.1", "::1"):
        abort(404)
    return render_template("site/demo_mail.html", letters=posted(settings.instance / "mail"))
