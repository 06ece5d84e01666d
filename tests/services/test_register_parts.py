"""What a register may be told to do: approve, seal, keep files, belong to the organisation, have a letter written."""

from __future__ import annotations

import io
import json
import logging
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from govflow.domain.questions import NewFile
from govflow.domain.refusals import ConfirmFirst, Invalid, NotAllowed, NotFound, Refused
from govflow.plugin import (
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    LEAD,
    ORGANISATION,
    SUBJECT,
    Field,
    Letter,
    Register,
    entry_added,
    met,
    person_field,
    unmet,
)
from govflow.plugin import entry as entry_of
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.history.history import history
from govflow.services.mail import outbox
from govflow.services.project_file import export_project
from govflow.services.registers import registers
from govflow.services.registers.emails import FROM_PLUGIN
from govflow.services.registers.files import file_seen
from govflow.store import Email as LetterRow
from govflow.store import Project, Upload, db
from tests.support.factories import (
    FOUR,
    LIVED,
    TODAY,
    Made,
    a_check,
    a_file,
    a_plugin,
    a_project,
    days,
    dump,
    install,
    made,
    person,
    rows,
    toml,
)

ASK = Register(
    slug="ask_for",
    title="Things asked for",
    label="what",
    fields=(
        Field(name="what", label="What?", required=True),
        Field(name="whom", label="For whom?", kind="person"),
        Field(name="when", label="When?", kind="moment"),
        Field(name="photo", label="A photo", kind="file"),
        Field(name="code", label="The code", secret=True),
    ),
    added_by=(EVERY_MEMBER,),
    seen_by=(LEAD, FINANCE, SUBJECT),
    approved_by=(LEAD, FINANCE),
    never_by=(person_field("whom"),),
    secrets_to=(FINANCE,),
)
RATES = Register(
    slug="rate",
    title="Rates",
    label="what",
    fields=(Field(name="what", label="What?", required=True),),
    added_by=(EVERY_MEMBER,),
    scope=ORGANISATION,
)
MONEY = person("money-1", "practice", role="finance")
PEOPLE = [*FOUR, MONEY]


def judge(case: Any) -> Any:
    found = case.registers["kitchen.ask_for"]
    waiting = [one.values["what"] for one in found if not one.approved_on]
    return unmet(f"Waiting: {', '.join(waiting)}.") if waiting else met(f"{len(found)} approved.")


def words(case: Any) -> list[str]:
    if case.subject.values["what"] == "trouble":
        raise RuntimeError("no words")
    return [f"{case.name(case.subject.added_by)} asks for {case.subject.values['what']}.", "Please look at it."]


LETTER = Letter(slug="asked", subject="Something is asked for", to=FINANCE, when=entry_added("ask_for"), words=words)
KITCHEN = {"kitchen": a_plugin(registers=[ASK, RATES], checks=[a_check(judge=judge)], letters=[LETTER])}


@pytest.fixture
def kitchen(app: Flask) -> Made:
    return a_project(app, plugins=KITCHEN, members=PEOPLE)


def ask(project: Made, key: str = "lived-1", **given: Any) -> None:
    registers.add(
        project.id, register_id="kitchen.ask_for", given={"what": "Tea", **given}, by=project.by(key), today=TODAY
    )


def change(project: Made, key: str, given: dict[str, Any], *, remove: bool = False) -> None:
    registers.change(
        project.id,
        register_id="kitchen.ask_for",
        key="tea",
        given=given,
        remove=remove,
        by=project.by(key),
        today=TODAY,
    )


def approve(project: Made, key: str, *, entry: str = "tea", number: int = 1) -> None:
    registers.approve(
        project.id, register_id="kitchen.ask_for", key=entry, number=number, by=project.by(key), today=TODAY
    )


def entry(project: Made, key: str = "tea") -> Any:
    rows = load_snapshot(project.row, today=TODAY).entries["kitchen.ask_for"]
    return next(one for one in rows if one.key == key)


# --- approval -------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_an_entry_waits_until_somebody_else_approves_it(kitchen: Made) -> None:
    ask(kitchen)
    assert kitchen.finding("kitchen.tea").sentence == "Waiting: Tea."
    approve(kitchen, "money-1")
    assert (entry(kitchen).approved_by, entry(kitchen).approved_on) == ("money-1", TODAY)
    assert kitchen.finding("kitchen.tea").sentence == "1 approved."


