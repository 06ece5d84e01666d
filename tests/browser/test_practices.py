"""Every page that the plugins of practices bring is clean, wide and narrow, empty and filled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govflow.cli.up import demo_files
from govflow.plugin_host.loader import load_plugins
from govflow.services.base.actions import person_by_email
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.base.terms import change_terms
from govflow.services.plugins.plugins import switch
from govflow.services.polls import polls
from govflow.services.project_file import import_project
from govflow.services.registers import registers
from tests.support.factories import PRACTICES, TODAY, Made, made
from tests.support.site import signed_in_as
from tests.support.web.browser import NARROW, LookedAt, drawn, signed_in, wrong_with
from tests.support.web.web_server import Site, serving

ENTRIES = {
    "feedback.theme": {"you_said": "Agendas come too late.", "source": "survey", "heard_on": "1 3 2026"},
    "feedback.concern": {"person": "hw-lived-1", "words": "We talk too fast."},
    "feedback.word": {"person": "hw-lived-1", "to": "hw-lead-1", "words": "I would like a break."},
    "modifications.modification": {
        "what": "Fewer questions", "decided": "Two forms fewer.", "decided_on": "2 2 2026", "sponsor_on": "4 2 2026",
        "answer_by": "1 6 2026", "set_by": "sponsor", "partner_idea": "yes",
    },
    "impact.contribution": {
        "what": "We chose the name", "happened_on": "1 3 2026", "how": "meeting",
        "changed": "yes", "what_changed": "It is ours.",
    },
    "impact.gripp2": {"paper": "The trial paper", "aim": "A name."},
    "impact.story": {"person": "hw-lived-1", "words": "I speak up.", "outside": "yes"},
    "balance.policy": {"rule": "equal", "why": "Equality of expertise"},
    "balance.post": {"post": "Coordinator", "person": "hw-lead-1", "starts": "1 3 2026"},
    "meetings.series": {
        "title": "Working group", "first": "11 3 2026 10:30", "minutes": "120", "rhythm": "two_weeks",
        "until": "2 9 2026", "how": "both", "place": "The community hall",
    },
    "budget.line": {
        "what": "Panels", "kind": "lived", "stage": "design", "planned": "24,000", "spent": "£25,000",
    },
    "payments.rate": {
        "title": "Our rates", "starts": "1 1 2026", "looked_up": "1 3 2026", "currency": "GBP",
        "lines": "About one hour: 27.50",
    },
    "payments.offer": {
        "person": "hw-lived-1", "task": "Panel", "day": "2 3 2026", "amount": "82.50", "costs": "booked",
    },
    "payments.choice": {"person": "hw-lived-1", "offer": "panel", "choice": "less"},
    "payments.claim": {"person": "hw-lived-1", "task": "Panel", "day": "2 3 2026", "amount": "50", "offer": "panel"},
    "payments.proof": {"person": "hw-lived-1", "number": "1", "told": "Told by phone to Sam"},
    "payments.bank": {"person": "hw-lived-1", "details": "L Eap 11-22-33 01234567"},
    "payments.near": {"person": "hw-lived-1", "amount": "60", "every": "week"},
    "bid.draft": {"what": "First draft", "written_on": "1 2 2026", "fixed_on": "9 2 2026", "authors": "hw-lead-1"},
    "bid.decides": {"what": "Study two", "decider": "The LEAP", "limits": "The sum", "fallback": "The lead"},
    "bid.cost": {"what": "Panels", "kind": "time", "people": "hw-lived-1, hw-lead-1", "days": "2.5", "rate": "150"},
    "bid.help": {"person": "hw-lived-1", "forms": "cv", "offered_by": "hw-lead-1", "offered_on": "1 3 2026"},
    "bid.hours": {
        "person": "hw-lived-1", "what": "The claim form", "hours": "2.5", "lost_on": "1 3 2026", "host": "A university",
    },
    "bid.keeper": {"person": "hw-lead-1", "what": "Keeping it real", "with_whom": "People with personal budgets"},
    "bid.heard": {"what": "Ask about forms.", "heard_on": "1 3 2026", "follows": "A question about forms"},
    "resources.guide": {
        "title": "Meeting guide", "made_by": "Our panel", "level": "plain", "link": "https://example.org/guide",
    },
    "resources.share": {"guide": "meeting-guide", "how_far": "organisation", "decision": "venue-agreed"},
    "resources.answer": {"person": "hw-lived-1", "share": "meeting-guide", "answer": "yes"},
    "resources.shared": {
        "title": "Meeting guide", "made_by": "Our panel", "level": "plain", "link": "https://example.org/guide",
    },
    "meetings.meeting": {"title": "A talk", "starts": "11 3 2026 10:30", "ends": "11 3 2026 12:00", "how": "online"},
    "support.contact": {"person": "hw-lead-1", "contact": "hw-lived-1"},
    "support.request": {"to": "hw-lived-1", "words": "Please ring me."},
    "support.debrief": {"held_on": "1 3 2026", "where": "On Tuesday at ten, by phone"},
    "support.change": {"cost": "Nights without sleep", "changed": "No meetings after four."},
    "exchange.asking": {"asked_on": "2 3 2026"},
    "exchange.aim": {"said_on": "2 3 2026", "strengths": "I stay calm.", "gets": "A friend."},
    "exchange.shared": {"person": "hw-lead-1", "strengths": "I stay calm."},
    "exchange.learning": {"what": "What co-production is", "for_whom": "everyone", "cost": "120.50"},
    "exchange.chance": {"title": "A talk in Leeds", "words": "Half an hour, 75 pounds.", "until": "1 6 2026"},
    "exchange.cv": {"written_on": "2 3 2026", "name": "Ann", "did": "I chose the questions."},
}  # fmt: skip

MORE = [
    *("/payments/my_claim?offer=panel", "/payments/my_claim?what=1", "/payments/my_claim?what=other"),
    *("/payments/pay?claim=panel", "/payments/bank/hw-lived-1"),
]


def fill(project: Made) -> None:
    """A line in each list that has none in the demo, an open vote, and words of the group's own."""
    for register_id, given in ENTRIES.items():
        own = given.get("person") == "hw-lived-1" and register_id not in ("payments.offer", "balance.post", "bid.help")
        by = "hw-lived-1" if own else "hw-lead-1"
        registers.add(project.id, register_id=register_id, given=given, by=project.by(by), today=TODAY)
    lead = {"by": project.by("hw-lead-1"), "today": TODAY}
    polls.open_round(project.id, poll_id="decisions.ballot.venue-vote", **lead)
    polls.open_round(project.id, poll_id="feedback.working_together", **lead)
    change_terms(project.id, text="project = network, networks\nmember = care partner, care partners", **lead)


