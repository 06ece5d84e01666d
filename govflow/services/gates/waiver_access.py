"""Who reads what was let pass, and why: whoever may read the finding. Others learn that there is something private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from govflow.domain.gates.checks import MET, Check, Finding
from govflow.domain.gates.gates import Waiver, readable_for_waiver
from govflow.domain.people import Role
from govflow.domain.refusals import Refused
from govflow.domain.snapshot import ProjectSnapshot, check_named
from govflow.services.base.context import context
from govflow.services.base.register_access import Place, hidden_places


def matters_read(snapshot: ProjectSnapshot, findings: Iterable[Finding], *, reader: str | None) -> set[Place]:
    """Those of these findings whose waivers this member may read: what they are about, and the reason."""
    findings = tuple(findings)
    hidden = hidden_places(snapshot, findings, reader=reader)
    return {one.place for one in findings if readable_for_waiver(one, reader or "") and one.place not in hidden}


def everyone_reads(snapshot: ProjectSnapshot, finding: Finding) -> bool:
    """Whether the reason is for everyone in the project. A private finding stays so when nobody else is here."""
    readers = [one.key for one in snapshot.members if one.role != Role.OBSERVER]
    return not finding.private and all(matters_read(snapshot, [finding], reader=key) for key in readers)


def titles_read(
    snapshot: ProjectSnapshot, findings: Iterable[Finding], waivers: Sequence[Waiver], *, reader: str | None
) -> dict[int, str]:
    """What each waiver is about, by its id, of those this member may read. The two who made it always may."""
    there = {one.place: one for one in findings}
    about = {one.id: there.get(one.place) or _not_there_now(snapshot, one) for one in waivers}
    read = matters_read(snapshot, about.values(), reader=reader)
    return {
        one.id: f"{about[one.id].title}: {about[one.id].subject_label}".removesuffix(": ")
        for one in waivers
        if about[one.id].place in read or reader in (one.proposed_by, one.seconded_by)
    }


def _not_there_now(snapshot: ProjectSnapshot, waiver: Waiver) -> Finding:
    """A finding that is not asked for any more; one whose check is gone may have been private, so it is taken to be."""
    check = _declared(snapshot, waiver.check)
    return Finding(
        check=waiver.check,
        title=check.title if check else waiver.check,
        about=check.about.kind if check else "project",
        subject=waiver.subject,
        subject_label="",
        outcome=MET,
        sentence="It is not asked for any more.",
        holds=False,
        private=check is None or check.private,
    )


def _declared(snapshot: ProjectSnapshot, check_id: str) -> Check | None:
    """A check as it is declared, also of a plugin that is off by now."""
    slug, _, name = check_id.partition(".")
    plugin = context().declared.plugins.get(slug)
    try:
        return check_named(snapshot, context().declared, check_id)
    except Refused:
        return plugin.checks.get(name) if plugin else None
