"""The groups of a project: who is in them, who chairs, and the papers that are their own until they share them."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Moved, NotFound, Refused
from govflow.services.people import group_notes
from govflow.services.people import groups as groups_
from govflow.services.people.groups import Group
from govflow.web.access import ProjectView, by, in_project, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, as_invalid, form_for, read_form, status_for, summary
from govflow.web.people.blueprint import bp

START = (
    Question(name="title", label="What is the group called?"),
    Question(name="myself", label="Will you be in it?", kind="yes_no"),
)


@bp.get("/projects/<slug>/groups")
@in_project("see groups")
def groups(here: ProjectView) -> Any:
    found = groups_.groups_of(here.project.id, here.snapshot.members, today=here.today)
    return render_template("people/groups.html", here=here, groups=found, names=here.snapshot.names())


@bp.route("/projects/<slug>/groups/start", methods=["GET", "POST"])
@in_project("start groups")
def start_group(here: ProjectView) -> Any:
    def save() -> Any:
        title, myself = (request.form.get(name, "") for name in ("title", "myself"))
        group = groups_.start(here.project.id, title=title, myself=myself == "yes", by=by(), today=here.today)
        words = "The group is there. Now ask people in."
        return flash_and_redirect(words, "people.group", slug=here.project.slug, group=group)

    return answer_form(START, save, "people/start_group.html", kept={"myself": True}, here=here)


@bp.route("/projects/<slug>/groups/<group>", methods=["GET", "POST"])
@in_project("see groups")
def group(here: ProjectView, group: str) -> Any:
    refusal = None
    found = _find_group(here, group)
    if request.method == "POST":
        try:
            return _do(here, found)
        except Invalid as error:
            refusal = error
    people = {member.key: member for member in here.snapshot.members}
    page = render_template(
        "people/group.html",
        here=here,
        group=found,
        people=people,
        inside=here.key in found.members,
        asked=here.key in found.asked,
        could=[member for member in people.values() if groups_.may_ask_in(found, here.me, member)],  # type: ignore[arg-type]
        choosing=groups_.may_choose_chairs(found, here.me),  # type: ignore[arg-type]
        papers=group_notes.papers_of(found, reader=here.key),
        kinds=group_notes.KINDS,
        summary=summary(None, refusal, {"member": "member"}),
    )
    return page, 422 if refusal else 200


@bp.route("/projects/<slug>/groups/<group>/write", methods=["GET", "POST"])
@in_project("see groups")
def write_group_note(here: ProjectView, group: str) -> Any:
    found = _find_group(here, group)
    if here.key not in found.members:
        raise NotFound("You are not in this group.")

    def save() -> Any:
        key = group_notes.write(here.project.id, group=group, given=_read_note(), by=by(), today=here.today)
        words = "Kept. Only your group reads it."
        return flash_and_redirect(words, "people.group_note", slug=here.project.slug, group=group, paper=key)

    kept = {"kind": "note", "on": here.today}
    return answer_form(
        group_notes.PAPER, save, "people/write_group_note.html", kept=kept, here=here, group=found, paper=None, after=0
    )


@bp.route("/projects/<slug>/groups/<group>/<paper>", methods=["GET", "POST"])
@in_project("see groups")
def group_note(here: ProjectView, group: str, paper: str) -> Any:
    found = _find_group(here, group)
    versions = group_notes.versions_of(found, paper, reader=here.key)
    inside = here.key in found.members
    place = {"slug": here.project.slug, "group": group, "paper": paper}
    refusal: Refused | None = None
    if request.method == "POST":
        number = row_id(request.form.get("number")) or 0
        if request.form.get("do") == "share":
            group_notes.share(here.project.id, group=group, paper=paper, number=number, by=by(), today=here.today)
            return flash_and_redirect("Shared. Everyone in the project can read it now.", "people.group_note", **place)
        try:
            group_notes.change(
                here.project.id, group=group, paper=paper, given=_read_note(), after=number, by=by(), today=here.today
            )
            return flash_and_redirect("Kept as a new version. Only your group reads it.", "people.group_note", **place)
        except (Invalid, Moved) as error:
            refusal = error
    newest = versions[-1]
    if inside and (refusal or request.args.get("write") == "yes"):
        problem = as_invalid(refusal)
        kept = {name: getattr(newest, name) for name in ("kind", "title", "on", "text")}
        form = form_for(group_notes.PAPER, NOBODY, kept, problem)
        page = render_template(
            "people/write_group_note.html",
            here=here, group=found, paper=newest, form=form, after=newest.number, summary=summary(form, problem),
            since=newest if isinstance(refusal, Moved) else None,
        )  # fmt: skip
        return page, 409 if isinstance(refusal, Moved) else status_for(refusal)
    asked = request.args.get("version", "")
    shown = next((version for version in versions if str(version.number) == asked), None if asked else newest)
    if shown is None:
        raise NotFound("There is no such version.")
    writers = {member.id: member.name for member in (*here.snapshot.members, *here.snapshot.left)}
    return render_template(
        "people/group_note.html",
        here=here,
        group=found,
        shown=shown,
        versions=versions,
        inside=inside,
        kinds=group_notes.KINDS,
        writers=writers,
    )


def _find_group(here: ProjectView, slug: str) -> Group:
    return groups_.group_named(here.project.id, slug, here.snapshot.members, today=here.today)


def _read_note() -> dict[str, Any]:
    """What was typed of a paper, without what the form itself says."""
    return {name: value for name, value in read_form(group_notes.PAPER).items() if name not in ("number", "do")}


def _do(here: ProjectView, group: Group) -> Any:
    """One of the buttons of a group's page."""
    place: dict[str, Any] = {"group": group.slug, "by": by(), "today": here.today}
    member, project = request.form.get("member", ""), here.project.id
    match request.form.get("do"):
        case "ask":
            name = groups_.ask_in(project, member=member, **place)
            words = f"{name} is asked. They are in the group when they say yes."
        case "yes":
            groups_.answer(project, yes=True, **place)
            words = "You are in the group."
        case "no":
            groups_.answer(project, yes=False, **place)
            words = "You said no. Nobody is told."
        case "leave":
            groups_.leave(project, **place)
            words = "You have left the group."
        case "chair":
            groups_.choose_chair(project, member=member, chair=True, **place)
            words = "They are a chair of the group now."
        case "no chair":
            groups_.choose_chair(project, member=member, chair=False, **place)
            words = "They are no chair any more."
        case _:
            raise Refused("Choose what to do.")
    return flash_and_redirect(words, "people.group", slug=here.project.slug, group=group.slug)
