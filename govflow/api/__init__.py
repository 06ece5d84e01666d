"""JSON over HTTP: the same services as the pages, the same permissions, for programs that hold a token."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException

from govflow.api import projects  # its views put themselves on the blueprint
from govflow.api.blueprint import PREFIX, bp
from govflow.api.problems import problem, problem_of
from govflow.api.request_values import today
from govflow.domain.refusals import Refused
from govflow.extensions import add_limits, bearer
from govflow.services.auth.tokens import use_token
from govflow.services.base.context import end_reading

log = logging.getLogger("govflow.api")
LIMIT = "300 per minute"


def add_api(app: Flask, *, redis_url: str) -> None:
    """Put the API on the app. Its limits are counted in Redis, and in this process while Redis is away."""
    app.register_blueprint(bp)
    add_limits(app, bp, LIMIT, redis_url=redis_url)


@bp.before_request
def _who_asks() -> Response | None:
    """The token alone says who asks; a cookie of the pages is worth nothing here."""
    g.person = g.session = g.token = None
    if getattr(current_app.view_functions.get(request.endpoint or ""), "needs_no_token", False):
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


@bp.errorhandler(Exception)
def _refused(error: Exception) -> Response:
    end_reading()
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


__all__ = ["PREFIX", "add_api", "projects"]
