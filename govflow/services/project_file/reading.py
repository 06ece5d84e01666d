"""Reading a project file: checked whole, against its own members, dates and the installed plugins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from govflow.domain.gates.checks import ORGANISATION, Case, Check, Entry, ProjectFacts, Visit, people_meant
from govflow.domain.gates.lifecycle import RESEARCH, Lifecycle
from govflow.domain.people import EXPERTISE, ROLES, Member, Role
from govflow.domain.plugins.settings import make
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import LONG_TEXT_MOST, Known, NewFile, Secret, read_answers, thaw
from govflow.domain.refusals import Invalid
from govflow.domain.registers.documents import Agreed, Document, Version
from govflow.domain.registers.registers import Register
from govflow.domain.toml_tables import SLUG, TomlTable, read_toml
from govflow.services.auth.email_addresses import clean_email
from govflow.services.base.context import context
from govflow.services.plugins.plugins import settings_of
from govflow.services.registers.documents import TEXT_MOST as DOCUMENT_MOST

MOST_BYTES = 2 * 1024 * 1024


@dataclass
class Plan:
    """A project file that was read and found whole: what will be written, and nothing half."""

    organisation: tuple[str, str, str]
    project: dict[str, Any]
    shared_with: list[str]
    lifecycle: Lifecycle
    visits: list[Visit]
    groups: list[dict[str, Any]]
    members: list[tuple[Member, str]]
    homes: dict[str, str]
    present: date | None
    evidence: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)


def parse(data: bytes) -> dict[str, Any]:
    """TOML as a dictionary, or a sentence. Guards against files made to make parsers slow."""
    if len(data) > MOST_BYTES:
        raise Invalid(f"The file has {len(data):,} bytes. A project file has at most {MOST_BYTES:,}.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The file is not text in UTF-8. Save it as UTF-8 and try again.") from None
    try:
        return read_toml(text)
    except ValueError as error:
        raise Invalid(str(error).replace("This is not", "The file is not")) from None


def moved(given: Any, by: timedelta) -> Any:
    """Every day in a file moved by the same time, so that its own present becomes today."""
    if isinstance(given, dict):
        return {key: moved(value, by) for key, value in given.items()}
    if isinstance(given, list):
        return [moved(item, by) for item in given]
    return given + by if isinstance(given, date) and not isinstance(given, datetime) else given


def read(given: Mapping[str, Any], *, today: date) -> Plan:
    """Check a whole file against its own members, dates and the installed plugins."""
    top = TomlTable("file", given)
    if top.take("govflow") != 1:
        raise Invalid("The file must begin with “govflow = 1”, the version of its format.")
    organisation = TomlTable("organisation", top.take("organisation"))
    named = (organisation.slug("slug"), organisation.text("name"), organisation.text("timezone", "Europe/London"))
    _zone(organisation, named[2])
    organisation.done()
    project, plan_table = _project(TomlTable("project", top.take("project")))
    lifecycle = _lifecycle(project)
    visits = _visits(top.tables("visit"), project, lifecycle, today)
    groups = _groups(top.tables("group"))
    homes: dict[str, str] = {}
    places = {named[0], *project["shared_with"]}
    members = _members(top.tables("member"), {group["slug"] for group in groups}, project["started"], places, homes)
    for number, group in enumerate(groups, start=1):
        for chair in group["chairs"]:
            if chair not in {member.key for member, _ in members}:
                raise TomlTable("group", {}, number).wrong("chairs", f"there is no member “{chair:.60}”.")
        _joined(group, number, [member for member, _ in members])
    plan = Plan(
        organisation=named,
        project=project,
        shared_with=project.pop("shared_with"),
        lifecycle=lifecycle,
        visits=visits,
        groups=groups,
        members=members,
        homes=homes,
        present=project.pop("present"),
    )
    project["plan"] = _planned(plan_table, lifecycle)
    plan.documents = _documents(top.tables("document"), plan, today)
    plan.entries = _entries(top.tables("entry"), plan, today)
    plan.evidence = _evidence(top.tables("evidence"), plan, today)
    top.done()
    return plan


def _zone(table: TomlTable, name: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise table.wrong("timezone", f"there is no time zone “{name:.60}”. Write one such as Europe/London.") from None


def _project(table: TomlTable) -> tuple[dict[str, Any], dict[str, Any]]:
    facts = {
        "slug": table.slug("slug"),
        "title": table.text("title"),
        "lifecycle": table.text("lifecycle", RESEARCH.slug),
        "stage": table.text("stage"),
        "state": table.choice("state", tuple(ProjectState), ProjectState.RUNNING),
        "started": table.must_day("started"),
        "entered": table.must_day("entered"),
        "funding_ends": table.day("funding_ends", required=False),
        "present": table.day("present", required=False),
        "shared_with": _slugs(table, "shared_with"),
    }
    plan = table.table("plan")
    table.done()
    return facts, plan


def _slugs(table: TomlTable, key: str) -> list[str]:
    found = table.texts(key)
    for slug in found:
        if not SLUG.match(slug):
            raise table.wrong(
                key, f"“{slug:.60}” is no short name: small letters, digits, hyphens and underscores only."
            )
    return found


def _lifecycle(project: dict[str, Any]) -> Lifecycle:
    table = TomlTable("project", {})
    try:
        project["lifecycle"] = context().declared.lifecycle_id(project["lifecycle"])
        lifecycle = context().declared.lifecycles[project["lifecycle"]]
    except Invalid as error:
        raise table.wrong("lifecycle", str(error)) from None
    try:
        lifecycle.stage(project["stage"])
    except Invalid as error:
        raise table.wrong("stage", str(error)) from None
    return lifecycle


def _planned(given: dict[str, Any], lifecycle: Lifecycle) -> dict[str, str]:
    table = TomlTable("project.plan", given)
    days = {}
    for stage in lifecycle.stages:
        found = table.day(stage.slug, required=False)
        if found:
            days[stage.slug] = found.isoformat()
    table.done()
    return days


def _visits(given: list[Any], project: dict[str, Any], lifecycle: Lifecycle, today: date) -> list[Visit]:
    visits: list[Visit] = []
    after = project["started"]
    for number, block in enumerate(given, start=1):
        table = TomlTable("visit", block, number)
        stage = table.choice("stage", [stage.slug for stage in lifecycle.stages])
        entered, left = table.must_day("entered"), table.must_day("left")
        if entered < after:
            raise table.wrong(
                "entered", f"{entered} is before {after}, when the project or the earlier visit allows it."
            )
        if left < entered:
            raise table.wrong("left", f"{left} is before {entered}, the day it was entered.")
        visits.append(
            Visit(
                number=number, stage=stage, entered=entered, left=left, why=table.text("why", "", most=LONG_TEXT_MOST)
            )
        )
        table.done()
        after = left
    here = TomlTable("project", {})
    if project["entered"] < after:
        raise here.wrong(
            "entered", f"{project['entered']} is before {after}, when the earlier visit ended or the project started."
        )
    if project["entered"] > today:
        raise here.wrong("entered", f"{project['entered']} is still to come.")
    visits.append(Visit(number=len(visits) + 1, stage=project["stage"], entered=project["entered"]))
    return visits


def _groups(given: list[Any]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    for number, block in enumerate(given, start=1):
        table = TomlTable("group", block, number)
        group: dict[str, Any] = {
            "slug": table.slug("slug"),
            "title": table.text("title"),
            "chairs": table.texts("chairs"),
            "joined": table.table("joined"),
        }
        if group["slug"] in {other["slug"] for other in groups}:
            raise table.wrong("slug", f"“{group['slug']}” is used twice.")
        table.done()
        groups.append(group)
    return groups


def _joined(group: dict[str, Any], number: int, members: list[Member]) -> None:
    """Since when somebody is in a group, where it is not since they joined the project."""
    table = TomlTable("group", {}, number)
    there = {
        person.key: person for person in members if group["slug"] in person.groups or person.key in group["chairs"]
    }
    for key, day in group["joined"].items():
        member = there.get(key)
        if member is None:
            raise table.wrong("joined", f"“{key:.60}” is not in this group.")
        group["joined"][key] = read = TomlTable("joined", {key: day}).must_day(key)
        if read < member.joined or (member.left and member.left < read):
            raise table.wrong("joined", f"“{key:.60}” was not in the project on {read}.")


def _members(
    given: list[Any], groups: set[str], started: date, places: set[str], homes: dict[str, str]
) -> list[tuple[Member, str]]:
    members: dict[str, tuple[Member, str]] = {}
    stays: dict[str, list[Member]] = {}
    for number, block in enumerate(given, start=1):
        table = TomlTable("member", block, number)
        key = table.slug("key")
        if key in members:
            raise table.wrong("key", f"“{key}” is used twice.")
        email = _email(table)
        joined, left = table.must_day("joined"), table.day("left", required=False)
        if left and left < joined:
            raise table.wrong("left", f"{left} is before {joined}, the day they joined.")
        name = table.text("name")
        member = Member(
            key=key,
            name=name,
            title=table.text("title", ""),
            organisation=table.text("organisation", ""),
            expertise=tuple(dict.fromkeys(table.texts("expertise"))),
            words=tuple(dict.fromkeys(table.texts("words"))),
            role=table.choice("role", ROLES, "member"),
            groups=tuple(table.texts("groups")),
            seat=table.text("seat", ""),
            invited_by=table.text("invited_by", "") or None,
            joined=joined,
            left=left,
            expertise_since=joined,
        )
        home = table.text("home", "")
        if home and home not in places:
            raise table.wrong("home", f"“{home:.60}” is none of: {', '.join(sorted(places))}.")
        if home:
            homes[key] = home
        for kind in member.expertise:
            if kind not in EXPERTISE:
                raise table.wrong("expertise", f"“{kind:.60}” is none of: {', '.join(EXPERTISE)}.")
        for group in member.groups:
            if group not in groups:
                raise table.wrong("groups", f"there is no group “{group:.60}”.")
        table.done()
        for other in stays.setdefault(email, []):
            if (other.left is None or other.left > joined) and (left is None or left > other.joined):
                raise table.wrong("email", f"“{email}” is used twice at the same time. Each member has their own.")
        stays[email].append(member)
        members[key] = (member, email)
    for number, (member, _) in enumerate(members.values(), start=1):
        if member.invited_by and member.invited_by not in members:
            raise TomlTable("member", {}, number).wrong("invited_by", f"there is no member “{member.invited_by:.60}”.")
    if not any(member.role == Role.LEAD for member, _ in members.values()):
        raise Invalid("[[member]]: at least one member must have the role “lead”.")
    return list(members.values())


def _email(table: TomlTable) -> str:
    try:
        return clean_email(table.text("email", most=254))
    except Invalid as error:
        if error.problems:
            raise table.wrong("email", str(error)) from None
        raise


def _at(plan: Plan, on: date) -> Visit | None:
    """The visit a day fell into."""
    return next((visit for visit in reversed(plan.visits) if visit.entered <= on), None)


def _visit(table: TomlTable, plan: Plan, on: date) -> Visit:
    """The visit an answer was given in: where a day lies in two of them, the file may say which."""
    number = table.take("visit")
    if number is None:
        found = _at(plan, on)
        assert found is not None
        return found
    for visit in plan.visits:
        if visit.number == number and visit.entered <= on and (visit.left is None or on <= visit.left):
            return visit
    raise table.wrong("visit", f"there is no visit of that number on {on}. The first [[visit]] is number 1.")


def _case(
    plan: Plan,
    on: date,
    *,
    subject: Member | Entry | None = None,
    by: str | None = None,
    plugin: str = "",
    needs: Collection[str] = (),
) -> Case:
    visit = _at(plan, on) or plan.visits[0]
    members = tuple(member for member, _ in plan.members)
    declared = context().declared.plugins.get(plugin)
    registers: dict[str, list[Entry]] = {f"{plugin}.{name}": [] for name in (declared.registers if declared else ())}
    for answer in plan.entries:
        if answer["register"].startswith(f"{plugin}.") or answer["register"] in needs:
            registers.setdefault(answer["register"], []).append(_entry(answer))
    return Case(
        project=ProjectFacts(slug=plan.project["slug"], title=plan.project["title"], started=plan.project["started"]),
        lifecycle=plan.lifecycle,
        stage=plan.lifecycle.stage(visit.stage),
        visit=visit,
        today=on,
        subject=subject,
        members=tuple(person for person in members if person.here_on(on)),
        left=tuple(person for person in members if not person.here_on(on)),
        registers={name: tuple(rows) for name, rows in registers.items()},
        documents=_texts(plan, on, plugin),
        config=_config(plan, plugin),
        by=by,
        visits=tuple(stay for stay in plan.visits if stay.entered <= on),
        from_file=True,
    )


def _texts(plan: Plan, on: date, plugin: str) -> dict[str, tuple[Version, ...]]:
    """A plugin's documents as they stood on that day."""
    found: dict[str, list[Version]] = {}
    for document in plan.documents:
        owner, _, slug = document["document"].partition(".")
        if owner == plugin and document["on"] <= on:
            rows = [row for row in document["said"] if row["on"] <= on]
            said = {row["member"]: Agreed(answer=row["answer"], on=row["on"], words=row["words"]) for row in rows}
            version = Version(
                number=document["number"], on=document["on"], by=document["by"], text=document["text"], said=said
            )
            found.setdefault(slug, []).append(version)
    declared = context().declared.plugins.get(plugin)
    return {slug: tuple(found.get(slug, ())) for slug in (declared.documents if declared else ())}


