"""Fixtures that need real servers. What they do is in tests/servers.py."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import servers


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgresServer]:
    with servers.postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: servers.PostgresServer) -> Callable[..., str]:
    """Call it for a fresh database, a copy of the named template; it answers with the URL."""
    return postgres_server.create


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[servers.SmtpSink]:
    with servers.smtp_server() as sink:
        yield sink


@pytest.fixture
def smtp_sink(smtp_server: servers.SmtpSink) -> Iterator[servers.SmtpSink]:
    """An SMTP server that keeps what it is sent; empty at the start of each test."""
    smtp_server.clear()
    yield smtp_server
    smtp_server.clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = servers.chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=servers.CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page nobody has used; what the browser complains about gathers in page.console_errors."""
    context = browser.new_context()
    page = context.new_page()
    page.console_errors = []
    page.on("console", lambda said: page.console_errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.console_errors.append(str(error)))
    yield page
    context.close()
