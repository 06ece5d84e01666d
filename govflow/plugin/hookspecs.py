"""The hooks a plugin may implement. Each asks "tell me what you have"; the core does the rest."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from govflow.domain.checks import Check
from govflow.domain.lifecycle import Lifecycle
from govflow.domain.polls import Poll
from govflow.domain.registers import Register

NAMESPACE = "govflow"
hookspec = pluggy.HookspecMarker(NAMESPACE)
hookimpl = pluggy.HookimplMarker(NAMESPACE)


@hookspec
def register_config() -> type:
    """A frozen dataclass of settings, every field with a default. Checks get it as `case.config`."""


@hookspec
def register_lifecycles() -> Iterable[Lifecycle]:
    """The ways a project may go through its stages. A running project keeps the version it started with."""


@hookspec
def register_checks() -> Iterable[Check]:
    """The checks this plugin brings to gates."""


@hookspec
def register_registers() -> Iterable[Register]:
    """The lists this plugin asks the core to keep."""


@hookspec
def register_polls() -> Iterable[Poll]:
    """The statements this plugin asks the core to put to every member."""
