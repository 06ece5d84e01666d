"""The lists of guides, and the one rule of sharing: nothing goes out before the group has agreed to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import EVERY_MEMBER, ORGANISATION, Case, Entry, Field, Register, Verdict, ok, refuse, warn

GUIDE, SHARE, ANSWER, PLACE, SHARED = (
    "resources.guide", "resources.share", "resources.answer", "resources.place", "resources.shared",
)  # fmt: skip
DECISION = "decisions.decision"
LEVELS = {"easy_read": "Easy read", "plain": "Plain words", "specialist": "For specialists"}
ORGANISATION_WIDE, PUBLIC = "organisation", "public"
HOW_FAR = {ORGANISATION_WIDE: "With the other projects of our organisation", PUBLIC: "With everyone, in public"}
YES, NO = "yes", "no"
YES_OR_NO = {YES: "Yes", NO: "No"}
COPIED = ("title", "level", "made_by", "link")


def the(case: Case, register: str, key: str | None) -> Entry | None:
    return next((row for row in case.registers[register] if row.key == key), None)


def decided(case: Case, key: str | None) -> bool:
    """Whether this decision was made, and together: one person alone gives nothing away that is the group's."""
    row = next((entry for entry in case.registers.get(DECISION, ()) if entry.key == key), None)
    return row is not None and row.values.get("stands") == "decided" and row.values.get("method") != "named"


def silent(case: Case, share: Entry) -> list[str]:
    """Who was here when it was asked, and has not answered."""
    said = {row.values["person"] for row in case.rows(ANSWER, share=share.key)}
    return [key for key, member in case.here.items() if member.joined <= share.on and key not in said]


def said_no(case: Case, share: Entry) -> bool:
    return any(row.values["person"] in case.here for row in case.rows(ANSWER, share=share.key, answer=NO))


def agreed(case: Case, share: Entry) -> bool:
    """Whether the group agrees: by a decision made together, or because everyone said yes. One no is enough."""
    if said_no(case, share):
        return False
    return decided(case, share.values.get("decision")) or not silent(case, share)


def agreed_for(case: Case, guide: str, how_far: str) -> bool:
    return any(agreed(case, row) for row in case.rows(SHARE, guide=guide, how_far=how_far))


def check_guide(values: Mapping[str, Any], case: Case) -> Verdict:
    before = case.subject
    if isinstance(before, Entry) and values != before.values and case.rows(SHARE, guide=before.key):
        return refuse("People were asked about this guide as it is. Add the new one as a guide of its own.")
    if not values.get("link") and not values.get("file"):  # a project file carries no files
        return warn("Kept. Give a web address or a file too, so that others find it.")
    return ok


def check_share(values: Mapping[str, Any], case: Case) -> Verdict:
    before = case.subject
    if isinstance(before, Entry) and values != before.values:
        return refuse("People were asked this as it is. Take it off the list, and ask anew.")
    asked = [(row.values["guide"], row.values["how_far"]) for row in case.registers.get(SHARE, ())]
    if before is None and (values["guide"], values["how_far"]) in asked:
        return refuse("This was asked already. Look at it on “Sharing guides”.")
    if before is None and values.get("decision") and not decided(case, values["decision"]):
        return warn("Kept. That decision is not made yet, or not made together, so everyone is asked.")
    return ok


def check_answer(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] != case.by:
        return refuse("Each person answers for themselves. Choose yourself.")
    others = [row for row in case.registers.get(ANSWER, ()) if row.values["person"] == case.by]
    if any(
        row.values["share"] == values["share"] and (case.subject is None or row.key != case.subject.key)
        for row in others
    ):
        return refuse("You have answered this. Change your answer on “Sharing guides”.")
    return ok


def check_place(values: Mapping[str, Any], case: Case) -> Verdict:
    """A public place is written down once the group agreed that the guide may be there."""
    if case.from_file or (isinstance(case.subject, Entry) and values == case.subject.values):
        return ok
    if not agreed_for(case, values["guide"], PUBLIC):
        return refuse("The group has not agreed yet that everyone may have this guide. Ask on “Sharing guides”.")
    return ok


