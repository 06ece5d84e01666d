"""`plugin new` writes a plugin to start from; `plugin check` looks one over in a process of its own."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import signal
import subprocess
import sys
import tomllib
import traceback
from importlib.metadata import entry_points, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from govflow.domain.refusals import Invalid, Refused
from govflow.plugin.validation import TAKEN

SECONDS, LOADING = 60, 10
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def new_plugin(name: str, into: Path) -> Path:
    """Write a package `govflow-NAME` with one check, one test and a README. Nothing that is there is touched."""
    if not _NAME.match(name) or len(name) > 40:
        raise Invalid(
            f"“{name:.60}” is no name for a plugin. Use small letters, digits and hyphens, such as ethics-review."
        )
    slug = name.replace("-", "_")
    owner = next(
        (
            entry_point.dist.name if entry_point.dist else ""
            for entry_point in entry_points(group="govflow")
            if entry_point.name == slug
        ),
        None,
    )
    if owner is not None or slug in TAKEN:
        taken = f"a plugin here, from {owner}" if owner else "something else in GovFlow"
        raise Refused(f"“{name}” is taken: {slug} is {taken}. Choose another name.")
    folder = into / f"govflow-{name}"
    if folder.exists():
        raise Refused(f"{folder} is there already. Choose another name, or another folder with --into.")
    words = {"name": name, "slug": slug, "title": name.replace("-", " ").capitalize()}
    template = files("govflow.cli").joinpath("plugin_template")
    for path, source in _walk(template, Path()):
        target = folder / Path(*[f"govflow_{words['slug']}" if part == "package" else part for part in path.parts])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(source.read_text("utf-8")).safe_substitute(words), "utf-8")
    return folder


def _walk(folder: Traversable, at: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for path in sorted(folder.iterdir(), key=lambda one: one.name):
        if path.is_dir() and path.name != "__pycache__":
            found += _walk(path, at / path.name)
        elif path.name.endswith(".tmpl"):
            found.append((at / path.name.removesuffix(".tmpl"), path))
    return found


def check_plugin(path: Path) -> list[str]:
    """Every problem of the plugin at PATH, a sentence each. It is loaded in a child: it cannot hurt this process."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "govflow.cli.plugin_making", str(path)],
            capture_output=True,
            timeout=SECONDS,
            check=False,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return [f"Looking it over took more than {SECONDS} seconds. Look for a loop or a long wait."]
    last = child.stdout.strip().splitlines()[-1:] or [""]
    try:
        found: list[str] = json.loads(last[0])
    except ValueError:
        said = child.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        code = f"exit code {child.returncode}, {said[0]}"
        return [f"It ended the process that loaded it ({code}). Look for sys.exit or os._exit outside of a function."]
    return found


def _look_over(path: Path) -> list[str]:
    """In the child: load the plugin as an installed one would be, and ask what is wrong with it."""
    from govflow.plugin.testing import problems_of
    from govflow.plugin_host.loader import PluginRefused, ask_plugin

    try:
        project = tomllib.loads((path / "pyproject.toml").read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        return [f"{path / 'pyproject.toml'} cannot be read: {error}."]
    points: dict[str, str] = project.get("project", {}).get("entry-points", {}).get("govflow", {})
    if not points:
        return ["pyproject.toml names no entry point in the group “govflow”, so the plugin would not be found."]
    found = [f"“{slug}” is taken by {owner}. Choose another name." for slug in points if (owner := _owner(slug, path))]
    found += _needs(project.get("project", {}).get("dependencies", []))
    sys.path[:0] = [str(path), str(path / "src")]
    for slug, module_name in points.items():
        signal.signal(signal.SIGALRM, _too_long)
        signal.alarm(LOADING)
        try:
            module: Any = importlib.import_module(module_name)
            signal.alarm(0)
            hooks = problems_of(module, slug=slug)
            found += hooks
            if not hooks:
                ask_plugin(slug, module)
        except PluginRefused as error:
            found.append(str(error))
        except ModuleNotFoundError as error:
            found.append(f"pyproject.toml says the plugin {slug} is “{module_name}”: {error}.")
        except BaseException as error:  # whatever it raises is what we came to report
            found.append(f"{module_name}: {type(error).__name__}: {error}{_line_in(path, error)}")
        finally:
            signal.alarm(0)
    return found


def _owner(slug: str, path: Path) -> str:
    """The installed package that has this name for a plugin, unless it is the very one we look over."""
    for entry_point in entry_points(group="govflow"):
        if entry_point.name == slug:
            spec = importlib.util.find_spec(entry_point.module.partition(".")[0])
            if spec is None or not spec.origin or not Path(spec.origin).resolve().is_relative_to(path.resolve()):
                return entry_point.dist.name if entry_point.dist else "another plugin"
    return ""


def _needs(dependencies: list[str]) -> list[str]:
    """Whether this GovFlow is one the plugin says it works with."""
    found = []
    for line in dependencies:
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            found.append(f"pyproject.toml: “{line}” is no dependency.")
            continue
        if wanted.name == "govflow" and not wanted.specifier.contains(version("govflow"), prereleases=True):
            found.append(f"It needs govflow {wanted.specifier}, and this is govflow {version('govflow')}.")
    return found


def _too_long(*_: object) -> None:
    raise TimeoutError(f"it did not load within {LOADING} seconds. Look for a loop or a long wait at import")


def _line_in(path: Path, error: BaseException) -> str:
    """The last line of the plugin itself that was at work."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if str(path.resolve()) in frame.filename]
    return f" ({Path(ours[-1].filename).name}, line {ours[-1].lineno})" if ours else ""


if __name__ == "__main__":
    print(json.dumps(_look_over(Path(sys.argv[1]))))
