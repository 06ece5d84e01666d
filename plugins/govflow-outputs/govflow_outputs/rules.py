"""What may be written down about writing, and by whom: each person's line of credit is theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import Case, Entry, Verdict, day, ok, refuse, warn

OUTPUT, AGREEMENT, CREDIT = "outputs.output", "outputs.agreement", "outputs.credit"
INVITATION, LEFT = "outputs.invitation", "outputs.left"
KINDS = {
    "paper": "Paper",
    "report": "Report",
    "talk": "Talk",
    "website": "Website",
    "film": "Film",
    "craft": "Craft piece",
    "postcard": "Postcard",
    "training": "Training",
    "other": "Something else",
}
WRITTEN = ("paper", "report", "talk", "website")
"""Kinds that are written and reviewed; every other kind is finished when each maker says yes."""
NAMED, COLLECTIVE, BOTH = "named", "collective", "collective_named"
CREDIT_MODELS = {
    NAMED: "Each person’s own name",
    COLLECTIVE: "One name for the group",
    BOTH: "One name for the group, and each person’s own name",
}
LICENCES = {
    "by": "Anyone may share and change it, and names us (CC BY)",
    "by_nc": "The same, but nobody may sell it (CC BY-NC)",
    "by_nd": "Anyone may share it as it is, and names us (CC BY-ND)",
    "cc0": "Anyone may do anything with it (CC0)",
    "ask": "Others have to ask us first",
}
PEN, ANONYMOUS, THANKED, NOT_NAMED = "pen", "anonymous", "thanked", "not_named"
HOW = {
    NAMED: "As an author, by name",
    PEN: "As an author, under a pen name",
    ANONYMOUS: "As an author, without a name",
    THANKED: "Thanked by name, not an author",
    NOT_NAMED: "Not at all",
}
ROLES = {
    "conceptualization": "The idea",
    "data-curation": "Looking after the data",
    "formal-analysis": "Working out what the data say",
    "funding-acquisition": "Finding the money",
    "investigation": "Gathering what we found out",
    "methodology": "Planning how to do it",
    "project-administration": "Keeping it going",
    "resources": "Bringing what was needed",
    "software": "Making software",
    "supervision": "Guiding others",
    "validation": "Checking that it is right",
    "visualization": "Making pictures of it",
    "writing-original-draft": "Writing the first text",
    "writing-review-editing": "Making the text better",
}
"""The fourteen roles of CRediT (ANSI/NISO Z39.104-2022), in plain words."""
STAYS = {
    "author": "They stay an author",
    THANKED: "They want to be thanked only",
    NOT_NAMED: "They do not want to be named",
    "unreached": "We could not reach them",
}


def output_of(values: Mapping[str, Any], case: Case) -> Entry | None:
    return next((row for row in case.registers.get(OUTPUT, ()) if row.key == values["output"]), None)


def agreed(case: Case, output: str) -> Mapping[str, Any]:
    """What the group agreed about an output, or nothing."""
    rows = (row for row in case.registers.get(AGREEMENT, ()) if row.values["output"] == output)
    return next((row.values for row in rows), {})


def lines_of(case: Case, register: str, output: str) -> dict[str, Entry]:
    """The lines of an output, by the person each is about."""
    return {row.values["person"]: row for row in case.registers.get(register, ()) if row.values["output"] == output}


def is_written(output: Entry) -> bool:
    return output.values["kind"] in WRITTEN


def _twice(values: Mapping[str, Any], case: Case, register: str) -> bool:
    """Whether there is another line already for the same output, and the same person where one is named."""
    return any(
        row.values["output"] == values["output"] and row.values.get("person") == values.get("person")
        for row in case.registers.get(register, ())
        if case.subject is None or row.key != case.subject.key
    )


def check_agreement(values: Mapping[str, Any], case: Case) -> Verdict:
    if _twice(values, case, AGREEMENT):
        return refuse("There is an agreement about this output already. Change that one.")
    if values["credit"] != NAMED and not values.get("collective"):
        return refuse("Write down what the group is called, for example: The Kettle writing collective.")
    for name, words in (("final_on", "the text was final"), ("told_on", "the funder was sent it")):
        if name in values and values[name] > case.today:
            return refuse(f"{day(values[name])} is still to come. Give the day since which {words}, or leave it empty.")
    return ok


def check_credit(values: Mapping[str, Any], case: Case) -> Verdict:
    name = case.name(values["person"])
    if values["person"] != case.by:
        return refuse(f"Only {name} can say how they want to be named. Ask them to write this line themselves.")
    if values["how"] in (NAMED, PEN, THANKED) and not values.get("display_name"):
        return refuse("Write the name that should stand there.")
    if case.subject is None and (refused := _not_yet(values, case)):
        return refuse(refused)
    output = output_of(values, case)
    if values.get("confirmed") and output and is_written(output) and not _final(values, case):
        return refuse(
            "The text is not final yet. You are asked once more when it is. Leave the last question for then."
        )
    if values["how"] in (PEN, ANONYMOUS):
        return warn("A journal may want a real name, if only for its own files. Ask it before you send the text.")
    return ok


def _final(values: Mapping[str, Any], case: Case) -> bool:
    """Whether the text is final, or this line was confirmed when it was."""
    kept = case.subject.values.get("confirmed") if isinstance(case.subject, Entry) else False
    return bool(kept) or "final_on" in agreed(case, values["output"])


def _not_yet(values: Mapping[str, Any], case: Case) -> str:
    output, person = output_of(values, case), values["person"]
    if _twice(values, case, CREDIT):
        return "You have a line for this output already. Change that one."
    wrote = output.values.get("writers", ()) if output else ()
    if person not in (*wrote, *agreed(case, values["output"]).get("contributors", ())):
        return "You are not on the list for this output. Ask for your name to be added to it first."
    return ""


def check_invitation(values: Mapping[str, Any], case: Case) -> Verdict:
    if values.get("answer") and values["person"] != case.by:
        return refuse(f"Only {case.name(values['person'])} can say yes or no. Leave the answer empty.")
    if case.subject is None and _twice(values, case, INVITATION):
        return refuse(f"{case.name(values['person'])} was asked already.")
    return ok


def check_left(values: Mapping[str, Any], case: Case) -> Verdict:
    person, output = values["person"], output_of(values, case)
    if person in case.here:
        return refuse(f"{case.name(person)} is still here, and answers for themselves.")
    if case.subject is None and _twice(values, case, LEFT):
        return refuse(f"There is a line about {case.name(person)} and this output already. Change that one.")
    had_part = (
        *(output.values.get("writers", ()) if output else ()),
        *agreed(case, values["output"]).get("contributors", ()),
    )
    if person not in had_part:
        return refuse(f"{case.name(person)} is not on the list for this output. Add them there first.")
    return ok
