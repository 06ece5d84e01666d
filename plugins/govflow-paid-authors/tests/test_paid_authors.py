"""Every writer is paid, or has chosen not to be, until the write-up is planned to end."""

from datetime import date, timedelta

import govflow_paid_authors
import pytest
from govflow_paid_authors import check_cover, register_checks, register_registers

from govflow.plugin import Chart, Entry, Table
from govflow.plugin.testing import TODAY, FakeDesk, assert_plugin_conforms, judged, make_case, make_member

(COVERED,) = register_checks()
(COVER,) = register_registers()
END = date(2026, 12, 1)
PEOPLE = (
    make_member("lead-1", role="lead"),
    make_member("sam", name="Sam Teapot"),
    make_member("ada", name="Ada Harbour"),
    make_member("money", role="finance"),
)


def paper(*writers, key="paper"):
    return Entry(
        key=key, values={"title": "A paper", "planned_end": END, "writers": list(writers)}, by="lead-1", on=TODAY
    )


def line(person, until=END, how="funded", output="paper", **more):
    values = {"output": output, "person": person, "how": how, "until": until, **more}
    return Entry(
        key=f"{person}-{until}", values={k: v for k, v in values.items() if v is not None}, by="lead-1", on=TODAY
    )


def said(*lines, writers=("sam", "ada"), **facts):
    return judged(
        COVERED, make_case(subject=paper(*writers), members=PEOPLE, registers={"paid_authors.cover": lines}, **facts)
    )


def test_it_advises_from_bid_on_and_holds_dissemination():
    assert set(COVERED.stages) == {"bid", "design", "trial", "dissemination"}
    assert COVERED.holds_in == ("dissemination",)
    assert COVERED.private


def test_a_paper_nobody_writes_needs_no_cover():
    assert said(writers=()).outcome == "not_needed"
    assert (
        judged(
            COVERED,
            make_case(
                subject=Entry(key="p", values={"planned_end": END}, by=None, on=TODAY),
                registers={"paid_authors.cover": []},
            ),
        ).outcome
        == "not_needed"
    )


def test_everyone_covered_to_the_planned_end_is_met_also_past_the_end_of_funding():
    found = said(line("sam"), line("ada", END + timedelta(days=1)), funding_ends=date(2026, 6, 1))
    assert (found.outcome, found.short) == ("met", "Pay cover: all 2 ready.")


@pytest.mark.parametrize(("days", "words"), [(41, "41 days"), (1, "1 day")])
def test_pay_that_ends_too_early_is_said_with_the_days_that_are_missing(days, words):
    found = said(line("sam", END - timedelta(days=days)), line("ada"))
    assert (found.outcome, found.sentence) == ("unmet", f"Sam’s pay ends {words} before the write-up does.")
    assert found.short == "Pay cover: 1 of 2 not ready yet."


def test_each_writer_has_a_line_of_their_own_and_the_short_sentence_names_nobody():
    found = said(line("sam", END - timedelta(days=41)))
    assert found.lines == {
        "sam": "Sam’s pay ends 41 days before the write-up does.",
        "ada": "Ada has no pay cover for the write-up yet.",
    }
    assert found.short == "Pay cover: 2 of 2 not ready yet."
    assert "Sam" not in found.short


def test_the_latest_of_several_lines_counts_and_lines_for_other_papers_or_people_do_not():
    early, late = line("sam", date(2026, 7, 1)), line("sam")
    assert said(early, late, writers=("sam",)).outcome == said(late, early, writers=("sam",)).outcome == "met"
    assert said(line("sam", output="film"), writers=("sam",)).outcome == "unmet"
    assert said(line("ada"), writers=("sam",)).outcome == "unmet"


def test_who_declined_in_their_own_words_is_content():
    assert said(line("sam", None, "declined", words="Paid elsewhere."), writers=("sam",)).outcome == "met"


def test_a_writer_who_left_is_no_longer_waited_for():
    people = (*PEOPLE, make_member("gone", left=TODAY - timedelta(days=1)))
    case = make_case(subject=paper("gone"), members=people, registers={"paid_authors.cover": []})
    assert judged(COVERED, case).outcome == "not_needed"


def test_reminders_are_monthly_and_weekly_in_the_last_three_months_of_funding():
    for days, every in ((91, 30), (90, 7), (-10, 7)):
        assert said(funding_ends=TODAY + timedelta(days=days)).remind_every == every
    assert said().remind_every == 30


def verdict(by, how, person="sam", **values):
    return check_cover({"output": "paper", "person": person, "how": how, **values}, _by(by)).kind


def _by(key):
    from dataclasses import replace

    return replace(make_case(members=PEOPLE), by=key)


@pytest.mark.parametrize(("by", "kind"), [("sam", "ok"), ("lead-1", "refuse"), ("ada", "refuse"), ("money", "refuse")])
def test_only_the_person_can_decline(by, kind):
    assert verdict(by, "declined", words="No, thank you.") == kind


def test_declining_needs_one_s_own_words():
    assert verdict("sam", "declined") == verdict("sam", "declined", words="") == "refuse"


@pytest.mark.parametrize(("by", "kind"), [("lead-1", "ok"), ("money", "ok"), ("sam", "refuse"), ("ada", "refuse")])
def test_only_those_who_look_after_money_write_funded_lines(by, kind):
    assert verdict(by, "funded", until=END) == kind


def test_a_funded_line_needs_its_day():
    assert verdict("lead-1", "funded") == "refuse"


