"""A gate drawn for one reader: findings by principle or plugin, with nothing in them this reader may not read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from flask import url_for

from govflow.domain.gates.checks import Finding
from govflow.domain.gates.overdue import is_late
from govflow.domain.principles import PRINCIPLES
from govflow.domain.terms import Theirs
from govflow.domain.wording import count, day, listed

_SAFE = "!$&'()*+,/:;=@"
"""What Werkzeug leaves as it is in the path of an address."""


@dataclass
class Row:
    """One finding, or several folded into one, as `check_row` draws it."""

    title: str
    state: str
    sentence: str = ""
    url: str = ""
    due: str = ""
    who: str = ""
    late: bool = False
    private: str = ""


class Pages:
    """Where findings are looked after. An address is built once for each check: a page has hundreds of subjects."""

    def __init__(self) -> None:
        self._checks: dict[tuple[str, str], str] = {}

    def gate(self, slug: str) -> str:
        return url_for("gates.gate", slug=slug)

    def check(self, slug: str, check_id: str, subject: str | None) -> str:
        page = self._checks.get((slug, check_id))
        if page is None:
            page = self._checks[slug, check_id] = url_for("gates.check", slug=slug, check_id=check_id)
        return f"{page}/{quote(subject, safe=_SAFE)}" if subject else page


@dataclass
class CheckShown:
    title: str
    check: str
    rows: list[Row] = field(default_factory=list)
    done: list[Row] = field(default_factory=list)

    @property
    def alone(self) -> bool:
        """One finding that bears the check's own title needs no heading above it."""
        return [row.title for row in (*self.rows, *self.done)] == [self.title]


@dataclass
class FindingGroup:
    title: str
    checks: list[CheckShown] = field(default_factory=list)

    @property
    def left(self) -> int:
        return sum(len(check.rows) for check in self.checks)


def groups_for(
    findings: Sequence[Finding],
    *,
    waived: Collection[tuple[str, str | None]],
    names: Mapping[str, str],
    today: date,
    slug: str | None,
    reader: str | None,
    sentences: bool = True,
    counted: Collection[tuple[str, str | None]] = (),
) -> list[FindingGroup]:
    """`slug` None: no links (a past visit). `sentences` False: titles and how checks stand, no more (observers).

    `counted` are findings of which this reader sees only how many are ready.
    """
    groups: dict[str, FindingGroup] = {}
    pages = Pages()
    by_check: dict[str, list[Finding]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding)
    for check_id, of_check in by_check.items():
        title = of_check[0].group or "Plugins"
        group = groups.setdefault(title, FindingGroup(title))
        shown = CheckShown(title=of_check[0].title, check=check_id)
        folded = [
            finding for finding in of_check if not sentences or finding.place in counted or finding.counted_for(reader)
        ]
        hidden = {finding.place for finding in folded}
        linked = slug if slug and not check_id.endswith(".plugin") else None
        for finding in of_check:
            if finding.place in hidden:
                continue
            url = pages.check(linked, check_id, finding.subject) if linked else ""
            row = _row(finding, waived=waived, names=names, today=today, url=url, reader=reader)
            (shown.rows if row.state in ("unmet", "broken", "advice") else shown.done).append(row)
        if folded:
            row = _folded_row(of_check[0].title, folded)
            (shown.rows if row.state == "unmet" else shown.done).append(row)
        group.checks.append(shown)
    order = {title: place for place, title in enumerate(PRINCIPLES.values())}
    return sorted(groups.values(), key=lambda group: (order.get(group.title, len(order)), group.title))


def _folded_row(title: str, folded: Sequence[Finding]) -> Row:
    left = sum(finding.open for finding in folded)
    if len(folded) == 1 and folded[0].about == "project":
        return Row(title=title, state="unmet" if left else "met")
    words = f"{left} of {len(folded)} not ready yet." if left else f"All {len(folded)} are ready."
    return Row(title=title, state="unmet" if left else "met", sentence=words)


def _row(
    finding: Finding,
    *,
    waived: Collection[tuple[str, str | None]],
    names: Mapping[str, str],
    today: date,
    url: str,
    reader: str | None,
) -> Row:
    late = finding.open and is_late(finding.due_on, today)
    state = finding.outcome
    if finding.open and finding.place in waived:
        state = "waived"
    elif finding.outcome == "unmet" and not finding.holds:
        state = "advice"
    title = Theirs(finding.subject_label) or finding.title
    sentence = finding.sentence_for(reader)
    row = Row(title=title, state=state, sentence=sentence, url=url, late=late and state != "waived")
    if finding.open:
        if finding.due_on:
            row.due = f"{'Was due' if late else 'Due'} on {day(finding.due_on)}"
        owed = [names.get(key, key) for key in finding.owed_by]
        if owed:
            row.who = f"Looked after by {listed(owed[:2], 'or')}{' and others' if len(owed) > 2 else ''}"
    if finding.private and finding.readable_by(reader):
        row.private = "Private: others see only a count"
    return row


def in_short(stage: str, *, held: int, missing: Sequence[str], unanswered: int, is_open: bool) -> str:
    """The one sentence at the top of a gate."""
    if is_open:
        return f"Everything for {stage} is ready, and everyone needed has signed off. A lead can move the project on."
    parts = []
    if held:
        parts.append(f"{count(held, 'thing')} {'is' if held == 1 else 'are'} not ready yet")
    if missing:
        parts.append(f"{count(len(missing), 'sign-off')} {'is' if len(missing) == 1 else 'are'} still to come")
    if unanswered:
        parts.append(f"{count(unanswered, 'person', 'people')} said “not ready” and waits for an answer")
    words = listed(parts)
    return f"{words[0].upper()}{words[1:]}." if words else "Not ready yet."
