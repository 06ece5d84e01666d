"""The units and the compose file in docs/deploy name commands and settings that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from govflow.cli import all_commands
from govflow.settings import load_settings

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def commands() -> list[list[str]]:
    found = [
        shlex.split(line.partition("=")[2])[1:]
        for unit in UNITS
        for line in unit.read_text().splitlines()
        if line.startswith("ExecStart")
    ]
    compose = (DEPLOY / "compose.yaml").read_text()
    return found + [re.findall(r'"([^"]+)"', line)[1:] for line in re.findall(r'command: (\["govflow".*)', compose)]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_is_one_of_ours_with_options_it_knows(command: list[str]) -> None:
    names = [one for one in command if not one.startswith("-") and not re.fullmatch(r"[\d.]+", one)]
    said = CliRunner().invoke(all_commands(), [*names, "--help"])
    assert said.exit_code == 0, said.output
    for option in (one for one in command if one.startswith("--")):
        assert option in said.output


def test_the_example_of_an_environment_is_one_that_starts(tmp_path: Path) -> None:
    lines = [line for line in (DEPLOY / "environment.example").read_text().splitlines() if line and line[0] != "#"]
    environ = dict(line.split("=", 1) for line in lines)
    environ["GOVFLOW_INSTANCE"], environ["GOVFLOW_KEY_DIR"] = str(tmp_path / "instance"), str(tmp_path / "keys")
    assert load_settings(environ=environ).mail_url == environ["GOVFLOW_MAIL_URL"]
    compose = (DEPLOY / "compose.yaml").read_text()
    assert set(environ) <= set(re.findall(r"GOVFLOW_\w+", compose))


def test_web_worker_and_sweep_have_a_unit_each() -> None:
    assert [unit.stem for unit in UNITS] == ["govflow-sweep", "govflow-web", "govflow-worker"]
