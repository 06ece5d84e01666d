"""Snapshots kept in a web process, each for as long as nothing changes that it was read from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from threading import Lock

from govflow.domain.snapshot import ProjectSnapshot

Mark = tuple[object, ...]
"""What a snapshot was read under: the project's stamp, and what tells of its organisation's own lists."""


class SnapshotCache:
    """The snapshots pages read, by project and day.

    A project's stamp is made anew, by chance, with every change of a fact; so what is kept under one was read while
    nothing had changed since, in whichever database, before or after a restore. Of one project nothing is kept under
    an earlier stamp, so that what was changed is gone with the next look. What was not asked for longest goes first.
    """

    MOST_LINES = 60_000
    """Lines of lists, answers and members in all; a snapshot of an ordinary project has a few hundred."""

    DAYS = 2
    """Days of one project: today, and one that is looked ahead to."""

    def __init__(self, *, most_lines: int = MOST_LINES) -> None:
        self._most_lines = most_lines
        self._kept: OrderedDict[tuple[int, date], tuple[Mark, int, ProjectSnapshot]] = OrderedDict()
        self._lines = 0
        self._lock = Lock()

    def get(self, project_id: int, day: date, mark: Mark) -> ProjectSnapshot | None:
        """The snapshot that was kept under this mark, if it is still here."""
        with self._lock:
            kept = self._kept.get((project_id, day))
            if kept is None or kept[0] != mark:
                return None
            self._kept.move_to_end((project_id, day))
            return kept[2]

    def keep(self, project_id: int, day: date, mark: Mark, snapshot: ProjectSnapshot) -> None:
        """Keep it in place of the one that was kept before it, if this process may keep any."""
        if not self.may_keep():
            return
        lines = _lines_in(snapshot)
        with self._lock:
            self._drop((project_id, day))
            others = [key for key in self._kept if key[0] == project_id]
            for key in others:
                if self._kept[key][0] != mark or (len(others) >= self.DAYS and key == min(others)):
                    self._drop(key)
            if lines > self._most_lines:
                return
            self._kept[project_id, day] = mark, lines, snapshot
            self._lines += lines
            while self._lines > self._most_lines:
                self._drop(next(iter(self._kept)))

    def may_keep(self) -> bool:
        """Whether what is erased elsewhere would be forgotten here too. One process alone knows of all that is."""
        return True

    def forget(self, project_ids: Iterable[int] | None = None) -> None:
        """Nothing of these projects is kept from here on until they are read again. None: of any project."""
        with self._lock:
            wanted = None if project_ids is None else set(project_ids)
            for key in [key for key in self._kept if wanted is None or key[0] in wanted]:
                self._drop(key)

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: tuple[int, date]) -> None:
        _, lines, _ = self._kept.pop(key, (None, 0, None))
        self._lines -= lines


def _lines_in(snapshot: ProjectSnapshot) -> int:
    lists = sum(len(entries) for entries in snapshot.entries.values())
    return 100 + lists + len(snapshot.evidence) + len(snapshot.members) + len(snapshot.left)
