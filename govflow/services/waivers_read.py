"""Who reads what was let pass, and why: whoever may read the finding. Others learn that there is something private."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from govflow.domain.checks import MET, Check, Standing
from govflow.domain.gates import Waiver, readable_for_waiver
from govflow.domain.picture import Picture, check_named
from govflow.domain.refusals import Refused
from govflow.services.closed_lists import Place, hidden_places
from govflow.services.house import house


def matters_read(picture: Picture, standings: Iterable[Standing], *, reader: str | None) -> set[Place]:
    """Those of these findings whose waivers this member may read: what they are about, and the reason."""
    standings = tuple(standings)
    hidden = hidden_places(picture, standings, reader=reader)
    return {one.place for one in standings if readable_for_waiver(one, reader or "") and one.place not in hidden}


def everyone_reads(picture: Picture, standing: Standing) -> bool:
    """Whether the reason is for everyone in the project. A private finding stays so when nobody else is here."""
    readers = [one.key for one in picture.members if one.role != "observer"]
    return not standing.private and all(matters_read(picture, [standing], reader=key) for key in readers)


def titles_read(
    picture: Picture, standings: Iterable[Standing], waivers: Sequence[Waiver], *, reader: str | None
) -> dict[int, str]:
    """What each waiver is about, by its id, of those this member may read. The two who made it always may."""
    there = {one.place: one for one in standings}
    about = {one.id: there.get(one.place) or _not_there_now(picture, one) for one in waivers}
    read = matters_read(picture, about.values(), reader=reader)
    return {
        one.id: f"{about[one.id].title}: {about[one.id].subject_label}".removesuffix(": ")
        for one in waivers
        if about[one.id].place in read or reader in (one.proposed_by, one.seconded_by)
    }


def _not_there_now(picture: Picture, waiver: Waiver) -> Standing:
    """A finding that is not asked for any more; one whose check is gone may have been private, so it is taken to be."""
    check = _declared(picture, waiver.check)
    return Standing(
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


def _declared(picture: Picture, check_id: str) -> Check | None:
    """A check as it is declared, also of a plugin that is off by now."""
    slug, _, name = check_id.partition(".")
    plugin = house().declared.plugins.get(slug)
    try:
        return check_named(picture, house().declared, check_id)
    except Refused:
        return plugin.checks.get(name) if plugin else None
