"""Gates: findings, waivers and sign-offs make a gate open, or held and by what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from govflow.domain.gates.checks import Finding
from govflow.domain.people import EXPERTISE, EXPERTISE_TITLES, Member, Role, kinds_held
from govflow.domain.refusals import Invalid, NotAllowed
from govflow.domain.wording import listed

READY, NOT_READY, WITHDRAWN = "ready", "not_ready", "withdrawn"
PARTNER = "partner"
SIGNERS = {**{kind: title.lower() for kind, title in EXPERTISE_TITLES.items()}, "lead": "a lead", PARTNER: "a partner"}
NTH = {"2": "a second person", "3": "a third person", "4": "a fourth person", "5": "a fifth person"}
MOST_OF_A_KIND = 5


@dataclass(frozen=True, kw_only=True)
class GroupWanted:
    """A group that signs too: by one of its chairs or, where it has none, of its members. `members`: their keys."""

    slug: str
    title: str
    members: frozenset[str] = frozenset()

    @property
    def slot(self) -> str:
        return f"panel:{self.slug}"  # as the API and the commands name it


@dataclass(frozen=True, kw_only=True)
class SignOffRules:
    """What an organisation asks for beyond one sign-off of each kind and a lead's: several of a kind, named groups."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    groups: tuple[GroupWanted, ...] = ()

    def slots(self, kind: str) -> list[str]:
        """The sign-offs wanted of a kind: `lived`, and where more are asked for `lived:2`, `lived:3`."""
        return [kind, *[f"{kind}:{number}" for number in range(2, self.kinds.get(kind, 1) + 1)]]

    def words(self, slot: str) -> str:
        """Whom a wanted sign-off is to come from, in words."""
        kind, _, number = slot.partition(":")
        if kind == "panel":
            return next((f"the panel “{group.title}”" for group in self.groups if group.slot == slot), slot)
        return f"{NTH[number]} with {SIGNERS[kind]}" if number else SIGNERS[kind]


NO_EXTRA_SIGN_OFFS = SignOffRules()


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """What one member said last about one visit, and what a lead answered where they were not ready."""

    member: str
    verdict: str
    words: str = ""
    on: date
    reply: str = ""
    reply_by: str | None = None
    id: int = 0


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """Two people let one finding pass, until a day, for a reason everybody can read."""

    id: int
    check: str
    subject: str | None
    reason: str
    until: date
    proposed_by: str
    seconded_by: str | None = None
    ended: bool = False

    @property
    def place(self) -> tuple[str, str | None]:
        return (self.check, self.subject)

    def stands_on(self, today: date) -> bool:
        return self.seconded_by is not None and not self.ended and today <= self.until


