"""Gates: findings, waivers and sign-offs make a gate open, or held and by what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from govflow.domain.gates.checks import Finding
from govflow.domain.people import EXPERTISE, EXPERTISE_TITLES, Member, kinds_held
from govflow.domain.refusals import Invalid, NotAllowed
from govflow.domain.wording import listed

READY, NOT_READY, WITHDRAWN = "ready", "not_ready", "withdrawn"
PARTNER = "partner"
SIGNERS = {**{kind: title.lower() for kind, title in EXPERTISE_TITLES.items()}, "lead": "a lead", PARTNER: "a partner"}
NTH = {"2": "a second person", "3": "a third person", "4": "a fourth person", "5": "a fifth person"}
MOST_OF_A_KIND = 5


@dataclass(frozen=True, kw_only=True)
class GroupWanted:
    """A panel that signs too: by one of its chairs or, where it has none, of its members. `members`: their keys."""

    slug: str
    title: str
    members: frozenset[str] = frozenset()

    @property
    def slot(self) -> str:
        return f"panel:{self.slug}"


@dataclass(frozen=True, kw_only=True)
class SignOffRules:
    """What an organisation asks for beyond one sign-off of each kind and a lead's: several of a kind, named panels."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    panels: tuple[GroupWanted, ...] = ()

    def slots(self, kind: str) -> list[str]:
        """The sign-offs wanted of a kind: `lived`, and where more are asked for `lived:2`, `lived:3`."""
        return [kind, *[f"{kind}:{number}" for number in range(2, self.kinds.get(kind, 1) + 1)]]

    def words(self, slot: str) -> str:
        """Whom a wanted sign-off is to come from, in words."""
        kind, _, number = slot.partition(":")
        if kind == "panel":
            return next((f"the panel “{one.title}”" for one in self.panels if one.slot == slot), slot)
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
        return tuple(one for one in self.findings if one.open and one.holds and one.place not in self.waived)

    @property
    def open(self) -> bool:
        return not (self.holding or self.missing or self.unanswered)

    def reasons(self, reader: str | None) -> list[str]:
        """Why the gate is held, a sentence each, with nothing this reader may not read."""
        said = list(dict.fromkeys(one.sentence_for(reader) for one in self.holding))
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
    latest = [one for one in said if one.member in here]
    ready = [here[one.member] for one in latest if one.verdict == READY]
    signed, missing = count_sign_offs(ready=ready, members=members, today=today, ended=ended, more=more)
    return Gate(
        more=more,
        findings=tuple(findings),
        waived={waiver.place: waiver for waiver in waivers if waiver.stands_on(today)},
        signed=signed,
        missing=missing,
        unanswered=tuple(
            names[one.member] for one in said if one.member in names and one.verdict == NOT_READY and not one.reply
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
    """One sign-off for each kind of expertise the project has, and a lead's. One person counts for one kind.

    A lead alone never opens a gate: where no kind asks for it, somebody who is not a lead (“partner”) must sign too.

    A lead signs as lead and, where nobody else holds a kind, for that kind too. Somebody with two kinds
    counts for the one that is still wanted: the largest possible matching, so the order of signing never matters.

    `more`: an organisation may want several of a kind, each from somebody else, and named panels; whoever speaks for
    a panel counts for a kind as well.
    """
    everyone = [*members, *ended]
    wanted = [kind for kind in EXPERTISE if kind in kinds_held(everyone) or more.kinds.get(kind)]
    others_hold = set(kinds_held([member for member in everyone if member.role != "lead"]))
    lead_kinds = [kind for kind in wanted if kind not in others_hold]
    leads = [member for member in ready if member.role == "lead" and member.counts_on(today)]
    partners = sorted(
        (member for member in ready if member.role != "lead" and member.counts_on(today)), key=lambda one: one.key
    )
    slots = {kind: more.slots(kind) for kind in wanted}
    by_lead = {kind for kind in lead_kinds if any(kind in lead.expertise for lead in leads)}
    open_slots = [slot for kind in wanted for slot in slots[kind][kind in by_lead :]]
    match = _largest_matching(partners, open_slots)
    signed = []
    for member in ready:
        if member in leads:
            counts: tuple[str, ...] = ("lead", *[kind for kind in lead_kinds if kind in member.expertise])
        else:
            counts = tuple(slot.partition(":")[0] for slot in open_slots if match.get(slot) == member.key)
        if member.counts_on(today):
            counts += tuple(one.slot for one in more.panels if member.key in one.members)
        signed.append(CountedSignOff(member=member.key, name=member.name, counts_for=counts))
    have = {what for one in signed for what in one.counts_for}
    missing = [slot for slot in open_slots if slot not in match] + ([] if "lead" in have else ["lead"])
    missing += [one.slot for one in more.panels if one.slot not in have]
    if not others_hold and not partners:
        missing.append(PARTNER)
    return tuple(signed), tuple(missing)


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
    others_hold = set(kinds_held([one for one in members if one.role != "lead"]))
    if member.role == "lead":
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
    if proposer.role == seconder.role == "lead":
        raise NotAllowed("Two leads cannot waive a check together. Ask a member to second it.")
    kinds = kinds_held(members)
    if len(kinds) <= 1:
        if "lead" in (proposer.role, seconder.role):
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
