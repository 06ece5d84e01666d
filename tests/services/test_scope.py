"""Below every permission: a page reaches only rows of its reader's projects, in each query and in PostgreSQL itself."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from govflow.domain.gates.checks import EVERY_MEMBER, LEAD, ORGANISATION
from govflow.domain.questions import NewFile, Question
from govflow.domain.refusals import Invalid, NotAllowed
from govflow.domain.registers.registers import Register
from govflow.services.auth import sign_in_links
from govflow.services.base.visibility import limit_scope_for
from govflow.services.gates import evidence, uploads
from govflow.services.mail import outbox
from govflow.services.people import people, projects
from govflow.services.registers.registers import add, approve
from govflow.store import Base, Email, EvidenceRow, MemberRow, Project, SignedIn, db, everything
from govflow.store.base import OfEither, OfOrganisation, OfProject
from tests.support.factories import TEA, TODAY, a_plugin, a_project, install, person, rows

pytestmark = pytest.mark.both_engines

MINE = [person("p-0", role="lead"), person("p-1", "lived")]
PAPERS = Register(
    slug="papers",
    title="Papers",
    label="title",
    fields=(Question(name="title", label="Title"), Question(name="paper", label="Paper", kind="file")),
)
THEIRS = [person("q-0", role="lead"), person("q-1", "lived")]


@pytest.fixture
def two(app):
    mine = a_project(app, members=MINE, plugins={"kitchen": TEA})
    theirs = a_project(app, members=THEIRS, plugins={"kitchen": TEA}, slug="teapot", organisation="elsewhere")
    for project, key in ((mine, "p-0"), (theirs, "q-0")):
        evidence.answer(
            project.id, check_id="kitchen.tea", subject=None, given={"done": "yes"}, by=project.by(key), today=TODAY
        )
    return mine, theirs


@pytest.fixture
def page(app, two):
    """As a page of p-1 begins: nothing is reached yet."""
    who = two[0].by("p-1").person_id
    db.session.rollback()
    with app.test_request_context("/"):
        yield who
        db.session.rollback()


def reached():
    return [sorted(db.session.scalars(select(model.project_id))) for model in (EvidenceRow, MemberRow)]


def test_a_page_reaches_nothing_until_it_is_known_who_asks(two, page):
    assert reached() == [[], []]
    assert db.session.get(Project, two[0].id) is None


def test_a_page_reaches_its_reader_s_projects_and_no_other(two, page):
    mine, theirs = (one.id for one in two)
    limit_scope_for(page, today=TODAY)
    assert reached() == [[mine], [mine, mine]]
    assert db.session.get(Project, theirs) is None
    joined = select(Project.slug).join(MemberRow, MemberRow.project_id == Project.id).distinct()
    assert db.session.scalars(joined).all() == ["kettle"]
    changed = db.session.execute(update(MemberRow).values(title="King"))
    assert changed.rowcount == 2
    with everything():
        assert reached() == [[mine, theirs], [mine, mine, theirs, theirs]]
    assert reached() == [[mine], [mine, mine]]


def test_what_one_page_reaches_the_next_does_not(app, two):
    who = two[0].by("p-1").person_id
    db.session.rollback()
    with app.test_request_context("/"):
        limit_scope_for(who, today=TODAY)
        assert reached()[0]
        db.session.rollback()
    with app.test_request_context("/"):
        assert reached() == [[], []]
        db.session.rollback()
    assert len(reached()[0]) == 2, "commands and workers act for everyone"


def test_what_goes_wrong_while_a_page_looks_further_is_what_is_told_of(two, page):
    """A lock that was waited for too long is “try again in a minute”, not an error of ours about something else."""
    limit_scope_for(page, today=TODAY)
    with pytest.raises(SQLAlchemyError, match="no_such_table"), everything():
        db.session.execute(text("SELECT 1 FROM no_such_table"))
    db.session.rollback()
    mine = [two[0].id]
    assert reached() == [mine, mine * 2]
    assert db.session.scalar(text("SELECT count(*) FROM evidence")) == (1 if on_postgres() else 2)


def on_postgres():
    return db.engine.dialect.name == "postgresql"


def test_every_table_says_whose_its_rows_are():
    """Or its queries would not be narrowed. What hangs on another table is reached through that one."""
    for mapper in Base.registry.mappers:
        model, columns = mapper.class_, mapper.local_table.columns
        mine = "project_id" in columns
        kind = OfProject if mine and not columns["project_id"].nullable else OfEither if mine else OfOrganisation
        assert issubclass(model, kind) == (mine or ("organisation_id" in columns and model is not Project)), model


def test_who_is_removed_here_stays_signed_in_for_what_they_have_elsewhere(app, two):
    """Whoever removes them does not reach their other projects, and must not take them for nowhere."""
    mine, _ = two
    sign_in_links.use_link(sign_in_links.operator_link(mine.by("p-1").person_id), device="a phone", today=TODAY)
    both = a_project(
        app, members=[person("r-0", role="lead"), person("p-1", "lived")], slug="third", organisation="third"
    )
    lead, still = mine.by("p-0"), both.by("p-1").person_id
    db.session.rollback()
    with app.test_request_context("/"):
        limit_scope_for(lead.person_id, today=TODAY)
        people.remove(mine.id, member="p-1", by=lead, today=TODAY)
        db.session.rollback()
    assert [one.ended_at for one in rows(SignedIn, person_id=still)] == [None]


def test_a_next_project_is_started_from_a_page_and_takes_no_name_that_others_have(app, two):
    """Its row is of no project anybody reaches yet, and a name may be taken by one that nobody here may know of."""
    mine, _ = two
    a_project(app, members=THEIRS, slug="tea", organisation="elsewhere")
    mine.row.state = "closed"
    db.session.commit()
    lead = mine.by("p-0")
    db.session.rollback()
    with app.test_request_context("/"):
        limit_scope_for(lead.person_id, today=TODAY)
        assert projects.start_next(mine.id, title="Tea", by=lead, today=TODAY) == "tea-2"
        db.session.rollback()


def test_two_leads_who_do_not_know_of_each_other_ask_the_same_person_on_one_day(app, two):
    mine, _ = two
    other = a_project(app, members=[person("r-0", role="lead")], slug="third")
    for project, key in ((mine, "p-0"), (other, "r-0")):
        by = project.by(key)
        db.session.rollback()
        with app.test_request_context("/"):
            limit_scope_for(by.person_id, today=TODAY)
            asked = {"email": "nia@example.org", "name": "Nia", "role": "member"}
            people.invite(project.id, by=by, today=TODAY, **asked)
            db.session.rollback()
    assert [one.kind for one in rows(Email)] == ["invitation", "invitation"]


def test_nobody_approves_in_one_project_what_they_wrote_in_another_they_have_left(app, two):
    rates = Register(
        slug="rate", title="Rates", label="what", fields=(Question(name="what", label="What"),),
        added_by=(EVERY_MEMBER,), approved_by=(LEAD,), scope=ORGANISATION,
    )  # fmt: skip
    mine, _ = two
    other = a_project(
        app, plugins={"kitchen": a_plugin(registers=[rates], checks=[])},
        members=[person("s-0", role="lead"), person("p-0", "lived")], slug="third",
    )  # fmt: skip
    lead = mine.by("p-0")
    given = {"register_id": "kitchen.rate", "by": lead, "today": TODAY}
    add(other.id, given={"what": "25"}, **given)
    people.leave(other.id, by=lead, today=TODAY)
    version = other.row.version
    db.session.rollback()
    with app.test_request_context("/"):
        limit_scope_for(lead.person_id, today=TODAY)
        with pytest.raises(NotAllowed, match="Somebody else has to approve"):
            approve(mine.id, key="25", number=1, **given)
        db.session.rollback()
        add(mine.id, given={"what": "30"}, **given)
        db.session.rollback()
    assert other.row.version > version, "a list of the organisation is looked at again in every project of it"


def test_the_limit_of_files_counts_what_the_organisation_has_elsewhere(app, two, monkeypatch):
    mine, _ = two
    other = a_project(app, members=[person("r-0", role="lead")], slug="third")
    file = NewFile(name="notes.pdf", data=b"%PDF-1.4 notes")
    monkeypatch.setattr(uploads, "QUOTA", len(file.data))
    given = {"paper": file}
    registers = {"kitchen": a_plugin(registers=[PAPERS], checks=[])}
    install(app, registers)
    add(other.id, register_id="kitchen.papers", given={"title": "One", **given}, by=other.by("r-0"), today=TODAY)
    lead = mine.by("p-0")
    db.session.rollback()
    with app.test_request_context("/"):
        limit_scope_for(lead.person_id, today=TODAY)
        with pytest.raises(Invalid, match="has used its"):
            add(mine.id, register_id="kitchen.papers", given={"title": "Two", **given}, by=lead, today=TODAY)
        db.session.rollback()


def test_what_is_counted_for_everyone_is_counted_whoever_asks(app, two):
    people.invite(two[0].id, email="nia@example.org", name="Nia", role="member", by=two[0].by("p-0"), today=TODAY)
    db.session.rollback()
    with app.test_request_context("/"):
        assert outbox.letters_owed() == 1
        db.session.rollback()


# --- PostgreSQL's own layer -------------------------------------------------------------------------------

OF_SOMEBODY = {"person", "organisation", "sign_in_link", "signed_in", "sign_in_try"}
OF_SOMEBODY |= {"passkey", "code_app", "recovery_code", "letter_wish", "mail_host", "calendar_feed"}
"""Tables of a person alone, or of nobody: reached by who signs in, before any project is known."""


only_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


@pytest.fixture
def connection(app, database_url):
    """The app's own role, which owns the tables, on a connection that has said nothing."""
    with psycopg.connect(database_url.replace("+psycopg", "")) as raw:
        yield raw


