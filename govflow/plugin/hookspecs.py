"""The hooks a plugin may implement. Each asks "tell me what you have"; the core does the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pluggy

from govflow.domain.gates.checks import Check
from govflow.domain.gates.lifecycle import Lifecycle
from govflow.domain.mail.letters import Letter
from govflow.domain.plugins.pages import Page
from govflow.domain.polls.polls import Poll
from govflow.domain.registers.documents import Document
from govflow.domain.registers.registers import Register

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
def register_checks(config: Any) -> Iterable[Check]:
    """The checks this plugin brings to gates.

    A plugin whose checks depend on an organisation's settings takes `config`, the dataclass it registered; it is then
    asked again for each organisation's settings. All others leave it out.
    """


@hookspec
def register_registers() -> Iterable[Register]:
    """The lists this plugin asks the core to keep."""


@hookspec
def register_polls() -> Iterable[Poll]:
    """The statements this plugin asks the core to put to every member."""


@hookspec
def register_documents() -> Iterable[Document]:
    """The texts this plugin asks the core to keep in versions, and to put to members for agreement."""


@hookspec
def register_letters() -> Iterable[Letter]:
    """The emails this plugin asks the core to post, through the one outbox."""


@hookspec
def register_pages() -> Iterable[Page]:
    """The pages of this plugin; the core draws what their views say."""