def test_money_is_approved_only_after_one_more_step(app: Flask) -> None:
    """access.md: approving money needs a passkey or a code. Whoever may not approve at all is told that first."""
    claims = Register(
        slug="claim", title="Claims", label="what", added_by=(EVERY_MEMBER,), approved_by=(FINANCE,),
        fields=(Field(name="what", label="What?", required=True), Field(name="sum", label="How much?", kind="money")),
    )  # fmt: skip
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[claims], checks=[])}, members=PEOPLE)
    place: dict[str, Any] = {"register_id": "kitchen.claim", "today": TODAY}
    registers.add(project.id, given={"what": "Tea", "sum": "2.50"}, by=project.by("lived-1"), **place)
    for who, refusal in ((project.by("practice-1"), NotAllowed), (project.by("money-1"), ConfirmFirst)):
        with pytest.raises(NotAllowed) as refused:
            registers.approve(project.id, key="tea", number=1, by=who, **place)
        assert type(refused.value) is refusal
        db.session.rollback()
    registers.approve(project.id, key="tea", number=1, by=project.by("money-1", strong=True), **place)


def test_nobody_approves_what_they_wrote_or_what_is_for_them(kitchen: Made) -> None:
    ask(kitchen, "lead-1")
    ask(kitchen, "lived-1", what="Milk", whom="money-1")
    for key, of in (("lead-1", "tea"), ("money-1", "milk")):
        with pytest.raises(NotAllowed, match="nobody approves what they wrote themselves, or what is for them"):
            approve(kitchen, key, entry=of)
        db.session.rollback()
    with pytest.raises(NotAllowed, match="You cannot approve"):
        approve(kitchen, "lived-1", entry="milk")


def test_a_change_asks_for_approval_again_and_whoever_changed_it_cannot_give_it(kitchen: Made) -> None:
    ask(kitchen)
    approve(kitchen, "money-1")
    change(kitchen, "money-1", {"what": "Cake"})
    assert entry(kitchen).approved_on is None
    assert (entry(kitchen).added_by, entry(kitchen).by) == ("lived-1", "money-1")
    with pytest.raises(NotAllowed):
        approve(kitchen, "money-1", number=2)


def test_what_is_approved_is_what_was_read(kitchen: Made) -> None:
    ask(kitchen)
    change(kitchen, "lived-1", {"what": "Gold"})
    with pytest.raises(Refused, match="changed while you read it"):
        approve(kitchen, "money-1", number=1)


# --- moments, secrets, files -----------------------------------------------------------------------------------


def test_a_check_sees_a_moment_as_a_moment(kitchen: Made) -> None:
    ask(kitchen, when="4 3 2026 14:30")
    assert entry(kitchen).values["when"] == datetime(2026, 3, 4, 14, 30)  # noqa: DTZ001 — clocks of the organisation


def test_a_secret_is_nowhere_in_the_database_and_is_opened_once_by_whom_the_list_names(kitchen: Made) -> None:
    ask(kitchen, code="12-34-56 7777")
    assert "7777" not in dump()
    assert entry(kitchen).values["code"] == "kept, not shown"

    def open_it(key: str) -> str:
        return registers.open_secret(
            kitchen.id,
            register_id="kitchen.ask_for",
            key="tea",
            field="code",
            by=kitchen.by(key, strong=True),
            today=TODAY,
        )

    for key in ("lead-1", "lived-1"):
        with pytest.raises(NotAllowed):
            open_it(key)
        db.session.rollback()
    assert open_it("money-1") == "12-34-56 7777"
    with pytest.raises(Refused, match="opened already"):
        open_it("money-1")
    db.session.rollback()
    assert "sealed" not in dump()
    lines, _ = history(kitchen.id)
    assert "opened something sealed in Things asked for" in lines[0].words
    assert "7777" not in export_project(kitchen.row)


def test_a_secret_stays_when_the_rest_of_the_line_changes(kitchen: Made) -> None:
    ask(kitchen, code="7777")
    change(kitchen, "lived-1", {"what": "Cake"})
    text = registers.open_secret(
        kitchen.id,
        register_id="kitchen.ask_for",
        key="tea",
        field="code",
        by=kitchen.by("money-1", strong=True),
        today=TODAY,
    )
    assert text == "7777"


def test_a_file_is_read_by_whoever_reads_the_line_and_is_not_there_for_others(kitchen: Made) -> None:
    ask(kitchen, photo=NewFile(name="../way in.txt", data=b"Turn left."))
    key = entry(kitchen).values["photo"]
    snapshot = load_snapshot(kitchen.row, today=TODAY)
    found = file_seen(kitchen.id, snapshot, key, reader="lived-1")
    assert (found.data, found.type) == (b"Turn left.", "text/plain")
    assert "/" not in found.name
    for reader in ("practice-1", "research-1"):
        with pytest.raises(NotFound):
            file_seen(kitchen.id, snapshot, key, reader=reader)


