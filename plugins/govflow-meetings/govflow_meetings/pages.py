"""The two pages: what comes next, with the rota; and one meeting, from its agenda to its actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from govflow.plugin import (
    Bar,
    Case,
    Chart,
    Desk,
    Entry,
    Field,
    Form,
    Link,
    Register,
    Table,
    Text,
    Verdict,
    count,
    day,
    refuse,
    warn,
)  # fmt: skip
from govflow_meetings import agenda
from govflow_meetings.cadence import RHYTHMS, slots
from govflow_meetings.lists import ACTION, CHOICE, DECISION, HOW, JOBS, LEFT, MEETING, stretches
from govflow_meetings.rota import NobodyWilling, fill

EXPERTISE = {"lived": "Lived experience", "practice": "Practice", "research": "Research"}
ON_A_PAGE = 12
A_WEEK = timedelta(days=7)
SERIES_ASKED = Field(name="series", label="Of which series?", kind="entry_of", of="meetings.series", required=True)
JOBS_ASKED = Field(name="jobs", label="Which jobs go round?", kind="choices", choices=JOBS, required=True)
OUT = Field(name="out", label="Did everybody get the agenda?", kind="yes_no")


def in_order(case: Case) -> list[Entry]:
    return sorted(case.registers["meetings.meeting"], key=lambda row: row.values["starts"])


def coming(case: Case) -> list[Entry]:
    """Meetings of today and later."""
    rows = (row for row in in_order(case) if row.values["starts"].date() >= case.today)
    return [row for row in rows if not row.values.get("no_meeting")]


def new_day(case: Case, row: Entry) -> date:
    """A later day, of the same day of the week, with time for an agenda and no other meeting."""
    taken = {entry.values["starts"].date() for entry in case.registers["meetings.meeting"]}
    found = row.values["starts"].date() + A_WEEK
    while found in taken or found < case.today + timedelta(days=case.config.agenda_days):
        found += A_WEEK
    return found


def change_meeting(desk: Desk, row: Entry, **values: Any) -> None:
    """Change a meeting, also where its series is off its list by now."""
    there = {entry.key for entry in desk.case.registers["meetings.series"]}
    series = row.values.get("series")
    desk.change("meeting", row.key, series=series if series in there else None, **values)


def asked(register: Register, *names: str) -> tuple[Field, ...]:
    """Some fields of a list, for a form."""
    fields = {field.name: field for field in register.fields}
    return tuple(fields[name] for name in names)


# --- what comes next ------------------------------------------------------------------------------------------


def plan(desk: Desk) -> list[Any]:
    case, everything = desk.case, desk.query.get("all") == "yes"
    shown = in_order(case)[-2_000:] if everything else coming(case)[:ON_A_PAGE]
    all_series = case.registers["meetings.series"]
    parts: list[Any] = [
        *_my_jobs(desk),
        Table(
            caption="All our meetings" if everything else "The next meetings",
            columns=("Meeting", "When and where", "Chair", "Note-taker"),
            rows=[_row(case, row) for row in shown],
            empty="No meeting is on the list yet.",
        ),
        Table(
            caption="Series",
            columns=("Series", "How often", "On the list"),
            rows=[_series_row(case, row) for row in all_series],
            empty="No series yet. Anybody can add one, under “Series of meetings”.",
        ),
    ]
    if all_series:
        kept = {"series": all_series[0].key, "jobs": list(JOBS)}
        put_them, deal = "Put meetings on the list", "Share out the jobs"
        parts += [
            Form(slug="put", title=put_them, fields=(SERIES_ASKED,), kept=kept, send=put, button="Put them there"),
            Form(slug="share", title=deal, fields=(SERIES_ASKED, JOBS_ASKED), kept=kept, send=share, button=deal),
        ]
    if case.registers["meetings.venue"]:
        parts.append(_own(desk, CHOICE, "venue", title="Where shall we meet?", button="Choose this place"))
    see_all = Link(text="All our meetings", page="plan", query={"all": "yes"})
    links = [see_all, Link(text="A place all agree to", check="meetings.venue")]
    return [
        *parts,
        _own(desk, LEFT, "jobs", title="Jobs I leave to others", button="Save"),
        *_who_came(case),
        _more(*links),
    ]


def _more(*links: Link) -> Table:
    return Table(caption="More", columns=("Go to",), rows=[(link,) for link in links])


def _my_jobs(desk: Desk) -> list[Text]:
    """What falls to the reader next."""
    mine = [
        f"- {JOBS[job]}: {day(row.values['starts'].date())}"
        for row in coming(desk.case)
        for job in JOBS
        if row.values.get(job) == desk.reader
    ]
    return [Text(heading="Your next jobs", text="\n".join(mine[:5]))] if mine else []


def _row(case: Case, row: Entry) -> tuple[Any, ...]:
    starts, where = row.values["starts"], row.values.get("place") or HOW[row.values["how"]]
    title = Link(text=row.values["title"], page="agenda", query={"meeting": row.key})
    when = f"{day(starts.date())}, {starts:%H:%M}. {where}"
    return (title, when, _who(case, row, "chair"), _who(case, row, "note_taker"))


def _who(case: Case, row: Entry, field: str) -> str:
    return case.name(row.values[field]) if row.values.get(field) else "Still open"


def _series_row(case: Case, row: Entry) -> tuple[Any, ...]:
    """“Every six weeks until 30 November 2020, then every three months until 30 November 2022.”"""
    rhythms = stretches(row.values)
    said = ", then ".join(f"{RHYTHMS[stretch.rhythm]} until {day(stretch.ends)}" for stretch in rhythms)
    there = len(case.rows("meetings.meeting", series=row.key))
    link = Link(text=row.values["title"], entry=("meetings.series", row.key))
    return (link, f"{said[0].upper()}{said[1:]}", f"{there} of {len(slots(rhythms))}")


def put(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
    """A meeting in each slot of a series that has none yet and has not passed."""
    series = _series(desk.case, answers)
    values = series.values
    taken = {row.values["starts"].date() for row in desk.case.rows("meetings.meeting", series=series.key)}
    all_slots, like = slots(stretches(values)), {name: values.get(name) for name in ("how", "place", "people")}
    for number, slot in enumerate(all_slots, start=1):
        if slot.ends < desk.today or any(slot.starts <= taken_day <= slot.ends for taken_day in taken):
            continue
        starts = datetime.combine(slot.day(values["first"].date()), values["first"].time())
        ends = starts + timedelta(minutes=int(values["minutes"]))
        title = f"{values['title']}: meeting {number} of {len(all_slots)}"
        desk.add("meeting", title=title, series=series.key, starts=starts, ends=ends, **like)
    return None if desk.wishes else refuse("Every meeting of this series is on the list already.")


def _series(case: Case, answers: Mapping[str, Any]) -> Entry:
    return next(row for row in case.registers["meetings.series"] if row.key == answers["series"])


def share(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
    """Give out what is open, and what somebody has left to others since. A promise stays where it is fair."""
    case, jobs, series = desk.case, answers["jobs"], _series(desk.case, answers)
    left = {row.values["person"]: row.values.get("jobs", ()) for row in case.registers["meetings.left_to_others"]}
    people = [key for key in case.here if key in series.values.get("people", case.here)]
    willing = {job: [key for key in people if job not in left.get(key, ())] for job in jobs}
    rows = [row for row in in_order(case) if row.values.get("series") == series.key]
    given = {row.key: {job: row.values[job] for job in JOBS if row.values.get(job)} for row in rows}
    ahead = [row for row in coming(case) if row.key in given]
    if not ahead:
        return refuse("No meeting of this series is still to come. Put its meetings on the list first.")
    still = [{job: who for job, who in given[row.key].items() if who in willing.get(job, case.here)} for row in ahead]
    past = [given[row.key] for row in rows if row.values["starts"].date() < desk.today]
    try:
        filled = fill(still, willing, past)
    except NobodyWilling as error:
        who = "Ask who would like to try, perhaps two people together. Or leave this job out."
        return refuse(f"Nobody is willing to do this job: {JOBS[error.job]}. {who}")
    for row, now in zip(ahead, filled, strict=True):
        if now != given[row.key]:
            change_meeting(desk, row, **{job: now.get(job) for job in jobs})
    still_open = sum(job not in now for now in filled for job in jobs)
    return warn(f"{count(still_open, 'job')} stayed open: too few people are willing.") if still_open else None


def _own(desk: Desk, register: Register, field: str, *, title: str, button: str) -> Form:
    """A form for the reader's own line of a list; it is changed, or begun."""
    mine = desk.case.rows(f"meetings.{register.slug}", person=desk.reader)

    def keep(desk: Desk, answers: Mapping[str, Any]) -> None:
        if mine:
            desk.change(register.slug, mine[-1].key, **{field: answers.get(field)})
        else:
            desk.add(register.slug, person=desk.reader, **answers)

    kept = mine[-1].values if mine else {}
    return Form(slug=register.slug, title=title, fields=asked(register, field), kept=kept, send=keep, button=button)


