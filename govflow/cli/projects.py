"""Commands about projects: the same services as the pages, the same permissions, recorded as done by the operator."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from govflow.cli import DAY, as_json, refusing, tell, the_app
from govflow.domain.refusals import NotFound, Refused

by_option = click.option("--by", "email", required=True, metavar="EMAIL", help="For whom you do this.")


def acting(email: str) -> Any:
    from govflow.services.base.actions import Actor, person_by_email

    person = person_by_email(email)
    if person is None:
        raise NotFound(f"There is nobody with the address {email:.254}.")
    return Actor(person.id, operator=True)


def project_id(slug: str) -> int:
    from govflow.services.people.projects import find_project

    return find_project(slug).id


def today() -> date:
    from govflow import jobs

    return jobs.today()


@click.group()
def project() -> None:
    """Projects."""


@project.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--keep-dates", is_flag=True, help="Let things fall due as their dates say; else nothing does for 14 days."
)
@as_json
@refusing
def import_(file: Path, keep_dates: bool, json: bool) -> None:
    """Bring a project in from a file, all or nothing."""
    from govflow.services.project_file import import_project

    with the_app():
        counts = import_project(file.read_bytes(), today=today(), keep_dates=keep_dates)
        words = "{slug}: {members} members, {entries} entries, {evidence} answers.".format(**counts)
        tell(counts, json=json, words=words)


@project.command("list")
@as_json
@refusing
def list_(json: bool) -> None:
    """Every project."""
    from govflow.services.gates.reports import project_list

    with the_app():
        found = project_list(today=today())
        lines = [f"{row['slug']}  {row['stage']}  {'open' if row['open'] else 'held'}  {row['title']}" for row in found]
        tell(found, json=json, words="\n".join(lines) or "No projects yet.")


@project.command()
@click.argument("slug")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@refusing
def export(slug: str, output: Path | None) -> None:
    """A project as a file that imports to the same facts."""
    from govflow.services.people.projects import find_project
    from govflow.services.project_file import export_project

    with the_app():
        text = export_project(find_project(slug))
        if output:
            try:
                output.write_text(text, "utf-8")
            except OSError as error:
                raise Refused(f"{output} cannot be written: {error.strerror}.") from None
        else:
            click.echo(text, nl=False)


@click.command()
@click.argument("slug")
@click.option("--today", "day", type=DAY, help="As it stood, or would stand, on this day.")
@as_json
@refusing
def gate(slug: str, day: date | None, json: bool) -> None:
    """A project's gate: what holds it, and who still has to sign off."""
    from govflow.services.gates.reports import gate_report
    from govflow.services.people.projects import find_project

    with the_app():
        found = gate_report(find_project(slug), today=day or today())
        tell(found, json=json, words=_gate_words(found))


def _gate_words(found: dict[str, Any]) -> str:
    lines = [f"{found['project']}, {found['stage']}: the gate is {'open' if found['open'] else 'not ready yet'}."]
    for question in found["findings"]:
        if question["outcome"] in ("unmet", "broken"):
            kind = "let pass" if question["waived"] else "holds" if question["holds"] else "advice"
            late = f", late since {question['due_on']}" if question["overdue"] else ""
            subject = f" {question['subject']}" if question["subject"] else ""
            lines.append(f"  {kind}: {question['check']}{subject}: {question['sentence']}{late}")
    if found["sign_offs"]["missing"]:
        lines.append(f"  still to sign off: {', '.join(found['sign_offs']['missing'])}")
    return "\n".join(lines)


