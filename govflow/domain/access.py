"""Who may see and do what: docs/access.md as a table that code asks. A test holds the two together."""

from __future__ import annotations

from dataclasses import dataclass

YES, NO = "yes", "no"
SOME = "some"
"""Yes, within limits that the rule named in docs/access.md sets (own thing, unless private, counts of five)."""

COLUMNS = ("member", "lead", "coordinator", "finance", "observer", "admin")


def _row(*cells: str) -> dict[str, str]:
    return dict(zip(COLUMNS, cells, strict=True))


TABLE: dict[str, dict[str, str]] = {
    "see project": _row(YES, YES, YES, YES, YES, YES),
    "see checks": _row(YES, YES, YES, YES, YES, NO),
    "see sentences": _row(SOME, SOME, SOME, SOME, NO, NO),
    "see private sentences": _row(SOME, SOME, SOME, SOME, NO, NO),
    "answer": _row(SOME, SOME, SOME, SOME, NO, NO),
    "sign off": _row(SOME, SOME, YES, YES, NO, NO),
    "waive": _row(YES, SOME, YES, YES, NO, NO),
    "move": _row(NO, SOME, NO, NO, NO, NO),
    "see names": _row(YES, YES, YES, YES, SOME, SOME),
    "see access needs": _row(SOME, SOME, SOME, SOME, NO, NO),
    "see history": _row(SOME, SOME, SOME, SOME, SOME, SOME),
    "see poll results": _row(SOME, SOME, SOME, SOME, SOME, NO),
    "see turnout": _row(SOME, SOME, SOME, SOME, NO, NO),
    "ask equality": _row(NO, YES, YES, NO, NO, NO),
    "answer equality": _row(YES, YES, YES, YES, NO, NO),
    "see equality": _row(SOME, SOME, SOME, SOME, NO, NO),
    "see plugins": _row(SOME, SOME, SOME, SOME, NO, YES),
    "switch plugins": _row(NO, NO, NO, NO, NO, YES),
    # Not in docs/access.md's table, and kept to the narrowest reading of it:
    "invite": _row(NO, YES, YES, NO, NO, NO),
    "answer poll": _row(YES, YES, YES, YES, NO, NO),
    "run poll": _row(NO, YES, YES, NO, NO, NO),
    "see registers": _row(SOME, SOME, SOME, SOME, NO, NO),
    "see groups": _row(YES, YES, YES, YES, NO, NO),
    "start groups": _row(NO, YES, YES, NO, NO, NO),
    "choose words": _row(NO, YES, YES, NO, NO, NO),
    "make evidence": _row(YES, YES, YES, YES, NO, NO),
    "see letters": _row(NO, YES, YES, NO, NO, NO),
    "know of papers": _row(NO, YES, YES, NO, NO, NO),
    "say what the project is": _row(YES, YES, YES, YES, NO, NO),
}

ROWS_OF_DOCS = {
    "that the project exists, title, stage, open or held": "see project",
    "titles of checks and met / not ready yet": "see checks",
    "a finding's sentence": "see sentences",
    "a *private* finding's full sentence (pay cover, access, support)": "see private sentences",
    "sign off; “not ready, because…”": "sign off",
    "propose or second a waiver": "waive",
    "advance, go back, pause, close": "move",
    "names with expertise": "see names",
    "access needs": "see access needs",
    "the evidence pack, for people outside: nobody's name, nothing private, no sentence of a check": "make evidence",
    "history": "see history",
    "published results of a poll": "see poll results",
    "who has answered a poll": "see turnout",
    "equality questions: ask everyone": "ask equality",
    "equality questions: answer, change, take out": "answer equality",
    "equality questions: counts": "see equality",
    "plugins: switch on, settings": "switch plugins",
}


WORDS = {
    "move": "move, pause or close the project",
    "waive": "let something pass",
    "invite": "ask people in, or end their time here",
    "run poll": "ask everyone, or close what was asked",
    "answer poll": "answer this",
    "ask equality": "ask everyone the equality questions",
    "answer equality": "answer this",
    "see registers": "change this list",
    "answer": "answer this",
    "see access needs": "read what somebody needs",
    "sign off": "sign off",
    "see groups": "see the groups",
    "see letters": "look after letters",
    "make evidence": "put evidence together",
    "start groups": "start a group, or ask people into it",
    "choose words": "choose the words this project goes by",
}


def who_may(action: str) -> list[str]:
    """The roles that may do this, for a sentence that says whom to ask."""
    return [role for role in ("lead", "coordinator", "member") if TABLE[action][role] != NO]


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Somebody as one project, or one organisation, sees them. `role` is None for who is not in the project."""

    role: str | None = None
    admin: bool = False
    operator: bool = False


def may(actor: Viewer, action: str) -> bool:
    """Whether this actor may do this at all. Limits within `SOME` are named rules of their own."""
    row = TABLE[action]
    if actor.operator:
        return True
    return (actor.role is not None and row[actor.role] != NO) or (actor.admin and row["admin"] != NO)
