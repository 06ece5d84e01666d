"""The evidence pack: what a project can show to people outside, with nobody's name and no private line in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from govflow.domain.gates.checks import BROKEN, MET, NOT_NEEDED, UNMET, Case, Round
from govflow.domain.gates.gates import SIGNERS
from govflow.domain.gates.lifecycle import Lifecycle
from govflow.domain.people import EXPERTISE, EXPERTISE_TITLES, Member, Role
from govflow.domain.plugins.pages import Bar, Chart, Mark, Part, Span, Table, Text
from govflow.domain.polls.disclosure import LEAST_TO_SHOW
from govflow.domain.registers.documents import Version
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import day, listed

NOBODY = "a member"


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What stands in it, in its order. `title` is what it is about, `about` says so in one sentence."""

    title: str
    about: str
    made_on: date
    sections: Sequence[Section]


@dataclass(frozen=True, kw_only=True)
class Stood:
    """How one finding stood at a moment; nothing of what it said, which can name people."""

    title: str
    group: str
    outcome: str
    waived: bool = False
    private: bool = False

    @property
    def ready(self) -> bool:
        return self.outcome in (MET, NOT_NEEDED)


@dataclass(frozen=True, kw_only=True)
class Move:
    """A recorded move out of a stage. `signed`: the slots that were signed for, “lead” among them."""

    visit: int
    stage: str
    kind: str
    on: date
    stood: Sequence[Stood]
    signed: Sequence[str]


def in_short(
    snapshot: ProjectSnapshot, stood: Sequence[Stood], *, opened: bool, as_it_was: Move | None = None
) -> Section:
    ready, passed = sum(row.ready for row in stood), sum(row.waived and not row.ready for row in stood)
    if as_it_was:
        where = f"This was the gate of {as_it_was.stage} on {day(as_it_was.on)}."
    else:
        where = f"The project is in the stage {snapshot.stage.title}. Its gate is {'open' if opened else 'held'} today."
    lines = [
        f"- The project began on {day(snapshot.project.started)}.",
        f"- {where}",
        f"- {ready} of {len(stood)} findings are ready"
        + (f", and {passed} were let pass by two people, with a reason." if passed else "."),
    ]
    if snapshot.project.funding_ends:
        lines.insert(1, f"- Its funding ends on {day(snapshot.project.funding_ends)}.")
    return Section(title="In short", parts=[Text(text="\n".join(lines))])


def the_way_so_far(snapshot: ProjectSnapshot, moves: Sequence[Move]) -> Section:
    """Each stay in a stage, and how its gate stood when the project moved on."""
    spans = [
        Span(label=_stage(snapshot.lifecycle, visit.stage), starts=visit.entered, ends=visit.left or snapshot.today)
        for visit in snapshot.visits
    ]
    marks = [Mark(label="The funding ends", on=snapshot.project.funding_ends)] if snapshot.project.funding_ends else []
    rows = [
        (
            move.stage,
            move.on,
            "Went back" if move.kind == "back" else "Moved on",
            f"{sum(found.ready for found in move.stood)} of {len(move.stood)}",
            listed([SIGNERS.get(slot, slot) for slot in move.signed]) or "nobody",
        )
        for move in moves
    ]
    return Section(
        title="The way so far",
        parts=[
            Chart(title="Stages of the project", spans=spans, marks=marks),
            Table(
                caption="Gates the project went through",
                columns=("Gate of", "On", "What happened", "Ready", "Signed off by"),
                rows=rows,
                empty="No move was made in GovFlow yet.",
            ),
        ],
    )


def how_it_stands(title: str, stood: Sequence[Stood]) -> Section:
    """How much is ready, by principle and by check: counts, and no sentence that could name somebody."""
    groups: dict[str, list[Stood]] = {}
    checks: dict[str, list[Stood]] = {}
    for row in stood:
        groups.setdefault(row.group or "Of other plugins", []).append(row)
        checks.setdefault(row.title, []).append(row)
    bars = [Bar(label=name, value=sum(row.ready for row in found), of=len(found)) for name, found in groups.items()]
    return Section(
        title=title,
        parts=[
            Chart(title="How much is ready", bars=bars, unit="Ready"),
            Table(
                caption="What this gate asks",
                columns=("What is asked", "How it stands"),
                rows=[(name, _in_words(found)) for name, found in checks.items()],
                empty="This gate asks nothing.",
            ),
        ],
    )


