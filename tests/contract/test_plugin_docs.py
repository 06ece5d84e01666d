"""plugins/README.md tells the truth: its examples run, every hook and every public name stands in it."""

from __future__ import annotations

import inspect
import re
import sys
import types
from pathlib import Path

import pytest

import govflow.plugin
from govflow.plugin import hookspecs
from govflow.plugin_host.loader import load_plugins

README = (Path(__file__).parent.parent.parent / "plugins" / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.S)
HOOKS = [name for name in vars(hookspecs) if name.startswith("register_")]


def as_module(name: str, code: str) -> types.ModuleType:
    module = sys.modules[name] = types.ModuleType(name)  # dataclasses look their module up by name
    exec(compile(code, f"plugins/README.md, {name}", "exec"), vars(module))
    return module


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_stands_in_the_readme_with_an_example_that_loads(hook: str) -> None:
    arguments = ", ".join(inspect.signature(getattr(hookspecs, hook)).parameters)
    assert f"### {hook}({arguments})" in README
    (code, *_) = [block for block in BLOCKS if f"def {hook}(" in block]
    declared = load_plugins(extra={"example": as_module("example", code)}).plugins["example"]
    assert not declared.problem, declared.trace
    kind = hook.removeprefix("register_")
    assert getattr(declared, kind), f"{hook} of the example declared nothing"


def test_the_example_test_passes_on_the_example_check() -> None:
    check = next(block for block in BLOCKS if "def approval_in_date" in block)
    as_module("govflow_ethics", check)
    test = as_module("test_ethics", next(block for block in BLOCKS if "def test_" in block))
    test.test_an_approval_that_ran_out_is_not_ready()


def test_the_public_names_are_exactly_those_the_readme_lists() -> None:
    section = README.split("## The public names")[1].split("for tests")[0]
    assert set(re.findall(r"`([A-Za-z_]+)`", section)) == set(govflow.plugin.__all__)
    for name in govflow.plugin.__all__:
        assert hasattr(govflow.plugin, name)


def test_the_example_page_passes_its_example_test() -> None:
    tea = as_module("tea", next(block for block in BLOCKS if "def register_pages" in block))
    test = as_module("test_tea", next(block for block in BLOCKS if "FakeDesk" in block))
    test.test_a_cup_is_poured(tea)
