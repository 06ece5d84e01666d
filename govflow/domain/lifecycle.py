"""Lifecycles: the ordered stages of one kind of project."""

from __future__ import annotations

from dataclasses import dataclass

from govflow.domain.refusals import Invalid

DEFAULT_STAGES = ("bid", "design", "trial", "dissemination")
CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage. `like` is the default stage that checks may name; None: none of them applies."""

    slug: str
    title: str
    like: str | None = None
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Stages in the order in which a project goes through them."""

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
        """The stage that follows, or None after the last one: the project then closes."""
        order = [stage.slug for stage in self.stages]
        place = order.index(self.stage(slug).slug)
        return self.stages[place + 1] if place + 1 < len(self.stages) else None

    def before(self, slug: str) -> tuple[Stage, ...]:
        """The stages a project may go back to."""
        order = [stage.slug for stage in self.stages]
        return self.stages[: order.index(self.stage(slug).slug)]

    @property
    def first(self) -> Stage:
        return self.stages[0]


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