def _entry(one: Mapping[str, Any]) -> Entry:
    register = context().declared.register(one["register"])
    return Entry(key=one["key"], values=thaw(register.fields, one["values"]), by=one["by"], on=one["on"])


def _who_and_when(table: TomlTable, plan: Plan, today: date) -> tuple[str, date]:
    members = {member.key: member for member, _ in plan.members}
    by, on = table.text("by"), table.must_day("on")
    if by not in members:
        raise table.wrong("by", f"there is no member “{by:.60}”.")
    if on > today:
        raise table.wrong("on", f"{on} is still to come.")
    if on < plan.visits[0].entered:
        raise table.wrong("on", f"{on} is before the project began.")
    if not members[by].here_on(on):
        raise table.wrong("by", f"“{by}” was not in the project on {on}.")
    return by, on


def _entries(given: list[Any], plan: Plan, today: date) -> list[dict[str, Any]]:
    people = {member.key: member.name for member, _ in plan.members}
    labels: dict[str, dict[str, str]] = {}
    pending: list[tuple[TomlTable, dict[str, Any], Register]] = []
    for number, block in enumerate(given, start=1):
        table = TomlTable("entry", block, number)
        register_id, key = table.text("register"), table.slug("key")
        try:
            register = context().declared.register(register_id)
        except Invalid as error:
            raise table.wrong("register", str(error)) from None
        if register.scope == ORGANISATION:
            raise table.wrong("register", f"“{register.title}” is a list of the organisation, not of one project.")
        if key == "add":
            raise table.wrong("key", "“add” means something else. Choose another key.")
        if key in labels.setdefault(register_id, {}):
            raise table.wrong("key", f"“{key}” is used twice in {register_id}.")
        by, on = _who_and_when(table, plan, today)
        values = table.table("values")
        labels[register_id][key] = str(values.get(register.label, key))
        table.done()
        pending.append((table, {"register": register_id, "key": key, "by": by, "on": on, "values": values}, register))
    known = Known(people=people, entries=labels)
    for table, entry, register in pending:
        entry["values"] = _values(table, "values", register.fields, entry["values"], known)
        plugin = entry["register"].partition(".")[0]
        case = _case(plan, entry["on"], by=entry["by"], plugin=plugin, needs=register.needs)
        if entry["by"] not in {key for who in register.added_by for key in people_meant(who, case)}:
            raise table.wrong("by", f"“{entry['by']}” may not add to “{register.title}”.")
        verdict = register.check_entry(thaw(register.fields, entry["values"]), case)
        if verdict.kind == "refuse":
            raise table.wrong("values", verdict.sentence)
        plan.entries.append(entry)
    return plan.entries