def check_shared(values: Mapping[str, Any], case: Case) -> Verdict:
    """A line of the organisation's list is a guide of this group as it is, and the group agreed to it."""
    mine = [
        row for row in case.registers[GUIDE] if all(row.values.get(name) == values.get(name) for name in COPIED)
    ]  # fmt: skip
    if not mine:
        return refuse("Only a group shares its own guides. Use “Sharing guides”.")
    if isinstance(case.subject, Entry) and values == case.subject.values:
        return ok
    if not any(agreed_for(case, row.key, ORGANISATION_WIDE) for row in mine):
        return refuse("The group has not agreed yet that other projects may have this guide. Ask on “Sharing guides”.")
    return ok


LEVEL = Field(
    name="level", label="How hard is it to read?", kind="choice", choices=LEVELS, required=True,
    help="Easy read is made and tested with people with learning disabilities. Nothing works it out for you.",
)  # fmt: skip
TITLE = Field(name="title", label="What is it called?", required=True)
MADE_BY = Field(name="made_by", label="Who made it?", required=True, help="As they want to be named.")
LINK = Field(name="link", label="Where is it on the web?", kind="link")
ASK = Field(name="ask", label="Where do others get it?", help="If it is a file. Name a place, no person.")
OF_GUIDE = Field(name="guide", label="Which guide?", kind="entry_of", of=GUIDE, required=True)
LISTS = [
    Register(
        slug="guide",
        title="Guides",
        one="guide",
        why="What helps you. Only this project reads it, until all of you agree to share it.",
        label="title",
        added_by=(EVERY_MEMBER,),
        check_entry=check_guide,
        fields=(
            TITLE, MADE_BY, LEVEL, LINK,
            Field(name="file", label="Or a file", kind="file"),
            Field(name="helps", label="What does it help with?", kind="long_text"),
        ),
    ),
    Register(
        slug="share",
        title="Guides you may share",
        one="question about sharing",
        why="How far a guide goes is for all of you to decide.",
        label="guide",
        added_by=(EVERY_MEMBER,),
        check_entry=check_share,
        needs=(DECISION,),
        fields=(
            OF_GUIDE,
            Field(name="how_far", label="How far may it go?", kind="choice", choices=HOW_FAR, required=True),
            Field(name="decision", label="Did you decide it already?", kind="entry_of", of=DECISION,
                  help="Choose the decision. If you leave this empty, everyone is asked."),
        ),
        aside=True,
    ),
    Register(
        slug="answer",
        title="Answers about sharing",
        one="answer",
        why="Each person answers for themselves, and can change it.",
        label="person",
        added_by=(EVERY_MEMBER,),
        check_entry=check_answer,
        fields=(
            Field(name="person", label="Who answers?", kind="person", required=True),
            Field(name="share", label="About what?", kind="entry_of", of=SHARE, required=True),
            Field(name="answer", label="May it be shared?", kind="choice", choices=YES_OR_NO, required=True),
        ),
        aside=True,
    ),
    Register(
        slug="place",
        title="Where guides are in public",
        one="public place",
        why="GovFlow puts nothing on the web. This says where somebody put it.",
        label="guide",
        added_by=(EVERY_MEMBER,),
        check_entry=check_place,
        needs=(DECISION,),
        fields=(OF_GUIDE, Field(name="link", label="Where is it?", kind="link", required=True)),
        aside=True,
    ),
    Register(
        slug="shared",
        title="Guides of our organisation",
        one="shared guide",
        why="What groups of this organisation share with each other.",
        label="title",
        added_by=(EVERY_MEMBER,),
        scope=ORGANISATION,
        check_entry=check_shared,
        needs=(DECISION,),
        fields=(TITLE, MADE_BY, LEVEL, LINK, ASK),
    ),
]  # fmt: skip
