"""The command line: the same services as the pages. Exit 0 done, 1 refused with one sentence, 2 wrong usage."""

from __future__ import annotations

import json as jsonlib
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from typing import Any

import click

from govflow.domain.refusals import Refused


class Day(click.ParamType):
    """A day such as 2026-03-27."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is no day. Write one such as 2026-03-27.", param, ctx)


DAY = Day()
as_json = click.option("--json", "json", is_flag=True, help="Print one JSON document and nothing else.")


def tell(answer: Any, *, json: bool, words: str = "") -> None:
    """Say what was done: a JSON document, or words."""
    if json:
        click.echo(jsonlib.dumps(answer, ensure_ascii=False, default=str))
    elif words:
        click.echo(words)


@contextmanager
def the_app(*, posts_letters: bool = False) -> Iterator[Any]:
    """The app, with its context; made only by commands that need it, so that --help is quick.

    What could not be loaded is said by `plugin list`, not by every command.
    """
    from govflow.app import create_app
    from govflow.settings import load_settings

    logging.getLogger("govflow.plugins").setLevel(logging.CRITICAL)
    app = create_app(load_settings(posts_letters=posts_letters), apart=True)
    try:
        with app.app_context():
            yield app
    finally:
        app.extensions["govflow"].judge.stop()


def refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a refusal into one sentence on stderr (or a JSON document) and exit 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        from sqlalchemy.exc import OperationalError, ProgrammingError

        from govflow.settings import SettingsError

        try:
            return function(*args, **kwargs)
        except (Refused, SettingsError) as error:
            sentence = str(error)
        except (OperationalError, ProgrammingError) as error:
            if "no such table" not in str(error) and "does not exist" not in str(error):
                raise
            sentence = "The database is not ready. Run: govflow db upgrade"
        if kwargs.get("json"):
            click.echo(jsonlib.dumps({"error": sentence}, ensure_ascii=False))
        else:
            click.echo(sentence, err=True)
        sys.exit(1)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """GovFlow: co-produced projects, moved through stages by everyone in them."""


def all_commands() -> click.Group:
    """The group with every command in it."""
    from govflow.cli import audit, care, people, plugins, projects, running

    for module in (running, projects, people, plugins, audit, care):
        for command in module.COMMANDS:
            cli.add_command(command)
    return cli


def main() -> None:
    all_commands()()
