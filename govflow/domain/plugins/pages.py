"""Pages of plugins: what a page may say, and the desk at which its view works. The core draws every part.

A view is handed a desk and answers with a part or several: `Text`, `Table`, `Chart`, `Form`, `File`. It draws nothing
and stores nothing itself: what a form's `send` asks of the desk is kept by the core, all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from govflow.domain.gates.checks import EVERY_MEMBER, PROJECT, About, Case, Finding, Who
from govflow.domain.questions import NOBODY, Field, Known, read_answers, thaw
from govflow.domain.refusals import Invalid, NotFound
from govflow.domain.registers.registers import Verdict, ok

MOST_PARTS, MOST_ROWS, MOST_FILE = 50, 2_000, 1 << 20


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words: an empty line begins a new paragraph, a line that begins with "- " is one of a list."""

    text: str
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A cell that leads on: to a page or list of the same plugin, an entry (`entry=("outputs.output", key)`), a check.

    Or out of here: `web="https://…"`.
    """

    text: str
    page: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    entry: tuple[str, str] = ("", "")
    check: str = ""
    web: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under column titles; a cell is text, a number, a `date`, yes or no, or a `Link`. `empty` is said of none."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    empty: str = "Nothing is here yet."


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart: how much, and of how much where a share is meant."""

    label: str
    value: float
    of: float | None = None


@dataclass(frozen=True, kw_only=True)
class Span:
    """One line of a timeline, both days included. `gap` shades it as something that is missing."""

    label: str
    starts: date
    ends: date
    gap: bool = False


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A day of a timeline."""

    label: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A picture, and under it the table that says the same: `bars`, or a timeline of `spans` and `marks`."""

    title: str
    bars: Sequence[Bar] = ()
    spans: Sequence[Span] = ()
    marks: Sequence[Mark] = ()
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class File:
    """Something to take away: a link that hands out `text` under this file name. At most 1 MiB."""

    name: str
    text: str
    label: str = ""
    type: str = "text/plain"


@dataclass(frozen=True, kw_only=True)
class Form:
    """Questions, and what to do with the answers.

    `send(desk, answers)` sees dates as `date`s and answers with nothing, `ok`, `warn("…")` or `refuse("…")`. `kept`
    fills the form. Several forms on one page have several slugs. `send` asks the desk for what is to be kept.
    """

    fields: tuple[Field, ...]
    send: Callable[[Any, Mapping[str, Any]], Verdict | None]
    slug: str = "form"
    title: str = ""
    button: str = "Save"
    kept: Mapping[str, Any] = field(default_factory=dict)


Part = Text | Table | Chart | File | Form


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of a plugin. Of a project, for those `seen_by` means; or, with `scope=ORGANISATION`, for its admins.

    A project's page has a `Desk`, an organisation's an `OrganisationDesk`. `needs` names lists of other plugins that
    the view reads: one that is off is not there, and of the others there is what the reader may see. `in_pack(desk)`
    says what of it stands in the evidence pack, which goes to people outside: there the desk knows no names, and only
    lists that every member may read; forms and links are left out.
    """

    slug: str
    title: str
    view: Callable[[Any], Part | Sequence[Part]]
    why: str = ""
    seen_by: tuple[Who, ...] = (EVERY_MEMBER,)
    scope: About = PROJECT
    needs: tuple[str, ...] = ()
    in_pack: Callable[[Any], Part | Sequence[Part]] | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a desk was asked to keep: an entry added (`key` empty), changed or removed."""

    register: str
    key: str
    values: Mapping[str, Any]
    remove: bool = False


@dataclass(kw_only=True)
class Desk:
    """Where a project page works: the case of the plugin, who reads, what stands in the address, and wishes.

    `reader` is a member's key. `case` has the plugin's own registers, polls and documents, and `case.by` is the reader.
    A wish names a register of the plugin by its slug alone; it is kept with the register's own rules and the
    reader's own rights, after `send` has answered.
    """

    case: Case
    reader: str
    query: Mapping[str, str] = field(default_factory=dict)
    wishes: list[Change] = field(default_factory=list)
    findings: Callable[[], Sequence[Finding]] = tuple

    def says(self, check: str, subject: str | None = None) -> str:
        """What a check, by its full id, says to this reader today, about the project or one subject; empty: nothing."""
        found = (
            finding
            for finding in self._found
            if finding.place == (check, subject) and not finding.counted_for(self.reader)
        )
        return next((finding.sentence_for(self.reader) for finding in found), "")

    @cached_property
    def _found(self) -> Sequence[Finding]:
        return self.findings()

    @property
    def config(self) -> Any:
        return self.case.config

    @property
    def today(self) -> date:
        return self.case.today

    def add(self, register: str, **values: Any) -> None:
        """Ask for an entry in a register of this plugin."""
        self.wishes.append(Change(register=register, key="", values=values))

    def change(self, register: str, key: str, **values: Any) -> None:
        """Ask for an entry to be changed; what is not named stays as it is."""
        self.wishes.append(Change(register=register, key=key, values=values))

    def remove(self, register: str, key: str) -> None:
        """Ask for an entry to be taken off its list; its history stays."""
        self.wishes.append(Change(register=register, key=key, values={}, remove=True))


