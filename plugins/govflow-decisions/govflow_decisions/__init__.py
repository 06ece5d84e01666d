"""What was decided, who shared in it and how, which views were not followed, and when it is looked at again."""

from __future__ import annotations

from datetime import date, timedelta

from govflow.plugin import (
    ALWAYS,
    EVERY_MEMBER,
    LEAD,
    Case,
    Check,
    Field,
    Finding,
    Page,
    Poll,
    Question,
    Register,
    after_stage_entry,
    count,
    day,
    entry,
    hookimpl,
    listed,
    met,
    not_needed,
    unmet,
)
from govflow_decisions.deciding import DECISION, METHODS, REMIT, STANDS, check_decision, decided
from govflow_decisions.page import for_outside, log

WEEK, NEVER = timedelta(days=7), date.max


def written_down(case: Case) -> Finding:
    """Whether the decisions of this stage are written down, or the group says that none was made."""
    rows = [row for row in decided(case) if row.values["decided_on"] >= case.entered]
    if rows:
        return met(f"{count(len(rows), 'decision')} of this stage {'is' if len(rows) == 1 else 'are'} written down.")
    if case.evidence.get("none_made"):
        return met(f"{case.name(case.evidence.by)} said on {day(case.evidence.on)} that nothing had to be decided.")
    return unmet("No decision of this stage is written down yet. If nothing had to be decided, say so.")


def looked_at_again(case: Case) -> Finding:
    """Whether decisions are looked at again on the day the group gave itself."""
    done = decided(case)
    days = {row.key: row.values["review_on"] for row in done if "review_on" in row.values}
    renewed = {row.values["after"] for row in done if row.on >= days.get(row.values.get("after"), NEVER) - WEEK}
    waiting = sorted(
        (on, row.values["question"]) for row in done if (on := days.get(row.key)) and row.key not in renewed
    )
    near = [(on, question) for on, question in waiting if case.today >= on - WEEK]
    if near:
        asked = [f"“{question}” on {day(on)}" for on, question in near]
        return unmet(
            f"To be looked at again: {listed(asked)}. Talk about it. Then write down what you decided, "
            "or give another day.",
            due=near[0][0],
        )
    if waiting:
        return met(f"The next to be looked at again: {day(waiting[0][0])}.", look_again=waiting[0][0] - WEEK)
    return not_needed("No decision has a day on which to look at it again.")


def who_decides_now(case: Case) -> Finding:
    """Whether the group has said, at the door of the trial, what changes about who decides."""
    said = case.evidence
    if not said:
        return unmet(
            "When a study goes from design to trial, decisions often move to fewer people. "
            "Talk about what changes, and write it down."
        )
    if not said.get("talked_on"):
        return unmet("Say on which day you talked about it together.")
    if said["talked_on"] > case.today:
        return unmet(f"You will talk about it on {day(said['talked_on'])}.", look_again=said["talked_on"])
    if not said.get("fewer"):
        return met(f"Talked about on {day(said['talked_on'])}: nothing changes about who decides.")
    if not said.get("which"):
        return unmet("Say which decisions are made by fewer people, and why.")
    since = case.visits[-2].entered if case.stage.like == "trial" and len(case.visits) > 1 else case.entered
    if REMIT in case.registers and not any(row.on >= since for row in case.registers[REMIT]):
        return unmet(
            "Write these changes into the list “What we can decide” too, so that everyone can read them there."
        )
    return met(f"Talked about on {day(said['talked_on'])}. It is written down what changes.")


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="decision",
            title="Decisions",
            one="decision",
            why="What is to be decided, and what was: by whom, how, and which views were not followed.",
            label="question",
            added_by=(EVERY_MEMBER,),
            needs=(REMIT,),
            check_entry=check_decision,
            fields=(
                Field(name="question", label="What is to be decided?", required=True),
                Field(name="options", label="What can we choose from?", kind="long_text", help="One on each line."),
                Field(
                    name="touches",
                    label="Does it touch a limit we wrote down?",
                    kind="entry_of",
                    of=REMIT,
                ),
                Field(name="method", label="How do we decide it?", kind="choice", choices=METHODS, required=True),
                Field(name="stands", label="How does it stand?", kind="choice", choices=STANDS, required=True),
                Field(name="shared_with", label="Who shares in it?", kind="people"),
                Field(
                    name="outcome",
                    label="What was decided?",
                    help="One sentence. Leave it empty while it is still open.",
                ),
                Field(name="decided_on", label="On which day?", kind="date"),
                Field(
                    name="after",
                    label="Which earlier try does it follow?",
                    kind="entry_of",
                    of=DECISION,
                    help="Where one person decides, name the try to agree that came before.",
                ),
                Field(name="decided_by", label="Who decided, if it was one person?", kind="person"),
                Field(
                    name="not_followed",
                    label="Which views were not followed, and why?",
                    kind="long_text",
                    help="Name somebody only if they want you to.",
                ),
                Field(name="limits", label="Where does it not apply?", kind="long_text"),
                Field(name="review_on", label="When do you look at it again?", kind="date"),
            ),
        )
    ]


@hookimpl
def register_polls() -> list[Poll]:
    return [
        Poll(
            slug="ballot",
            title="Vote on this, and nobody sees who votes for what",
            version="1",
            about=entry(DECISION),
            options_from="options",
            days_open=7,
            no_score={"none": "None of these"},
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="log",
            title="What we decided",
            why="What is still open, what was decided and by whom, and how much of it we decided together.",
            view=log,
            in_pack=for_outside,
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="log",
            title="Decisions are written down",
            why="Who shared in a decision, how it was made and which views were not followed: written down, "
            "everyone can see how power is shared.",
            judge=written_down,
            stages=("design", "trial", "dissemination"),
            due=after_stage_entry(days=90),
            questions=(
                Question(
                    name="none_made",
                    label="Nothing had to be decided in this stage",
                    kind="yes_no",
                    help="Leave this if a decision is still to be written down.",
                ),
            ),
            gives=("decision-log",),
            principle="sharing-of-power",
        ),
        Check(
            slug="who_decides",
            title="What changes about who decides?",
            why="In one large study decisions moved to the core team when the trial began. "
            "Saying so before helps everyone know what to expect.",
            judge=who_decides_now,
            stages=("design", "trial"),
            lasts=ALWAYS,
            due=after_stage_entry(days=30),
            needs=(REMIT,),
            questions=(
                Question(
                    name="fewer",
                    label="Will fewer people make some decisions from now on?",
                    kind="yes_no",
                    required=True,
                ),
                Question(name="which", label="Which ones, and why?", kind="long_text"),
                Question(name="talked_on", label="When did you talk about it together?", kind="date"),
            ),
            principle="sharing-of-power",
        ),
        Check(
            slug="again",
            title="Looked at again",
            why="A decision can be wrong, or right only for a while. Looking at it again is part of deciding.",
            judge=looked_at_again,
            owed_by=LEAD,
            remind_before=(7, 0),
            holds_in=(),
            lasts=ALWAYS,
            principle="sharing-of-power",
        ),
    ]
