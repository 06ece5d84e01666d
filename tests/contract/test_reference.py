"""The reference is what the docstrings say, and the documentation names nothing that is not there."""

from __future__ import annotations

from docs.__main__ import REFERENCE, ROOT, problems, promises_page, reference


def test_the_reference_is_written_from_the_docstrings_of_today() -> None:
    assert (REFERENCE / "plugin.md").read_text("utf-8") == reference(), "Run ./dev docs and commit what it wrote."


def test_the_page_of_promises_is_written_from_the_promises_of_today() -> None:
    assert (ROOT / "docs" / "promises.md").read_text("utf-8") == promises_page(), "Run ./dev docs."


def test_every_link_and_command_of_the_documentation_is_there() -> None:
    assert list(problems()) == []
