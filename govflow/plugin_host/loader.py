"""Finds, loads and asks the installed plugins. The only user of pluggy's manager.

Each plugin is asked alone: in one shared call the first exception would lose every other plugin's answer.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from typing import Any

import pluggy
from packaging.requirements import InvalidRequirement, Requirement

from govflow.domain.gates.checks import Case, Check, Judgement
from govflow.domain.plugins.declarations import Declared, DeclaredPlugin
from govflow.plugin import hookspecs, validation
from govflow.plugin.validation import PluginRefused

__all__ = ["PluginRefused", "ask_plugin", "load_plugins"]
log = logging.getLogger("govflow.plugins")
GROUP = "govflow"
MOST_KEPT = 256


def load_plugins(*, extra: Mapping[str, object] | None = None, skip: Iterable[str] = ()) -> Declared:
    """Load every installed plugin, one by one. What fails becomes a plugin with a `problem`; the rest work."""
    found: dict[str, DeclaredPlugin] = {}
    refused: list[str] = []
    points = {(point.name, point.value): point for point in entry_points(group=GROUP)}  # one install is seen once
    for point in sorted(points.values(), key=lambda point: (point.name, not _named_after(point), point.value)):
        if point.name not in skip and not point.value.startswith("govflow."):
            _add(found, refused, point.name, point)
    for slug, module in (extra or {}).items():
        _add(found, refused, slug, module)
    return Declared(plugins=found, refused=tuple(refused))


def _named_after(point: EntryPoint) -> bool:
    """Whether it is in the package where a plugin of this name is expected: it comes before a namesake."""
    return point.dist is not None and point.dist.name.replace("-", "_") == f"govflow_{point.name}"


def _add(found: dict[str, DeclaredPlugin], refused: list[str], slug: str, source: object) -> None:
    if slug in found:
        words = (
            f"A second plugin calls itself “{slug}”{_of(source)}. It is not used; the first one{_of(found[slug])} is."
        )
        log.error(words)
        refused.append(words)
        return
    release, summary, package = "", "", ""
    if isinstance(source, EntryPoint) and source.dist is not None:
        release, package = source.dist.version, source.dist.name
        summary = source.dist.metadata["Summary"] or ""
    try:
        if isinstance(source, EntryPoint):
            _api_fits(source)
        module = source.load() if isinstance(source, EntryPoint) else source
        found[slug] = ask_plugin(slug, module, version=release, summary=summary, package=package)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a plugin raises while loading, the service starts
        said = error if isinstance(error, PluginRefused) else f"{type(error).__name__}: {error}"
        log.error("plugin %s could not be loaded: %s (govflow plugin list --trace shows where)", slug, said)
        problem = str(error) if isinstance(error, PluginRefused) else f"{type(error).__name__} while loading"
        trace = traceback.format_exc(limit=20)
        found[slug] = DeclaredPlugin(
            slug=slug, version=release, summary=summary, package=package, problem=problem, trace=trace
        )


def _of(source: object) -> str:
    package = source.dist.name if isinstance(source, EntryPoint) and source.dist else getattr(source, "package", "")
    return f" (from {package})" if package else ""


def _api_fits(point: EntryPoint) -> None:
    """Refuse a plugin that was made for another GovFlow, before any of its code runs."""
    try:
        ours = version("govflow")
    except PackageNotFoundError:
        return
    for line in (point.dist.requires if point.dist else None) or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if wanted.name == "govflow" and wanted.specifier and not wanted.specifier.contains(ours, prereleases=True):
            raise PluginRefused(f"It needs govflow {wanted.specifier}, and this is govflow {ours}.")


def ask_plugin(slug: str, module: Any, *, version: str = "", summary: str = "", package: str = "") -> DeclaredPlugin:
    """What one plugin declares, looked at; `PluginRefused` says what its author should mend."""
    validation.the_slug(slug)
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
    config = validation.config(slug, next(iter(manager.hook.register_config()), None))
    default = config() if config else None
    said: dict[str, Any] = {
        hook: validation.by_slug(slug, hook, _said(manager, f"register_{hook}", config=default))
        for hook in validation.HOOKS
    }
    validation.together(slug, said)
    return DeclaredPlugin(
        slug=slug,
        version=version,
        summary=summary,
        package=package,
        config=config,
        ask_checks=_asks_again(slug, manager) if config else None,
        **said,
    )


def _hook_names() -> list[str]:
    return [name for name in vars(hookspecs) if name.startswith("register_")]


def _said(manager: pluggy.PluginManager, hook: str, *, config: Any = None) -> list[Any]:
    answers = getattr(manager.hook, hook)(**({"config": config} if hook == "register_checks" else {}))
    if not answers:
        return []
    if not isinstance(answers[0], (list, tuple)):
        raise PluginRefused(f"{hook} must give a list, not {type(answers[0]).__name__}.")
    return list(answers[0])


def _asks_again(slug: str, manager: pluggy.PluginManager) -> Callable[[Any], Mapping[str, Check]] | None:
    """Asks the plugin for the checks of other settings, where it takes them. What goes wrong holds the gate."""
    if not any("config" in implementation.argnames for implementation in manager.hook.register_checks.get_hookimpls()):
        return None
    kept: dict[Any, Mapping[str, Check]] = {}

    def ask(config: Any) -> Mapping[str, Check]:
        try:
            known = kept.get(config)
        except TypeError:  # settings that cannot be a key are asked for each time
            known = None
        if known is not None:
            return known
        try:
            found = validation.by_slug(slug, "checks", _said(manager, "register_checks", config=config))
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[config] = found
        except Exception as error:
            log.error("plugin %s could not make its checks from its settings: %s", slug, error, exc_info=True)
            return {"settings": _broken_settings(error)}
        return found

    return ask


def _broken_settings(error: Exception) -> Check:
    def judge(case: Case) -> Judgement:
        raise RuntimeError(f"the plugin could not make its checks from its settings: {error}")

    return Check(
        slug="settings",
        title="Settings of a plugin",
        why="Its checks could not be made from its settings.",
        judge=judge,
    )