@project.command()
@click.argument("slug")
@click.argument("check")
@click.argument("answers", nargs=-1, required=True, metavar="NAME=VALUE…")
@click.option("--about", metavar="KEY", help="The member or entry the check is about.")
@by_option
@as_json
@refusing
def answer(slug: str, check: str, answers: tuple[str, ...], about: str | None, email: str, json: bool) -> None:
    """Answer a check for somebody."""
    from govflow.services.gates import evidence

    given: dict[str, Any] = {}
    for head in answers:
        name, equals, value = head.partition("=")
        if not equals:
            raise click.UsageError(f"“{head}” has no “=”. Write NAME=VALUE.")
        given[name] = value
    with the_app():
        evidence.answer(
            project_id(slug),
            check_id=check,
            subject=about,
            given=given,
            by=acting(email),
            today=today(),
            whole_form=False,
        )
        tell({"check": check, "about": about, "by": email}, json=json, words="Recorded.")


@project.command("sign-off")
@click.argument("slug")
@by_option
@as_json
@refusing
def sign_off(slug: str, email: str, json: bool) -> None:
    """Sign off for somebody: “I think we are ready”."""
    from govflow.services.gates import gates

    with the_app():
        gates.sign_off(project_id(slug), by=acting(email), today=today())
        tell({"project": slug, "by": email}, json=json, words="Signed off.")


@project.command()
@click.argument("slug")
@click.argument("check")
@click.option("--about", metavar="KEY")
@by_option
@click.option("--second", required=True, metavar="EMAIL", help="Who agrees.")
@click.option("--reason", required=True)
@click.option("--until", required=True, type=DAY)
@as_json
@refusing
def waive(
    slug: str, check: str, about: str | None, email: str, second: str, reason: str, until: date, json: bool
) -> None:
    """Let one finding pass for now: two people, a reason, a day."""
    from govflow.services.gates import gates

    with the_app():
        gates.waive(
            project_id(slug),
            check_id=check,
            subject=about,
            reason=reason,
            until=until,
            by=acting(email),
            second=acting(second),
            today=today(),
        )
        tell({"check": check, "about": about, "until": until.isoformat()}, json=json, words="Let pass for now.")


@project.command()
@click.argument("slug")
@by_option
@as_json
@refusing
def advance(slug: str, email: str, json: bool) -> None:
    """Move a project to its next stage, if its gate is open."""
    from govflow.services.gates import gates

    with the_app():
        before, after = gates.advance(project_id(slug), by=acting(email), today=today())
        tell({"stage": after, "from": before}, json=json, words=f"Moved from {before} to {after}.")


@project.command()
@click.argument("slug")
@click.argument("stage")
@by_option
@click.option("--reason", required=True)
@as_json
@refusing
def back(slug: str, stage: str, email: str, reason: str, json: bool) -> None:
    """Take a project back to an earlier stage, with a reason."""
    from govflow.services.gates import gates

    with the_app():
        before, after = gates.go_back(project_id(slug), stage=stage, why=reason, by=acting(email), today=today())
        tell({"stage": after, "from": before}, json=json, words=f"Went back from {before} to {after}.")


@project.command()
@click.argument("slug")
@by_option
@click.option("--reason", required=True)
@refusing
def pause(slug: str, email: str, reason: str) -> None:
    """Pause a project: no letters, and due days move on."""
    from govflow.services.people import projects

    with the_app():
        projects.pause(project_id(slug), why=reason, by=acting(email), today=today())
        click.echo("Paused.")


@project.command()
@click.argument("slug")
@by_option
@refusing
def resume(slug: str, email: str) -> None:
    """Start a paused project again."""
    from govflow.services.people import projects

    with the_app():
        projects.resume(project_id(slug), by=acting(email), today=today())
        click.echo("Running again.")


@project.command()
@click.argument("slug")
@click.argument("member")
@click.option("--organisation", required=True, metavar="SLUG")
@refusing
def home(slug: str, member: str, organisation: str) -> None:
    """In a shared project: say to which organisation a member belongs. It opens that one's lists to them."""
    from govflow.services.people.people import set_home

    with the_app():
        set_home(project_id(slug), member=member, organisation=organisation)
        click.echo(f"{member} belongs to {organisation}.")


COMMANDS = [project, gate]
