"""What each shipped plugin says can be read by somebody who reads slowly today (domain.md: grade 6 at most)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from govflow.domain.plugins.declarations import DeclaredPlugin
from govflow.plugin_host.loader import load_plugins
from tests.support.factories import SHIPPED
from tests.support.readability import grade

LONG = 6
"""Words: the grade of shorter ones says nothing."""


def said_by(plugin: DeclaredPlugin) -> Iterator[str]:
    """What its forms, checks, lists, pages, polls and texts say, each a sentence."""
    for asked in (*plugin.checks.values(), *plugin.registers.values()):
        yield asked.why
        for one in getattr(asked, "questions", ()) or getattr(asked, "fields", ()):
            yield from (one.label, one.help)
    for shown in (*plugin.pages.values(), *plugin.documents.values()):
        yield shown.why
    for poll in plugin.polls.values():
        yield from (one.text for one in poll.statements)


@pytest.mark.parametrize("slug", SHIPPED)
def test_a_shipped_plugin_is_easy_to_read(slug):
    said = [f"{one.rstrip('.?!')}." for one in said_by(load_plugins().plugins[slug]) if one]
    if not said:  # a plugin that only brings stages
        return
    assert grade(" ".join(said)) <= 6
    assert [one for one in said if len(one.split()) > LONG and grade(one) > 12] == []