def _who_came(case: Case) -> list[Chart]:
    """Of those who are here, how many of each kind of experience came. Never who did not."""
    held = [row for row in in_order(case) if row.values.get("came")][-ON_A_PAGE:]
    came = Counter(key for row in held for key in row.values["came"])
    kinds = {kind: [member.key for member in case.here.values() if kind in member.expertise] for kind in EXPERTISE}
    bars = [
        Bar(label=EXPERTISE[kind], value=sum(came[key] for key in keys), of=len(held) * len(keys))
        for kind, keys in kinds.items()
        if keys and held
    ]
    return [Chart(title="Who came lately, by what people bring", bars=bars, unit="Times")] if bars else []


# --- one meeting ----------------------------------------------------------------------------------------------


def one_meeting(desk: Desk) -> list[Any]:
    case, wanted = desk.case, desk.query.get("meeting")
    rows = [row for row in in_order(case) if row.key == wanted] or coming(case)[:1] or in_order(case)[-1:]
    if not rows:
        return [Text(text="No meeting is on the list yet. Put the meetings of a series there first.")]
    row, values = rows[0], rows[0].values
    lengths = {name: getattr(case.config, name) for name in ("check_in", "recap", "pause", "social")}
    lines = agenda.timed(values["starts"], values.get("agenda", ""), **lengths)
    before = [
        entry for entry in in_order(case) if entry.values["starts"] < values["starts"] and entry.values.get("minutes")
    ][-1:]
    return [
        Text(heading=values["title"], text="\n\n".join(_where(values, case.today))),
        Table(caption="Agenda", columns=("What", "At", "Minutes"), rows=[(what, at, long) for at, long, what in lines]),
        Table(caption="Jobs", columns=("What", "Who"), rows=[(JOBS[job], _who(case, row, job)) for job in JOBS]),
        *(_before(case, row) if values["starts"].date() > case.today else _after(case, row)),
        _more(
            *(
                Link(text=f"Last time: {entry.values['title']}", page="agenda", query={"meeting": entry.key})
                for entry in before
            ),
            Link(text="All about this meeting, and its calendar file", entry=("meetings.meeting", row.key)),
            Link(text="Our meetings", page="plan"),
        ),
    ]


