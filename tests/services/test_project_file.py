"""Project files: in whole or not at all, and out again as the same facts."""

from __future__ import annotations

import copy
import tomllib
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govflow.cli.up import demo_files
from govflow.domain.refusals import Invalid
from govflow.services.gates import evidence, gates
from govflow.services.gates.reports import gate_report
from govflow.services.people import people
from govflow.services.project_file import MOST_BYTES, export_project, import_project
from govflow.store import EntryVersion, EvidenceRow, MemberRow, Organisation, Person, Project, VisitRow
from tests.support.factories import (
    FOUR,
    LONG_AGO,
    TEA,
    TODAY,
    a_file,
    a_project,
    days,
    made,
    person,
    row_counts,
    rows,
    toml,
)
from tests.support.fuzzing import times

pytestmark = pytest.mark.both_engines

ANSWER = {
    "check": "induction.welcomed",
    "about": "lived-1",
    "by": "lived-1",
    "on": LONG_AGO,
    "answers": {"agreed": True},
}
OUTPUT = {
    "register": "outputs.output",
    "key": "paper-1",
    "by": "lead-1",
    "on": LONG_AGO,
    "values": {"title": "A paper", "kind": "paper", "planned_end": date(2026, 9, 1), "writers": ["lived-1"]},
}
GROUP = {"slug": "panel", "title": "The panel", "chairs": ["lived-1"]}
VISIT = {"stage": "bid", "entered": date(2025, 1, 1), "left": date(2025, 6, 1), "why": ""}


def whole():
    """A file with a table of each kind."""
    return a_file(
        stage="design",
        started=date(2025, 1, 1),
        entered=LONG_AGO,
        funding_ends=date(2027, 1, 1),
        shared_with=["plymouth"],
        plan={"design": date(2026, 6, 1)},
        visit=[VISIT],
        group=[GROUP],
        evidence=[ANSWER],
        entry=[OUTPUT],
        members=[
            *FOUR[:3],
            person("research-1", "research", groups=["panel"], invited_by="lived-1", left=date(2027, 1, 1), seat="s"),
        ],
    )


def bring(given, **more):
    return import_project(given if isinstance(given, bytes) else toml(given), today=TODAY, keep_dates=True, **more)


def facts(text):
    """A project file as facts: without its slug, which another project may have."""
    given = tomllib.loads(text)
    given["project"].pop("slug")
    return given


# --- in and out --------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_a_file_with_everything_in_it_is_brought_in_and_counted(app):
    assert bring(whole()) == {"slug": "kettle", "members": 4, "entries": 1, "evidence": 1}
    assert [(v.number, v.stage, v.left) for v in rows(VisitRow)] == [(1, "bid", date(2025, 6, 1)), (2, "design", None)]
    assert {one.slug for one in rows(Organisation)} == {"hearth", "plymouth"}
    assert [one.visit for one in rows(EvidenceRow)] == [2]


@pytest.mark.core
def test_what_is_exported_imports_to_the_same_facts(app):
    bring(whole())
    first = export_project(made("kettle").row)
    bring(first.encode())
    assert facts(export_project(made("kettle-2").row)) == facts(first)
    wanted = whole()
    exported = tomllib.loads(first)
    assert exported["evidence"][0]["answers"] == wanted["evidence"][0]["answers"]
    assert exported["entry"][0]["values"] == OUTPUT["values"]
    assert exported["project"]["plan"] == wanted["project"]["plan"]
    assert exported["member"][3]["seat"] == "s"


