"""What the project keeps about writing: outputs, what was agreed about each, and each person's own line of credit."""

from __future__ import annotations

from govflow.plugin import COORDINATOR, EVERY_MEMBER, LEAD, Field, Register
from govflow_outputs.rules import (
    CREDIT_MODELS,
    HOW,
    KINDS,
    LICENCES,
    OUTPUT,
    ROLES,
    STAYS,
    check_agreement,
    check_credit,
    check_invitation,
    check_left,
)

WHICH = Field(name="output", label="For which output?", kind="entry_of", of=OUTPUT, required=True)
PERSON = Field(name="person", label="Who?", kind="person", required=True)
ANSWERS = {"yes": "Yes, I would like to help", "no": "No, thank you"}

OUTPUTS = Register(
    slug="output",
    title="Outputs",
    one="output",
    why="Everything the project will share, who writes or makes it, and when that is meant to be finished.",
    label="title",
    added_by=(EVERY_MEMBER,),
    fields=(
        Field(name="title", label="What is it called?", required=True),
        Field(name="kind", label="What kind of thing is it?", kind="choice", choices=KINDS, required=True),
        Field(
            name="planned_end",
            label="When will the writing or making be finished?",
            kind="date",
            required=True,
            help="The last day anybody will work on it. It may be after the funding ends.",
        ),
        Field(
            name="writers",
            label="Who writes or makes it?",
            kind="people",
            help="Everyone on the writing list, whoever pays them.",
            left=True,
        ),
    ),
)

AGREED = (
    Field(
        name="credit",
        label="Whose name stands on it?",
        kind="choice",
        choices=CREDIT_MODELS,
        required=True,
        help="Talk about it before the writing begins.",
    ),
    Field(name="collective", label="What is the group called?", help="For example: The Kettle writing collective."),
    Field(
        name="contributors",
        label="Who had a part in the idea, the data, or what it means?",
        kind="people",
        help="Each of them is asked to help write it, and to say yes to the last version.",
        left=True,
    ),
    Field(name="owner", label="Who owns it?", help="One person, the group, or an organisation."),
    Field(name="licence", label="What may others do with it?", kind="choice", choices=LICENCES),
    Field(
        name="final_on",
        label="Since which day is the text final?",
        kind="date",
        help="From then on each writer is asked once more how they want to be named.",
    ),
    Field(name="public_on", label="On which day does it go public?", kind="date"),
    Field(name="told_on", label="On which day was the funder sent it?", kind="date"),
)
AGREEMENTS = Register(
    slug="agreement",
    title="What we agreed about outputs",
    one="agreement",
    why="Whose name stands on it, who is asked to write, who owns it, and when it goes public.",
    label="output",
    added_by=(EVERY_MEMBER,),
    check_entry=check_agreement,
    fields=(WHICH, *AGREED),
)

MINE = (
    Field(name="how", label="How do you want to be named?", kind="choice", choices=HOW, required=True),
    Field(name="display_name", label="Which name should stand there?"),
    Field(
        name="title",
        label="How should you be described?",
        help="In your own words, or not at all. Nobody adds anything to it.",
    ),
    Field(name="affiliation", label="Which organisation should stand beside your name?", help="It can stay empty."),
    Field(name="roles", label="What did you do?", kind="choices", choices=ROLES),
    Field(name="wrote", label="I wrote a part of it", kind="yes_no"),
    Field(name="reviewed", label="I read it and said what should change", kind="yes_no"),
    Field(
        name="finished",
        label="I say yes to it as it is now",
        kind="yes_no",
        help="For a film, a craft piece and so on.",
    ),
    Field(
        name="confirmed",
        label="I have seen the last version, and this is how I want to be named",
        kind="yes_no",
    ),
)
CREDITS = Register(
    slug="credit",
    title="How each of us is named",
    one="line of credit",
    why="Each person writes their own line, and nobody else can. "
    "Everyone in the project reads it; others read only what you choose.",
    label="person",
    added_by=(EVERY_MEMBER,),
    check_entry=check_credit,
    fields=(WHICH, PERSON, *MINE),
)

INVITATIONS = Register(
    slug="invitation",
    title="Who was asked to write",
    one="invitation",
    why="Whoever had a part in the work is asked to help write it. Only they can say yes or no.",
    label="person",
    added_by=(EVERY_MEMBER,),
    check_entry=check_invitation,
    fields=(WHICH, PERSON, Field(name="answer", label="Your answer", kind="choice", choices=ANSWERS)),
)

LEAVERS = Register(
    slug="left",
    title="Writers who left",
    one="writer who left",
    why="Somebody who left may still be an author. A lead asks them, and writes down what they said.",
    label="person",
    added_by=(LEAD, COORDINATOR),
    check_entry=check_left,
    fields=(
        WHICH,
        Field(name="person", label="Who left?", kind="person", required=True, left=True),
        Field(name="wish", label="What do they want?", kind="choice", choices=STAYS, required=True),
        Field(name="said", label="What did they say, or what did you try?", kind="long_text", required=True),
    ),
)
