"""A library of guides: made by whom, how hard to read, and shared as far as the group agrees."""

from __future__ import annotations

import io
from typing import Any

import pytest

from govflow.services.project_file import export_project, import_project
from tests.support.factories import FOUR, TODAY, days, person

LIBRARY, SHARING = "/resources/library", "/resources/sharing"
GUIDE = {"title": "Meeting guide", "made_by": "The LEAP", "level": "easy_read", "link": "https://example.org/guide"}
PEOPLE = ("lead-1", "lived-1", "practice-1", "research-1")


def begin(walk, *plugins: str, **more: Any):
    here = walk(plugins=("resources", *plugins), **{"stage": "design", "entered": TODAY, **more})
    add(here, "guide", **GUIDE)
    return here


def add(here, register: str, who: str = "lived-1", *, expect: int = 302, **given: Any) -> str:
    return here.send(who, f"/resources/{register}/add", expect=expect, **given)


def ask(here, how_far: str = "organisation", **given: Any) -> str:
    return add(here, "share", guide="meeting-guide", how_far=how_far, **given)


def answer(here, who: str, said: str = "yes", share: str = "meeting-guide", expect: int = 302) -> str:
    return here.send(who, SHARING, expect=expect, form="answer", share=share, answer=said)


def share(here, expect: int = 302) -> str:
    return here.send("lived-1", SHARING, expect=expect, form="share", guide="meeting-guide")


def test_unmet_then_late_then_a_letter_to_whoever_asked_then_everyone_says_yes_by_pages_alone(walk) -> None:
    here = begin(walk)
    ask(here)
    said = here.check("resources.answered", "meeting-guide")
    assert (said.outcome, said.holds, said.due_on) == ("unmet", False, TODAY + days(14))
    assert said.sentence.startswith("4 answers still to come")
    here.go_to(TODAY + days(15))
    letters = here.mail()
    assert "May this guide be shared?" in letters["lived-1"]
    assert "May this guide be shared?" not in "".join(letters.get(one, "") for one in PEOPLE if one != "lived-1")
    for who in PEOPLE[:3]:
        answer(here, who)
    assert "1 answer to come" in here.see("lead-1", SHARING)
    assert share(here, expect=404)
    answer(here, "research-1")
    assert here.check("resources.answered", "meeting-guide").outcome == "met"
    share(here)
    assert "Meeting guide" in here.see("lead-1", "/resources/shared")
    assert "May this guide be shared?" not in here.mail().get("lived-1", "")


def test_nothing_is_seen_outside_the_project_before_all_agree(walk) -> None:
    here = begin(walk)
    straight = {name: GUIDE[name] for name in ("title", "made_by", "level", "link")}
    assert "The group has not agreed yet" in add(here, "shared", expect=422, **straight)
    place = {"guide": "meeting-guide", "link": "https://example.org/public"}
    assert "The group has not agreed yet that everyone" in add(here, "place", expect=422, **place)
    ask(here)
    for who in PEOPLE:
        answer(here, who)
    assert "The group has not agreed yet that everyone" in add(here, "place", expect=422, **place)
    assert "Only a group shares its own guides." in add(here, "shared", expect=422, **{**straight, "title": "Another"})
    ask(here, "public")
    for who in PEOPLE:
        answer(here, who, share="meeting-guide-2")
    add(here, "place", **place)
    assert "https://example.org/public" in here.see("lead-1", SHARING)


def test_one_no_is_enough_also_later_and_then_it_can_be_taken_off(walk) -> None:
    here = begin(walk)
    ask(here)
    for who in PEOPLE:
        answer(here, who)
    share(here)
    answer(here, "practice-1", "no")
    page = here.see("lead-1", SHARING)
    assert "It stays in this project. Somebody would rather not share it." in page
    assert (
        here.check("resources.answered", "meeting-guide").sentence == "It stays in this project. That is an answer too."
    )
    here.send("lead-1", "/resources/shared/meeting-guide", remove="yes")
    assert "No group of this organisation shares a guide yet." in here.see("lead-1", LIBRARY)


