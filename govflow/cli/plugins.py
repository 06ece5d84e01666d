"""Commands about plugins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from govflow.cli import as_json, refusing, tell, the_app
from govflow.domain.wording import count


@click.group()
def plugin() -> None:
    """Plugins."""


@plugin.command("list")
@click.option("--trace", is_flag=True, help="Where a plugin could not be loaded, show what Python said.")
@as_json
@refusing
def list_(json: bool, trace: bool) -> None:
    """Every installed plugin and what it declares."""
    from govflow.services.plugins.plugins import described, second_ones

    with the_app():
        found = described()
        lines = [_line(row) + (f"\n{row['trace']}" if trace and row["trace"] else "") for row in found]
        lines += second_ones()
        tell(found, json=json, words="\n".join(lines) or "No plugins are installed.")


def _line(one: dict[str, Any]) -> str:
    kinds = ("checks", "registers", "documents", "polls", "lifecycles", "pages")
    brings = ", ".join(count(len(one[kind]), kind.removesuffix("s")) for kind in kinds if one[kind])
    words = f"could not be loaded: {one['broken']}" if one["broken"] else brings
    return f"{one['slug']} {one['version']}  on for {', '.join(one['on']) or 'nobody'}  {words}"


def _switch(name: str, organisation: str, on: bool) -> None:
    from govflow import jobs
    from govflow.services.plugins.plugins import switch

    with the_app():
        switch(organisation=organisation, plugin=name, on=on, by=None, today=jobs.today())
        click.echo(f"{name} is {'on' if on else 'off'} for {organisation}.")


@plugin.command("on")
@click.argument("name")
@click.option("--organisation", required=True, metavar="SLUG")
@refusing
def on_(name: str, organisation: str) -> None:
    """Switch a plugin on for an organisation."""
    _switch(name, organisation, True)


@plugin.command("off")
@click.argument("name")
@click.option("--organisation", required=True, metavar="SLUG")
@refusing
def off(name: str, organisation: str) -> None:
    """Switch a plugin off for an organisation. Nothing is lost."""
    _switch(name, organisation, False)


@plugin.command()
@click.argument("name")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where to write it.")
@refusing
def new(name: str, into: Path) -> None:
    """Write a plugin to start from: one check, one test, a README."""
    from govflow.cli.plugin_making import new_plugin

    folder = new_plugin(name, into)
    click.echo(f"{folder} is there. Next: pip install -e {folder}, then: govflow plugin check {folder}")


@plugin.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
@refusing
def check(path: Path, json: bool) -> None:
    """Look a plugin over without installing it: exit 1 and a sentence for each problem."""
    from govflow.cli.plugin_making import check_plugin

    problems = check_plugin(path)
    tell({"problems": problems}, json=json, words="" if problems else "It is fine.")
    if problems:
        if not json:
            click.echo("\n".join(problems), err=True)
        sys.exit(1)


COMMANDS = [plugin]