@dataclass(kw_only=True)
class OrganisationDesk:
    """Where an organisation page works: the plugin's settings, and a wish to change them.

    `on`: the plugin is switched on for this organisation.
    """

    organisation: str
    today: date
    on: bool = True
    config: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def keep_settings(self, **settings: Any) -> None:
        """Ask for these settings to be kept; the dataclass has the last word, as on the settings page."""
        self.settings.update(settings)


def blocks_of(text: str) -> list[tuple[str, list[str]]]:
    """The paragraphs and lists of a `Text`, in their order."""
    found: list[tuple[str, list[str]]] = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if lines and all(line.startswith("- ") for line in lines):
            found.append(("list", [line[2:] for line in lines]))
        elif lines:
            found.append(("paragraph", [" ".join(lines)]))
    return found


def placed(chart: Chart) -> tuple[list[tuple[Span, float, float]], list[tuple[Mark, float]]]:
    """Spans (with where they begin and how wide they are) and marks, in hundredths between the first and last day."""
    days = (
        [span.starts for span in chart.spans] + [span.ends for span in chart.spans] + [mark.on for mark in chart.marks]
    )
    first, last = min(days), max(days)
    whole = max(1, (last - first).days)

    def at(when: date) -> float:
        return round(100 * (when - first).days / whole, 2)

    spans = [(span, at(span.starts), max(0.6, round(at(span.ends) - at(span.starts), 2))) for span in chart.spans]
    return spans, [(mark, at(mark.on)) for mark in chart.marks]


def parts_of(page: Page, desk: Desk | OrganisationDesk) -> list[Part]:
    """What the page says now. Raises whatever the view raises, and TypeError for what is no part."""
    return said_by(page.view, desk)


def said_by(view: Callable[[Any], Part | Sequence[Part]], desk: Desk | OrganisationDesk) -> list[Part]:
    """The parts of one view, none of them beyond what the core draws."""
    said = view(desk)
    parts: list[Any] = list(said) if isinstance(said, (list, tuple)) else [said]
    if len(parts) > MOST_PARTS:
        raise TypeError(f"a page has at most {MOST_PARTS} parts, not {len(parts)}")
    for part in parts:
        if not isinstance(part, (Text, Table, Chart, File, Form)):
            raise TypeError(f"{type(part).__name__} is no part of a page")
        if isinstance(part, Form) and any(field.secret for field in part.fields):
            raise TypeError("a form of a page cannot ask for a secret; the register's own form can")
        if isinstance(part, Table) and len(part.rows) > MOST_ROWS:
            raise TypeError(f"a table has at most {MOST_ROWS:,} rows; show fewer, with desk.query")
        if isinstance(part, Table) and any(len(row) != len(part.columns) for row in part.rows):
            raise TypeError(f"a row of the table “{part.caption}” has not one cell for each column")
        if isinstance(part, File) and len(part.text) > MOST_FILE:
            raise TypeError(f"a file has at most {MOST_FILE:,} letters")
    return parts


def send_form(
    page: Page, desk: Desk | OrganisationDesk, slug: str, given: Mapping[str, Any], known: Known = NOBODY
) -> tuple[Verdict, Form]:
    """Read the answers to one form of the page and hand them on; `Invalid` names each field in words."""
    form = next((part for part in parts_of(page, desk) if isinstance(part, Form) and part.slug == slug), None)
    if form is None:
        raise NotFound("This form is not on the page any more.")
    answers = thaw(form.fields, read_answers(form.fields, given, known))
    verdict = form.send(desk, answers) or ok
    if not isinstance(verdict, Verdict):
        raise TypeError("send answers with nothing, ok, warn(…) or refuse(…)")
    if verdict.kind == "refuse":
        raise Invalid(verdict.sentence)
    return verdict, form
