"""Commands that look after an installation."""

from __future__ import annotations

import sys

import click

from govflow.cli import refusing, the_app


@click.command()
@refusing
def rebuild() -> None:
    """Work every project's findings out again from its facts."""
    from govflow import jobs
    from govflow.services.care import rebuild_findings

    with the_app():
        click.echo(f"Worked out again: {rebuild_findings(today=jobs.today())} projects.")


@click.command()
@refusing
def doctor() -> None:
    """Look for what is wrong with this installation."""
    from govflow.app import redis_url
    from govflow.services.care import complaints

    with the_app() as app:
        found = complaints(redis_url=redis_url(app.config["GOVFLOW"]), migrations=app.extensions["migrate"].directory)
        for sentence in found:
            click.echo(sentence, err=True)
        if found:
            sys.exit(1)
        click.echo("Everything looks well.")


COMMANDS = [rebuild, doctor]
