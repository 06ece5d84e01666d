"""My list: what I owe, what waits for me, and who asks me in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template

from govflow.domain.gates.overdue import is_late
from govflow.domain.wording import day
from govflow.services.openings import openings
from govflow.services.people import people, projects
from govflow.services.polls import polls
from govflow.web.access import signed_in, today

bp = Blueprint("my_list", __name__)


@bp.get("/")
@signed_in
def my_list() -> Any:
    day_now = today()
    owed = projects.my_list(g.person.id, today=day_now)
    return render_template(
        "my_list.html",
        late=[item for item in owed if item.mine and is_late(item.finding.due_on, day_now)],
        due=[item for item in owed if item.mine and not is_late(item.finding.due_on, day_now)],
        waiting=[item for item in owed if not item.mine],
        asked=polls.open_for(g.person.id, today=day_now),
        to_write_down=openings.still_to_write_down(g.person.id, today=day_now),
        invitations=people.invitations(g.person.id),
        day_words=day,
        today=day_now,
    )
