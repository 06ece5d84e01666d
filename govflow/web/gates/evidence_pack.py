"""The evidence pack of a project or of one gate: as a page, and as a PDF to take away. Nobody's name is in it."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request

from govflow.domain.gates.evidence_pack import Pack
from govflow.domain.plugins.pages import Link
from govflow.pdf.pdf import pdf_of
from govflow.services.gates import evidence_pack
from govflow.web.access import ProjectView, in_project, row_id
from govflow.web.gates.blueprint import bp
from govflow.web.own_words import own
from govflow.web.page_parts import draw_parts


@bp.get("/projects/<slug>/evidence")
@in_project("make evidence")
def evidence(here: ProjectView) -> Any:
    pack, visit = _find_pack(here)
    gates = evidence_pack.gates_of(here.snapshot, evidence_pack.moves_of(here.project, here.snapshot))
    sections = [(section.title, draw_parts(section.parts, link=_nowhere)) for section in pack.sections]
    return render_template(
        "gates/evidence_pack.html",
        here=here,
        pack=pack,
        sections=sections,
        gates=gates,
        visit=visit,
        chosen=dict(gates),
    )


@bp.get("/projects/<slug>/evidence.pdf")
@in_project("make evidence")
def evidence_pdf(here: ProjectView) -> Any:
    pack, visit = _find_pack(here)
    answer = Response(pdf_of(pack, words=own), mimetype="application/pdf")
    part = f"gate-{visit}" if visit else "project"
    answer.headers.set("Content-Disposition", "attachment", filename=f"evidence-{here.project.slug}-{part}.pdf")
    return answer


def _find_pack(here: ProjectView) -> tuple[Pack, int | None]:
    """What the address asks for: everything, or the gate of one visit."""
    given = request.args.get("visit")
    visit = row_id(given) if given else None
    if given and visit is None:
        abort(404)
    return evidence_pack.pack_of(here.project, here.snapshot, visit=visit), visit


def _nowhere(_: Link) -> str:
    """What leads on inside leads nowhere for people outside."""
    return ""