def folded(stood: Iterable[Stood]) -> list[Stood]:
    """The same, with the findings of each private check as one: of these it is not said how many there are."""
    found: list[Stood] = []
    private: dict[str, list[Stood]] = {}
    for row in stood:
        if not row.private:
            found.append(row)
        elif row.title in private:
            private[row.title].append(row)
        else:
            private[row.title] = [row]
    for title, many in private.items():
        worst = [row for row in many if not row.ready and not row.waived] or [row for row in many if not row.ready]
        found.append(replace((worst or many)[0], title=title))
    return found


def _in_words(found: Sequence[Stood]) -> str:
    """`found` are the findings of one check."""
    if any(row.outcome == BROKEN for row in found):
        return "Cannot be worked out now"
    wanted = [row for row in found if row.outcome != NOT_NEEDED]
    if not wanted:
        return "Not needed"
    open_ = [row for row in wanted if row.outcome == UNMET]
    if not open_:
        return "Ready"
    if all(row.waived for row in open_):
        return "Let pass by two people, with a reason"
    return f"{len(found) - len(open_)} of {len(found)} ready" if len(found) > 1 else "Not ready yet"


def who_works_together(members: Iterable[Member]) -> Section:
    """Counts by kind of experience, from five people up."""
    here = [member for member in members if member.role != Role.OBSERVER]
    held = Counter(kind for member in here for kind in member.expertise)
    few = f"Fewer than {LEAST_TO_SHOW}"
    rows = [(EXPERTISE_TITLES[kind], held[kind] if held[kind] >= LEAST_TO_SHOW else few) for kind in EXPERTISE]
    return Section(
        title="Who works together",
        parts=[
            Text(text="One person may bring several kinds of experience. Small groups are not counted."),
            Table(caption="People by kind of experience", columns=("Kind", "People"), rows=rows),
        ],
    )


def how_this_was_made(made_on: date) -> Section:
    return Section(
        title="How this was made",
        parts=[
            Text(
                text=f"GovFlow made this on {day(made_on)} from what the project recorded. It names nobody: of people "
                "it says how many, from five up. What a check says about a person, private matters, votes, anybody’s "
                "pay and access needs are not in it. What people wrote themselves stands as they wrote it."
            )
        ],
    )


def nameless(case: Case, open_lists: Collection[str]) -> Case:
    """The case with nobody's name in it, and of the lists only these; of polls, that they were put.

    What somebody said of a text, and why a project went back, is for the group alone.
    """
    return replace(
        case,
        members=tuple(_nobody(member) for member in case.members),
        left=tuple(_nobody(member) for member in case.left),
        registers={name: rows if name in open_lists else () for name, rows in case.registers.items()},
        polls={slug: tuple(_only_that(round_) for round_ in rounds) for slug, rounds in case.polls.items()},
        documents={
            slug: tuple(_without_words(version) for version in versions) for slug, versions in case.documents.items()
        },
        visit=replace(case.visit, why=""),
        visits=tuple(replace(visit, why="") for visit in case.visits),
    )


def _nobody(member: Member) -> Member:
    return replace(member, name=NOBODY, title="", organisation="", seat="", words=())


def _without_words(one: Version) -> Version:
    return replace(one, said={key: replace(said, words="") for key, said in one.said.items()})


def _only_that(one: Round) -> Round:
    return replace(one, counts={}, mostly={}, words={}, names={})


def _stage(lifecycle: Lifecycle, slug: str) -> str:
    return next((stage.title for stage in lifecycle.stages if stage.slug == slug), slug)


def stood_then(record: Mapping[str, object]) -> list[Stood]:
    """How findings stood when the project moved, from what was kept of that moment."""
    found = record.get("findings")
    return folded(
        Stood(
            title=one["title"],
            group=one.get("group", ""),
            outcome=one["outcome"],
            waived=bool(one.get("waived")),
            private=bool(one.get("private")),
        )
        for one in (found if isinstance(found, list) else [])
    )
