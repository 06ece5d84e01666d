"""Signing off: saying for oneself that it is ready or is not, and answering who said so."""

from __future__ import annotations

from typing import Any

from flask import request

from govflow.domain.gates.gates import signs_for
from govflow.domain.people import EXPERTISE_TITLES, Member
from govflow.domain.questions import Question
from govflow.domain.refusals import Refused
from govflow.services.gates import gates
from govflow.services.gates.current import gate_of
from govflow.web.access import ProjectView, by, in_project, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form
from govflow.web.gates.blueprint import bp

SAY = (
    Question(
        name="words",
        label="Why is it not ready?",
        kind="long_text",
        help="Everyone in the project will read this. A lead has to answer you in writing.",
    ),
)


@bp.route("/projects/<slug>/sign-off", methods=["GET", "POST"])
@in_project("sign off")
def sign_off(here: ProjectView) -> Any:
    me = here.me
    assert me is not None
    return answer_form(
        SAY,
        lambda: _sign_off(here),
        "gates/sign_off.html",
        places={"reply": f"reply-{request.form.get('member', '')}"},
        here=here,
        typed=request.form,
        counts=me.counts_on(here.today),
        kinds=EXPERTISE_TITLES,
        also=lambda: _sign_offs_so_far(here, me),
    )


def _sign_offs_so_far(here: ProjectView, me: Member) -> dict[str, Any]:
    said = here.snapshot.sign_offs
    return {
        "gate": gate_of(here.snapshot),
        "said": said,
        "mine": next((sign_off for sign_off in said if sign_off.member == me.key), None),
        "names": here.snapshot.names(),
        "signs_for": [EXPERTISE_TITLES.get(kind, "lead") for kind in signs_for(me, here.snapshot.members)],
    }


def _sign_off(here: ProjectView) -> Any:
    slug, project, visit = here.project.slug, here.project.id, row_id(request.form.get("visit"))
    match request.form.get("say"):
        case "ready":
            gates.sign_off(project, by=by(), today=here.today, visit=visit)
            return flash_and_redirect("You signed off. Thank you.", "gates.gate", slug=slug)
        case "not_ready":
            gates.say_not_ready(project, words=request.form.get("words", ""), by=by(), today=here.today, visit=visit)
            return flash_and_redirect(
                "You said that it is not ready. A lead has to answer you.", "gates.sign_off", slug=slug
            )
        case "take_back":
            gates.take_back(project, by=by(), today=here.today, visit=visit)
            return flash_and_redirect("Your sign-off is taken back.", "gates.sign_off", slug=slug)
        case "reply":
            words, member = request.form.get("reply", ""), request.form.get("member", "")
            said = row_id(request.form.get("said"))
            gates.reply_to(project, member=member, words=words, by=by(), today=here.today, said=said)
            return flash_and_redirect("Your answer is recorded.", "gates.sign_off", slug=slug)
    raise Refused("Choose what you want to say.")
