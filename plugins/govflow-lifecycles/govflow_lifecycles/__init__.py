"""Other ways than a research project's: designing a service, developing a curriculum, a standing advisory group."""

from __future__ import annotations

from govflow.plugin import (
    Case,
    Check,
    Finding,
    Lifecycle,
    Question,
    Stage,
    day,
    every_months,
    hookimpl,
    met,
    unmet,
)

SERVICE_DESIGN = Lifecycle(
    slug="service_design",
    title="Service design",
    version="1",
    stages=(
        Stage(
            slug="bid", title="Starting", like="bid", what="finding out what is needed, who takes part, and the money"
        ),
        Stage(slug="design", title="Design", like="design", what="designing the service together"),
        Stage(slug="use", title="Putting into use", like="dissemination", what="using the service and telling others"),
    ),
)
CURRICULUM = Lifecycle(
    slug="curriculum_development",
    title="Curriculum development",
    version="1",
    stages=(
        Stage(slug="idea", title="Idea", like="bid", what="agreeing what should be taught, and by whom"),
        Stage(slug="design", title="Design", like="design", what="planning the sessions together"),
        Stage(slug="delivery", title="Delivery", like="trial", what="teaching it together"),
        Stage(slug="evaluation", title="Evaluation", like="dissemination", what="asking how it went, and sharing it"),
    ),
)
ADVISORY_GROUP = Lifecycle(
    slug="advisory_group",
    title="Advisory group",
    version="1",
    stages=(
        Stage(slug="setting_up", title="Setting up", like="design", what="finding members and agreeing how we work"),
        Stage(
            slug="year", title="A year of advice", like="trial", what="meeting and advising; once a year, looking back",
            repeats_every=12,
        ),
    ),
)  # fmt: skip


def looked_back(case: Case) -> Finding:
    """Whether the group has looked back on this year, and said whether it goes on."""
    if not case.evidence.get("goes_on"):
        return unmet(
            "The group has still to look back on its year: what it did, what came of it, and what should change."
        )
    return met(f"The group looked back on its year on {day(case.evidence.on)}.")


@hookimpl
def register_lifecycles() -> list[Lifecycle]:
    return [SERVICE_DESIGN, CURRICULUM, ADVISORY_GROUP]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="yearly_review",
            title="Looking back on the year",
            why="A standing group can go on for years without anybody asking whether it still helps. "
            "Once a year the group asks itself.",
            stages=("trial",),
            lifecycles=("advisory_group",),
            judge=looked_back,
            questions=(
                Question(name="did", label="What did the group do this year?", kind="long_text", required=True),
                Question(
                    name="came_of_it",
                    label="What came of it?",
                    kind="long_text",
                    required=True,
                    help="What changed because of the group, or: nothing yet, because…",
                ),
                Question(name="change", label="What should be different next year?", kind="long_text"),
                Question(
                    name="goes_on",
                    label="Does the group want to go on?",
                    kind="choice",
                    choices={"yes": "Yes", "changed": "Yes, in another form", "no": "No, it should end"},
                    required=True,
                ),
            ),
            due=every_months(12, since="stage_entry"),
        )
    ]
