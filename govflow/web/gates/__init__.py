"""The gate: its page, each check's page, signing off, waivers, the evidence pack, gates of before."""

from __future__ import annotations

from govflow.web.gates import check, evidence_pack, gate, past_visits, sign_off, waivers  # views, on the blueprint
from govflow.web.gates.blueprint import bp

__all__ = ["bp", "check", "evidence_pack", "gate", "past_visits", "sign_off", "waivers"]
