"""What the app hands to services: the declared checks, how to judge, and how to wake the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import current_app

from govflow.domain.gates.checks import Finding
from govflow.domain.plugins.declarations import Declared
from govflow.domain.snapshot import ProjectSnapshot

# For pages, which know no store: after a refusal nothing of what was begun is kept.
from govflow.store import end_reading as end_reading


@dataclass(frozen=True)
class ServiceContext:
    """`judge` works out a snapshot's findings, `wake` asks the workers to post letters, `base_url` is our address.

    `failed_jobs` counts the workers' jobs that went wrong in the last day; None where that is not known.
    """

    declared: Declared
    judge: Callable[[ProjectSnapshot, Declared], list[Finding]]
    wake: Callable[[Iterable[int]], None]
    base_url: str
    failed_jobs: Callable[[], int | None]


def context() -> ServiceContext:
    found: ServiceContext = current_app.extensions["govflow"]
    return found
