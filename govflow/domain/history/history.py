"""History in plain sentences. A line keeps who and what by id; the words are made when it is read.

No answer, sum, health word or private sentence ever enters a line. What would tell who may read something private is
told `_privately`: without who did it, and without why.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

SENTENCES = {
    "project.imported": "{by} brought this project in.",
    "project.advanced": "{by} moved the project from {from_stage} to {to_stage}.",
    "project.began_again": "{by} began the stage {stage} again.",
    "project.lifecycle": "{by} moved the project from version {from_version} to version {to_version} of “{lifecycle}”. "
    "Sign-offs of this stage were taken back, because its gate may ask for other things now.",
    "project.went_back": "{by} took the project back from {from_stage} to {to_stage}: {why}",
    "project.paused": "{by} paused the project: {why}",
    "project.resumed": "{by} started the project again.",
    "project.words": "{by} chose the words this project goes by: {words}.",
    "project.closed": "{by} closed the project.",
    "project.follows": "{by} started this project as the next one after “{before}”. Its people were asked, not copied.",
    "project.followed": "{by} started the next project, “{after}”.",
    "evidence.given": "{by} answered “{check}”{about}.",
    "evidence.given_privately": "“{check}” was answered.",
    "entry.added": "{by} added {label} to {register}.",
    "entry.changed": "{by} changed {label} in {register}.",
    "entry.approved": "{by} approved {label} in {register}.",
    "entry.approved_privately": "A line of {register} was approved.",
    "entry.opened": "{by} opened something sealed in {register}. It can not be opened again.",
    "document.written": "{by} wrote version {number} of “{document}”.",
    "document.agree": "{by} agreed to version {number} of “{document}”.",
    "document.concern": "{by} has a concern about version {number} of “{document}”: {words}",
    "document.said_privately": "Somebody answered to version {number} of “{document}”.",
    "plugin.project": "{by} changed how the plugin “{plugin}” works in this project.",
    "entry.added_privately": "A line was added to {register}.",
    "entry.changed_privately": "A line of {register} was changed.",
    "sign_off.ready": "{by} signed off: ready.",
    "sign_off.not_ready": "{by} said “not ready”: {words}",
    "sign_off.withdrawn": "{by} took their sign-off back.",
    "sign_off.replied": "{by} answered {member}: {words}",
    "waiver.proposed": "{by} proposed to let “{check}” pass for now: {why}",
    "waiver.seconded": "{by} agreed to let “{check}” pass until {until}.",
    "waiver.ended": "{by} ended the waiver of “{check}”.",
    "waiver.proposed_privately": "Somebody proposed to let “{check}” pass for now.",
    "waiver.seconded_privately": "Somebody agreed to let “{check}” pass until {until}.",
    "waiver.ended_privately": "The waiver of “{check}” ended.",
    "round.opened": "{by} asked everyone “{poll}”. It closes on {closes}.",
    "round.opened_with_names": "{by} asked everyone “{poll}”, with names. It closes on {closes}.",
    "round.put_aside": "“{poll}” was put aside, and no answer was opened: {why}",
    "round.closed": "“{poll}” closed.",
    "member.invited": "{by} invited {member}.",
    "member.joined": "{member} joined.",
    "member.left": "{member} left.",
    "member.changed": "{member} changed what the project knows about them.",
    "reminder.put_off": "{by} asked to be reminded of “{check}” on {until}: {why}",
    "reminder.put_off_privately": "Somebody asked to be reminded of “{check}” on {until}.",
    "letter.told": "{by} told {member} what was waiting for them.",
    "need.read": "{by} read an access need of {member}.",
    "group.started": "{by} started the group “{group}”.",
    "group.joined": "{member} joined the group “{group}”.",
    "group.left": "{member} left the group “{group}”.",
    "group.chair": "{member} is a chair of the group “{group}” now.",
    "group.no_chair": "{member} is no chair of the group “{group}” any more.",
    "paper.shared": "{by} shared “{paper}” of the group “{group}” with the project.",
    "opening.published": "{by} published the opening “{opening}”.",
    "opening.chosen": "{by} wrote down how people were chosen for “{opening}”.",
    "organisation.rules": "{by} changed what the organisation asks for at its gates and in its polls.",
    "plugin.on": "{by} switched the plugin “{plugin}” on.",
    "plugin.settings": "{by} changed the settings of the plugin “{plugin}”.",
    "plugin.off": "{by} switched the plugin “{plugin}” off.",
    "session.began": "{by} signed in.",
    "words.erased": "The words of these lines were erased: {lines}.",
}

MOVES = {
    **{verb: SENTENCES[verb] for verb in ("project.advanced", "project.began_again", "project.closed")},
    "project.went_back": "{by} took the project back from {from_stage} to {to_stage}.",
    "project.paused": "{by} paused the project.",
    "project.resumed": SENTENCES["project.resumed"],
}
"""What an observer reads of the history: stage moves, without the reason and without the name."""
ABOUT_ONE = ("need.read",)
"""Lines that are shown only to whom they are about, and to whoever did it."""

GONE = "These words were erased."
OWN_WORDS = {"words", "why", "label"}
"""Facts that whoever acted wrote themselves; the others are titles of stages, checks and lists, or somebody's name."""


class _Facts(dict[str, Any]):
    """A fact that an older version did not keep reads as a gap, and stops no page."""

    def __missing__(self, name: str) -> str:
        return "…"


def sentence(verb: str, facts: Mapping[str, Any], *, by: str, observer: bool = False) -> str:
    """The line as a person reads it. `facts` are plain strings; an unknown verb is named, never hidden."""
    pattern = (MOVES if observer else SENTENCES).get(verb)
    if pattern is None:
        return f"{by} did “{verb}”."
    return pattern.format_map(_Facts({"by": by, **facts}))


def holds_own_words(verb: str) -> bool:
    """Whether a line may hold words of whoever acted; one nobody knows is taken to."""
    pattern = SENTENCES.get(verb)
    return pattern is None or any(name in OWN_WORDS for _, name, _, _ in Formatter().parse(pattern))