@dataclass(frozen=True, kw_only=True)
class CountedSignOff:
    """A member's sign-off and what it counts for: `lead` and kinds of expertise. Empty: not counted yet."""

    member: str
    name: str
    counts_for: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The way out of a stage as it stands: worked out when looked at, never stored as truth."""

    findings: tuple[Finding, ...]
    waived: Mapping[tuple[str, str | None], Waiver]
    signed: tuple[CountedSignOff, ...]
    missing: tuple[str, ...]
    unanswered: tuple[str, ...]
    more: SignOffRules = NO_EXTRA_SIGN_OFFS

    @property
    def holding(self) -> tuple[Finding, ...]:
        return tuple(
            finding for finding in self.findings if finding.open and finding.holds and finding.place not in self.waived
        )

    @property
    def open(self) -> bool:
        return not (self.holding or self.missing or self.unanswered)

    def reasons(self, reader: str | None) -> list[str]:
        """Why the gate is held, a sentence each, with nothing this reader may not read."""
        said = list(dict.fromkeys(finding.sentence_for(reader) for finding in self.holding))
        if self.missing:
            kinds = [self.more.words(slot) for slot in self.missing]
            said.append(f"Still to sign off: {listed(kinds)}.")
        said += [f"{name} said “not ready”, and a lead has not answered yet." for name in self.unanswered]
        return said


def judge_gate(
    *,
    findings: Sequence[Finding],
    members: Sequence[Member],
    sign_offs: Iterable[SignOff],
    waivers: Iterable[Waiver],
    today: date,
    ended: Sequence[Member] = (),
    more: SignOffRules = NO_EXTRA_SIGN_OFFS,
) -> Gate:
    """Put everything together. `members` are those in the project today; sign-offs of others do not count.

    `ended` are those whose time somebody else ended during this visit: what they knew must still be signed for, and
    their “not ready” answered, so that nobody opens a gate by removing whoever would not sign.
    """
    here = {member.key: member for member in members}
    names = {member.key: member.name for member in (*ended, *members)}
    said = list(sign_offs)
    latest = [sign_off for sign_off in said if sign_off.member in here]
    ready = [here[sign_off.member] for sign_off in latest if sign_off.verdict == READY]
    signed, missing = count_sign_offs(ready=ready, members=members, today=today, ended=ended, more=more)
    return Gate(
        more=more,
        findings=tuple(findings),
        waived={waiver.place: waiver for waiver in waivers if waiver.stands_on(today)},
        signed=signed,
        missing=missing,
        unanswered=tuple(
            names[sign_off.member]
            for sign_off in said
            if sign_off.member in names and sign_off.verdict == NOT_READY and not sign_off.reply
        ),
    )


def count_sign_offs(
    *,
    ready: Sequence[Member],
    members: Sequence[Member],
    today: date,
    ended: Sequence[Member] = (),
    more: SignOffRules = NO_EXTRA_SIGN_OFFS,
) -> tuple[tuple[CountedSignOff, ...], tuple[str, ...]]:
    """What each sign-off counts for, and the slots that are still missing.

    One sign-off for each kind of expertise the project has, and a lead's. One person counts for one kind. A lead alone
    never opens a gate: where no kind asks for it, somebody who is not a lead (“partner”) must sign too.

    A lead signs as lead and, where nobody else holds a kind, for that kind too. Somebody with two kinds counts for the
    one that is still wanted.

    `more`: an organisation may want several of a kind, each from somebody else, and named groups; whoever speaks for
    a group counts for a kind as well.
    """
    wanted = _wanted_sign_offs([*members, *ended], more)
    counting = [member for member in ready if member.counts_on(today)]
    filled = _fill_slots(wanted, counting)
    signed = tuple(
        CountedSignOff(
            member=member.key,
            name=member.name,
            counts_for=_counts_for(member, wanted, filled) if member in counting else (),
        )
        for member in ready
    )
    return signed, _missing_slots(wanted, filled, signed, counting)


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """The sign-offs a gate asks for. `lead_kinds`: those of `kinds` that only leads hold, who then sign for them too.

    `partner`: whether no kind asks for somebody who is not a lead.
    """

    kinds: tuple[str, ...]
    lead_kinds: tuple[str, ...]
    partner: bool
    rules: SignOffRules


@dataclass(frozen=True, kw_only=True)
class _Filled:
    """The slots that people who are not leads can fill, and which of them fills which (slot -> member key)."""

    slots: tuple[str, ...]
    by: Mapping[str, str]


def _wanted_sign_offs(everyone: Sequence[Member], rules: SignOffRules) -> _Wanted:
    here = kinds_held(everyone)
    kinds = tuple(kind for kind in EXPERTISE if kind in here or rules.kinds.get(kind))
    others_hold = kinds_held([member for member in everyone if member.role != Role.LEAD])
    lead_kinds = tuple(kind for kind in kinds if kind not in others_hold)
    return _Wanted(kinds=kinds, lead_kinds=lead_kinds, partner=not others_hold, rules=rules)


def _fill_slots(wanted: _Wanted, counting: Sequence[Member]) -> _Filled:
    """Who fills which slot: the largest possible matching, so the order of signing never matters."""
    slots: list[str] = []
    for kind in wanted.kinds:
        of_kind = wanted.rules.slots(kind)
        by_a_lead = kind in wanted.lead_kinds and any(
            member.role == Role.LEAD and kind in member.expertise for member in counting
        )
        slots += of_kind[1:] if by_a_lead else of_kind
    partners = sorted((member for member in counting if member.role != Role.LEAD), key=lambda member: member.key)
    return _Filled(slots=tuple(slots), by=_largest_matching(partners, slots))


def _counts_for(member: Member, wanted: _Wanted, filled: _Filled) -> tuple[str, ...]:
    if member.role == Role.LEAD:
        own = ["lead", *[kind for kind in wanted.lead_kinds if kind in member.expertise]]
    else:
        own = [slot.partition(":")[0] for slot in filled.slots if filled.by.get(slot) == member.key]
    return (*own, *[group.slot for group in wanted.rules.groups if member.key in group.members])


def _missing_slots(
    wanted: _Wanted, filled: _Filled, signed: Sequence[CountedSignOff], counting: Sequence[Member]
) -> tuple[str, ...]:
    """In the order in which pages name them: kinds, a lead, groups, and a partner where only leads signed."""
    have = {what for sign_off in signed for what in sign_off.counts_for}
    missing = [slot for slot in filled.slots if slot not in filled.by]
    if "lead" not in have:
        missing.append("lead")
    missing += [group.slot for group in wanted.rules.groups if group.slot not in have]
    if wanted.partner and all(member.role == Role.LEAD for member in counting):
        missing.append(PARTNER)
    return tuple(missing)


def _largest_matching(people: Sequence[Member], slots: Sequence[str]) -> dict[str, str]:
    """Slot -> member key, as many slots as can be filled (augmenting paths; there are a handful)."""
    taken: dict[str, Member] = {}

    def place(person: Member, seen: set[str]) -> bool:
        for slot in slots:
            if slot.partition(":")[0] in person.expertise and slot not in seen:
                seen.add(slot)
                if slot not in taken or place(taken[slot], seen):
                    taken[slot] = person
                    return True
        return False

    for person in people:
        place(person, set())
    return {slot: person.key for slot, person in taken.items()}


def signs_for(member: Member, members: Sequence[Member]) -> tuple[str, ...]:
    """What this member's sign-off could count for, for the page to say before they sign."""
    others_hold = set(kinds_held([person for person in members if person.role != Role.LEAD]))
    if member.role == Role.LEAD:
        return ("lead", *[kind for kind in member.expertise if kind not in others_hold])
    return member.expertise


