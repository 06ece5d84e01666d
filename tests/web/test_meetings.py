"""Meetings by pages alone: from a series to a late agenda, a letter to whoever chairs, and the agenda that is out."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from govflow.services.plugins.plugins import switch
from govflow.services.registers.calendar_feeds import make_feed
from tests.support import example_plugin
from tests.support.factories import install
from tests.support.site import TODAY, World, token_of
from tests.support.topics.emails import told

MEETINGS = "/projects/p1/meetings"
SERIES = {
    "title": "Working group", "first": "11 3 2026 10:30", "minutes": "120", "rhythm": "two_weeks", "until": "2 9 2026",
    "how": "both", "place": "The community hall",
}  # fmt: skip
NASTY = "<script>alert('notes')</script>\n<b onmouseover=steal()>Tea</b>"


@pytest.fixture
def group(world: World) -> Iterator[World]:
    """P1, with the plugin switched on; whatever day it is made, it is put back."""
    before, house = world.app.config["GOVFLOW"], world.app.extensions["govflow"]
    install(world.app, {"parlour": example_plugin}, skip=())
    with world.open():
        switch(organisation="alder", plugin="meetings", on=True, by=None, today=TODAY)
    yield world
    world.app.config["GOVFLOW"], world.app.extensions["govflow"] = before, house


def on(world: World, day: date) -> None:
    """For every page it is this day."""
    world.app.config["GOVFLOW"] = dataclasses.replace(world.app.config["GOVFLOW"], today=day)


def send(world: World, who: str, url: str, **given: object) -> str:
    """Send a form as this person; answers with the page that comes after."""
    client = world.client(who)
    answer = client.post(url, data={"csrf_token": token_of(client), **given}, follow_redirects=True)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return html.unescape(answer.get_data(as_text=True))


def see(world: World, who: str, url: str) -> str:
    answer = world.client(who).get(url)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def chair_of(world: World, meeting: str) -> str:
    """Who chairs, as the form of the meeting has it."""
    page = world.client("p1-lead").get(f"{MEETINGS}/meeting/{meeting}").get_data(as_text=True)
    chosen = page.split('name="chair"')[1].split("</select>")[0]
    return next(one.split('"')[0] for one in chosen.split('value="') if "selected" in one.split(">")[0])


def letters(world: World, day: date) -> dict[str, str]:
    """Who hears of an agenda on this day, and in which words."""
    with world.open():
        return {who: one.text for who, one in told(day).items() if "The agenda of" in one.text}


def test_an_agenda_goes_from_not_ready_to_late_to_a_letter_to_the_chair_to_out(group: World) -> None:
    send(group, "p1-member", f"{MEETINGS}/series/add", **SERIES)
    page = send(group, "p1-member", f"{MEETINGS}/plan", form="put", series="working-group")
    assert "Working group: meeting 1 of 12" in page
    page = send(
        group, "p1-member", f"{MEETINGS}/plan", form="share", series="working-group", jobs=["chair", "note_taker"]
    )
    first = "working-group-meeting-1-of-12"
    chair = chair_of(group, first)

    # not ready yet, and in time
    gate = see(group, "p1-member", "/projects/p1/gate")
    assert "The agenda of “Working group: meeting 1 of 12” on 11 March 2026 is not out yet." in gate
    assert "Everybody gets it by 4 March 2026." in gate
    assert letters(group, date(2026, 3, 4)) == {}

    # late: one letter, to the chair alone, and another day is offered
    late = date(2026, 3, 5)
    on(group, late)
    heard = letters(group, late)
    assert heard.keys() == {chair}
    assert "Send it today, or move the meeting: 18 March 2026 is free." in heard[chair]
    assert "/projects/p1/gate/meetings.agenda" in heard[chair]
    assert f'href="{MEETINGS}/agenda">Agenda and minutes' in see(group, chair, "/projects/p1/gate/meetings.agenda")
    assert letters(group, late + timedelta(days=1)) == {}
    page = see(group, chair, f"{MEETINGS}/agenda?meeting={first}")
    assert 'value="18 3 2026 10:30"' in page

    # out: met, and nobody hears any more
    page = send(
        group, chair, f"{MEETINGS}/agenda?meeting={first}", form="agenda", agenda="20 Choosing our name", out="yes"
    )
    assert "Everybody got the agenda on 5 March 2026." in page, "you come back to the meeting you were at"
    assert "Every agenda that is needed now is out." in see(group, "p1-member", "/projects/p1/gate/meetings.agenda")
    assert letters(group, date(2026, 3, 10)) == {}


def test_what_a_minute_taker_pastes_is_shown_as_text(group: World) -> None:
    given = {"title": "One", "starts": "11 3 2026 10:30", "ends": "11 3 2026 12:30", "how": "online"}
    send(group, "p1-member", f"{MEETINGS}/meeting/add", **given)
    where = f"{MEETINGS}/agenda?meeting=one"
    send(group, "p1-member", where, form="agenda", agenda="20 <marquee>Tea</marquee>", out="no")
    on(group, date(2026, 3, 11))
    send(group, "p1-member", where, form="minutes", minutes=NASTY, came=["p1-member", "p1-lead"])
    send(group, "p1-member", where, form="decision", text="<i>Tea</i> at four")
    send(group, "p1-member", where, form="action", text="<u>Buy</u> tea", owner="p1-lead", due="1 4 2026")
    for url in (where, f"{MEETINGS}/meeting/one", f"{MEETINGS}/meeting", f"{MEETINGS}/action", "/projects/p1/gate"):
        body = group.client("p1-member").get(url).get_data(as_text=True)
        for tag in ("<script>alert", "<b onmouse", "<i>Tea", "<u>Buy", "<marquee>"):
            assert tag not in body, url
    assert NASTY.splitlines()[0] in see(group, "p1-member", where)


@pytest.mark.parametrize(
    ("url", "given", "words"),
    [
        ("meeting/add", {"title": "One", "starts": "11 3 2026 10:30", "ends": "11 3 2026 9:30", "how": "both"},
         "A meeting cannot end before it starts."),
        ("series/add", {**SERIES, "then": "month", "then_from": "1 12 2026", "then_until": "1 6 2027"},
         "Nobody would meet between 2 September 2026 and 1 December 2026."),
        ("plan", {"form": "share"}, ""),
        ("agenda?meeting=no-such", {"form": "minutes", "minutes": "x"}, ""),
        ("agenda?meeting=%00", {"form": "action", "text": "x"}, ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(group: World, url: str, given: dict, words: str) -> None:
    client, before = group.client("p1-member"), group.digest()
    answer = client.post(f"{MEETINGS}/{url}", data={"csrf_token": token_of(client), **given})
    assert answer.status_code in (404, 422)
    assert words in html.unescape(answer.get_data(as_text=True))
    assert group.digest() == before


def test_a_rota_with_nobody_willing_says_what_to_do(group: World) -> None:
    send(group, "p1-member", f"{MEETINGS}/series/add", **{**SERIES, "people": ["p1-member"]})
    send(group, "p1-member", f"{MEETINGS}/plan", form="put", series="working-group")
    send(group, "p1-member", f"{MEETINGS}/plan", form="left_to_others", jobs=["chair"])
    client = group.client("p1-lead")
    given = {"form": "share", "series": "working-group", "jobs": ["chair"]}
    answer = client.post(f"{MEETINGS}/plan", data={"csrf_token": token_of(client), **given})
    assert answer.status_code == 422
    assert "Nobody is willing to do this job: Chair. Ask who would like to try" in html.unescape(answer.text)


# --- calendars --------------------------------------------------------------------------------------------


def test_a_meeting_has_a_calendar_file_of_its_own(group: World) -> None:
    given = {"title": "One", "starts": "30 6 2026 10:30", "ends": "30 6 2026 12:30", "how": "online"}
    for title in ("One", "Two"):
        send(group, "p1-member", f"{MEETINGS}/meeting/add", **{**given, "title": title})
    client = group.client("p1-member")
    assert "Take it to my calendar (ICS)" in client.get(f"{MEETINGS}/meeting/one").text
    answer = client.get(f"{MEETINGS}/meeting/one?as=ics")
    (event,) = Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert (event["summary"], event["dtstart"].dt.isoformat()) == ("One", "2026-06-30T10:30:00+01:00")
    assert "filename=one.ics" in answer.headers["Content-Disposition"]
    assert group.client("q-member").get(f"{MEETINGS}/meeting/one?as=ics").status_code == 404


def test_my_calendar_address_is_shown_once_read_without_signing_in_and_ended_by_me(group: World) -> None:
    title = group.canaries["p1"]["projecttitle"]
    given = {"title": title, "starts": "30 6 2026 10:30", "ends": "30 6 2026 12:30", "how": "online"}
    send(group, "p1-member", f"{MEETINGS}/meeting/add", **given, access=title, place=title)
    assert "My calendar" in see(group, "p1-member", "/me/sign-in")
    page = send(group, "p1-member", "/me/calendar", do="make")
    address = page.split('id="address" value="')[1].split('"')[0]
    path = "/calendar/" + address.rpartition("/calendar/")[2]
    nobody = group.client(None)
    answer = nobody.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "Set-Cookie" not in answer.headers
    (event,) = Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert event["summary"] == "Meeting"
    assert "Kanari" not in answer.text, "no title, no place, no project, no name"
    assert "/p1" not in answer.text
    assert address.rpartition("/")[2] not in see(group, "p1-member", "/me/calendar"), "it is told once"
    send(group, "p1-member", "/me/calendar", do="end")
    gone, never = nobody.get(path), nobody.get("/calendar/never-made")
    assert (gone.status_code, gone.get_data()) == (never.status_code, never.get_data()) == (404, never.get_data())


def test_an_address_that_is_read_too_often_waits(group: World) -> None:
    with group.open():
        token = make_feed(by=group.by("p1-member"))
    nobody = group.client(None)
    codes = [nobody.get(f"/calendar/{token}").status_code for _ in range(241)]
    assert (set(codes[:240]), codes[240]) == ({200}, 429)
    assert "Retry-After" in nobody.get(f"/calendar/{token}").headers