def _values(
    table: TomlTable, key: str, questions: Sequence[Any], given: Mapping[str, Any], known: Known
) -> dict[str, Any]:
    questions = [
        replace(question, required=False) if question.kind == "file" or question.secret else question
        for question in questions
    ]  # neither is ever in a file
    try:
        answers = read_answers(questions, given, known)
        if any(isinstance(answer, (Secret, NewFile)) for answer in answers.values()):
            raise Invalid("a secret is never in a file. Give it on the page.")
        return answers
    except Invalid as error:
        name, sentence = next(iter(error.problems.items()), (key, str(error)))
        raise table.wrong(f"{key}.{name}", sentence) from None


def _evidence(given: list[Any], plan: Plan, today: date) -> list[dict[str, Any]]:
    members = {member.key: member for member, _ in plan.members}
    labels: dict[str, dict[str, str]] = {}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in plan.entries:
        labels.setdefault(entry["register"], {})[entry["key"]] = entry["key"]
        rows[entry["register"], entry["key"]] = entry
    known = Known(people={key: member.name for key, member in members.items()}, entries=labels)
    found = []
    for number, block in enumerate(given, start=1):
        table = TomlTable("evidence", block, number)
        check_id = table.text("check")
        try:
            check = _check(plan, check_id)
        except Invalid as error:
            raise table.wrong("check", str(error)) from None
        about = table.text("about", "")
        subject = _subject(table, check, about, members, rows)
        by, on = _who_and_when(table, plan, today)
        if isinstance(subject, Member) and not subject.here_on(on):
            raise table.wrong("about", f"“{about}” was not in the project on {on}.")
        case = _case(plan, on, subject=subject, plugin=check_id.partition(".")[0])
        if by not in people_meant(check.answered_by, case):
            raise table.wrong("by", f"“{by}” may not answer “{check.title}”{f' for “{about}”' if about else ''}.")
        answers = _values(table, "answers", check.questions, table.table("answers"), known)
        if not answers:
            raise table.wrong("answers", "it is missing or empty.")
        visit = _visit(table, plan, on)
        table.done()
        found.append({"check": check_id, "about": about, "by": by, "on": on, "answers": answers, "visit": visit.number})
    return found


