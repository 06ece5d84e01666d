"""What the installed plugins declared: the registry fills it, everything else reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from govflow.domain.checks import Check
from govflow.domain.lifecycle import RESEARCH, Lifecycle
from govflow.domain.polls import Poll
from govflow.domain.refusals import Invalid
from govflow.domain.registers import Register
from govflow.domain.wording import listed

STARTS_WITH = ("stress_test", "induction", "outputs", "paid_authors", "ways_of_working", "decisions")
"""The plugins a new organisation starts with, where they are installed."""


@dataclass(frozen=True, kw_only=True)
class DeclaredPlugin:
    """One installed plugin. `problem` is set when it could not be loaded; `trace` is for the operator alone."""

    slug: str
    version: str = ""
    summary: str = ""
    checks: Mapping[str, Check] = field(default_factory=dict)
    registers: Mapping[str, Register] = field(default_factory=dict)
    polls: Mapping[str, Poll] = field(default_factory=dict)
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    config: type | None = None
    problem: str = ""
    trace: str = ""

    @property
    def title(self) -> str:
        return self.slug.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Declared:
    """All installed plugins by slug; checks, registers and polls by full id, `plugin.slug`."""

    plugins: Mapping[str, DeclaredPlugin]

    @property
    def lifecycles(self) -> dict[str, Lifecycle]:
        """The newest version of each, by full id; our own has no plugin before its name."""
        found = {RESEARCH.slug: RESEARCH}
        for plugin in self.plugins.values():
            found.update({f"{plugin.slug}.{slug}": one for slug, one in plugin.lifecycles.items()})
        return found

    def check(self, check_id: str) -> Check:
        plugin, _, slug = check_id.partition(".")
        found = self.plugins[plugin].checks.get(slug) if plugin in self.plugins else None
        if found is None:
            raise Invalid(
                f"There is no check “{check_id:.130}”. There is: {listed([i for i, _ in self.all_checks()])}."
            )
        return found

    def register(self, register_id: str) -> Register:
        plugin, _, slug = register_id.partition(".")
        found = self.plugins[plugin].registers.get(slug) if plugin in self.plugins else None
        if found is None:
            known = [f"{p.slug}.{r}" for p in self.plugins.values() for r in p.registers]
            raise Invalid(f"There is no register “{register_id:.130}”. There is: {listed(known) or 'none'}.")
        return found

    def poll(self, poll_id: str) -> Poll:
        plugin, _, slug = poll_id.partition(".")
        found = self.plugins[plugin].polls.get(slug) if plugin in self.plugins else None
        if found is None:
            raise Invalid(f"There is no poll “{poll_id:.130}”.")
        return found

    def all_checks(self) -> Iterator[tuple[str, Check]]:
        for plugin in self.plugins.values():
            for slug, check in plugin.checks.items():
                yield f"{plugin.slug}.{slug}", check

    def lifecycle_id(self, name: str) -> str:
        """The full id of a lifecycle, also where only its last word was given and one lifecycle alone has it."""
        known = list(self.lifecycles)
        alike = [one for one in known if one.partition(".")[2] == name]
        if name in known:
            return name
        if len(alike) == 1:
            return alike[0]
        raise Invalid(f"There is no lifecycle “{name:.60}”. There is: {listed(known)}.")

    def title_of(self, check_id: str) -> str:
        """A check's title, also of one whose plugin is gone."""
        try:
            return self.check(check_id).title
        except Invalid:
            return check_id
