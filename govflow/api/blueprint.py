"""What the views of the API put themselves on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from govflow.extensions import csrf

PREFIX = "/api/v1"
bp = Blueprint("api", __name__, url_prefix=PREFIX)
csrf.exempt(bp)  # a token stands in its place


def needs_no_token(view: Callable[..., Any]) -> Callable[..., Any]:
    """What anybody may ask for."""
    view.needs_no_token = True  # type: ignore[attr-defined]
    return view
