"""Who does which job at which meeting: nobody twice before every willing person once, and one job each at a meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Given = Mapping[str, str]
A_JOB = 1_000_000


class NobodyWilling(ValueError):
    """A job for which nobody can be asked."""

    def __init__(self, job: str):
        super().__init__(f"Nobody is willing to do this job: {job}. Ask who would like to try, or leave it out.")
        self.job = job


class Turns:
    """Who has not had which job yet in this round. A round of a job is over when everybody willing has had it."""

    def __init__(self, willing: Mapping[str, Sequence[str]]):
        self.willing = willing
        self.left = {job: set(people) for job, people in willing.items()}
        self.jobs_left = Counter(person for people in willing.values() for person in people)
        self.place = {person: place for place, person in enumerate(self.jobs_left)}
        self.last = dict.fromkeys(self.place, 0)
        self.score = {person: self._score(person) for person in self.place}
        self.held = 0

    def _score(self, person: str) -> int:
        """Whoever has most jobs left goes first, then whoever waited longest: so nobody is left for two at once."""
        return self.jobs_left[person] * A_JOB - self.last[person] * len(self.place) - self.place[person]

    def take(self, given: Given) -> None:
        """One more meeting was held, or is given out."""
        self.held += 1
        for job, person in given.items():
            if job not in self.left or person not in self.place:
                continue
            self.last[person] = self.held
            changed = {person}
            if person in self.left[job]:
                self.left[job].remove(person)
                self.jobs_left[person] -= 1
            if not self.left[job]:
                self.left[job] = set(self.willing[job])
                self.jobs_left.update(self.willing[job])
                changed |= self.left[job]
            self.score.update((name, self._score(name)) for name in changed)


def fill(
    coming: Sequence[Given], willing: Mapping[str, Sequence[str]], past: Sequence[Given] = ()
) -> list[dict[str, str]]:
    """The meetings to come, in their order, with every job given out. What was promised stays where it is fair.

    `willing`: for each job, whoever may be asked. A job stays open where nobody could take it without two jobs at once,
    or a second turn too early; before that, what was promised is dealt out anew.
    """
    for job, people in willing.items():
        if not people:
            raise NobodyWilling(job)
    filled = _deal(coming, willing, past)
    if _open(filled, willing) and any(job in meeting for meeting in coming for job in willing):
        others = [{job: who for job, who in meeting.items() if job not in willing} for meeting in coming]
        return min(filled, _deal(others, willing, past), key=lambda one: _open(one, willing))
    return filled


def _open(filled: Sequence[Given], willing: Mapping[str, Sequence[str]]) -> int:
    return sum(job not in meeting for meeting in filled for job in willing)


def _deal(coming: Sequence[Given], willing: Mapping[str, Sequence[str]], past: Sequence[Given]) -> list[dict[str, str]]:
    turns, filled = Turns(willing), [dict(meeting) for meeting in coming]
    for question in past:
        turns.take(question)
    promised: dict[str, dict[str, list[int]]] = {job: {} for job in willing}
    for number, meeting in enumerate(filled):
        for job, person in meeting.items():
            if job in willing:
                promised[job].setdefault(person, []).append(number)
    for number, meeting in enumerate(filled):
        for job, person in list(meeting.items()):
            if job in willing:
                promised[job][person].remove(number)
                if person not in turns.left[job]:  # a second turn, while somebody still waits for their first
                    del meeting[job]
        wanted = [job for job in willing if job not in meeting]
        for job, person in _give(wanted, turns, promised, set(meeting.values())).items():
            meeting[job] = person
            for later in promised[job].pop(person, ()):  # their turn comes now instead
                del filled[later][job]
        turns.take(meeting)
    return filled


def _give(
    wanted: Sequence[str], turns: Turns, promised: Mapping[str, Mapping[str, list[int]]], busy: set[str]
) -> Given:
    """A person for each job, where there is one: a job moves on to its next choice to make room for another."""
    choices = {job: _in_line(turns, job, promised[job], busy) for job in wanted}
    doing: dict[str, str] = {}

    def seat(job: str, tried: set[str]) -> bool:
        for person in choices[job]:
            if person not in tried:
                tried.add(person)
                if person not in doing or seat(doing[person], tried):
                    doing[person] = job
                    return True
        return False

    for job in sorted(wanted, key=lambda job: len(choices[job])):
        seat(job, set())
    return {job: person for person, job in doing.items()}


def _in_line(turns: Turns, job: str, promised: Mapping[str, list[int]], busy: set[str]) -> list[str]:
    """Who may have the job now, the best first; whoever is promised it later comes last, the latest of them first."""
    free = turns.left[job] - busy if busy else turns.left[job]
    later = sorted(
        (promise for promise in promised if promised[promise] and promise in free), key=lambda one: -promised[one][0]
    )
    now = free.difference(later) if later else free
    return [*sorted(now, key=turns.score.__getitem__, reverse=True), *later]
