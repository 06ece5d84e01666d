"""The board of projects."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from govflow.domain.access import Viewer, may
from govflow.domain.wording import count
from govflow.services.people import projects
from govflow.services.people.projects import OnBoard
from govflow.web.access import signed_in, today

SIZE = 25


def add_routes(pages: Blueprint) -> None:
    @pages.get("/projects")
    @signed_in
    def board() -> Any:
        page = max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
        shown, total = projects.board(g.person.id, today=today(), page=page, size=SIZE)
        return render_template(
            "board.html", projects=[_row(one) for one in shown], total=total, page=page, pages=-(-total // SIZE)
        )


def _row(one: OnBoard) -> dict[str, Any]:
    left = len(one.holding) + one.more
    if one.state == "closed":
        holds = "This project is closed."
    elif one.state == "paused":
        holds = "This project is paused."
    elif not left:
        holds = "Every check is ready. Look who still has to sign off."
    elif one.role and may(Viewer(role=one.role), "see sentences"):
        more = f" And {one.more} more." if one.more else ""
        holds = (
            f"{count(left, 'thing')} not ready yet. "
            + " ".join(dict.fromkeys(finding.sentence_for(one.me) for finding in one.holding))
            + more
        )
    else:
        holds = "The gate is not ready yet."
    return {
        "title": one.title,
        "url": url_for("pages.project", slug=one.slug),
        "about": one.organisation,
        "stages": [{"slug": slug, "title": title} for slug, title in one.stages],
        "current": None if one.state == "closed" else one.stage,
        "holds": holds,
    }