def test_a_line_is_seen_by_its_person_a_lead_and_the_finance_contact():
    assert [one.values for one in COVER.seen_by] == [("lead",), ("finance",), ("person",)]
    assert [one.name for one in COVER.fields] == ["output", "person", "how", "until", "words", "starts"]


def test_it_conforms():
    assert_plugin_conforms(govflow_paid_authors)


# --- lines that begin later, overlap or leave a hole -----------------------------------------------------------


def test_a_hole_between_two_lines_is_said_with_its_days():
    later = line("sam", starts=date(2026, 7, 1))
    found = said(line("sam", date(2026, 5, 31)), later, writers=("sam",))
    assert found.sentence == "Sam has no pay cover from 1 June 2026 to 30 June 2026."
    assert said(line("sam", date(2026, 6, 30)), later, writers=("sam",)).outcome == "met"
    found = said(later, writers=("sam",), funding_ends=date(2026, 5, 31))
    assert found.sentence == "Sam has no pay cover from 1 June 2026 to 30 June 2026."


def test_cover_that_ends_before_it_begins_is_refused():
    assert verdict("lead-1", "funded", starts=END, until=END - timedelta(days=1)) == "refuse"
    assert verdict("lead-1", "funded", starts=END, until=END) == "ok"


def beside(*lines, by="lead-1", subject=None, **values):
    from dataclasses import replace

    registers = {"paid_authors.cover": lines, "outputs.output": [paper("sam")]}
    case = replace(make_case(members=PEOPLE, registers=registers, subject=subject), by=by)
    return check_cover({"output": "paper", "person": "sam", "how": "funded", "until": END, **values}, case)


def test_two_lines_for_the_same_time_are_kept_and_it_is_said_plainly():
    early = line("sam", date(2026, 7, 1))
    assert "another line for the same time, up to 1 July 2026. Both are kept." in beside(early).sentence
    assert beside(early, starts=date(2026, 7, 2)).kind == "ok"
    assert beside(early, subject=early).kind == "ok", "A line does not overlap with itself."
    assert beside(early, person="ada", until=END).sentence.startswith("This is kept, but Ada Harbour is not on")
    declined = line("sam", None, "declined", words="No, thank you.")
    assert "has said that they choose not to be paid" in beside(declined).sentence


def test_where_every_lead_lacks_cover_too_a_lead_is_told_all_the_same():
    assert set(said(writers=("sam", "lead-1")).lines) == {"sam"}
    assert set(said(line("lead-1"), writers=("sam", "lead-1")).lines) == {"sam"}


# --- who left, and the page ------------------------------------------------------------------------------------

GONE = (*PEOPLE, make_member("gone", name="Gil Lantern", left=TODAY - timedelta(days=1)))


def desk(reader="lead-1", *lines, wish=(), writers=("sam", "ada", "gone"), **facts):
    left = [
        Entry(key="w", values={"output": "paper", "person": "gone", "wish": one}, by="lead-1", on=TODAY) for one in wish
    ]
    registers = {"paid_authors.cover": lines, "outputs.output": [paper(*writers)], "outputs.left": left}
    case = make_case(members=GONE, registers=registers, **facts)
    return FakeDesk("paid_authors", govflow_paid_authors, case=case, reader=reader)


def test_a_writer_who_left_and_stays_an_author_needs_cover_too():
    asked = desk("lead-1", line("sam"), line("ada")).see("write_up")[-1].rows[-1]
    assert asked[0] == "Gil Lantern (has left)"
    assert asked[2].startswith("Gil has left. Ask what they want")
    stays = desk("lead-1", line("sam"), line("ada"), wish=["author"]).see("write_up")
    assert stays[0].rows[0][2] == "Gil has no pay cover for the write-up yet."
    assert desk("lead-1", line("gone"), wish=["author"]).see("write_up")[-1].rows[-1] == ("Gil Lantern", END, "Nothing")


def test_a_lead_sees_every_gap_shaded_and_the_table_says_the_same():
    parts = desk("lead-1", line("sam", END - timedelta(days=41)), funding_ends=date(2026, 6, 1)).see("write_up")
    (chart,) = (one for one in parts if isinstance(one, Chart))
    gaps = [(one.label, one.starts, one.ends) for one in chart.spans if one.gap]
    assert gaps == [("Sam Teapot", END - timedelta(days=40), END), ("Ada Harbour", date(2026, 6, 1), END)]
    assert [one.label for one in chart.marks] == ["The funding ends", "The write-up ends"]
    assert [row[2] for row in parts[-1].rows[:2]] == [
        "Sam’s pay ends 41 days before the write-up does.",
        "Ada has no pay cover for the write-up yet.",
    ]


def test_a_writer_sees_themselves_and_everybody_else_reads_a_count():
    lines = (line("sam", END - timedelta(days=41)), line("ada"))
    mine = desk("sam", *lines).see("write_up")
    assert mine[0].rows[0][2] == "Sam’s pay ends 41 days before the write-up does."
    assert [row[0] for row in mine[-1].rows] == ["Sam Teapot"]
    other = desk("ada", *lines).see("write_up")
    assert other[0].rows[0][2] == "Pay cover: 1 of 2 not ready yet."
    assert [row[0] for row in other[-1].rows] == ["Ada Harbour"]
    assert desk("money", *lines).see("write_up")[-1].rows[0][0] == "Sam Teapot"
    assert len([one for one in desk("sam", *lines, writers=("ada",)).see("write_up") if isinstance(one, Table)]) == 1
