"""`plugin new` writes a plugin to start from; `plugin check` looks one over in a process of its own."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Any

from govflow.domain.refusals import Invalid, Refused

SECONDS = 60
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def new_plugin(name: str, into: Path) -> Path:
    """Write a package `govflow-NAME` with one check, one test and a README. Nothing that is there is touched."""
    if not _NAME.match(name) or len(name) > 40:
        raise Invalid(
            f"“{name:.60}” is no name for a plugin. Use small letters, digits and hyphens, such as ethics-review."
        )
    folder = into / f"govflow-{name}"
    if folder.exists():
        raise Refused(f"{folder} is there already. Choose another name, or another folder with --into.")
    words = {"name": name, "slug": name.replace("-", "_"), "title": name.replace("-", " ").capitalize()}
    template = files("govflow.cli").joinpath("plugin_template")
    for path, source in _walk(template, Path()):
        target = folder / Path(*[f"govflow_{words['slug']}" if part == "package" else part for part in path.parts])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(source.read_text("utf-8")).safe_substitute(words), "utf-8")
    return folder


def _walk(folder: Traversable, at: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir() and one.name != "__pycache__":
            found += _walk(one, at / one.name)
        elif one.name.endswith(".tmpl"):
            found.append((at / one.name.removesuffix(".tmpl"), one))
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
        return [f"It did not load within {SECONDS} seconds."]
    last = child.stdout.strip().splitlines()[-1:] or [""]
    try:
        found: list[str] = json.loads(last[0])
    except ValueError:
        said = child.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        return [f"It ended the process that loaded it: {said[0]}"]
    return found


def _look_over(path: Path) -> list[str]:
    """In the child: load the plugin as an installed one would be, and ask what is wrong with it."""
    from govflow.plugin.testing import problems_of
    from govflow.registry import PluginRefused, ask_plugin

    try:
        project = tomllib.loads((path / "pyproject.toml").read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        return [f"{path / 'pyproject.toml'} cannot be read: {error}."]
    points: dict[str, str] = project.get("project", {}).get("entry-points", {}).get("govflow", {})
    if not points:
        return ["pyproject.toml names no entry point in the group “govflow”, so the plugin would not be found."]
    sys.path[:0] = [str(path), str(path / "src")]
    ours = str(project.get("project", {}).get("name", ""))
    found = []
    for slug, module_name in points.items():
        taken = [
            one for one in entry_points(group="govflow") if one.name == slug and one.dist and one.dist.name != ours
        ]
        if taken:
            found.append(f"“{slug}” is taken by {taken[0].dist.name if taken[0].dist else 'another plugin'}.")
        try:
            module: Any = importlib.import_module(module_name)
            hooks = problems_of(module)
            found += hooks
            if not hooks:
                ask_plugin(slug, module)
        except PluginRefused as error:
            found.append(str(error))
        except BaseException as error:  # whatever it raises is what we came to report
            found.append(f"{module_name}: {type(error).__name__}: {error}")
    return found


if __name__ == "__main__":
    print(json.dumps(_look_over(Path(sys.argv[1]))))
