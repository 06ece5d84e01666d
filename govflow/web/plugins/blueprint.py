"""What the views of this topic put themselves on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("plugins", __name__)