def belonging() -> set[str]:
    """Every table that belongs to a project or an organisation, by its columns or by the table it hangs on."""
    tables = set(Base.metadata.tables.values())
    found = {one for one in tables if {"project_id", "organisation_id"} & set(one.columns.keys())}
    found |= {one for one in tables if one.name == "project"}
    while True:
        more = {
            one
            for one in tables - found
            if any(key.column.table in found and not key.parent.nullable for key in one.foreign_keys)
        }
        if not more:
            return {one.name for one in found}
        found |= more


@only_postgres
def test_every_table_with_a_project_or_an_organisation_has_a_policy_that_holds_for_its_owner(connection):
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity "
        "AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid)"
    )
    protected = {name for (name,) in found}
    assert "evidence" in protected
    assert belonging() - protected == set()
    assert set(Base.metadata.tables) - protected == OF_SOMEBODY


@only_postgres
def test_a_connection_that_has_said_nothing_reaches_no_row(two, connection):
    for table in sorted(belonging()):
        assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,), table
        if table != "log_line":  # the history is deleted by nobody, whoever they say they are
            assert connection.execute(f'DELETE FROM "{table}"').rowcount == 0, table
    connection.rollback()
    assert len(reached()[0]) == 2


@only_postgres
def test_postgresql_alone_keeps_a_page_to_its_reader_s_rows(two, page):
    """Plain SQL, which no layer of ours narrows; and rows of others can be neither written nor taken over."""
    mine, theirs = (one.id for one in two)
    limit_scope_for(page, today=TODAY)
    assert db.session.scalar(text("SELECT count(*) FROM evidence")) == 1
    assert db.session.scalar(text("SELECT count(*) FROM entry_version")) == 0
    assert (
        db.session.execute(text("UPDATE member SET title = 'King' WHERE project_id = :id"), {"id": theirs}).rowcount
        == 0
    )
    with pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(
            text("UPDATE evidence SET project_id = :to WHERE project_id = :id"), {"to": theirs, "id": mine}
        )
    db.session.rollback()
    assert db.session.scalar(text("SELECT count(*) FROM evidence")) == 1, "the next transaction is told anew"


@only_postgres
def test_what_was_said_is_forgotten_with_the_transaction(app, two, page):
    limit_scope_for(page, today=TODAY)
    db.session.execute(text("SELECT 1"))
    raw = db.session.connection().connection.driver_connection
    db.session.rollback()
    assert raw.execute("SELECT current_setting('govflow.projects', true)").fetchone()[0] in ("", None)
    raw.rollback()