def _check(plan: Plan, check_id: str) -> Check:
    """A check by name, also one that the organisation's own settings make."""
    slug, _, name = check_id.partition(".")
    plugin = context().declared.plugins.get(slug)
    if plugin and plugin.ask_checks:
        found = plugin.checks_with(_config(plan, slug)).get(name)
        if found:
            return found
    return context().declared.check(check_id)


def _config(plan: Plan, plugin: str) -> Any:
    """A plugin's settings as the file's organisation has them, or their defaults."""
    declared = context().declared.plugins.get(plugin)
    if declared is None or declared.config is None:
        return None
    try:
        return make(declared.config, settings_of(plan.organisation[0], plugin))
    except (TypeError, ValueError):
        return declared.config()


def _documents(given: list[Any], plan: Plan, today: date) -> list[dict[str, Any]]:
    """Each version of each document, the oldest first, with what people said of it."""
    found: list[dict[str, Any]] = []
    for number, block in enumerate(given, start=1):
        table = TomlTable("document", block, number)
        document_id = table.text("document")
        try:
            document = context().declared.document(document_id)
        except Invalid as error:
            raise table.wrong("document", str(error)) from None
        if any(other["document"] == document_id for other in found):
            raise table.wrong("document", f"“{document_id}” is used twice.")
        before = date.min
        for place, inside in enumerate(table.tables("version"), start=1):
            version = TomlTable("document.version", inside, place)
            by, on = _who_and_when(version, plan, today)
            if on < before:
                raise version.wrong("on", f"{on} is before the version before it.")
            text = version.text("text", most=DOCUMENT_MOST)
            said = [_agreed(version, row, plan, document, on, today) for row in version.tables("agreed")]
            version.done()
            found.append({"document": document_id, "number": place, "by": by, "on": on, "text": text, "said": said})
            before = on
        table.done()
    return found


