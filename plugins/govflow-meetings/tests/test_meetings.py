"""Meetings: put on a list, jobs shared out, agendas in time, minutes, decisions, actions; a place all agree to."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import govflow_meetings
import pytest
from govflow_meetings import Settings, register_checks, register_registers
from govflow_meetings.lists import JOBS

from govflow.domain.gates.overdue import Pause
from govflow.domain.refusals import Invalid
from govflow.domain.registers.documents import Agreed
from govflow.plugin import Version
from govflow.plugin.testing import TODAY, FakeDesk, assert_plugin_conforms, judged, make_case, make_entry, make_member

AT = datetime.fromisoformat
CHECKS = {one.slug: one for one in register_checks()}
REGISTERS = {one.slug: one for one in register_registers()}
PEOPLE = (
    make_member("lead-1", role="lead", expertise=("research",)),
    make_member("co", name="Tom Bridges", role="coordinator", expertise=("research",)),
    make_member("grace", name="Grace Kettle", expertise=("lived",)),
    make_member("dilys", name="Dilys Saffron", expertise=("lived",)),
    make_member("nadia", name="Nadia Compass", expertise=("practice",)),
)
TWICE_A_MONTH = make_entry(
    "group", title="Working group", first=AT("2026-03-04T10:30"), minutes=120, rhythm="twice_a_month",
    until=date(2026, 9, 3), how="in_person", place="The community hall",
)  # fmt: skip


USUAL = AT("2026-03-20T10:30")


def meeting(key="m-1", starts=USUAL, **values):
    values = {"title": "Working group: meeting 2 of 12", "how": "both", "series": "group", **values}
    return make_entry(key, starts=starts, ends=starts + timedelta(hours=2), **values)


def a_case(*, meetings=(), series=(TWICE_A_MONTH,), **facts):
    registers = {"meetings.series": series, "meetings.meeting": meetings, **facts.pop("registers", {})}
    return make_case(of=govflow_meetings, members=PEOPLE, registers=registers, **facts)


def desk(reader="grace", **facts):
    return FakeDesk("meetings", govflow_meetings, case=a_case(**facts), reader=reader)


def said(check, **facts):
    return judged(CHECKS[check], a_case(**facts))


def refused(register, values, by="grace"):
    return REGISTERS[register].check_entry(values, a_case(by=by)).sentence


def test_it_keeps_the_promises_of_the_door():
    cases = {
        "rhythm": [a_case(), a_case(meetings=[meeting(came=["grace"])])],
        "agenda": [a_case(meetings=[meeting(chair="grace"), meeting("m-2", AT("2026-05-20T10:30"))])],
        "time": [a_case(subject=TWICE_A_MONTH)],
        "venue": [voting(grace="hall")],
        "action": [a_case(subject=action())],
    }
    assert_plugin_conforms(govflow_meetings, cases)


def test_no_check_holds_a_gate_and_a_late_agenda_is_no_red_mark_on_anybody():
    assert {one.holds_in for one in CHECKS.values()} == {()}


# --- series and their meetings ----------------------------------------------------------------------------


def test_all_meetings_of_a_series_are_put_on_the_list_at_once_and_only_once():
    here = desk()
    here.send("plan", "put", series="group")
    rows = here.entries("meeting")
    assert len(rows) == 12
    assert rows[0].values["title"] == "Working group: meeting 1 of 12"
    assert rows[0].values["starts"] == AT("2026-03-04T10:30")
    assert {one.values["starts"].weekday() for one in rows} == {2}
    assert {one.values["place"] for one in rows} == {"The community hall"}
    with pytest.raises(Invalid, match="is on the list already"):
        here.send("plan", "put", series="group")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"minutes": 5}, "A meeting lasts from 10 minutes to 600."),
        ({"then": "month"}, "Say until which day the second rhythm lasts."),
        ({"then_until": date(2027, 1, 1)}, "After the first rhythm nobody would meet."),
        (
            {"then": "month", "then_from": date(2026, 10, 1), "then_until": date(2027, 1, 1)},
            "Nobody would meet between",
        ),
        ({"until": date(2026, 1, 1)}, "is before the first"),
    ],
)
def test_a_series_in_which_nobody_would_meet_for_a_while_is_refused(change, words):
    assert words in refused("series", {**TWICE_A_MONTH.values, **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ends": AT("2026-03-20T10:30")}, "A meeting cannot end before it starts."),
        ({"ends": AT("2026-03-20T09:30")}, "A meeting cannot end before it starts."),
        ({"ends": AT("2026-03-22T09:30")}, "A meeting lasts a day at most."),
        ({"chair": "grace", "note_taker": "grace"}, "whoever chairs cannot take the notes too"),
        ({"agenda": "Tea"}, "Begin each line of the agenda with its minutes"),
        ({"agenda": "119 Tea\n2 Cake"}, "The agenda takes 121 minutes, and the meeting has 120."),
    ],
)
def test_a_meeting_that_cannot_be_is_refused_with_what_to_do(change, words):
    assert words in refused("meeting", {**meeting().values, **change})


def test_a_time_that_passes_without_a_meeting_is_told_once_until_it_is_written_down_or_agreed_not_to_be():
    day_after = date(2026, 3, 19)
    late = said("rhythm", today=day_after)
    assert (late.outcome, late.due) == ("unmet", date(2026, 3, 18))
    assert "nothing is written down of a meeting between 4 March 2026 and 18 March 2026" in late.sentence
    assert CHECKS["rhythm"].remind_every == 366
    assert said("rhythm", today=late.due).outcome == "met"
    first = AT("2026-03-11T10:30")
    for values in ({"came": ["grace"]}, {"minutes": "We met."}, {"no_meeting": True}):
        assert said("rhythm", today=day_after, meetings=[meeting(starts=first, **values)]).outcome == "met"
    assert said("rhythm", today=day_after, meetings=[meeting(starts=first)]).outcome == "unmet"


def test_a_group_that_has_met_for_years_is_not_asked_about_what_was_before_it_came_here():
    long_ago = {**TWICE_A_MONTH.values, "first": AT("2024-03-04T10:30")}
    series = replace(TWICE_A_MONTH, values=long_ago, on=date(2026, 3, 10))
    assert said("rhythm", series=[series], today=date(2026, 3, 11)).outcome == "met"
    assert said("rhythm", series=[series], today=date(2026, 3, 19)).due == date(2026, 3, 18)


def test_in_a_pause_of_the_project_no_meeting_is_waited_for():
    pause = Pause(began=date(2026, 3, 10), ended=date(2026, 3, 20))
    assert said("rhythm", today=date(2026, 3, 19), pauses=(pause,)).outcome == "met"


def test_a_meeting_can_still_be_changed_when_its_series_is_off_the_list():
    here = desk(meetings=[meeting()], series=[])
    here.send("agenda", "agenda", query={"meeting": "m-1"}, agenda="20 Tea", out="yes")
    assert "series" not in here.entries("meeting")[0].values


# --- agendas ----------------------------------------------------------------------------------------------


def test_the_chair_is_reminded_when_the_agenda_is_late_and_offered_another_day():
    row = meeting(chair="grace", note_taker="dilys")
    early = said("agenda", meetings=[row], today=date(2026, 3, 8))
    assert (early.outcome, early.due, early.owed_by.values) == ("unmet", date(2026, 3, 13), ("grace", "dilys"))
    assert early.sentence.endswith("Everybody gets it by 13 March 2026.")
    late = said("agenda", meetings=[row], today=date(2026, 3, 14))
    assert late.sentence.endswith("Send it today, or move the meeting: 27 March 2026 is free.")
    assert said("agenda", meetings=[meeting(agenda_out=TODAY)], today=date(2026, 3, 14)).outcome == "met"
    assert said("agenda", meetings=[row], today=TODAY).outcome == "met", "two weeks before it is time to begin"
    assert said("agenda", meetings=[row], today=date(2026, 3, 21)).outcome == "met"
    nobody = said("agenda", meetings=[meeting()], today=date(2026, 3, 14))
    assert nobody.owed_by.values == ("coordinator",)


def test_how_many_days_before_is_the_organisation_s_to_say():
    late = said("agenda", meetings=[meeting()], today=date(2026, 3, 14), config=Settings(agenda_days=14))
    assert late.due == date(2026, 3, 6)


def test_a_meeting_is_moved_with_one_button_to_the_day_that_is_offered():
    here = desk(meetings=[meeting(agenda_out=TODAY), meeting("m-2", AT("2026-03-27T10:30"))])
    form = next(part for part in here.see("agenda", meeting="m-1") if getattr(part, "slug", "") == "move")
    assert form.kept["starts"] == AT("2026-04-03T10:30"), "the 27th is taken"
    here.send("agenda", "move", query={"meeting": "m-1"}, starts="3 4 2026 10:30")
    moved = here.entries("meeting")[0].values
    assert (moved["starts"], moved["ends"]) == (AT("2026-04-03T10:30"), AT("2026-04-03T12:30"))


def test_whoever_writes_the_agenda_says_that_everybody_got_it():
    here = desk(meetings=[meeting()])
    here.send("agenda", "agenda", query={"meeting": "m-1"}, agenda="20 Choosing our name", out="yes")
    assert here.entries("meeting")[0].values["agenda_out"] == TODAY
    _, table, *_ = here.see("agenda", meeting="m-1")
    assert [row[0] for row in table.rows][:3] == [
        "Check-in, for whoever wants one",
        "Recap of last time",
        "Choosing our name",
    ]
    here.send("agenda", "agenda", query={"meeting": "m-1"}, agenda="", out="no")
    assert "agenda_out" not in here.entries("meeting")[0].values


def test_what_was_said_last_time_is_one_press_away_for_the_recap():
    last = meeting(starts=AT("2026-02-20T10:30"), minutes="We chose a name.", title="One")
    more = desk(meetings=[last, meeting("m-2")]).see("agenda", meeting="m-2")[-1]
    assert (more.rows[0][0].text, more.rows[0][0].query) == ("Last time: One", {"meeting": "m-1"})


# --- jobs -------------------------------------------------------------------------------------------------


def test_jobs_are_shared_out_fairly_and_whoever_leaves_one_to_others_gives_no_reason():
    here = desk()
    here.send("plan", "put", series="group")
    here.send("plan", "left_to_others", jobs=["chair"])
    assert [field.name for field in REGISTERS["left_to_others"].fields] == ["person", "jobs"], "no reason is asked"
    here.send("plan", "share", series="group", jobs=["chair", "note_taker"])
    rows = [row.values for row in here.entries("meeting")]
    chairs = [one["chair"] for one in rows]
    assert "grace" not in chairs
    for turn in range(0, 12, 4):
        assert set(chairs[turn : turn + 4]) == {"lead-1", "co", "dilys", "nadia"}
    assert all(one["chair"] != one["note_taker"] for one in rows)


def test_the_page_says_what_falls_to_its_reader_next():
    here = desk(meetings=[meeting(chair="grace"), meeting("m-2", AT("2026-04-10T10:30"), room="grace", chair="co")])
    text = here.see("plan")[0].text
    assert text == "- Chair: 20 March 2026\n- Setting out the room: 10 April 2026"


def test_a_meeting_the_group_agrees_not_to_have_is_not_waited_for():
    here = desk(meetings=[meeting()])
    here.send("agenda", "off", query={"meeting": "m-1"}, no_meeting="yes")
    assert judged(CHECKS["agenda"], replace(here.case, today=date(2026, 3, 14))).outcome == "met"
    assert here.entries("meeting")[0].values["no_meeting"] is True


def test_what_somebody_left_to_others_since_goes_to_somebody_else_and_the_rest_stays():
    here = desk()
    here.send("plan", "put", series="group")
    here.send("plan", "share", series="group", jobs=list(JOBS)[:2])
    before = [row.values["note_taker"] for row in here.entries("meeting")]
    here.send("plan", "left_to_others", jobs=["note_taker"])
    here.send("plan", "share", series="group", jobs=list(JOBS)[:2])
    after = [row.values["note_taker"] for row in here.entries("meeting")]
    assert "grace" in before
    assert "grace" not in after


def test_a_job_nobody_is_willing_to_do_is_said_by_name():
    left = [make_entry(one.key, person=one.key, jobs=["chair"]) for one in PEOPLE]
    here = desk(meetings=[meeting()], registers={"meetings.left_to_others": left})
    with pytest.raises(Invalid, match=r"Nobody is willing to do this job: Chair\. Ask who would like to try"):
        here.send("plan", "share", series="group", jobs=["chair"])


def test_only_they_themselves_say_what_they_leave_to_others():
    assert "Only they themselves" in refused("left_to_others", {"person": "dilys"}, by="lead-1")
    assert refused("left_to_others", {"person": "dilys"}, by="dilys") == ""


def test_who_came_is_told_by_what_people_bring_and_nobody_is_named_who_did_not():
    held = [
        meeting(f"m-{n}", AT(f"2026-02-{n:02}T10:30"), came=came) for n, came in ((3, ["grace", "co"]), (17, ["grace"]))
    ]
    chart = desk(meetings=held).see("plan")[-2]
    assert [(bar.label, bar.value, bar.of) for bar in chart.bars] == [
        ("Lived experience", 2, 4),
        ("Practice", 0, 2),
        ("Research", 1, 4),
    ]


# --- whose time -------------------------------------------------------------------------------------------


def line(key, agreed=True):
    row = make_entry(key, by="co", series="group", person=key, how="project")
    return replace(row, approved_by=key, approved_on=TODAY) if agreed else row


def test_before_a_series_starts_each_person_has_agreed_who_pays_for_their_time():
    lines = [line("grace"), line("dilys"), line("nadia", agreed=False)]
    found = said("time", subject=TWICE_A_MONTH, registers={"meetings.time": lines}, today=TODAY)
    assert (found.outcome, found.due) == ("unmet", date(2026, 3, 3))
    assert found.short == "Who pays for people’s time: 3 of 5 have not agreed yet."
    assert "Nadia" not in found.short
    assert found.lines == {"nadia": "It is not agreed with you yet who pays for your time in these meetings."}
    every = [line(one.key) for one in PEOPLE]
    assert said("time", subject=TWICE_A_MONTH, registers={"meetings.time": every}).outcome == "met"
    assert said("time", subject=TWICE_A_MONTH, today=date(2026, 9, 4)).outcome == "not_needed"


def test_somebody_else_writes_the_line_and_the_person_alone_agrees():
    assert "Somebody else writes this line" in refused("time", {"person": "grace"}, by="grace")
    assert refused("time", {"person": "grace"}, by="co") == ""
    assert [who.values for who in REGISTERS["time"].approved_by] == [("person",)]


# --- a place ----------------------------------------------------------------------------------------------

PLACES = [make_entry("clinic", name="The health centre", whose=True), make_entry("hall", name="The community hall")]


def voting(text="", answers=None, today=TODAY, on=TODAY, **choices):
    rows = [make_entry(f"c-{key}", by=key, on=on, person=key, venue=place) for key, place in choices.items()]
    given = {key: Agreed(answer=answer, on=TODAY) for key, answer in (answers or {}).items()}
    versions = [Version(number=1, on=TODAY, by="co", text=text, said=given)] if text else []
    return a_case(
        registers={"meetings.venue": PLACES, "meetings.venue_choice": rows},
        documents={"where_we_meet": versions},
        today=today,
    )


ALL_CHOSE = {"lead-1": "clinic", "co": "hall", "grace": "hall", "dilys": "hall", "nadia": "clinic"}


def test_a_place_is_chosen_by_voting_and_then_agreed_by_all():
    def state(case):
        found = judged(CHECKS["venue"], case)
        return found.outcome, found.sentence

    assert state(a_case())[0] == "not_needed"
    assert state(voting())[1].endswith("Nobody has chosen yet.")
    some = state(voting(grace="hall", nadia="clinic"))[1]
    assert some == "You have 2 places to choose from. Everybody can choose until 16 March 2026."
    chosen = "“The community hall” was chosen by 3 of 5."
    assert state(voting(**ALL_CHOSE))[1].startswith(f"{chosen} Write “Where we meet” with its name in it")
    most = voting("We meet in the community hall.", dict.fromkeys(list(ALL_CHOSE)[:4], "agree"), **ALL_CHOSE)
    assert state(most) == ("unmet", f"{chosen} Not everybody has agreed to it yet: 1 of 5 are still to say so.")
    every = voting("We meet in the community hall.", dict.fromkeys(ALL_CHOSE, "agree"), **ALL_CHOSE)
    assert state(every) == ("met", f"{chosen} All 5 agree to it.")
    concern = {**dict.fromkeys(ALL_CHOSE, "agree"), "grace": "concern"}
    assert state(voting("We meet in the community hall.", concern, **ALL_CHOSE))[0] == "unmet"
    other = voting("We meet in the health centre.", dict.fromkeys(ALL_CHOSE, "agree"), **ALL_CHOSE)
    assert state(other)[0] == "unmet", "the text is of another place than the one that was chosen"


def test_two_places_with_as_many_choices_are_talked_about_again():
    found = judged(CHECKS["venue"], voting(**{**ALL_CHOSE, "co": "clinic", "grace": "hall"}, today=TODAY))
    assert found.sentence.startswith("“The health centre” was chosen by 3 of 5.")
    level = {key: place for key, place in ALL_CHOSE.items() if key != "co"}
    tied = judged(CHECKS["venue"], voting(**level, today=TODAY + timedelta(days=14)))
    assert (
        tied.sentence
        == "“The community hall” and “The health centre” were chosen by 2 each. Talk about it, and choose again."
    )


def test_my_choice_is_mine_to_see_and_to_change():
    here = desk(registers={"meetings.venue": PLACES, "meetings.venue_choice": []})
    here.send("plan", "venue_choice", venue="clinic")
    here.send("plan", "venue_choice", venue="hall")
    assert [row.values["venue"] for row in here.entries("venue_choice")] == ["hall"]
    assert REGISTERS["venue_choice"].seen_by == (govflow_meetings.lists.SUBJECT,)


# --- minutes, decisions, actions --------------------------------------------------------------------------


def action(**values):
    return make_entry(
        "a-1", **{"text": "Book the hall", "meeting": "m-1", "owner": "grace", "due": date(2026, 4, 1), **values}
    )


def test_from_minutes_to_a_decision_to_an_action_on_one_page():
    here = desk(meetings=[meeting()], today=date(2026, 3, 20))
    where = {"meeting": "m-1"}
    here.send("agenda", "minutes", query=where, minutes="We talked about the hall.", came=["grace", "nadia"])
    here.send("agenda", "decision", query=where, text="We meet in the hall.", said_by="nadia")
    (decision,) = here.entries("decision")
    given = {"text": "Book the hall", "said_by": "nadia", "due": "1 4 2026", "decision": decision.key}
    with pytest.raises(Invalid) as refused:
        here.send("agenda", "action", query=where, **given)
    assert set(refused.value.problems) == {"owner"}, "who said it does not own it"
    here.send("agenda", "action", query=where, owner="grace", **given)
    (kept,) = here.entries("action")
    assert (kept.values["said_by"], kept.values["owner"], kept.values["decision"]) == ("nadia", "grace", decision.key)


def test_a_late_action_is_told_to_its_owner_and_to_the_coordinator_when_there_is_none_any_more():
    found = said("action", subject=action())
    assert (found.outcome, found.sentence) == ("unmet", "Grace Kettle looks after “Book the hall”, until 1 April 2026.")
    assert CHECKS["action"].owed_by.values == ("owner",)
    assert said("action", subject=action(done=True)).outcome == "met"
    gone = said("action", subject=action(owner="somebody-who-left"))
    assert gone.owed_by.values == ("coordinator",)


def test_no_feeling_is_stored_only_that_a_check_in_was_offered():
    names = {field.name for register in register_registers() for field in register.fields}
    assert not [name for name in names if any(word in name for word in ("feel", "mood", "reason", "why", "absen"))]
