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
    from govflow.services.health import rebuild_findings

    with the_app():
        click.echo(f"Worked out again: {rebuild_findings(today=jobs.today())} projects.")


@click.command()
@refusing
def doctor() -> None:
    """Look for what is wrong with this installation."""
    from govflow import jobs
    from govflow.app import redis_url
    from govflow.services.health import problems

    with the_app() as app:
        found = problems(
            redis_url=redis_url(app.config["GOVFLOW"]),
            migrations=app.extensions["migrate"].directory,
            today=jobs.today(),
        )
        for sentence in found:
            click.echo(sentence, err=True)
        if found:
            sys.exit(1)
        click.echo("Everything looks well.")


@click.command("complaints")
@click.option("--hand-on", "number", type=int, help="Give the complaint with this number to --organisation.")
@click.option("--organisation", help="The short name of the organisation it is about.")
@refusing
def complaints_(number: int | None, organisation: str | None) -> None:
    """Read complaints that name no organisation we know, and hand them on to the one they are about."""
    from govflow import jobs
    from govflow.domain.refusals import Invalid
    from govflow.services.privacy import complaints

    with the_app(posts_letters=True):
        if number is not None:
            if not organisation:
                raise Invalid("Say to which organisation: --organisation SLUG.")
            complaints.hand_on(number, organisation=organisation, today=jobs.today())
            click.echo(f"Handed on to {organisation}. Its admins are told.")
            return
        found = complaints.of_nobody()
        for row in found:
            what, reach = complaints.words_of(row)
            click.echo(f"{row.id}, of {row.on:%d %B %Y}. To reach them: {reach or 'they did not say'}.\n{what}\n")
        if not found:
            click.echo("There is none.")


COMMANDS = [rebuild, doctor, complaints_]
