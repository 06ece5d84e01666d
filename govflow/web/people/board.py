"""The board of projects."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request, url_for

from govflow.domain.access import Viewer, may
from govflow.domain.project_state import ProjectState
from govflow.domain.wording import count
from govflow.services.people import projects
from govflow.services.people.projects import OnBoard
from govflow.web.access import signed_in, today
from govflow.web.people.blueprint import bp

SIZE = 25


@bp.get("/projects")
@signed_in
def board() -> Any:
    page = max(1, min(request.args.get("page", 1, type=int) or 1, 10_000))
    shown, total = projects.board(g.person.id, today=today(), page=page, size=SIZE)
    return render_template(
        "people/board.html",
        projects=[_row(project) for project in shown],
        total=total,
        page=page,
        pages=-(-total // SIZE),
    )


def _row(project: OnBoard) -> dict[str, Any]:
    left = len(project.holding) + project.more
    if project.state == ProjectState.CLOSED:
        holds = "This project is closed."
    elif project.state == ProjectState.PAUSED:
        holds = "This project is paused."
    elif not left:
        holds = "Every check is ready. Look who still has to sign off."
    elif project.role and may(Viewer(role=project.role), "see sentences"):
        more = f" And {project.more} more." if project.more else ""
        holds = (
            f"{count(left, 'thing')} not ready yet. "
            + " ".join(dict.fromkeys(finding.sentence_for(project.me) for finding in project.holding))
            + more
        )
    else:
        holds = "The gate is not ready yet."
    return {
        "title": project.title,
        "url": url_for("people.project", slug=project.slug),
        "about": project.organisation,
        "stages": [{"slug": slug, "title": title} for slug, title in project.stages],
        "current": None if project.state == ProjectState.CLOSED else project.stage,
        "holds": holds,
    }