@pytest.mark.core
@pytest.mark.usefixtures("with_practices")
@pytest.mark.parametrize("name", sorted(demo_files()))
def test_each_demo_project_imports_and_its_export_imports_to_the_same_facts_and_the_same_gate(app, name):
    data = demo_files()[name]
    slug = bring(data)["slug"]
    text = export_project(made(slug).row)
    again = bring(text.encode())["slug"]
    assert facts(export_project(made(again).row)) == facts(text)
    first, second = (gate_report(made(one).row, today=TODAY) for one in (slug, again))
    assert {**first, "project": ""} == {**second, "project": ""}
    given = tomllib.loads(data.decode())
    for table in ("member", "evidence", "entry", "visit", "group"):
        assert len(tomllib.loads(text).get(table, [])) == len(given.get(table, []))


@pytest.mark.usefixtures("with_practices")
@pytest.mark.parametrize("name", sorted(demo_files()))
def test_a_demo_project_can_be_moved_so_that_its_own_present_is_today(app, name):
    given = tomllib.loads(demo_files()[name].decode())
    slug = import_project(demo_files()[name], today=TODAY, to_present=True)["slug"]
    moved = TODAY - given["project"]["present"]
    assert made(slug).row.started == given["project"]["started"] + moved
    assert rows(VisitRow)[-1].entered == given["project"]["entered"] + moved


def test_awkward_words_come_out_as_they_went_in(app):
    words = 'Quote " back \\ slash\nnew line\ttab é 茶 \u2028 end'
    given = whole()
    given["project"]["title"] = given["member"][1]["title"] = 'A "title" with \\ and é'
    given["entry"][0]["values"]["title"] = "'''\"\"\" # not a comment"
    given["visit"][0]["why"] = words
    bring(given)
    text = export_project(made("kettle").row)
    bring(text.encode())
    assert facts(export_project(made("kettle-2").row)) == facts(text)
    assert tomllib.loads(text)["visit"][0]["why"] == words


def test_what_happened_here_is_in_the_export_but_not_sign_offs_nor_the_log(app):
    project = a_project(app)
    by = project.by("lived-1")
    evidence.answer(
        project.id, check_id="induction.welcomed", subject="lived-1", given={"agreed": "yes"}, by=by, today=TODAY
    )
    gates.say_not_ready(project.id, words="Not my cup of tea.", by=by, today=TODAY)
    text = export_project(project.row)
    assert "induction.welcomed" in text
    assert "cup of tea" not in text
    assert set(tomllib.loads(text)) == {"govflow", "organisation", "project", "member", "evidence"}


def test_an_answer_given_on_the_day_of_a_move_stays_in_its_visit(app):
    project = a_project(app, plugins={"kitchen": TEA})
    evidence.answer(
        project.id, check_id="kitchen.tea", subject=None, given={"done": "yes"}, by=project.by("lived-1"), today=TODAY
    )
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    assert project.finding("kitchen.tea").outcome == "unmet"
    copied = made(bring(export_project(project.row).encode())["slug"])
    assert copied.finding("kitchen.tea").outcome == "unmet"


def test_somebody_who_left_and_came_back_can_be_exported_and_imported(app):
    project = a_project(app)
    by = project.by("lived-1")
    people.leave(project.id, by=by, today=TODAY - days(10))
    people.invite(
        project.id, email="lived-1@example.org", name="Lived", role="member", by=project.by("lead-1"), today=TODAY
    )
    people.join(project.id, title="", expertise=["lived"], by=by, today=TODAY)
    bring(export_project(project.row).encode())


def test_an_entry_that_was_changed_by_somebody_else_imports_again(app):
    from govflow.services.registers import registers

    project = made(bring(whole())["slug"])
    new = {**OUTPUT["values"], "title": "A better paper", "writers": "lived-1", "planned_end": "2026-10-01"}
    registers.change(
        project.id, register_id="outputs.output", key="paper-1", given=new, by=project.by("practice-1"), today=TODAY
    )
    text = export_project(project.row)
    bring(text.encode())
    assert facts(export_project(made("kettle-2").row)) == facts(text)


