"""Commands that look the history over, and sign where it stands."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from govflow.cli import as_json, refusing, tell, the_app


@click.group()
def audit() -> None:
    """The history: is it as it was written?"""


@audit.command()
@click.option(
    "--checkpoint",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file of checkpoints, or a weekly letter as it was saved; left out: the file of this installation.",
)
@click.option("--organisation", metavar="SLUG", help="The history of this organisation alone.")
@click.option(
    "--key", "keys", multiple=True, metavar="HEX", help="The public key that must have signed; may be repeated."
)
@as_json
@refusing
def verify(file: Path | None, organisation: str | None, keys: tuple[str, ...], json: bool) -> None:
    """Look every history over, line by line, and against its checkpoints. Exit 1 names the first line that is wrong."""
    from govflow.services.history import audit as histories

    with the_app():
        found = histories.verify(file=file, organisation=organisation, keys=keys)
    wrong = [result for result in found if result.problem]
    answer: dict[str, object] = {"error": wrong[0].sentence()} if wrong else {}
    answer["organisations"] = [result.as_json() for result in found]
    whole = [result.sentence() for result in found if not result.problem]
    tell(answer, json=json, words="\n".join(whole) or ("" if wrong else "There is no history yet."))
    if wrong and not json:
        click.echo("\n".join(result.sentence() for result in wrong), err=True)
    if wrong:
        sys.exit(1)


@audit.command()
@as_json
@refusing
def checkpoint(json: bool) -> None:
    """Sign where each history stands now, and add it to the checkpoint file."""
    from govflow.domain.refusals import Refused
    from govflow.domain.wording import count
    from govflow.services.history.checkpoints import checkpoint_file, write_checkpoints

    with the_app():
        path = checkpoint_file()
        try:
            written = write_checkpoints()
        except OSError as error:
            raise Refused(f"{path} cannot be written: {error.strerror or error}.") from None
    if written.problems:
        raise Refused(" ".join([*written.problems, "Run: govflow audit verify"]))
    lines = [f"Signed: {head.organisation}, {count(head.count, 'line')}." for head in written.checkpoints]
    signed = [{"organisation": head.organisation, "count": head.count} for head in written.checkpoints]
    tell({"file": str(path), "signed": signed}, json=json, words="\n".join(lines) or "There is nothing new to sign.")


@audit.command()
@as_json
@refusing
def key(json: bool) -> None:
    """The public key that checkpoints of this installation are looked over with."""
    from govflow.services.history.checkpoints import public_key

    with the_app():
        found = public_key()
    tell({"key": found}, json=json, words=found)


COMMANDS = [audit]
