"""An organisation as its admins look after it: what its gates ask for, how few answers are told, its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, true

from govflow.domain.gates.gates import MOST_OF_A_KIND
from govflow.domain.people import EXPERTISE, EXPERTISE_TITLES, Role
from govflow.domain.polls.disclosure import LEAST_TO_SHOW
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import NOBODY, Question, read_answers
from govflow.domain.refusals import Invalid, NotAllowed
from govflow.domain.terms import written_terms
from govflow.services.base.actions import Actor, log_of, require_looked_after, require_strong
from govflow.services.base.snapshots.sign_off_rules import plain_name
from govflow.services.base.terms import ASKED, as_terms, terms_in
from govflow.store import Admin, MemberRow, Organisation, Project, Share, db, write

MOST_ANSWERS = 50
MOST_WORDS, LONGEST_WORD = 12, 60
EXAMPLES = {"lived": "Carer", "practice": "Peer worker", "research": "Survivor researcher"}
ESCALATE = 3, 60
"""Days after which the next in line is told: at the least, and at the most."""
RULES = (
    *(
        Question(
            name=f"sign_{kind}",
            label=f"How many people with {title.lower()} sign off at each gate?",
            kind="number",
            help="From 1 to 5. One is what every project has.",
        )
        for kind, title in EXPERTISE_TITLES.items()
    ),
    Question(
        name="panels",
        label="Which panels or groups must sign off too?",
        kind="long_text",
        help="Their names as people say them, one on each line, such as Birmingham LEAP. One of a group’s chairs "
        "signs for it. A project that has no group of that name is asked to start one.",
    ),
    Question(
        name="least_answers",
        label="How many answers does a poll need before anything is told?",
        kind="number",
        help="5 or more. This holds for polls that open from now on.",
    ),
    Question(
        name="escalate_after",
        label="After how many days is the next in line told of what is late?",
        kind="number",
        help="From 3 to 60. Fourteen is what every organisation has.",
    ),
    *(
        Question(
            name=f"words_{kind}",
            label=f"Your own words for {title.lower()}",
            kind="long_text",
            help=f"One on each line, such as “{EXAMPLES[kind]}”. People can choose them for themselves.",
        )
        for kind, title in EXPERTISE_TITLES.items()
    ),
    ASKED,
)


def rules_kept(organisation: Organisation) -> dict[str, Any]:
    """The rules as the form shows them."""
    kinds = organisation.sign_offs.get("kinds", {})
    return {
        **{f"sign_{kind}": kinds.get(kind, 1) for kind in EXPERTISE},
        "panels": "\n".join(organisation.sign_offs.get("panels", [])),
        "least_answers": organisation.least_answers,
        "escalate_after": organisation.escalate_after,
        **{f"words_{kind}": "\n".join(organisation.words.get(kind, [])) for kind in EXPERTISE},
        "terms": written_terms(as_terms(organisation.terms)),
    }


def change_rules(*, organisation: str, given: Mapping[str, Any], by: Actor, today: date) -> None:
    """Keep what an organisation asks for. Sign-offs and answers may be raised and lowered, but never below the house's.

    Somebody who leads one of its projects cannot make its gates ask for less.
    """
    write()
    found = ours(organisation, by)
    rules = _read(given)
    sign_offs = rules["sign_offs"]
    less = any(count < found.sign_offs.get("kinds", {}).get(kind, 1) for kind, count in _kinds(sign_offs).items())
    less |= bool(_named(found.sign_offs) - _named(sign_offs))
    if less and leads_here(found.id, by.person_id, today):
        raise NotAllowed("You lead a project whose gate would ask for less after this. Ask another admin to change it.")
    for name, value in rules.items():
        setattr(found, name, value)
    log_of(found.id, "organisation.rules", by=by, today=today)
    for project in db.session.scalars(select(Project).where(Project.organisation_id == found.id).with_for_update()):
        project.version += 1
    db.session.commit()


def _named(sign_offs: Mapping[str, Any]) -> set[str]:
    return {plain_name(one) for one in sign_offs.get("panels", [])}


def _kinds(sign_offs: Mapping[str, Any]) -> dict[str, int]:
    return {kind: sign_offs.get("kinds", {}).get(kind, 1) for kind in EXPERTISE}


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    """The rules by the names under which an organisation keeps them."""
    answers = read_answers(RULES, given, NOBODY)
    problems: dict[str, str] = {}

    def whole(name: str, least: int, most: int, *, without: int | None = None) -> int:
        number = answers.get(name)
        number = (without or least) if number is None else number
        if number != int(number) or not least <= number <= most:
            problems[name] = f"Give a whole number from {least} to {most}."
            return least
        return int(number)

    kinds = {kind: whole(f"sign_{kind}", 1, MOST_OF_A_KIND) for kind in EXPERTISE}
    least = whole("least_answers", LEAST_TO_SHOW, MOST_ANSWERS)
    escalate = whole("escalate_after", *ESCALATE, without=14)
    panels = _lines(answers.get("panels"), "panels", problems)
    words = {kind: _lines(answers.get(f"words_{kind}"), f"words_{kind}", problems) for kind in EXPERTISE}
    try:
        terms = terms_in(answers.get("terms", ""))
    except Invalid as refusal:
        problems |= refusal.problems
    if problems:
        raise Invalid(" ".join(dict.fromkeys(problems.values())), problems)
    raised = {kind: count for kind, count in kinds.items() if count > 1}
    sign_offs = {name: what for name, what in (("kinds", raised), ("panels", panels)) if what}
    return {
        "sign_offs": sign_offs,
        "least_answers": least,
        "escalate_after": escalate,
        "words": {kind: some for kind, some in words.items() if some},
        "terms": terms,
    }


def _lines(given: str | None, name: str, problems: dict[str, str]) -> list[str]:
    found = list(dict.fromkeys(" ".join(line.split()) for line in (given or "").split("\n") if line.strip()))
    if len(found) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in found):
        problems[name] = f"At most {MOST_WORDS} lines, each of at most {LONGEST_WORD} letters."
    return found


@dataclass(frozen=True)
class Seen:
    """An organisation as somebody may see it: whether they look after it, and the projects they may know of."""

    organisation: Organisation
    admin: bool
    projects: list[Project]


def seen_by(found: Organisation, person_id: int | None, *, today: date) -> Seen:
    if person_id is None:
        return Seen(found, admin=False, projects=[])
    admin = db.session.get(Admin, (found.id, person_id)) is not None
    mine = select(MemberRow.project_id).where(
        MemberRow.person_id == person_id,
        MemberRow.joined <= today,
        MemberRow.left.is_(None) | (MemberRow.left > today),
    )
    rows = select(Project).where(Project.organisation_id == found.id, true() if admin else Project.id.in_(mine))
    return Seen(found, admin=admin, projects=list(db.session.scalars(rows.order_by(Project.title))))


def ours(organisation: str, by: Actor) -> Organisation:
    """An organisation this person looks after, once they have shown that it is them: for its admins' pages."""
    found = require_looked_after(organisation, by)
    require_strong(by)
    return found


def leads_here(organisation_id: int, person_id: int, today: date, *, project_id: int | None = None) -> bool:
    """Whether this person leads a live project of the organisation: then they may not lessen its gates."""
    query = (
        select(MemberRow.id)
        .join(Project, Project.id == MemberRow.project_id)
        .where(
            MemberRow.person_id == person_id,
            MemberRow.role == Role.LEAD,
            MemberRow.left.is_(None) | (MemberRow.left > today),
            Project.state != ProjectState.CLOSED,
            Project.id == project_id if project_id else true(),
            (Project.organisation_id == organisation_id)
            | Project.id.in_(select(Share.project_id).where(Share.organisation_id == organisation_id)),
        )
        .limit(1)
    )
    return db.session.scalar(query) is not None