def test_a_name_and_a_person_already_known_stay_as_they_are(app):
    bring(a_file())
    bring(a_file(members=[person("boss", role="lead"), {**FOUR[1], "name": "Somebody Else"}]))
    assert [one.name for one in rows(Person, email="lived-1@example.org")] == ["Lived 1"]
    assert len(rows(Person)) == 5


def test_things_fall_due_as_their_days_say_only_where_that_is_asked(app):
    import_project(toml(a_file()), today=TODAY)
    bring(a_file(slug="kept"))
    assert [one.not_due_before for one in rows(Project)] == [TODAY + days(14), None]


# --- wrong files ---------------------------------------------------------------------------------------------------


def edited(path, value):
    """The whole file with one key changed; `...` takes it out."""
    given = copy.deepcopy(whole())
    where = given
    for step in path[:-1]:
        where = where[step]
    if value is ...:
        del where[path[-1]]
    elif isinstance(where, list):
        where.append(value)
    else:
        where[path[-1]] = value
    return given


LATER, BEFORE = TODAY + days(1), date(2024, 1, 1)
WRONG = [
    (("govflow",), 2, "govflow = 1"),
    (("govflow",), ..., "govflow = 1"),
    (("cake",), {"a": 1}, "[file], key “cake”"),
    (("organisation",), ..., "[organisation]"),
    (("organisation", "slug"), "No Slug", "[organisation], key “slug”"),
    (("organisation", "name"), ..., "[organisation], key “name”"),
    (("organisation", "timezone"), "Moon/Base", "key “timezone”"),
    (("organisation", "timezone"), "../../etc/passwd", "key “timezone”"),
    (("organisation", "cake"), 1, "[organisation], key “cake”"),
    (("project",), ..., "[project]"),
    (("project", "title"), "", "[project], key “title”"),
    (("project", "title"), 7, "[project], key “title”"),
    (("project", "title"), "x" * 301, "[project], key “title”"),
    (("project", "lifecycle"), "party", "[project], key “lifecycle”"),
    (("project", "stage"), "party", "[project], key “stage”"),
    (("project", "state"), "asleep", "[project], key “state”"),
    (("project", "started"), "2025-01-01", "[project], key “started”"),
    (("project", "started"), ..., "[project], key “started”"),
    (("project", "entered"), LATER, "[project], key “entered”"),
    (("project", "entered"), BEFORE, "[project], key “entered”"),
    (("project", "started"), date(1066, 1, 1), "[project], key “started”"),
    (("project", "cake"), 1, "[project], key “cake”"),
    (("project", "shared_with"), "plymouth", "[project], key “shared_with”"),
    (("project", "shared_with"), ["Not a slug!"], "[project], key “shared_with”"),
    (("project", "shared_with"), ["x" * 70], "[project], key “shared_with”"),
    (("project", "plan", "party"), LATER, "[project.plan], key “party”"),
    (("project", "plan", "bid"), "soon", "[project.plan], key “bid”"),
    (("visit", 0, "stage"), "party", "[[visit]] number 1, key “stage”"),
    (("visit", 0, "left"), ..., "[[visit]] number 1, key “left”"),
    (("visit", 0, "left"), BEFORE, "[[visit]] number 1, key “left”"),
    (("visit", 0, "entered"), BEFORE, "[[visit]] number 1, key “entered”"),
    (("visit", 1), {**VISIT, "entered": date(2025, 2, 1)}, "[[visit]] number 2, key “entered”"),
    (("group", 1), GROUP, "[[group]] number 2, key “slug”"),
    (("group", 0, "chairs"), ["nobody"], "[[group]] number 1, key “chairs”"),
    (("member", 1, "key"), "lead-1", "[[member]] number 2, key “key”"),
    (("member", 1, "key"), "Not A Key", "[[member]] number 2, key “key”"),
    (("member", 1, "email"), "nobody", "[[member]] number 2, key “email”"),
    (("member", 1, "email"), "LEAD-1@example.org", "[[member]] number 2, key “email”"),
    (("member", 1, "name"), ..., "[[member]] number 2, key “name”"),
    (("member", 1, "role"), "king", "[[member]] number 2, key “role”"),
    (("member", 1, "expertise"), ["magic"], "[[member]] number 2, key “expertise”"),
    (("member", 1, "expertise"), "lived", "[[member]] number 2, key “expertise”"),
    (("member", 1, "groups"), ["nowhere"], "[[member]] number 2, key “groups”"),
    (("member", 1, "invited_by"), "nobody", "[[member]] number 2, key “invited_by”"),
    (("member", 1, "left"), BEFORE, "[[member]] number 2, key “left”"),
    (("member", 1, "joined"), ..., "[[member]] number 2, key “joined”"),
    (("member", 1, "cake"), True, "[[member]] number 2, key “cake”"),
    (("member", 0, "role"), "member", "[[member]]"),
    (("member",), ..., "[[member]]"),
    (("member",), "everyone", "[[member]]"),
    (("member", 1), 7, "[[member]] number 5"),
    (("evidence", 0, "check"), "induction.cake", "[[evidence]] number 1, key “check”"),
    (("evidence", 0, "check"), "cake", "[[evidence]] number 1, key “check”"),
    (("evidence", 0, "about"), "nobody", "[[evidence]] number 1, key “about”"),
    (("evidence", 0, "about"), ..., "[[evidence]] number 1, key “about”"),
    (("evidence", 0, "by"), "lead-1", "[[evidence]] number 1, key “by”"),
    (("evidence", 0, "by"), "nobody", "[[evidence]] number 1, key “by”"),
    (("evidence", 0, "on"), LATER, "[[evidence]] number 1, key “on”"),
    (("evidence", 0, "on"), BEFORE, "[[evidence]] number 1, key “on”"),
    (("evidence", 0, "on"), date(2025, 12, 31), "[[evidence]] number 1, key “by”"),
    (("evidence", 0, "answers"), {}, "[[evidence]] number 1, key “answers"),
    (("evidence", 0, "answers"), {"cake": 1}, "[[evidence]] number 1, key “answers.cake”"),
    (("evidence", 0, "answers"), {"agreed": "perhaps"}, "[[evidence]] number 1, key “answers.agreed”"),
    (("evidence", 0, "answers"), 7, "[[evidence]] number 1, key “answers”"),
    (("evidence", 0, "cake"), 1, "[[evidence]] number 1, key “cake”"),
    (("entry", 0, "register"), "outputs.cake", "[[entry]] number 1, key “register”"),
    (("entry", 1), OUTPUT, "[[entry]] number 2, key “key”"),
    (("entry", 0, "values", "kind"), "cake", "[[entry]] number 1, key “values.kind”"),
    (("entry", 0, "values", "writers"), ["nobody"], "[[entry]] number 1, key “values.writers”"),
    (("entry", 0, "values", "title"), ..., "[[entry]] number 1, key “values.title”"),
    (("entry", 0, "by"), "nobody", "[[entry]] number 1, key “by”"),
    (("document",), [{"document": "ways.agreement"}], "[[document]] number 1"),
]


