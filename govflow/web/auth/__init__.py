"""Signing in and out, one more step, and how I sign in."""

from __future__ import annotations

from govflow.web.auth import confirming, my_sign_in, sign_in  # their views put themselves on the blueprint
from govflow.web.auth.blueprint import bp

__all__ = ["bp", "confirming", "my_sign_in", "sign_in"]
