"""Pages that belong to nobody: help, promises, health, the demo's mail."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from govflow.demo_mail import posted
from govflow.domain import promises as promises_
from govflow.services.care import database_ready
from govflow.services.outbox import letters_owed
from govflow.web.access import anyone


def what_every_page_knows() -> dict[str, Any]:
    return {"person": g.get("person"), "demo": current_app.config["GOVFLOW"].demo}


def add_routes(pages: Blueprint) -> None:
    @pages.get("/help")
    @anyone
    def help_() -> Any:
        return render_template("help.html")

    @pages.get("/accessibility")
    @anyone
    def accessibility() -> Any:
        return render_template("accessibility.html")

    @pages.get("/promises")
    @anyone
    def promises() -> Any:
        return render_template("promises.html", promises=promises_)

    @pages.get("/healthz")
    @anyone
    def healthz() -> Any:
        return Response("alive\n", mimetype="text/plain")

    @pages.get("/readyz")
    @anyone
    def readyz() -> Any:
        problem = database_ready(current_app.extensions["migrate"].directory)
        return Response(f"{problem or 'ready'}\n", status=503 if problem else 200, mimetype="text/plain")

    @pages.get("/metrics")
    @anyone
    def metrics() -> Any:
        token = current_app.config["GOVFLOW"].metrics_token
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            abort(404)
        registry = CollectorRegistry()
        Gauge("govflow_letters_owed", "Letters that are still to be posted", registry=registry).set(letters_owed())
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    @pages.get("/mail")
    @anyone
    def mail() -> Any:
        settings = current_app.config["GOVFLOW"]
        if not settings.demo or settings.mail_url or request.remote_addr not in ("127.0.0.1", "::1"):
            abort(404)
        return render_template("mail.html", letters=posted(settings.instance / "mail"))
