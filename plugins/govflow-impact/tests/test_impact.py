"""The plugin keeps the promises of the door, and makes everything from one log; its journey is in tests/practices."""

from datetime import date

import govflow_impact
import pytest
from govflow_impact.log import BOXES, draft

from govflow.plugin.testing import FakeDesk, assert_plugin_conforms, make_case, make_entry, make_member

LINE = {
    "what": "Service users chose the first question",
    "happened_on": date(2026, 2, 1),
    "how": "meeting",
    "people": 6,
    "hoped_for": "A question that matters to us.",
    "changed": "yes",
    "what_changed": "The question is about loneliness now.",
    "matters": "It is what people live with.",
    "nihr": ["sharing-of-power"],
    "uk": ["governance", "impact"],
}
NOTHING_YET = {
    **LINE,
    "what": "We read the first letter",
    "how": "reading",
    "changed": "not_yet",
    "what_changed": "It goes out in May.",
    "happened_on": date(2026, 2, 9),
    "people": 3,
}


def a_case(**registers):
    members = [make_member("lead-1", role="lead"), make_member("amira", name="Amira Night")]
    lists = {f"impact.{name}": rows for name, rows in registers.items()}
    return make_case(stage="design", members=members, registers=lists, of=govflow_impact)


def rows(*values, by="amira"):
    return [make_entry(f"row-{number}", by=by, **one) for number, one in enumerate(values)]


def test_it_conforms():
    assert_plugin_conforms(govflow_impact)


def test_one_line_stands_under_all_three_lenses_and_is_written_once():
    desk = FakeDesk("impact", govflow_impact, case=a_case(contribution=rows(LINE, NOTHING_YET)))
    came, nihr, uk, table = desk.see("overview")
    assert [(bar.label, bar.value) for bar in came.bars] == [
        ("Something changed", 1), ("Nothing yet, because…", 1), ("Nothing changed, because…", 0),
    ]  # fmt: skip
    assert {bar.label: bar.value for bar in nihr.bars}["Sharing of power"] == 2
    assert {bar.label: bar.value for bar in uk.bars}["Governance"] == 2
    assert [row[0].text for row in table.rows] == ["We read the first letter", "Service users chose the first question"]


def test_the_short_form_is_begun_from_the_log():
    begun = draft(a_case(contribution=rows(LINE, NOTHING_YET)))
    assert begun["aim"] == "A question that matters to us."
    assert begun["methods"] == (
        "Between 1 February 2026 and 9 February 2026 people took part 1 time in a meeting and 1 time by reading and "
        "commenting, with up to 6 people at once."
    )
    assert "We read the first letter: It goes out in May." in begun["results"]
    assert "reflections" not in begun


def test_people_outside_read_only_stories_whose_writer_wants_it_and_no_name():
    stories = rows(
        {"person": "amira", "words": "I trust my voice now.", "outside": True},
        {"person": "lead-1", "words": "I was tired.", "outside": False},
        {"person": "lead-1", "words": "I said nothing of outside."},
    )
    desk = FakeDesk("impact", govflow_impact, case=a_case(contribution=rows(LINE), story=stories))
    said = repr(desk.pack("overview"))
    assert "I trust my voice now." in said
    assert not [one for one in ("I was tired", "I said nothing", "Amira", "amira") if one in said]


@pytest.mark.parametrize("number", [1, len(BOXES)])
def test_the_short_form_stands_in_the_pack_part_by_part(number):
    form = {"paper": "The trial paper", **dict.fromkeys(list(BOXES)[:number], "We did.")}
    desk = FakeDesk("impact", govflow_impact, case=a_case(gripp2=rows(form)))
    table = desk.pack("overview")[-1]
    assert table.caption == "GRIPP2, short form: The trial paper"
    assert [row[1] for row in table.rows] == ["We did."] * number + [""] * (len(BOXES) - number)