def addresses(project: Made) -> list[str]:
    """Each list, its form, its first line, each page, text and poll of a practice."""
    snapshot, found = load_snapshot(project.row, today=TODAY), ["/words", "", "/gate", "/evidence"]
    for slug, plugin in load_plugins().plugins.items():
        if slug in PRACTICES:
            found += [f"/{slug}/{name}" for name in (*plugin.registers, *plugin.pages, *plugin.documents)]
            found += [f"/{slug}/{name}/add" for name in plugin.registers]
            found += [f"/{slug}/ask/{name}" for name, poll in plugin.polls.items() if not poll.options_from]
            found += [f"/gate/{slug}.{name}" for name, check in plugin.checks.items() if check.about.kind == "project"]
            for name in plugin.registers:
                found += [f"/{slug}/{name}/{row.key}" for row in snapshot.entries.get(f"{slug}.{name}", ())[:1]]
    return [*found, "/decisions/ask/ballot/venue-vote", "/meetings/agenda?meeting=a-talk", *MORE]


@pytest.fixture(scope="module")
def practised(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, list[str]]]:
    folder = tmp_path_factory.mktemp("practices")
    with serving(folder, sqlite_template, today=TODAY, declared=load_plugins()) as site:
        with site.open():
            project = made(import_project(demo_files()["hounslow.toml"], today=TODAY, to_present=True)["slug"])
            for plugin in PRACTICES:
                switch(organisation="hounslow-partners", plugin=plugin, on=True, by=None, today=TODAY)
            fill(project)
            urls = addresses(project)
        yield site, urls


@pytest.mark.parametrize("who", ["hw-lead-1", "hw-lived-1"])
def test_every_page_of_a_practice_is_clean(
    practised: tuple[Site, list[str]], page, who: str, looked_at: LookedAt
) -> None:
    """The lead opens every page; a member what has something new on it, and all of theirs in `./dev accessibility`."""
    site, urls = practised
    assert len(urls) > 60
    signed_in(page, site, who)
    page.set_viewport_size(NARROW)
    client = None
    if who != "hw-lead-1":
        with site.open():
            client = signed_in_as(site.app, person_by_email(f"{who}@example.org").id)
    wrong, seen = [], 0
    # A form is the same for everyone who may write; a member's own are the pages where they read and answer.
    for url in urls if who == "hw-lead-1" else [one for one in urls if one.count("/") == 2 and "/gate" not in one]:
        page.console_errors.clear()
        with drawn(site.app) as names:
            came = client.get(f"/projects/hounslow{url}") if client else page.goto(f"{site.url}/projects/hounslow{url}")
        status, body = (came.status_code, came.text) if client else (came.status, came.text())
        if status in (403, 404):
            continue  # not for this reader
        assert status == 200, url
        seen += 1
        state, colours = looked_at.what_is_new(names[-1], body)
        if client and not state:
            continue
        if client:
            page.goto(f"{site.url}/projects/hounslow{url}")
        wrong += [f"{url}: {one}" for one in [*wrong_with(page, state=state, colours=colours), *page.console_errors]]
    assert wrong == []
    assert seen > (50 if who == "hw-lead-1" else 20)
