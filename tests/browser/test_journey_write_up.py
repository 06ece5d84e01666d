"""Community Navigators: the grant ends in 2018, the writing in 2020, and eleven people write.

The gap is seen while the bid is written, and covered; years later one of the eleven falls short, a lead is told by
letter, the money is found, and the gate opens.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import govflow_stress_test
import pytest

from govflow.cli.up import demo_files
from govflow.plugin_host.loader import load_plugins
from govflow.services.gates import evidence
from govflow.services.polls import polls
from govflow.services.project_file import import_project
from tests.support.factories import Made, made, toml
from tests.support.servers import SmtpSink
from tests.support.web.web_server import Site, letters_to, serving

BID, WRITING = date(2016, 6, 13), date(2020, 1, 1)
HOME = "/projects/community-navigators"
PAPER = "Influences on participation in a programme addressing loneliness"
WRITERS = (
    "cn-coordinator-1", "cn-research-1", "cn-lead-1", "cn-lead-2", "cn-lived-1", "cn-lived-2", "cn-lived-3",
    "cn-lived-4", "cn-lived-5", "cn-practice-1", "cn-practice-4",
)  # fmt: skip
FILE = demo_files()["community-navigators.toml"]
NAMES = {one["key"]: one["name"] for one in tomllib.loads(FILE.decode())["member"]}


def turned_back() -> bytes:
    """The demo project in the month in which its bid was written: the same people, and nothing done yet."""
    demo = tomllib.loads(FILE.decode())
    project = {key: value for key, value in demo["project"].items() if key not in ("present", "plan")}
    began = project["started"]
    return toml({
        "govflow": 1, "organisation": demo["organisation"], "project": {**project, "stage": "bid", "entered": began},
        "member": [{**one, "joined": began} for one in demo["member"]],
    })  # fmt: skip


@pytest.fixture
def everything(
    tmp_path: Path, sqlite_template: Path, smtp_sink: SmtpSink, browser: Any
) -> Iterator[tuple[Site, Callable]]:
    """The service with every plugin that ships, and a way in for each person."""
    with serving(tmp_path, sqlite_template, today=BID, mail_url=smtp_sink.url, declared=load_plugins()) as site:

        @contextmanager
        def as_(who: str) -> Iterator[Any]:
            context = browser.new_context()
            page = context.new_page()
            page.goto(site.link(who))
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(f"{site.url}/")
            yield page
            context.close()

        yield site, as_


def words(page: Any) -> str:
    return page.locator("main").inner_text()


def see(page: Any, site: Site, place: str) -> str:
    assert page.goto(f"{site.url}{HOME}{place}").status == 200
    return words(page)


def choose(page: Any, label: str, option: str) -> None:
    """A few choices are drawn as buttons, many as a list."""
    group = page.get_by_role("group", name=label)
    if group.count():
        group.get_by_label(option).check()
    else:
        page.get_by_label(label).select_option(label=option)


def cover(page: Any, site: Site, who: str, until: str, *, how: str = "There is a funded line", said: str = "") -> None:
    see(page, site, "/paid_authors/cover/add")
    choose(page, "For which output?", PAPER)
    choose(page, "For whom?", NAMES[who])
    choose(page, "How is their time covered?", how)
    page.get_by_label("Until which day is the money there?").fill(until)
    page.get_by_label("In your own words").fill(said)
    page.get_by_role("button", name="Save").click()


def test_the_gap_is_seen_while_the_bid_is_written_and_covered(
    everything: tuple[Site, Callable], smtp_sink: SmtpSink
) -> None:
    site, as_ = everything
    with site.open():
        import_project(turned_back(), today=BID, keep_dates=True)

    with as_("cn-coordinator-1") as page:  # the peer researcher writes down what is planned
        see(page, site, "/outputs/output/add")
        page.get_by_label("What is it called?").fill(PAPER)
        choose(page, "What kind of thing is it?", "Paper")
        page.get_by_label("When will the writing or making be finished?").fill("30 11 2020")
        for who in WRITERS:
            page.get_by_role("group", name="Who writes or makes it?").get_by_label(NAMES[who]).check()
        page.get_by_role("button", name="Save").click()

    with as_("cn-lived-6") as page:  # who does not write reads a count, and no names
        seen = see(page, site, "/paid_authors/write_up")
        assert "Pay cover: 11 of 11 not ready yet." in seen
        assert "The funding ends on 31 May 2018. The write-up is to end on 30 November 2020, 914 days later." in seen
        assert page.locator(".gf-timeline").count() == 0
        assert "Jerome" not in seen

    with as_("cn-lead-1") as page:  # a lead sees all of it, shaded and in words; at bid it holds nothing
        seen = see(page, site, "/paid_authors/write_up")
        assert page.locator(".gf-timeline__gap").count() == 11
        assert page.locator(".gf-timeline__mark").count() == 2
        assert "Jerome has no pay cover for the write-up yet." in seen
        assert "Jerome Pillow (missing)" in seen
        assert "Pay cover for writers" in see(page, site, "/gate")

    site.today = date(2016, 7, 2)  # thirty days into the bid nobody has looked
    site.sweep_and_deliver()
    (letter,) = letters_to(smtp_sink, "cn-lead-1")
    assert "Pay cover for writers" in letter.get_body(("plain",)).get_content()
    assert "pay" not in letter["Subject"].lower()
    assert [one for one in letters_to(smtp_sink, "cn-lived-2") if "Pay cover" in str(one)] == []

    with as_("cn-lead-2") as page:  # the money for the writing goes into the bid
        cover(page, site, "cn-lived-1", "1 1 2015")
        page.goto(f"{site.url}{HOME}/paid_authors/cover/add")
        for who in WRITERS:
            if who not in ("cn-lived-1", "cn-practice-4"):
                cover(page, site, who, "30 11 2020")
        cover(page, site, "cn-lived-1", "30 11 2020")
        assert "has another line for the same time" in words(page)
        cover(page, site, "cn-practice-4", "", how="The person has chosen not to be paid", said="Her trust pays.")
        assert "Only the person can say that they choose not to be paid." in words(page)
        assert "Her trust pays." in page.get_by_label("In your own words").input_value()
    with as_("cn-practice-4") as page:
        cover(
            page, site, "cn-practice-4", "", how="The person has chosen not to be paid",
            said="My trust pays me and gives me the days.",
        )  # fmt: skip
        assert "Lucia Teapot" in see(page, site, "/paid_authors/write_up")
        assert "Helen Lighthouse" not in words(page)
    with as_("cn-lead-1") as page:
        assert "Pay cover: all 11 ready." in see(page, site, "/paid_authors/write_up")
        assert page.locator(".gf-timeline__gap").count() == 0


def the_round(project: Made, today: date) -> None:
    """Everyone is asked how it is going, and it is talked about: what else this gate waits for, and not our subject."""
    scaled = {one.id: "4" for one in _statements() if "dissemination" in one.stages}
    asked = {"poll_id": "stress_test.how_is_it_going", "today": today}
    polls.open_round(project.id, by=project.by("cn-lead-1"), **asked)
    for key in NAMES:
        polls.answer_round(project.id, given=scaled, by=project.by(key), **asked)
    polls.close_round(project.id, by=project.by("cn-lead-1"), **asked)
    talked = {"talked_on": today.isoformat(), "actions": "Mei and Nell send the blog round.", "owner": "cn-lived-5"}
    evidence.answer(
        project.id, check_id="stress_test.talked", subject=None, given=talked, by=project.by("cn-lived-5"), today=today
    )


def _statements() -> tuple[Any, ...]:
    (poll,) = govflow_stress_test.register_polls()
    return poll.statements


def test_years_later_one_falls_short_a_lead_is_told_the_money_is_found_and_the_gate_opens(
    everything: tuple[Site, Callable], smtp_sink: SmtpSink
) -> None:
    site, as_ = everything
    site.today = WRITING
    with site.open():
        project = made(import_project(FILE, today=WRITING, keep_dates=True)["slug"])
        the_round(project, WRITING)
    place = "/paid_authors/write_up?output=bmc-paper"

    with as_("cn-lead-1") as page:
        seen = see(page, site, place)
        assert "Jerome’s pay ends 41 days before the write-up does." in seen
        assert page.locator(".gf-timeline__gap").count() == 1
        assert "21 October 2020" in words(page)
        assert "Pay cover for writers" in see(page, site, "/gate")
    with as_("cn-lived-2") as page:  # the writer reads their own
        assert "Jerome’s pay ends 41 days before the write-up does." in see(page, site, place)
        assert "Farida" not in words(page)
    with as_("cn-lived-6") as page:  # everybody else a count
        assert "Pay cover: 1 of 11 not ready yet." in see(page, site, place)

    smtp_sink.clear()
    site.sweep_and_deliver()
    (letter,) = letters_to(smtp_sink, "cn-lead-1")
    assert "Pay cover for writers" in letter.get_body(("plain",)).get_content()
    assert letters_to(smtp_sink, "cn-lived-2") == [], "Nobody is told by letter that they are not paid."

    for who in ("cn-lived-1", "cn-practice-1", "cn-research-1", "cn-lead-2"):
        with as_(who) as page:
            see(page, site, "/sign-off")
            page.get_by_role("button", name="I think we are ready").click()
    with as_("cn-lead-2") as page:
        see(page, site, "/gate")
        assert page.get_by_role("button", name="Close").count() == 0, "The gap alone still holds the gate."
        assert "1 thing is not ready yet" in words(page)
        see(page, site, "/paid_authors/cover/cover-bmc-lived-2")
        page.get_by_label("Until which day is the money there?").fill("30 11 2020")
        page.get_by_role("button", name="Save").click()
        assert "Pay cover: all 11 ready." in see(page, site, place)
        assert page.locator(".gf-timeline__gap").count() == 0
        seen = see(page, site, "/gate")
        assert "Everything for" in seen
        assert page.get_by_role("button", name="Close").count() == 1
    smtp_sink.clear()
    site.today = WRITING + timedelta(days=40)
    site.sweep_and_deliver()
    assert [one for one in letters_to(smtp_sink, "cn-lead-1") if "Pay cover" in str(one)] == []