def test_a_photo_keeps_nothing_of_where_it_was_taken(kitchen: Made) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "51.5074 N, 0.1278 W"
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif)
    assert b"51.5074" in out.getvalue()
    ask(kitchen, photo=NewFile(name="door.jpg", data=out.getvalue()))
    (kept,) = rows(Upload)
    assert b"51.5074" not in kept.data
    assert kept.data.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("data", [b"\xff\xd8\xff not a picture at all", b"\xff\xd8\xff" + b"\0" * 2000])
def test_what_only_pretends_to_be_a_picture_is_refused_and_nothing_is_kept(kitchen: Made, data: bytes) -> None:
    with pytest.raises(Invalid, match="could not be read as a picture"):
        ask(kitchen, photo=NewFile(name="door.jpg", data=data))
    db.session.rollback()
    assert rows(Upload) == []


# --- a list of the organisation ---------------------------------------------------------------------------------


def test_a_list_of_the_organisation_is_the_same_in_all_its_projects(app: Flask, kitchen: Made) -> None:
    from govflow.services.project_file import import_project

    other = made(import_project(toml(a_file(slug="other", members=PEOPLE)), today=TODAY)["slug"])
    before = other.row.version
    registers.add(
        kitchen.id, register_id="kitchen.rate", given={"what": "25 an hour"}, by=kitchen.by("lead-1"), today=TODAY
    )
    for project in (kitchen, other):
        (found,) = load_snapshot(project.row, today=TODAY).entries["kitchen.rate"]
        assert found.values == {"what": "25 an hour"}
    assert other.row.version > before, "a gate that was judged before must be judged again"
    assert db.session.get_one(Project, other.id).judged_on is None
    assert "25 an hour" not in export_project(other.row)


def test_a_file_cannot_write_into_a_list_of_the_organisation(app: Flask) -> None:
    install(app, KITCHEN)
    with pytest.raises(Invalid, match="list of the organisation"):
        a_project(
            app,
            entry=[{"register": "kitchen.rate", "key": "a", "by": "lead-1", "on": TODAY, "values": {"what": "x"}}],
        )


# --- letters ---------------------------------------------------------------------------------------------------


def written() -> list[tuple[str, str]]:
    """(subject, text) of every letter a plugin wants posted, worded now."""
    found = []
    for row in rows(LetterRow, kind=FROM_PLUGIN):
        token, _ = outbox.claim()
        ready = outbox.compose(row.id, token, today=TODAY)
        found.append((ready.words.subject, ready.words.text) if ready else ("", ""))
    return found


def test_an_entry_writes_the_plugins_letter_to_whom_it_means(kitchen: Made) -> None:
    ask(kitchen)
    ((subject, text),) = written()
    assert subject == "GovFlow: Something is asked for"
    assert "Lived 1 asks for Tea." in text
    assert "/projects/kettle/kitchen/ask_for/tea" in text
    (row,) = rows(LetterRow, kind=FROM_PLUGIN)
    assert row.person_id == kitchen.member("money-1").person_id


def test_a_letter_its_plugin_cannot_word_is_posted_in_plain_words(
    kitchen: Made, caplog: pytest.LogCaptureFixture
) -> None:
    ask(kitchen, what="trouble")
    with caplog.at_level(logging.CRITICAL, "govflow.letters"):
        ((_, text),) = written()
    assert "Something new is waiting for you." in text


def test_a_letter_about_a_line_that_has_gone_is_not_posted(kitchen: Made) -> None:
    ask(kitchen)
    change(kitchen, "lived-1", {}, remove=True)
    assert written() == [("", "")]


def test_what_only_coordinators_would_get_reaches_a_lead_where_there_is_none(app: Flask) -> None:
    letter = Letter(slug="a", subject="Asked", to=COORDINATOR, when=entry_added("ask_for"), words=words)
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[ASK], letters=[letter])}, members=PEOPLE)
    ask(project)
    (row,) = rows(LetterRow, kind=FROM_PLUGIN)
    assert row.person_id == project.member("lead-1").person_id


def test_the_kept_values_are_plain_json(kitchen: Made) -> None:
    ask(kitchen, when="4 3 2026 14:30", code="x", photo=NewFile(name="a.txt", data=b"a"))
    version = registers.history_of(kitchen.row, "kitchen.ask_for", ASK, "tea")[0]
    assert json.loads(json.dumps(version.values)) == version.values
    assert LIVED["key"] == "lived-1"


# --- ways round that were tried -----------------------------------------------------------------------------------


def test_two_who_take_turns_in_writing_do_not_approve_it_for_each_other(kitchen: Made) -> None:
    ask(kitchen)
    change(kitchen, "money-1", {"what": "Gold"})
    change(kitchen, "lived-1", {"what": "Gold "})
    with pytest.raises(NotAllowed, match="Somebody else has to approve"):
        approve(kitchen, "money-1", number=3)
    db.session.rollback()
    approve(kitchen, "lead-1", number=3)


