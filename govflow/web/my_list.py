"""My list: what I owe, what waits for me, and who asks me in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template

from govflow.domain.gates.overdue import is_late
from govflow.domain.wording import day
from govflow.services.openings import openings
from govflow.services.people import people, projects
from govflow.services.people.projects import ListItem
from govflow.services.polls import polls
from govflow.web.access import signed_in, today
from govflow.web.gates.gate_view import Pages, Row

bp = Blueprint("my_list", __name__)


@bp.get("/")
@signed_in
def my_list() -> Any:
    day_now = today()
    owed = projects.my_list(g.person.id, today=day_now)
    pages = Pages()
    mine = [item for item in owed if item.mine]
    late = [_row(item, pages, late=True) for item in mine if is_late(item.finding.due_on, day_now)]
    due = [_row(item, pages) for item in mine if not is_late(item.finding.due_on, day_now)]
    return render_template(
        "my_list.html",
        late=late,
        due=due,
        waiting=[_row(item, pages, quiet=True) for item in owed if not item.mine],
        asked=polls.open_for(g.person.id, today=day_now),
        to_write_down=openings.still_to_write_down(g.person.id, today=day_now),
        invitations=people.invitations(g.person.id),
        day_words=day,
        today=day_now,
    )


def _row(item: ListItem, pages: Pages, *, late: bool = False, quiet: bool = False) -> Row:
    """`quiet`: nobody asks for it, so no day stands beside it."""
    finding = item.finding
    advice = finding.outcome == "unmet" and not finding.holds
    row = Row(
        title=f"{finding.title}: {finding.subject_label}" if finding.subject_label else finding.title,
        state="advice" if advice else finding.outcome,
        sentence=finding.sentence_for(item.me),
        who=item.project_title,
        late=late,
    )
    if finding.due_on and not quiet:
        row.due = f"{'Was due' if late else 'Due'} on {day(finding.due_on)}"
    told_closed = finding.about == "entry" and not finding.subject_label
    row.url = pages.gate(item.project) if told_closed else pages.check(item.project, finding.check, finding.subject)
    return row
