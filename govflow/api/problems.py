"""Errors as RFC 9457 problem documents: a status, a title, and the sentence a person reads."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, json

from govflow.domain.refusals import ConfirmFirst, GateHeld, Invalid, Moved, NotAllowed, NotFound, Refused

STATUS: dict[type[Refused], int] = {
    NotFound: 404,
    NotAllowed: 403,
    ConfirmFirst: 403,
    Invalid: 422,
    GateHeld: 409,
    Moved: 409,
    Refused: 409,
}


def problem(status: int, detail: str, **more: Any) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    # In plain letters: what was sent, and is named here, may hold halves of letters that cannot be written otherwise.
    return Response(json.dumps(body, ensure_ascii=True), status=status, mimetype="application/problem+json")


def problem_of(refusal: Refused) -> Response:
    """A refusal as a problem; `errors` names each field, `holding` says what holds a gate."""
    status = next(status for kind, status in STATUS.items() if isinstance(refusal, kind))
    if status == 404:
        return problem(404, "There is no such thing, or not one this token may see.")
    more: dict[str, Any] = {}
    if isinstance(refusal, Invalid):
        more["errors"] = refusal.problems
    if isinstance(refusal, GateHeld):
        more["holding"] = refusal.holding
    return problem(status, str(refusal), **more)