def test_whom_it_was_for_does_not_approve_it_after_being_taken_out(kitchen: Made) -> None:
    ask(kitchen, whom="money-1")
    change(kitchen, "lived-1", {"what": "Tea"})
    with pytest.raises(NotAllowed, match="Somebody else has to approve"):
        approve(kitchen, "money-1", number=2)


def test_who_left_and_came_back_does_not_approve_what_they_wrote(app: Flask) -> None:
    left = {**MONEY, "left": TODAY - days(20)}
    back = {**MONEY, "key": "money-2", "joined": TODAY - days(10)}
    project = a_project(app, plugins=KITCHEN, members=[*FOUR, left, back])
    registers.add(
        project.id,
        register_id="kitchen.ask_for",
        given={"what": "Tea"},
        by=project.by("money-1"),
        today=TODAY - days(30),
    )
    with pytest.raises(NotAllowed, match="Somebody else has to approve"):
        approve(project, "money-2")


def test_in_another_project_nobody_approves_what_they_wrote_in_this_one(app: Flask) -> None:
    from govflow.services.project_file import import_project

    rates = Register(
        slug="rate", title="Rates", label="what", fields=RATES.fields, added_by=(EVERY_MEMBER,), scope=ORGANISATION,
        approved_by=(LEAD,),
    )  # fmt: skip
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[rates])}, members=PEOPLE)
    other = made(import_project(toml(a_file(slug="other", members=PEOPLE)), today=TODAY)["slug"])
    given = {"register_id": "kitchen.rate", "by": project.by("lead-1"), "today": TODAY}
    registers.add(project.id, given={"what": "25"}, **given)
    with pytest.raises(NotAllowed, match="Somebody else has to approve"):
        registers.approve(other.id, key="25", number=1, **given)


def test_somebody_elses_file_cannot_be_put_into_an_answer_of_ones_own(kitchen: Made) -> None:
    ask(kitchen, photo=NewFile(name="private.txt", data=b"Private."))
    key = entry(kitchen).values["photo"]
    with pytest.raises(Invalid, match="Choose the file for “A photo” again"):
        ask(kitchen, "practice-1", what="Mine", photo=key)
    db.session.rollback()
    change(kitchen, "lived-1", {"what": "Tea", "photo": key})
    assert entry(kitchen).values["photo"] == key


def test_a_line_somebody_may_not_see_is_no_choice_in_their_forms_and_no_line_on_their_gate(app: Flask) -> None:
    from tests.support.site import signed_in_as

    link = Field(name="of", label="Of which?", kind="entry_of", of="kitchen.ask_for")
    public = Register(
        slug="open_list", title="Open", label="what", fields=(RATES.fields[0], link), added_by=(EVERY_MEMBER,)
    )
    checks = [a_check("priv", about=entry_of("kitchen.ask_for"))]
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[ASK, public], checks=checks)}, members=PEOPLE)
    ask(project, what="Hush hush")
    for key, sees in (("practice-1", False), ("lived-1", True), ("lead-1", True)):
        browser = signed_in_as(app, project.member(key).person_id)
        for path in ("kitchen/open_list/add", "gate", "waivers"):
            page = browser.get(f"/projects/kettle/{path}").get_data(as_text=True)
            assert ("Hush hush" in page) is sees, (key, path)
        status = browser.get("/projects/kettle/gate/kitchen.priv/hush-hush").status_code
        assert status == (200 if sees else 404)


def test_a_picture_with_broken_notes_of_a_camera_is_refused_in_words(kitchen: Made) -> None:
    """A camera's own notes say that a number is text; turning the picture upright then makes its reader raise."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x011E] = 6, 1.5
    Image.new("RGB", (8, 8), "red").save(out, "JPEG", exif=exif)
    data = (
        out.getvalue()
        .replace(b"\x01\x1e\x00\x05", b"\x01\x1e\x00\x02")
        .replace(b"\x1e\x01\x05\x00", b"\x1e\x01\x02\x00")
    )
    assert data != out.getvalue()
    with pytest.raises(Invalid, match="could not be read as a picture"):
        ask(kitchen, photo=NewFile(name="door.jpg", data=data))


def test_a_small_file_that_is_a_very_large_picture_is_refused_before_it_is_drawn(kitchen: Made) -> None:
    out = io.BytesIO()
    Image.new("1", (7_000, 7_000)).save(out, "PNG")
    assert len(out.getvalue()) < 20_000
    with pytest.raises(Invalid, match="could not be read as a picture"):
        ask(kitchen, photo=NewFile(name="door.png", data=out.getvalue()))
