"""What the app hands to services: the declared checks, how to judge, and how to wake the workers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import current_app

from govflow.domain.gates.checks import Finding
from govflow.domain.plugins.declarations import Declared
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.snapshots.cache import SnapshotCache

# For pages, which know no store: after a refusal nothing of what was begun is kept.
from govflow.store import end_reading as end_reading


@dataclass(frozen=True)
class ServiceContext:
    """`judge` works out the findings of some checks of a snapshot, by the check's full id; `wake` asks the workers to

    post letters, `base_url` is our address, `snapshots` are those that pages read here; `forget_elsewhere` makes every
    other process forget those of some projects, and answers when they have.
    `failed_jobs` counts the workers' jobs that went wrong in the last day; None where that is not known.
    """

    declared: Declared
    judge: Callable[[ProjectSnapshot, Declared, Collection[str]], Mapping[str, Sequence[Finding]]]
    wake: Callable[[Iterable[int]], None]
    base_url: str
    failed_jobs: Callable[[], int | None]
    snapshots: SnapshotCache = field(default_factory=SnapshotCache)
    forget_elsewhere: Callable[[Collection[int]], None] = lambda project_ids: None


def context() -> ServiceContext:
    found: ServiceContext = current_app.extensions["govflow"]
    return found
