"""What a request to the API says: its token, its day, its body."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app, g, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from govflow import clock
from govflow.domain.refusals import Invalid
from govflow.services.base.actions import Actor


def today() -> date:
    return clock.today(current_app.config["GOVFLOW"].today)


def by() -> Actor:
    """A token is never a second step: what needs one is done on the pages."""
    return Actor(g.person.id)


def body(*names: str) -> dict[str, Any]:
    """The JSON object that was sent. With `names`, a field of another name is refused."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        found = request.get_json(silent=True)
    except RecursionError:  # brackets in brackets in brackets
        raise BadRequest from None
    if not isinstance(found, dict):
        raise BadRequest
    unknown = {name: "There is no such field." for name in found if names and name not in names}
    if unknown:
        raise Invalid(f"Fields are: {', '.join(names)}.", unknown)
    return found


def text(given: dict[str, Any], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise Invalid(f"“{name}” is text.", {name: "This is text."})
    return value
