"""What never enters the history: answers, access words, sealed and private fields, ballots, reasons of private waivers."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from govflow.domain.gates.checks import FINANCE, LEAD, MEMBER, SUBJECT, met, person_field, unmet
from govflow.domain.polls.polls import Poll, Statement
from govflow.domain.questions import Question
from govflow.domain.registers.documents import Document
from govflow.domain.registers.registers import Register
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import evidence, gates
from govflow.services.history.history import history
from govflow.services.people import people
from govflow.services.polls import polls
from govflow.services.registers import documents, registers
from govflow.store import db
from tests.support.factories import FOUR, TEA, TODAY, Made, a_check, a_plugin, a_project, person

pytestmark = pytest.mark.both_engines

CANARY = "Kanari"


def judge(case):
    return met("Done.") if case.evidence else unmet(f"{CANARY}sentence of a private check", short="Not ready yet.")


ASKED = (
    Question(name="done", label="Done?", kind="yes_no"),
    Question(name="words", label="What do you need?", kind="long_text"),
    Question(name="own", label="For you alone", kind="long_text", private=True),
)
NEEDS = a_plugin(
    checks=[
        a_check("needs", title="What people need", judge=judge, private=True, about=MEMBER, questions=ASKED,
                answered_by=SUBJECT, owed_by=SUBJECT),
        a_check("open", title="What we do", questions=ASKED, answered_by=LEAD),
    ],
    registers=[
        Register(slug="access", title="Access", label="words", seen_by=(person_field("whom"),), added_by=(LEAD,),
                 fields=(Question(name="words", label="Words"), Question(name="whom", label="Whom", kind="person"))),
        Register(slug="bank", title="Bank", label="account", secrets_to=(FINANCE,), added_by=(LEAD,),
                 fields=(Question(name="account", label="Account", secret=True), Question(name="note", label="Note"))),
        Register(slug="diary", title="Diary", label="words", added_by=(LEAD,),
                 fields=(Question(name="words", label="Words", private=True),)),
        Register(slug="tea", title="Tea", label="kind", added_by=(LEAD,),
                 fields=(Question(name="kind", label="Kind"), Question(name="why", label="Why", kind="long_text"))),
    ],
    polls=[Poll(slug="how", title="How is it?", version="1", scale={f"{CANARY}answer": "Bad", "fine": "Fine"}, no_score={},
                statements=(Statement(id="a", text="I can say what I think.", stages=("bid",)),))],
    documents=[Document(slug="rules", title="Rules")],
)  # fmt: skip


@pytest.fixture
def needs(app: Flask) -> Made:
    members = [*FOUR, *(person(f"more-{number}", "lived") for number in range(3)), person("money", role="finance")]
    return a_project(app, plugins={"needs": NEEDS}, members=members)


def words_of(project: Made) -> list[str]:
    return [one.words for one in history(project.id)[0]]


def act_on_everything(project: Made) -> None:
    """Every act that takes words, with a canary wherever the words are not for everyone in the project."""

    def by(key: str) -> dict:
        return {"by": project.by(key, strong=True), "today": TODAY}

    private = {"done": "no", "words": f"{CANARY}needs a ramp", "own": f"{CANARY}own"}
    gates.propose_waiver(
        project.id, check_id="needs.needs", subject="lived-1", reason=f"{CANARY}waiver", until=TODAY, **by("lived-1")
    )
    gates.end_waiver(project.id, waiver_id=1, **by("lived-1"))
    evidence.answer(project.id, check_id="needs.needs", subject="lived-1", given=private, **by("lived-1"))
    evidence.answer(project.id, check_id="needs.open", subject=None, given=private, **by("lead-1"))
    for register, values in (
        ("access", {"words": f"{CANARY}hears badly", "whom": "lived-1"}),
        ("bank", {"account": f"{CANARY}account", "note": f"{CANARY}note"}),
        ("diary", {"words": f"{CANARY}diary"}),
        ("tea", {"kind": "Green", "why": f"{CANARY}why"}),
    ):
        registers.add(project.id, register_id=f"needs.{register}", given=values, **by("lead-1"))
    key = load_snapshot(project.row, today=TODAY).entries["needs.bank"][0].key
    registers.open_secret(project.id, register_id="needs.bank", key=key, field="account", **by("money"))
    documents.write(project.id, document_id="needs.rules", text=f"{CANARY}rules", after=0, **by("lead-1"))
    polls.open_round(project.id, poll_id="needs.how", **by("lead-1"))
    for key in ("lead-1", "lived-1", "practice-1", "research-1", "more-0"):
        polls.answer_round(project.id, poll_id="needs.how", given={"a": f"{CANARY}answer"}, **by(key))
    polls.close_round(project.id, poll_id="needs.how", **by("lead-1"))
    people.invite(project.id, email=f"{CANARY.lower()}@example.org", name="Ann", role="member", **by("lead-1"))
    people.change_self(project.id, title=f"{CANARY}title", expertise=["lived"], **by("lived-1"))


def test_no_special_category_value_ever_enters_the_history(app: Flask, needs: Made) -> None:
    act_on_everything(needs)
    kept = [
        tuple(row) for table in ("log_line", "log_words") for row in db.session.execute(text(f"SELECT * FROM {table}"))
    ]
    assert len(kept) > 20
    assert CANARY.lower() not in repr(kept).lower()


def test_what_is_private_is_told_without_who_and_whom_and_why(app: Flask, needs: Made) -> None:
    act_on_everything(needs)
    told = words_of(needs)
    for wanted in (
        "Somebody proposed to let “What people need” pass for now.",
        "The waiver of “What people need” ended.",
        "“What people need” was answered.",
        "A line was added to Access.",
        "A line was added to Bank.",
        "A line was added to Diary.",
        "Lead 1 added Green to Tea.",
    ):
        assert wanted in told
    assert not [one for one in told if "What people need" in one and ("Lived" in one or "lived" in one)]


def test_a_waiver_that_everyone_may_read_keeps_its_reason_in_the_history(app: Flask) -> None:
    project = a_project(app, plugins={"kitchen": TEA})
    by = {"by": project.by("lived-1"), "today": TODAY}
    gates.propose_waiver(project.id, check_id="kitchen.tea", subject=None, reason="Soon.", until=TODAY, **by)
    assert words_of(project)[0] == "Lived 1 proposed to let “Put the kettle on” pass for now: Soon."


def test_nothing_about_a_person_is_typed_into_a_line_itself(app: Flask, needs: Made) -> None:
    """A line has ids, days and hashes; every name and every word stands beside it, where it can be erased."""
    act_on_everything(needs)
    lines = repr([tuple(row) for row in db.session.execute(text("SELECT * FROM log_line"))])
    for word in ("Lived", "Lead 1", "Ann", "Green", "What people need"):
        assert word not in lines
