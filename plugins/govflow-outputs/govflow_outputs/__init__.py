"""What the project will share with the world: a list that other plugins read."""

from __future__ import annotations

from govflow.plugin import EVERY_MEMBER, Field, Register, hookimpl

KINDS = {
    "paper": "Paper",
    "report": "Report",
    "talk": "Talk",
    "website": "Website",
    "film": "Film",
    "craft": "Craft piece",
    "postcard": "Postcard",
    "training": "Training",
    "other": "Something else",
}


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="output",
            title="Outputs",
            one="output",
            why="Everything the project will share, who writes or makes it, and when that is meant to be finished.",
            label="title",
            fields=(
                Field(name="title", label="What is it called?", required=True),
                Field(name="kind", label="What kind of thing is it?", kind="choice", choices=KINDS, required=True),
                Field(
                    name="planned_end",
                    label="When will the writing or making be finished?",
                    kind="date",
                    required=True,
                    help="The last day anybody will work on it. It may be after the funding ends.",
                ),
                Field(
                    name="writers",
                    label="Who writes or makes it?",
                    kind="people",
                    help="Everyone on the writing list, whoever pays them.",
                ),
            ),
            added_by=(EVERY_MEMBER,),
        )
    ]
