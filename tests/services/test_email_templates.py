"""Whoever wants to change a sentence of an email finds it: each kind has one template, named after it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from govflow.services import emails
from govflow.services.auth.emails import SignInChange
from govflow.services.mail.kinds import KINDS
from govflow.services.mail.render import FOLDER, render_email

SERVICES = Path(emails.__file__).parent


def templates() -> list[Path]:
    """Those of a kind; what begins with `_` is a part of others."""
    return [path for path in FOLDER.glob("*/*.txt") if not path.name.startswith("_")]


def test_every_kind_of_email_has_exactly_one_template_and_every_template_has_a_kind() -> None:
    assert Counter(path.stem for path in templates()) == Counter(list(KINDS))


def test_a_template_stands_in_the_folder_of_the_topic_that_fills_it() -> None:
    for path in templates():
        kind = KINDS[path.stem]
        topic = "mail" if kind.values is None else kind.values.__module__.split(".")[-2]
        assert path.parent.name == topic
        assert (SERVICES / topic).is_dir()


@pytest.mark.parametrize("change", SignInChange)
def test_each_change_of_how_somebody_signs_in_has_a_sentence_of_its_own(change: SignInChange) -> None:
    told = render_email("security", {"name": "Ada", "change": change, "page": "https://gov.example/me"}, {})
    greeting, sentence, *_ = told.text.split("\n\n")
    assert greeting == "Hello Ada,"
    assert sentence.endswith(".")
    assert not sentence.startswith("If that was you")


def test_what_people_typed_makes_no_heading_no_link_and_no_paragraph_of_its_own() -> None:
    typed = "Tea\n\n## Urgent\n[Pay here](https://evil.example)"
    values = {"name": "Ada", "asked_by": typed, "link": "https://gov.example/"}
    words = render_email("invitation", values, {})
    assert f"{typed} asks you to join a project." in words.text
    assert "<h2" not in words.html
    assert 'href="https://evil.example"' not in words.html
    assert words.html.count("<p") == 3


def test_a_value_that_a_template_asks_for_and_nobody_gave_is_not_passed_over() -> None:
    with pytest.raises(Exception, match="'link' is undefined"):
        render_email("complaint", {"name": "Ada"}, {})