def test_a_decision_made_together_is_an_agreement_and_one_persons_is_not(walk) -> None:
    here = begin(walk, "decisions")
    made = {
        "question": "Do we share the guide?", "method": "consensus", "stands": "decided", "decided_on": TODAY,
        "outcome": "Yes", "shared_with": list(PEOPLE),
    }  # fmt: skip
    open_ = {"question": "Do we share more?", "method": "consensus", "stands": "open"}
    for one in (made, open_):
        here.send("lead-1", "/decisions/decision/add", **one)
    ask(here, "public", decision="do-we-share-more")
    assert here.check("resources.answered", "meeting-guide").outcome == "unmet"
    ask(here, decision="do-we-share-the-guide")
    assert here.check("resources.answered", "meeting-guide-2").outcome == "met"
    share(here)
    assert "Meeting guide" in here.see("lead-1", "/resources/shared")


def test_what_people_said_yes_to_is_not_changed_behind_their_backs(walk) -> None:
    here = begin(walk)
    ask(here)
    other = {**GUIDE, "link": "https://example.org/other"}
    assert "Add the new one as a guide of its own." in here.send(
        "lead-1", "/resources/guide/meeting-guide", expect=422, **other
    )
    asked = {"guide": "meeting-guide", "how_far": "public"}
    assert "ask anew" in here.send("lead-1", "/resources/share/meeting-guide", expect=422, **asked)
    own = {"person": "lived-1", "share": "meeting-guide", "answer": "yes"}
    assert "Each person answers for themselves." in add(here, "answer", "lead-1", expect=422, **own)


def test_who_joins_later_and_who_only_watches_are_not_waited_for(walk) -> None:
    watcher = person("watcher-1", role="observer")
    late = person("late-1", "lived", joined=TODAY + days(1))
    here = begin(walk, members=(*FOUR, watcher, late))
    ask(here)
    here.go_to(TODAY + days(2))
    for who in PEOPLE:
        answer(here, who)
    assert here.check("resources.answered", "meeting-guide").outcome == "met"
    answer(here, "late-1", "no")
    assert "Somebody would rather not share it." in here.see("lead-1", SHARING)


def test_guides_are_shown_by_how_hard_they_are_to_read(walk) -> None:
    here = begin(walk)
    add(here, "guide", **{**GUIDE, "title": "Statistics", "level": "specialist"})
    assert "Statistics" in here.see("lived-1", LIBRARY)
    page = here.see("lived-1", f"{LIBRARY}?level=easy_read")
    assert "Meeting guide" in page
    assert "Statistics" not in page
    assert "Statistics" in here.see("lived-1", f"{LIBRARY}?level=nonsense")


def test_a_guide_without_link_or_file_is_kept_and_asked_about(walk) -> None:
    here = begin(walk)
    add(here, "guide", **{**GUIDE, "title": "By post", "link": ""})
    assert "Give a web address or a file too" in here.see("lived-1", "/resources/guide")


def test_a_project_file_takes_it_all_along(walk) -> None:
    here = begin(walk)
    ask(here, "public")
    for who in PEOPLE:
        answer(here, who)
    add(here, "place", guide="meeting-guide", link="https://example.org/public")
    answer(here, "practice-1", "no")
    with here.open():
        file = export_project(here.project.row)
        assert import_project(file.encode(), today=TODAY, keep_dates=True)["entries"] == 7


def test_a_file_stays_here_and_others_are_told_where_to_ask(walk) -> None:
    here = begin(walk)
    file = (io.BytesIO(b"%PDF-1.4 a guide"), "guide.pdf")
    add(here, "guide", title="On paper", made_by="The LEAP", level="plain", file=file)
    add(here, "share", guide="on-paper", how_far="organisation")
    for who in PEOPLE:
        answer(here, who, share="on-paper")
    form = {"form": "share", "guide": "on-paper"}
    assert "files stay here" in here.send("lived-1", SHARING, expect=422, **form)
    here.send("lived-1", SHARING, **form, ask="The office of the LEAP")
    assert "The office of the LEAP" in here.see("lead-1", LIBRARY)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"link": "www dot example"}, "must be a web address"),
        ({"link": "javascript:alert(1)"}, "must be a web address"),
        ({"level": "hard"}, "Choose one of these"),
        ({"made_by": ""}, "Give an answer to"),
    ],
)  # fmt: skip
def test_a_guide_that_is_none_is_refused_in_a_sentence_and_nothing_is_lost(walk, given, said: str) -> None:
    page = add(begin(walk), "guide", expect=422, **{**GUIDE, "title": "Our second guide", **given})
    assert said in page
    assert "Our second guide" in page
