"""Projects over the API: list, look, answer, sign off, move on."""

from __future__ import annotations

from typing import Any

from flask import g, jsonify, request

from govflow.api import openapi
from govflow.api.blueprint import bp, needs_no_token
from govflow.api.request_values import body, by, text, today
from govflow.domain.access import may
from govflow.domain.gates.gates import NOT_READY, READY, WITHDRAWN
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.services.gates import evidence, gates, reports
from govflow.services.people import projects

PAGE = 100


@bp.get("/openapi.json", endpoint="openapi")
@needs_no_token
def describe() -> Any:
    return jsonify(openapi.DOCUMENT)


@bp.get("/projects")
def list_projects() -> Any:
    page = request.args.get("page", default=1, type=int)
    shown, total = projects.board(g.person.id, today=today(), page=min(max(page, 1), 10_000), size=PAGE)
    rows = [
        {
            "slug": project.slug,
            "title": project.title,
            "stage": project.stage,
            "state": project.state,
            "role": project.role,
        }
        for project in shown
    ]
    return jsonify({"projects": rows, "total": total, "page": page})


@bp.get("/projects/<slug>")
def project(slug: str) -> Any:
    found, actor = _here(slug, "see project")
    return jsonify(
        {
            "slug": found.slug,
            "title": found.title,
            "stage": found.stage,
            "state": found.state,
            "started": found.started.isoformat(),
            "role": actor.role,
        }
    )


@bp.get("/projects/<slug>/gate")
def gate(slug: str) -> Any:
    found, actor = _here(slug, "see checks")
    sentences = may(actor, "see sentences")
    return jsonify(reports.gate_report_for(found, person_id=g.person.id, today=today(), sentences=sentences))


@bp.post("/projects/<slug>/gate/<check>")
@bp.post("/projects/<slug>/gate/<check>/<subject>")
def answer(slug: str, check: str, subject: str | None = None) -> Any:
    found, _ = _here(slug, "answer")
    evidence.answer(found.id, check_id=check, subject=subject, given=body(), by=by(), today=today(), whole_form=False)
    return jsonify({"kept": True}), 201


@bp.post("/projects/<slug>/sign-off")
def sign_off(slug: str) -> Any:
    found, _ = _here(slug, "sign off")
    given = body("say", "words")
    match given.get("say"):
        case "ready":
            gates.sign_off(found.id, by=by(), today=today())
        case "not_ready":
            gates.say_not_ready(found.id, words=text(given, "words"), by=by(), today=today())
        case "withdrawn":
            gates.take_back(found.id, by=by(), today=today())
        case _:
            words = f"Say one of: {READY}, {NOT_READY}, {WITHDRAWN}."
            raise Invalid(words, {"say": words})
    return jsonify({"said": given["say"]}), 201


@bp.post("/projects/<slug>/advance")
def advance(slug: str) -> Any:
    found, _ = _here(slug, "move")
    body("")
    left, entered = gates.advance(found.id, by=by(), today=today())
    return jsonify({"from": left, "stage": entered})


def _here(slug: str, action: str) -> tuple[Any, Any]:
    """A project this token reaches, for whom access.md lets do this in it."""
    found, actor, _ = projects.project_seen_by(slug, g.person.id, today=today())
    if not may(actor, "see project"):
        raise NotFound("There is no such project.")
    if not may(actor, action):
        raise NotAllowed("This person's role in the project does not let them do this.")
    return found, actor
