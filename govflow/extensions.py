"""Guards that views name for themselves: of forms that are sent, and of how often one may ask."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, request
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

View = Callable[..., Any]
csrf = CSRFProtect()


def limit(often: str, *, key_func: Callable[[], str]) -> Callable[[View], View]:
    """How often this view may be asked for, counted by what `key_func` says of the request."""

    def declare(view: View) -> View:
        view.limit = (often, key_func)  # type: ignore[attr-defined]
        return view

    return declare


def add_limits(app: Flask, programs: Blueprint, often: str, *, redis_url: str) -> None:
    """Hold every view to its limit, and each token to one. Counted in Redis, and in this process while it is away."""
    limiter = Limiter(
        key_func=lambda: digest_of(bearer() or request.remote_addr or ""),
        storage_uri=redis_url.replace("unix://", "redis+unix://") or "memory://",
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
        headers_enabled=True,
        key_prefix="govflow-api",
    )
    limiter.init_app(app)
    limiter.limit(often)(programs)
    for endpoint, view in app.view_functions.items():
        if hasattr(view, "limit"):
            of_this_view, key_func = view.limit
            limited = limiter.limit(of_this_view, key_func=key_func)(view)
            app.view_functions[endpoint] = limited  # type: ignore[assignment]


def bearer() -> str:
    """The token a program sends, or nothing."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def digest_of(text: str) -> str:
    """What a limit counts by: no token stands in Redis."""
    return hashlib.sha256(text.encode()).hexdigest()
