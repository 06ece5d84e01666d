"""McPin's stress test by the five NIHR principles: ask every partner, talk about it, own what follows.

No check here ever looks at a score. There is no test for "is it co-production?"; the key test is to ask
the partners whether they feel they are really doing it together.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from govflow.plugin import (
    ALL,
    ALWAYS,
    Case,
    Check,
    Finding,
    Poll,
    Question,
    Statement,
    after_stage_entry,
    count,
    day,
    hookimpl,
    listed,
    met,
    unmet,
)

CONTENT: dict[str, Any] = tomllib.loads(files(__package__).joinpath("principles.toml").read_text("utf-8"))
PRINCIPLES: list[dict[str, Any]] = sorted(CONTENT["principle"], key=lambda principle: principle["order"])
POLL = "how_is_it_going"
FEWEST_TO_ASK = CONTENT["rules"]["min_answers_to_show"]
KINDS = {
    "co_produced": "We co-produce this project",
    "in_parts": "We co-produce parts of it",
    "involvement": "It is involvement, not co-production",
}


def talked(case: Case) -> Finding:
    """Asked, talked about, actions owned. Never how high the answers were."""
    said = case.evidence
    rounds = [round_ for round_ in case.polls[POLL] if round_.visit == case.visit.number]
    asked_outside = said.get("asked_on") and case.entered <= said["asked_on"] <= case.today
    asked = bool(asked_outside) or any(round_.closed for round_ in rounds) or len(case.here) < FEWEST_TO_ASK
    if not asked:
        running = next((round_ for round_ in rounds if not round_.closed), None)
        if running:
            return unmet(f"Everyone is being asked until {day(running.closes)}. After that, talk about it together.")
        return unmet("Everyone is still to be asked how working together is going.")
    if not said.get("talked_on"):
        return unmet("Everyone was asked. The group still has to talk about what came out.")
    closed = max((round_.closed for round_ in rounds if round_.closed), default=None)
    earliest = max(one for one in (case.entered, said.get("asked_on"), closed) if one)
    if said["talked_on"] > case.today:
        return unmet("The day you gave for the talk is still to come.", look_again=said["talked_on"])
    if said["talked_on"] < earliest:
        return unmet(f"The talk you wrote down was before {day(earliest)}. Talk about it after everyone was asked.")
    if not said.get("actions") or not said.get("owner"):
        return unmet("You talked about it. Write down what you will do, and who looks after that.")
    return met(
        f"Asked, and talked about on {day(said['talked_on'])}. {case.name(said['owner'])} looks after the actions."
    )


def evidence(case: Case) -> Finding:
    """Whether each required piece of evidence of this stage was given in this visit."""
    wanted = [
        question
        for question in EVIDENCE
        if question.asked_in(case.stage.like, case.given) and question.name in REQUIRED
    ]
    missing = [question for question in wanted if not case.evidence.get(question.name)]
    if not missing:
        return met(f"All {len(wanted)} pieces of evidence for this stage are here.")
    names = listed([SHORT_NAMES[question.name] for question in missing])
    return unmet(f"{count(len(missing), 'piece')} of evidence of {len(wanted)} still to come: {names}.")


def what_we_are(case: Case) -> Finding:
    """What the group calls its project. Every answer is a good one."""
    if not case.evidence.get("kind"):
        return met("The group has not said yet what this project is. Say so whenever you are ready.")
    return met(f"{KINDS[case.evidence['kind']]}: “{case.evidence['reason']}”")


REQUIRED = {item["id"] for principle in PRINCIPLES for item in principle["evidence"] if item["required"]}
SHORT_NAMES = {item["id"]: item["id"].replace("-", " ") for principle in PRINCIPLES for item in principle["evidence"]}
EVIDENCE = tuple(
    Question(
        name=item["id"],
        label=item["id"].replace("-", " ").capitalize(),
        kind="long_text",
        help=f"{item['text']} {'' if item['required'] else 'You may leave this empty. '}({principle['title']})",
        stages=tuple(item["ask_at"]),
        unless_given=item["id"],
    )
    for principle in PRINCIPLES
    for item in principle["evidence"]
)
OVERALL = CONTENT["overall"]
STATEMENTS = (
    *(
        Statement(id=part["id"], text=part["text"], stages=tuple(part["ask_at"]), group=principle["title"])
        for principle in PRINCIPLES
        for part in principle["question"]
    ),
    Statement(id=OVERALL["id"], text=OVERALL["text"], stages=tuple(OVERALL["ask_at"]), group="All in all"),
    Statement(
        id="in-your-words",
        text="Is there anything the group should talk about?",
        stages=ALL,
        group="In your own words",
        kind="words",
    ),
)


@hookimpl
def register_polls() -> list[Poll]:
    return [
        Poll(
            slug=POLL,
            title="How is it going?",
            version=CONTENT["version"],
            statements=STATEMENTS,
            scale={str(point["value"]): point["label"] for point in CONTENT["scale"]["points"]},
            no_score={point["value"]: point["label"] for point in CONTENT["scale"]["no_score"]},
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="talked",
            title="How is it going? Asked, talked about, acted on",
            why="The best test of co-production is to ask the partners. What counts: everyone is asked, "
            "you talk about it, and someone looks after what follows. The answers themselves never hold the gate.",
            judge=talked,
            due=after_stage_entry(days=60),
            principle="sharing-of-power",
            questions=(
                Question(
                    name="asked_on",
                    label="If you asked everyone outside GovFlow: on which day?",
                    kind="date",
                    help="On paper, or in a talk. Leave it empty if you asked here.",
                ),
                Question(name="talked_on", label="When did you talk about it together?", kind="date"),
                Question(
                    name="actions",
                    label="What will you do, who does it, and by when?",
                    kind="long_text",
                    help="If nothing needs doing, say why.",
                ),
                Question(name="owner", label="Who looks after these actions?", kind="person"),
            ),
        ),
        Check(
            slug="evidence",
            title="Evidence for the five principles",
            why="These few things show that the five principles are kept. "
            "A sentence, a link or “told by phone” is enough.",
            judge=evidence,
            questions=EVIDENCE,
            due=after_stage_entry(days=90),
            principle="including-all-perspectives-and-skills",
        ),
        Check(
            slug="what_we_are",
            title="What this project is",
            why="A project may be co-produced, co-produced in parts, or involvement. All three are honest. "
            "Saying which helps everyone know what to expect.",
            judge=what_we_are,
            lasts=ALWAYS,
            holds_in=(),
            principle="sharing-of-power",
            questions=(
                Question(name="kind", label="What do you call it?", kind="choice", choices=KINDS, required=True),
                Question(name="reason", label="Why do you say so?", kind="long_text", required=True),
            ),
        ),
    ]