def _where(values: Mapping[str, Any], today: date) -> list[str]:
    starts, ends, out = values["starts"], values["ends"], values.get("agenda_out")
    when = f"{day(starts.date())}, {starts:%H:%M} to {ends:%H:%M}. {HOW[values['how']]}."
    said = [when, *(values[name] for name in ("place", "link", "access") if values.get(name))]
    if out:
        said.append(f"Everybody got the agenda on {day(out)}.")
    elif starts.date() > today:
        said.append("The agenda is not out yet.")
    return said


def _before(case: Case, row: Entry) -> list[Form]:
    """Until the day: the agenda, another day, or not this time."""
    length = row.values["ends"] - row.values["starts"]
    free = datetime.combine(new_day(case, row), row.values["starts"].time())

    def write(desk: Desk, answers: Mapping[str, Any]) -> None:
        out = row.values.get("agenda_out", desk.today) if answers.get("out") else None
        change_meeting(desk, row, agenda=answers.get("agenda"), agenda_out=out)

    def move(desk: Desk, answers: Mapping[str, Any]) -> None:
        change_meeting(desk, row, starts=answers["starts"], ends=answers["starts"] + length)

    kept = {"agenda": row.values.get("agenda", ""), "out": "agenda_out" in row.values}
    questions = (*asked(MEETING, "agenda"), OUT)
    return [
        Form(slug="agenda", title="Write the agenda", fields=questions, kept=kept, send=write),
        Form(slug="off", title="Not this time?", fields=asked(MEETING, "no_meeting"), kept=row.values,
             send=_keep(row, "no_meeting")),
        Form(slug="move", title="Want to move it?", fields=asked(MEETING, "starts"), kept={"starts": free}, send=move,
             button="Move this meeting"),
    ]  # fmt: skip


def _after(case: Case, row: Entry) -> list[Any]:
    """Minutes, then decisions, then actions."""
    what_happened = ("came", "minutes", "no_meeting")
    decided = case.rows("meetings.decision", meeting=row.key)
    follows = {entry.key: entry.values["text"] for entry in decided}
    which = Field(name="decision", label="Which decision does it follow?", kind="choice", choices=follows)
    actions = [
        (_entry("action", entry), _who(case, entry, "owner"), entry.values["due"], bool(entry.values.get("done")))
        for entry in case.rows("meetings.action", meeting=row.key)
    ]

    return [
        *([Text(heading="Minutes", text=row.values["minutes"])] if row.values.get("minutes") else ()),
        Form(slug="minutes", title="What happened", fields=asked(MEETING, *what_happened), kept=row.values,
             send=_keep(row, *what_happened)),
        Table(caption="Decisions", columns=("What",), rows=[(_entry("decision", entry),) for entry in decided]),
        Form(slug="decision", title="Write down a decision", fields=asked(DECISION, "text", "said_by"),
             send=_add("decision", row), button="Add this decision"),
        Table(caption="Actions", columns=("What", "Who looks after it", "By when", "Done"), rows=actions),
        Form(slug="action", title="Write down an action",
             fields=(*asked(ACTION, "text", "said_by", "owner", "due"), *((which,) if follows else ())),
             send=_add("action", row), button="Add this action"),
    ]  # fmt: skip


def _keep(row: Entry, *fields: str) -> Callable[[Desk, Mapping[str, Any]], None]:
    return lambda desk, answers: change_meeting(desk, row, **{name: answers.get(name) for name in fields})


def _entry(register: str, row: Entry) -> Link:
    return Link(text=row.values["text"], entry=(f"meetings.{register}", row.key))


def _add(register: str, meeting: Entry) -> Callable[[Desk, Mapping[str, Any]], None]:
    return lambda desk, answers: desk.add(register, meeting=meeting.key, **answers)