@pytest.mark.parametrize(
    ("path", "value", "named"), WRONG, ids=[f"{'.'.join(map(str, path))}={value!s:.20}" for path, value, _ in WRONG]
)
def test_a_wrong_file_imports_nothing_and_names_the_table_which_of_them_and_the_key(app_for_many, path, value, named):
    before = row_counts()
    with pytest.raises(Invalid) as refused:
        bring(edited(path, value))
    assert named in str(refused.value)
    assert row_counts() == before


DEEP = b"a = " + b"[" * 5_000 + b"]" * 5_000
BROKEN = {
    "empty": b"",
    "not toml": b"this is no toml",
    "half": toml(whole()).rpartition(b" = ")[0],
    "binary": bytes(range(256)),
    "latin": "é".encode("latin-1"),
    "too long": b"#" * (MOST_BYTES + 1),
    "deep": DEEP,
    "dots": b"a." * 5_000 + b"b = 1",
    "bom": b"\xef\xbb\xbf" + toml(whole()),
    "deep tables": b"[" + b"a." * 400 + b"b]",
    "spaced dots": b"a . " * 3_000 + b"b = 1",
    "quoted dots": b'"a".' * 3_000 + b"b = 1",
    "deep inline": b"a = " + b"{b = " * 2_000 + b"1" + b"}" * 2_000,
    "long number": b"govflow = " + b"9" * 5_000,
    "impossible day": b"govflow = 1\na = 2026-02-31",
    "twice": b"govflow = 1\ngovflow = 1",
    "nul": b"govflow = 1\n\x00",
    "huge number": toml(whole())
    + b"\n[[evidence]]\ncheck='induction.welcomed'\nabout='lived-1'\nby='lived-1'\non=2026-01-01\nanswers={agreed=0x"
    + b"f" * 5_000
    + b"}\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_is_no_project_file_is_refused_quickly_with_a_sentence(app_for_many, name):
    import time

    before, start = row_counts(), time.perf_counter()
    with pytest.raises(Invalid) as refused:
        bring(BROKEN[name])
    assert str(refused.value).strip()
    assert time.perf_counter() - start < 3
    assert row_counts() == before


plain = st.one_of(
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
KEYS = sorted({key for table in (whole()["project"], FOUR[0], ANSWER, OUTPUT, GROUP, VISIT, whole()) for key in table})
names = st.sampled_from(KEYS) | st.text(st.characters(codec="utf-8"), max_size=8)
values = st.recursive(
    plain, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(names, inside, max_size=4), max_leaves=12
)
quick = settings(
    max_examples=times(80),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def only_invalid(data):
    """Brings a file in, or refuses it with a sentence and leaves every table as it was."""
    before = row_counts()
    try:
        bring(data)
    except Invalid as error:
        assert str(error).strip()  # noqa: PT017  (it may, and need not, be refused)
        assert row_counts() == before


@quick
@given(given=st.dictionaries(names, values, max_size=8))
def test_whatever_a_file_says_it_is_refused_in_words_and_nothing_is_kept(app_for_many, given):
    only_invalid(toml({"govflow": 1, **given}))


@quick
@given(data=st.data())
def test_a_file_with_one_thing_changed_is_brought_in_or_refused_in_words(app_for_many, data):
    given = copy.deepcopy(whole())
    where = given
    while True:
        keys = list(where) if isinstance(where, dict) else list(range(len(where)))
        key = data.draw(st.sampled_from(keys))
        inner = where[key]
        if not (isinstance(inner, (dict, list)) and inner and data.draw(st.booleans())):
            break
        where = inner
    if data.draw(st.booleans()) and isinstance(where, dict):
        where[data.draw(names)] = data.draw(values)
    else:
        where[key] = data.draw(values)
    only_invalid(toml(given))


@settings(
    max_examples=times(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(name=st.sampled_from(sorted(demo_files())), data=st.data())
def test_a_demo_file_with_lines_lost_or_swapped_is_brought_in_or_refused_in_words(app_for_many, name, data):
    lines = demo_files()[name].decode().splitlines()[:400]
    for _ in range(data.draw(st.integers(1, 4))):
        first, second = (data.draw(st.integers(0, len(lines) - 1)) for _ in range(2))
        if data.draw(st.booleans()):
            lines[first], lines[second] = lines[second], lines[first]
        else:
            del lines[first]
    only_invalid("\n".join(lines).encode())


def test_a_wrong_file_leaves_nothing_on_either_database(app):
    before = row_counts()
    with pytest.raises(Invalid):
        bring(edited(("entry", 0, "values", "kind"), "cake"))
    assert row_counts() == before
    assert rows(EntryVersion) == rows(MemberRow) == []
