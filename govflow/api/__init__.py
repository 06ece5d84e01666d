"""JSON over HTTP: the same services as the pages, the same permissions, for programs that hold a token."""

from __future__ import annotations

import hashlib
import logging

from flask import Blueprint, Flask, Response, g, request
from flask_limiter import Limiter
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from govflow.api import projects
from govflow.api.problems import problem, problem_of
from govflow.api.reading import bearer, today
from govflow.domain.refusals import Refused
from govflow.services.auth.tokens import use_token
from govflow.services.base.context import forget_unsaved

log = logging.getLogger("govflow.api")
PREFIX = "/api/v1"
OPEN = ("api.openapi",)
LIMIT = "300 per minute"
FEED, FEED_LIMIT = "pages.calendar_feed", "240 per hour"


def add_api(app: Flask, *, redis_url: str) -> None:
    """Put the API on the app. Its limits are counted in Redis, and in this process while Redis is away."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    projects.add_routes(api)
    api.before_request(_who_asks)
    api.register_error_handler(Exception, _refused)
    app.register_blueprint(api)
    csrf: CSRFProtect = app.extensions["csrf"]
    csrf.exempt(api)
    limiter = Limiter(
        key_func=lambda: hashlib.sha256((bearer() or request.remote_addr or "").encode()).hexdigest(),
        storage_uri=redis_url.replace("unix://", "redis+unix://") or "memory://",
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
        headers_enabled=True,
        key_prefix="govflow-api",
    )
    limiter.init_app(app)
    limiter.limit(LIMIT)(api)
    feed = app.view_functions[FEED]
    app.view_functions[FEED] = limiter.limit(FEED_LIMIT, key_func=_which_feed)(feed)  # type: ignore[assignment]


def _which_feed() -> str:
    return hashlib.sha256(str((request.view_args or {}).get("token")).encode()).hexdigest()


def _who_asks() -> Response | None:
    """The token alone says who asks; a cookie of the pages is worth nothing here."""
    g.person = g.session = g.token = None
    if request.endpoint in OPEN:
        return None
    given = bearer()
    g.token = use_token(given, today=today()) if given else None
    if g.token is None:
        answer = problem(401, "Send a token: Authorization: Bearer TOKEN. Whoever runs this service makes one for you.")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    g.person = g.token.person
    if request.method not in ("GET", "HEAD", "OPTIONS") and not g.token.writes:
        return problem(403, "This token reads only. Ask for one with the scope “write”.")
    return None


def _refused(error: Exception) -> Response:
    forget_unsaved()
    if isinstance(error, Refused):
        return problem_of(error)
    if isinstance(error, DataError):
        return problem(400, "Something in what was sent cannot be kept: a number that is too large, or an odd letter.")
    if isinstance(error, OperationalError):
        log.error("the database is away: %s", error)
        answer = problem(503, "The database is not answering just now. Try again in a minute.")
        answer.headers["Retry-After"] = "30"
        return answer
    if isinstance(error, HTTPException) and error.code:
        answer = problem(error.code, SENTENCES.get(error.code, error.description or "That cannot be done."))
        for name, value in error.get_headers():
            if name in ("Retry-After", "Allow"):
                answer.headers[name] = value
        return answer
    log.exception("unexpected: %s %s", request.method, request.url_rule)
    return problem(500, "Something went wrong on our side. Nothing was half kept.")


SENTENCES = {
    400: "The body must be one JSON object.",
    404: "There is no such thing, or not one this token may see.",
    405: "This cannot be done here. The document /api/v1/openapi.json says what can.",
    413: "That was too much at once.",
    415: "Send JSON, with Content-Type: application/json.",
    429: "That was asked for very often. Wait a minute, then go on.",
}


__all__ = ["PREFIX", "add_api"]
