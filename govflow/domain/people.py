"""Who is in a project, and what kind of knowledge each brings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

EXPERTISE = ("lived", "practice", "research")
EXPERTISE_TITLES = {
    "lived": "Lived experience",
    "practice": "Practice experience",
    "research": "Research experience",
}


class Role(StrEnum):
    """What somebody may do in a project (access.md). Rows and plugins keep the plain word."""

    LEAD = "lead"
    COORDINATOR = "coordinator"
    FINANCE = "finance"
    MEMBER = "member"
    OBSERVER = "observer"


ROLES = tuple(role.value for role in Role)
ROLE_TITLES = {
    "lead": "lead",
    "coordinator": "coordinator",
    "finance": "finance contact",
    "member": "member",
    "observer": "observer",
}
COUNTS_AFTER = timedelta(days=14)
"""A new member, or a new kind of expertise, counts for sign-offs and waivers after this long (access.md)."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person in one project, as a check may see them. `key` is unique in the project and never changes.

    `words`: the organisation's own words for their expertise that they chose, such as “Carer”.
    """

    key: str
    name: str
    role: str = "member"
    title: str = ""
    organisation: str = ""
    expertise: tuple[str, ...] = ()
    expertise_since: date | None = None
    words: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    seat: str = ""
    invited_by: str | None = None
    joined: date
    left: date | None = None
    ended_by: str | None = None

    def here_on(self, day: date) -> bool:
        return self.joined <= day and (self.left is None or day < self.left)

    def counts_on(self, day: date) -> bool:
        """Whether this person's expertise counts for sign-offs and waivers on that day."""
        since = max(self.joined, self.expertise_since or self.joined)
        return self.here_on(day) and self.role != Role.OBSERVER and since + COUNTS_AFTER <= day

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else self.name


@dataclass(frozen=True, kw_only=True)
class MemberWithId(Member):
    """A member with the ids that services need and checks never use. `home_id` is the organisation they belong to."""

    id: int = 0
    person_id: int = 0
    home_id: int = 0


def with_role(members: Iterable[Member], *roles: str) -> list[Member]:
    """Members who hold one of the roles, in the order of `roles`, then by when they joined."""
    found = [member for member in members if member.role in roles]
    return sorted(found, key=lambda member: (roles.index(member.role), member.joined, member.key))


def kinds_held(members: Iterable[Member]) -> list[str]:
    """The kinds of expertise a group has, in the usual order. Observers are not partners."""
    held = {kind for member in members if member.role != Role.OBSERVER for kind in member.expertise}
    return [kind for kind in EXPERTISE if kind in held]
