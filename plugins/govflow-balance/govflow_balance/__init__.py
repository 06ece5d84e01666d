"""Who is in the group, held against what the group itself agreed; and posts that may not stand empty."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from govflow.plugin import (
    ALWAYS,
    COORDINATOR,
    EVERY_MEMBER,
    LEAD,
    Bar,
    Case,
    Chart,
    Check,
    Desk,
    Field,
    Finding,
    Page,
    Register,
    Table,
    count,
    day,
    hookimpl,
    met,
    not_needed,
    unmet,
)
from govflow_balance.policies import (
    KINDS,
    POLICY,
    POST,
    RULES,
    called,
    check_policy,
    check_post,
    held_until,
    holds,
    missing,
    numbers,
    people_of,
    place,
)

MONTH = timedelta(days=30)


def balanced(case: Case) -> Finding:
    """Whether each policy the group agreed holds today."""
    policies = case.registers[POLICY]
    if not policies:
        return not_needed("You have not agreed yet on who should be in the group.")
    again = _next_change(case)
    left = [said for policy in policies if (said := missing(case, policy))]
    if not left:
        return met(f"Who is here fits what you agreed: {count(len(policies), 'policy', 'policies')}.", look_again=again)
    last = max([policy.on for policy in policies] + [member.left for member in case.left if member.left])
    return unmet(f"{'. '.join(left)}.", due=last + MONTH, look_again=again)


def posts_held(case: Case) -> Finding:
    """Whether each post has somebody in it today and in the next month, and was handed over."""
    posts = case.registers[POST]
    if not posts:
        return not_needed("No post is written down that may not stand empty.")
    by_place: dict[tuple[str, str], list[Any]] = {}
    for post in sorted(posts, key=lambda one: one.values["starts"]):
        by_place.setdefault(place(post), []).append(post)
    said: list[tuple[date, str]] = []
    for rows in by_place.values():
        now = [post for post in rows if holds(case, post)]
        next_ = [post for post in rows if post.values["starts"] > case.today and post.values["person"] in case.here]
        if not now:
            said.append((max(held_until(case, post) for post in rows), f"Nobody holds {called(rows[-1])}"))
        elif not next_ and all((ends := row.values.get("ends")) and ends <= case.today + MONTH for row in now):
            ends = max(row.values["ends"] for row in now)
            said.append((ends, f"{case.name(now[-1].values['person'])} holds {called(now[-1])} until {day(ends)}"))
        for post in (*now, *next_):
            before = post.values.get("takes_over_from")
            if before and not post.values.get("handed_over"):
                names = f"{case.name(before)} to {case.name(post.values['person'])}"
                said.append((post.values["starts"], f"Still to hand over from {names}: {called(post)}"))
    if said:
        return unmet(f"{'. '.join(words for _, words in said)}.", due=min(on for on, _ in said))
    return met(f"{count(len(by_place), 'post')}: somebody holds each of them.", look_again=_next_end(case))


def paid_post(case: Case) -> Finding:
    """Whether somebody who works from lived experience is paid in the core team."""
    for post in case.registers[POST]:
        holder = case.here.get(post.values["person"])
        if post.values.get("paid") and holds(case, post) and holder and "lived" in holder.expertise:
            return met(f"{holder.name} is paid in the core team: {called(post)}.", look_again=_next_end(case))
    return unmet("Think of a paid post in the core team for somebody who works from lived experience.")


def _next_change(case: Case) -> date | None:
    """The next day on which somebody is known to leave."""
    return min((member.left for member in case.here.values() if member.left), default=None)


def _next_end(case: Case) -> date:
    """The day from which a post may be without anybody, or soon will be: looked at each week at the least."""
    ends = [row.values["ends"] - MONTH for row in case.registers[POST] if row.values.get("ends")]
    starts = [row.values["starts"] for row in case.registers[POST]]
    leaves = [member.left for member in case.here.values() if member.left]
    return min((on for on in (*ends, *starts, *leaves) if on > case.today), default=case.today + timedelta(days=7))


def who_is_here(desk: Desk) -> list[Any]:
    """How many of each kind there are, in the project and in each group a policy is about."""
    case = desk.case
    groups = dict.fromkeys(["", *(row.values.get("group", "") for row in case.registers[POLICY])])
    charts = [
        Chart(
            title=group or "Everyone in the project",
            bars=[
                Bar(label=KINDS[kind].capitalize(), value=number)
                for kind, number in numbers(people_of(case, group)).items()
            ],
            unit="people",
        )
        for group in groups
    ]
    rows = [
        (
            row.values.get("group") or "Everyone",
            RULES[row.values["rule"]],
            row.values["why"],
            missing(case, row) or "Yes",
        )
        for row in case.registers[POLICY]
    ]
    return [
        *charts,
        Table(caption="What we agreed", columns=("For", "What", "Why", "Is it so today?"), rows=rows),
    ]


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="policy",
            title="Who should be in the group",
            one="policy",
            why="What you agreed together about who is in the group: each project decides it for itself.",
            label="why",
            added_by=(EVERY_MEMBER,),
            check_entry=check_policy,
            fields=(
                Field(name="rule", label="What did you agree?", kind="choice", choices=RULES, required=True),
                Field(name="group", label="For which group?", help="Its short name. Leave it empty for everyone."),
                Field(name="least", label="At least how many people?", kind="number"),
                Field(name="most", label="At most how many people?", kind="number"),
                Field(
                    name="seats",
                    label="Which seats?",
                    kind="long_text",
                    help="One on each line, by perspective. For example: service user, and carer below it.",
                ),
                Field(name="why", label="Why?", required=True),
            ),
        ),
        Register(
            slug="post",
            title="Posts that may not stand empty",
            one="post",
            why="Who holds it, from when to when, and who takes over from whom.",
            label="post",
            added_by=(LEAD, COORDINATOR),
            check_entry=check_post,
            fields=(
                Field(name="post", label="Which post?", required=True),
                Field(name="site", label="At which site?"),
                Field(name="person", label="Who holds it?", kind="person", required=True),
                Field(name="starts", label="From which day?", kind="date", required=True),
                Field(name="ends", label="Until which day?", kind="date", help="Leave it empty if it goes on."),
                Field(name="takes_over_from", label="From whom do they take over?", kind="person"),
                Field(name="handed_over", label="It was handed over", kind="yes_no"),
                Field(name="paid", label="It is a paid post in the core team", kind="yes_no"),
            ),
        ),
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="who_is_here",
            title="Who is here",
            why="How many people bring each kind of experience, and what you agreed about it.",
            view=who_is_here,
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="balance",
            title="Who is in the group",
            why="You agreed who should be in the group. When somebody leaves or comes, this shows it on the same day.",
            judge=balanced,
            lasts=ALWAYS,
            principle="including-all-perspectives-and-skills",
        ),
        Check(
            slug="posts",
            title="No post stands empty",
            why="When a post changes hands, somebody has to be there to take it, at each site.",
            judge=posts_held,
            lasts=ALWAYS,
            principle="building-and-maintaining-relationships",
        ),
        Check(
            slug="core_team",
            title="Lived experience in the core team",
            why="It is hard to work as equals without somebody in a paid post who works from lived experience.",
            judge=paid_post,
            holds_in=(),
            lasts=ALWAYS,
            principle="including-all-perspectives-and-skills",
        ),
    ]