def _agreed(
    version: TomlTable, given: Any, plan: Plan, document: Document, written: date, today: date
) -> dict[str, Any]:
    table = TomlTable("document.version.agreed", given)
    member, on = table.text("member"), table.must_day("on")
    here = next((person for person, _ in plan.members if person.key == member), None)
    if here is None or not here.here_on(on):
        raise version.wrong("agreed", f"“{member:.60}” was not in the project on {on}.")
    if not written <= on <= today:
        raise version.wrong("agreed", f"{on} is before this version was written, or still to come.")
    answer = table.choice("answer", document.answers, document.answers[0])
    words = table.text("words", "", most=LONG_TEXT_MOST)
    table.done()
    return {"member": member, "on": on, "answer": answer, "words": words}


def _subject(
    table: TomlTable,
    check: Check,
    about: str,
    members: Mapping[str, Member],
    rows: Mapping[tuple[str, str], dict[str, Any]],
) -> Member | Entry | None:
    if check.about.kind == "project":
        if about:
            raise table.wrong("about", f"“{check.title}” is about the whole project. Leave this out.")
        return None
    if check.about.kind == "member":
        if about not in members:
            raise table.wrong("about", f"there is no member “{about:.60}”.")
        return members[about]
    row = rows.get((check.about.register or "", about))
    if row is None:
        raise table.wrong("about", f"there is no entry “{about:.60}” in {check.about.register}.")
    return _entry(row)
