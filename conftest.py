"""What holds for every test, those of the plugins too: an option, what runs where on two cores, and the CPU it took."""

from __future__ import annotations

import gc
import resource
from typing import Any

import pytest

TOGETHER = {
    "tests/browser/test_practices.py": "tests/browser/test_axe.py",
    "tests/web/test_headers.py": "tests/web/test_access.py",
}
"""Files that share what is slow to make: what axe has seen, and the crawl."""
FIRST = ("tests/browser/", "tests/faults/", "tests/web/", "tests/test_", "tests/attacks/")
"""What takes longest, so that at the end no core waits for the other."""


def pytest_addoption(parser: pytest.Parser) -> None:
    said = "run every test that has a database on SQLite and on PostgreSQL, not only those marked both_engines"
    parser.addoption("--both-engines", action="store_true", help=said)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: next((at for at, start in enumerate(FIRST) if item.nodeid.startswith(start)), 9))


def pytest_collection_finish() -> None:
    """What is there by now stays until the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests stay together, and so do those of files that share something."""
    if config.getoption("dist") != "loadfile":
        return None
    gone = [file for pair in TOGETHER.items() for file in pair if not (config.rootpath / file).exists()]
    if gone:
        raise pytest.UsageError(f"conftest.py keeps files together that are not there: {', '.join(gone)}")
    from xdist.scheduler import LoadFileScheduling

    class Sharing(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return TOGETHER.get(file, file)

    config.option.loadscopereorder = False
    return Sharing(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    terminalreporter.write_line(f"{sum(one.ru_utime + one.ru_stime for one in used) / 60:.1f} min CPU")
