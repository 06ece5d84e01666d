"""Lifecycles: the ordered stages of one kind of project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from govflow.domain.refusals import Invalid

DEFAULT_STAGES = ("bid", "design", "trial", "dissemination")
CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage. `like` is the default stage that checks may name; None: none of them applies.

    `repeats_every` (months, last stage only): its gate leads into the same stage again, as a standing group has it.
    """

    slug: str
    title: str
    like: str | None = None
    what: str = ""
    repeats_every: int | None = None


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Stages in the order in which a project goes through them. A project keeps the `version` it started with."""

    slug: str
    title: str
    version: str
    stages: tuple[Stage, ...]

    def stage(self, slug: str) -> Stage:
        for stage in self.stages:
            if stage.slug == slug:
                return stage
        names = ", ".join(stage.slug for stage in self.stages)
        raise Invalid(f"There is no stage “{slug}” in this project. Its stages are: {names}.")

    def after(self, slug: str) -> Stage | None:
        """The stage that follows: itself where it repeats, or None after the last one: the project then closes."""
        order = [stage.slug for stage in self.stages]
        place = order.index(self.stage(slug).slug)
        if self.stages[place].repeats_every:
            return self.stages[place]
        return self.stages[place + 1] if place + 1 < len(self.stages) else None

    def before(self, slug: str) -> tuple[Stage, ...]:
        """The stages a project may go back to."""
        order = [stage.slug for stage in self.stages]
        return self.stages[: order.index(self.stage(slug).slug)]

    @property
    def first(self) -> Stage:
        return self.stages[0]

    def title_of(self, slug: str) -> str:
        """A stage's title, also of one that an earlier version had."""
        return next((stage.title for stage in self.stages if stage.slug == slug), slug.replace("_", " ").capitalize())

    def same_place(self, stage: Stage) -> Stage | None:
        """Where a project in this stage of another version would stand: the same stage, else the first alike."""
        by_slug = {step.slug: step for step in self.stages}
        alike = [step for step in self.stages if stage.like and step.like == stage.like]
        return by_slug.get(stage.slug) or next(iter(alike), None)

    def kept(self) -> dict[str, Any]:
        """As plain values, for a project to keep."""
        return asdict(self)


def thawed(kept: Mapping[str, Any]) -> Lifecycle:
    """The lifecycle a project keeps."""
    return Lifecycle(
        slug=kept["slug"],
        title=kept["title"],
        version=kept["version"],
        stages=tuple(Stage(**stage) for stage in kept["stages"]),
    )


RESEARCH = Lifecycle(
    slug="research",
    title="Research project",
    version="1",
    stages=(
        Stage(slug="bid", title="Bid", like="bid", what="finding the question, the partners and the money"),
        Stage(slug="design", title="Design", like="design", what="making the plan and the rules together"),
        Stage(slug="trial", title="Trial", like="trial", what="doing the study"),
        Stage(slug="dissemination", title="Dissemination", like="dissemination", what="writing up and sharing"),
    ),
)
