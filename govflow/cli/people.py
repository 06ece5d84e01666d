"""Commands about people: how an operator lets the first ones in."""

from __future__ import annotations

import click

from govflow.cli import refusing, the_app
from govflow.domain.refusals import NotFound


@click.group()
def person() -> None:
    """People."""


@person.command()
@click.argument("email")
@click.option("--name", required=True)
@click.option("--organisation", metavar="SLUG")
@click.option("--admin", is_flag=True, help="Let them look after the organisation's settings.")
@refusing
def invite(email: str, name: str, organisation: str | None, admin: bool) -> None:
    """Make somebody known, and print a link with which they sign in."""
    from govflow.services.auth.sign_in_links import operator_link
    from govflow.services.people.people import invite_person, organisation_is_known

    with the_app() as app:
        if organisation and not organisation_is_known(organisation):
            click.echo(f"There was no organisation “{organisation}”; it is made now.", err=True)
        found = invite_person(email=email, name=name, organisation=organisation, admin=admin)
        click.echo(f"{app.config['GOVFLOW'].base_url}/sign-in/{operator_link(found.id)}")


@person.command()
@click.argument("email")
@refusing
def link(email: str) -> None:
    """Print a sign-in link for somebody: once, for 24 hours, in any browser."""
    from govflow.services.auth.sign_in_links import operator_link
    from govflow.services.base.actions import person_by_email

    with the_app() as app:
        found = person_by_email(email)
        if found is None:
            raise NotFound(f"There is nobody with the address {email:.254}.")
        click.echo(f"{app.config['GOVFLOW'].base_url}/sign-in/{operator_link(found.id)}")


@person.command()
@click.argument("email")
@click.option("--scope", type=click.Choice(["read", "write"]), default="read", show_default=True)
@click.option("--organisation", help="Of which organisation, where somebody belongs to several.")
@click.option("--end", is_flag=True, help="Make none: end all of this person's, such as when one got into other hands.")
@refusing
def token(email: str, scope: str, organisation: str | None, end: bool) -> None:
    """Print a token for the API, once. It speaks for somebody in one organisation, and ends when they leave."""
    from govflow import clock
    from govflow.domain.wording import count
    from govflow.services.auth.tokens import end_tokens_of, make_token

    with the_app() as app:
        if end:
            click.echo(f"{count(end_tokens_of(email), 'token')} ended.")
            return
        today = clock.today(app.config["GOVFLOW"].today)
        click.echo(make_token(email, scope=scope, organisation=organisation, today=today))


@person.command("forget-steps")
@click.argument("email")
@refusing
def forget_steps(email: str) -> None:
    """Take away somebody's passkeys, app and recovery codes, and sign them out. Make sure first who is asking."""
    from govflow import clock
    from govflow.services.auth.second_factor import forget_second_steps
    from govflow.services.base.actions import person_by_email

    with the_app() as app:
        found = person_by_email(email)
        if found is None:
            raise NotFound(f"There is nobody with the address {email:.254}.")
        forget_second_steps(found.id, today=clock.today(app.config["GOVFLOW"].today))
        click.echo(f"{found.name} has no second step any more, and is signed out everywhere.")


COMMANDS = [person]