def may_waive(*, finding: Finding, proposer: Member, seconder: Member, members: Sequence[Member], today: date) -> None:
    """Refuse, with a sentence, unless these two may let this finding pass together."""
    if proposer.key == seconder.key:
        raise NotAllowed("Somebody else must second this. Nobody can propose and second the same waiver.")
    for member in (proposer, seconder):
        if not member.counts_on(today):
            raise NotAllowed(
                f"{member.name} cannot take part in a waiver yet. A new member, or new expertise, counts after 14 days."
            )
        if not readable_for_waiver(finding, member.key):
            raise NotAllowed(f"This finding is private. {member.name} may not read it, so cannot let it pass.")
    if proposer.role == seconder.role == Role.LEAD:
        raise NotAllowed("Two leads cannot waive a check together. Ask a member to second it.")
    kinds = kinds_held(members)
    if len(kinds) <= 1:
        if Role.LEAD in (proposer.role, seconder.role):
            raise NotAllowed(
                "Everyone here brings the same kind of experience, so two people who are not leads must agree."
            )
        return
    others = [EXPERTISE_TITLES[kind].lower() for kind in kinds if kind not in proposer.expertise]
    if not any(mine != theirs for mine in proposer.expertise for theirs in seconder.expertise):
        raise NotAllowed(
            f"A waiver needs two people with different kinds of experience. Ask somebody with {listed(others, 'or')}."
        )


def readable_for_waiver(finding: Finding, key: str) -> bool:
    return finding.readable_by(key) or key in finding.lines


def check_until(until: date, today: date) -> None:
    if until < today:
        raise Invalid("A waiver must last until today or later.", {"until": "Choose a day from today on."})
    if (until - today).days > 366:
        raise Invalid("A waiver lasts a year at most.", {"until": "Choose a day within a year."})
