"""What the installed plugins declared: the registry fills it, everything else reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from govflow.domain.gates.checks import Check
from govflow.domain.gates.lifecycle import RESEARCH, Lifecycle
from govflow.domain.mail.letters import Letter
from govflow.domain.plugins.pages import Page
from govflow.domain.polls.polls import Poll, ids_of
from govflow.domain.refusals import Invalid
from govflow.domain.registers.documents import Document
from govflow.domain.registers.registers import Register
from govflow.domain.wording import listed

STARTS_WITH = ("stress_test", "induction", "outputs", "paid_authors", "ways_of_working", "decisions")
"""The plugins a new organisation starts with, where they are installed."""


@dataclass(frozen=True, kw_only=True)
class DeclaredPlugin:
    """One installed plugin. `problem` is set when it could not be loaded; `trace` is for the operator alone.

    `checks` are those its default settings make; `ask_checks` is there where other settings make others.
    """

    slug: str
    version: str = ""
    summary: str = ""
    checks: Mapping[str, Check] = field(default_factory=dict)
    registers: Mapping[str, Register] = field(default_factory=dict)
    polls: Mapping[str, Poll] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    letters: Mapping[str, Letter] = field(default_factory=dict)
    pages: Mapping[str, Page] = field(default_factory=dict)
    lifecycles: Mapping[str, Lifecycle] = field(default_factory=dict)
    package: str = ""
    config: type | None = None
    ask_checks: Callable[[Any], Mapping[str, Check]] | None = None
    problem: str = ""
    trace: str = ""

    def checks_with(self, config: Any) -> Mapping[str, Check]:
        """The checks as these settings make them; most plugins have the same whatever the settings."""
        return self.checks if self.ask_checks is None or config is None else self.ask_checks(config)

    @property
    def title(self) -> str:
        return self.slug.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Declared:
    """All installed plugins by slug; checks, registers and polls by full id, `plugin.slug`. `refused`: second ones."""

    plugins: Mapping[str, DeclaredPlugin]
    refused: tuple[str, ...] = ()

    @property
    def lifecycles(self) -> dict[str, Lifecycle]:
        """The newest version of each, by full id; our own has no plugin before its name."""
        found = {RESEARCH.slug: RESEARCH}
        for plugin in self.plugins.values():
            found.update({f"{plugin.slug}.{slug}": lifecycle for slug, lifecycle in plugin.lifecycles.items()})
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
        plugin, _, slug = ids_of(poll_id)[0].partition(".")
        found = self.plugins[plugin].polls.get(slug) if plugin in self.plugins else None
        if found is None:
            raise Invalid(f"There is no poll “{poll_id:.130}”.")
        return found

    def document(self, document_id: str) -> Document:
        plugin, _, slug = document_id.partition(".")
        found = self.plugins[plugin].documents.get(slug) if plugin in self.plugins else None
        if found is None:
            known = [f"{p.slug}.{d}" for p in self.plugins.values() for d in p.documents]
            raise Invalid(f"There is no document “{document_id:.130}”. There is: {listed(known) or 'none'}.")
        return found

    def all_checks(self) -> Iterator[tuple[str, Check]]:
        for plugin in self.plugins.values():
            for slug, check in plugin.checks.items():
                yield f"{plugin.slug}.{slug}", check

    def lifecycle_id(self, name: str) -> str:
        """The full id of a lifecycle, also where only its last word was given and one lifecycle alone has it."""
        known = list(self.lifecycles)
        alike = [member for member in known if member.partition(".")[2] == name]
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
