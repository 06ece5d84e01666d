"""Finds, validates and keeps what plugins declare. The only user of pluggy's manager.

Each plugin is asked alone: in one shared call the first exception would lose every other plugin's answer.
"""

from __future__ import annotations

import dataclasses
import logging
import re
import traceback
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from govflow.domain.checks import Check
from govflow.domain.declared import Declared, DeclaredPlugin
from govflow.domain.lifecycle import CLOSED, DEFAULT_STAGES, Lifecycle
from govflow.domain.polls import Poll
from govflow.domain.questions import KINDS, NAME, Question
from govflow.domain.registers import Register
from govflow.plugin import hookspecs

log = logging.getLogger("govflow.plugins")
SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
GROUP = "govflow"
TAKEN = {"gate", "sign-off", "waivers", "people", "history", "visits", "moves", "advance", "plugin"}
"""Names that mean something else in an address or an id."""


class PluginRefused(Exception):
    """A plugin cannot be used as it is; the message says what its author should mend."""


def load_plugins(*, extra: Mapping[str, object] | None = None, skip: Iterable[str] = ()) -> Declared:
    """Load every installed plugin, one by one. What fails becomes a plugin with a `problem`; the rest work."""
    found: dict[str, DeclaredPlugin] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in skip and not point.value.startswith("govflow."):
            _add(found, point.name, point)
    for slug, module in (extra or {}).items():
        _add(found, slug, module)
    return Declared(plugins=found)


def _add(found: dict[str, DeclaredPlugin], slug: str, source: object) -> None:
    if slug in found:
        log.error("a second plugin calls itself %s; the first one is kept", slug)
        return
    version, summary = "", ""
    if isinstance(source, EntryPoint) and source.dist is not None:
        version, summary = source.dist.version, source.dist.metadata["Summary"] or ""
    try:
        module = source.load() if isinstance(source, EntryPoint) else source
        found[slug] = ask_plugin(slug, module, version=version, summary=summary)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a plugin raises while loading, the service starts
        log.error("plugin %s could not be loaded: %s", slug, error, exc_info=not isinstance(error, PluginRefused))
        problem = str(error) if isinstance(error, PluginRefused) else f"{type(error).__name__} while loading"
        found[slug] = DeclaredPlugin(
            slug=slug, version=version, summary=summary, problem=problem, trace=traceback.format_exc(limit=20)
        )


def ask_plugin(slug: str, module: Any, *, version: str = "", summary: str = "") -> DeclaredPlugin:
    """What one plugin declares, checked; `PluginRefused` says what its author should mend."""
    if not SLUG.match(slug):
        raise PluginRefused(f"“{slug}” is no name for a plugin: small letters, digits and underscores only.")
    if slug in TAKEN:
        raise PluginRefused(f"“{slug}” means something else in GovFlow. Choose another name for the plugin.")
    manager = pluggy.PluginManager(hookspecs.NAMESPACE)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name=slug)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginRefused(str(error)) from error
    for name in _hook_names():
        for implementation in getattr(manager.hook, name).get_hookimpls():
            if implementation.hookwrapper or implementation.wrapper:
                raise PluginRefused(f"{name} is a wrapper. A plugin answers for itself and cannot wrap others.")
    checks = _by_slug(slug, "check", Check, _said(manager, "register_checks"))
    registers = _by_slug(slug, "register", Register, _said(manager, "register_registers"))
    polls = _by_slug(slug, "poll", Poll, _said(manager, "register_polls"))
    lifecycles = _by_slug(slug, "lifecycle", Lifecycle, _said(manager, "register_lifecycles"))
    for lifecycle in lifecycles.values():
        _stages(f"lifecycle {slug}.{lifecycle.slug}", lifecycle)
    for check in checks.values():
        _questions(f"check {slug}.{check.slug}", check.questions)
        if not check.title.strip() or not check.why.strip():
            raise PluginRefused(f"check {slug}.{check.slug} needs a title and a why, in words a person can read.")
    for register in registers.values():
        if register.slug == "ask":
            raise PluginRefused("A register cannot be called “ask”; that means something else in an address.")
        _questions(f"register {slug}.{register.slug}", register.fields)
        if register.label not in {one.name for one in register.fields}:
            raise PluginRefused(f"register {slug}.{register.slug}: the label “{register.label}” is none of its fields.")
    return DeclaredPlugin(
        slug=slug,
        version=version,
        summary=summary,
        checks=checks,
        registers=registers,
        polls=polls,
        lifecycles=lifecycles,
        config=_config(slug, _said(manager, "register_config")),
    )


def _hook_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("register_")]


def _said(manager: pluggy.PluginManager, hook: str) -> list[Any]:
    answers = getattr(manager.hook, hook)()
    return list(answers[0]) if answers and isinstance(answers[0], (list, tuple)) else answers


def _by_slug(plugin: str, kind: str, wanted: type[Any], declared: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in declared:
        if not isinstance(one, wanted):
            raise PluginRefused(f"register_{kind}s must give a list of {wanted.__name__}s, not {type(one).__name__}.")
        if not SLUG.match(one.slug):
            raise PluginRefused(
                f"{kind} “{one.slug}” of {plugin}: a slug has small letters, digits and underscores only."
            )
        if one.slug in found:
            raise PluginRefused(f"{plugin} declares two {kind}s called “{one.slug}”.")
        found[one.slug] = one
    return found


def _stages(where: str, lifecycle: Lifecycle) -> None:
    slugs = [stage.slug for stage in lifecycle.stages]
    if not slugs or not lifecycle.title.strip() or not lifecycle.version.strip():
        raise PluginRefused(f"{where} needs a title, a version and at least one stage.")
    for stage in lifecycle.stages:
        if not SLUG.match(stage.slug) or slugs.count(stage.slug) > 1 or stage.slug == CLOSED:
            raise PluginRefused(f"{where}: “{stage.slug}” is used twice, or is no name for a stage.")
        if not stage.title.strip():
            raise PluginRefused(f"{where}: the stage “{stage.slug}” needs a title.")
        if stage.like is not None and stage.like not in DEFAULT_STAGES:
            raise PluginRefused(f"{where}: “{stage.slug}” is like “{stage.like}”, which is none of {DEFAULT_STAGES}.")
        repeats = stage.repeats_every
        if repeats is not None and (stage is not lifecycle.stages[-1] or not 1 <= repeats <= 120):
            raise PluginRefused(f"{where}: only the last stage repeats, every 1 to 120 months.")


def _questions(where: str, questions: Iterable[Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if not NAME.match(question.name) or question.name in seen:
            raise PluginRefused(f"{where}: “{question.name}” is used twice, or is no name for a question.")
        if question.kind not in KINDS:
            raise PluginRefused(f"{where}: “{question.kind}” is no kind of question. Kinds: {', '.join(KINDS)}.")
        if question.kind in ("choice", "choices") and not question.choices:
            raise PluginRefused(f"{where}: “{question.name}” needs choices.")
        if question.kind == "entry_of" and not question.of:
            raise PluginRefused(f"{where}: “{question.name}” must say of which register (of=…).")
        seen.add(question.name)


def _config(slug: str, declared: list[Any]) -> type | None:
    if not declared:
        return None
    config = declared[0]
    if not (isinstance(config, type) and dataclasses.is_dataclass(config)):
        raise PluginRefused(f"{slug}: register_config must give a dataclass.")
    try:
        config()
    except TypeError:
        raise PluginRefused(f"{slug}: every setting needs a default.") from None
    return config
