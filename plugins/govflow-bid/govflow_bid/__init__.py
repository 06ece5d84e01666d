"""Writing a bid together: partners are named first, everyone is costed, help is offered, and lost hours are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from govflow.plugin import (
    ALWAYS,
    MEMBER,
    Case,
    Check,
    Finding,
    Question,
    Register,
    after_stage_entry,
    hookimpl,
    role,
)
from govflow_bid.judging import (
    REMIT,
    decisions_mapped,
    help_offered,
    hours_lost,
    inclusion_costed,
    kept_real,
    partners_costed,
    partners_named,
    support_costed,
)
from govflow_bid.lists import LISTS
from govflow_bid.pages import register_pages

__all__ = ["register_checks", "register_pages", "register_registers"]
POWER, RECIPROCITY = "sharing-of-power", "reciprocity"
PERSPECTIVES = "including-all-perspectives-and-skills"


@hookimpl
def register_registers() -> list[Register]:
    return LISTS


def _check(slug: str, title: str, why: str, judge: Callable[[Case], Finding], principle: str, **more: Any) -> Check:
    """A check of the bid alone: two months are there for it, if it does not say another day."""
    return Check(
        slug=slug, title=title, why=why, judge=judge, principle=principle, lasts=ALWAYS,
        stages=("bid",), **{"due": after_stage_entry(days=60), **more},
    )  # fmt: skip


@hookimpl
def register_checks() -> list[Check]:
    return [
        _check(
            "partners_named", "Partners are named before a draft is fixed",
            "Whoever comes when the draft is fixed can only say yes to it.",
            partners_named, POWER, due=after_stage_entry(days=30),
        ),
        _check(
            "decision_map", "Who decides what in the bid",
            "Saying early who decides what, and within which limits, saves bad surprises.",
            decisions_mapped, POWER, needs=(REMIT,), gives=("decision-map",),
        ),
        _check(
            "costed", "Every partner is costed",
            "What is not in the bid is not paid later. Writing often goes on when contracts have ended.",
            partners_costed, RECIPROCITY, gives=("costed-involvement",),
        ),
        _check(
            "support", "Access, training and coordination are costed",
            "They cost time and money. Without a line in the bid, people pay for them themselves.",
            support_costed, RECIPROCITY,
        ),
        _check(
            "inclusion", "Reaching people who are often left out is costed",
            "A plan with no money behind it is a wish.",
            inclusion_costed, PERSPECTIVES, gives=("inclusion-plan",),
            questions=(
                Question(
                    name="plan", label="Whom do you want to reach who is often left out, and how?", kind="long_text",
                    required=True, most=1_000,
                ),
            ),
        ),
        _check(
            "help", "Help with the CV and the costing is offered",
            "These forms are made for universities. Who works outside of one should not have to ask for help.",
            help_offered, RECIPROCITY, about=MEMBER, due=None,
        ),
        _check(
            "hours_lost", "Hours that barriers took",
            "When an institution’s own forms shut people out, it is the institution that has something to change.",
            hours_lost, POWER, answered_by=role("lead", "coordinator"), holds_in=(),
            questions=(
                Question(
                    name="changes", label="What does the institution change, and by when?", kind="long_text",
                    required=True, most=500, help="In its own words, if you have them.",
                ),
            ),
        ),
        _check(
            "keeping_real", "Keeping it real",
            "People whom the research is about say whether it asks the right questions.",
            kept_real, PERSPECTIVES,
        ),
    ]  # fmt: skip
