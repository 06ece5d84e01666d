"""The app behind a real web server on a free port, a clock that tests turn, and people in browsers of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import SmtpSink
from tests.support.web.browser import LookedAt
from tests.support.web.web_server import Enter, Site, serving


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path, smtp_sink: SmtpSink) -> Iterator[Site]:
    """An empty service whose letters go to the real SMTP server of the tests."""
    with serving(tmp_path, sqlite_template, today=date(2026, 3, 2), mail_url=smtp_sink.url) as running:
        yield running


@pytest.fixture
def enter(site: Site, browser: Any) -> Iterator[Enter]:
    """`enter("lead-1")`: that person's own browser, signed in by pressing the button behind a link."""
    contexts = {}

    def sign_in(who: str) -> Any:
        if who not in contexts:
            contexts[who] = browser.new_context()
            page = contexts[who].new_page()
            page.goto(site.link(who))
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(f"{site.url}/")
        return contexts[who].pages[0]

    yield sign_in
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="session")
def looked_at() -> LookedAt:
    """What was found to be clean, or named as not, on pages before."""
    return LookedAt()
