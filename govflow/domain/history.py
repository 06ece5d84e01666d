"""History in plain sentences. A line keeps who and what by id; the words are made when it is read.

No answer, sum, health word or private sentence ever enters a line; who changed a private list is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    "project.closed": "{by} closed the project.",
    "project.follows": "{by} started this project as the next one after “{before}”. Its people were asked, not copied.",
    "project.followed": "{by} started the next project, “{after}”.",
    "evidence.given": "{by} answered “{check}”{about}.",
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
    "round.opened": "{by} asked everyone “{poll}”. It closes on {closes}.",
    "round.opened_with_names": "{by} asked everyone “{poll}”, with names. It closes on {closes}.",
    "round.put_aside": "“{poll}” was put aside, and no answer was opened: {why}",
    "round.closed": "“{poll}” closed.",
    "member.invited": "{by} invited {member}.",
    "member.joined": "{member} joined.",
    "member.left": "{member} left.",
    "member.changed": "{member} changed what the project knows about them.",
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
}


def sentence(verb: str, facts: Mapping[str, Any], *, by: str) -> str:
    """The line as a person reads it. `facts` are plain strings; an unknown verb is named, never hidden."""
    pattern = SENTENCES.get(verb)
    if pattern is None:
        return f"{by} did “{verb}”."
    return pattern.format_map({"by": by, **facts})
