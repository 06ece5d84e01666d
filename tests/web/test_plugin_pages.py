"""What the core draws for plugins: pages and their forms, lists to filter and take away, files, documents."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from icalendar import Calendar
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from govflow.plugin import Link
from govflow.plugin.testing import FakeDesk, make_case, make_member
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.plugins import plugin_pages
from govflow.store import EntryVersion, Upload, db
from govflow.web.page_parts import _cell
from tests.support import example_plugin
from tests.support.factories import rows
from tests.support.site import TODAY, World, token_of

ROOM, GUESTS, RULES = (f"/projects/p1/parlour/{name}" for name in ("room", "guest", "rules"))


def send(client, url, **form):
    return client.post(url, data={"csrf_token": token_of(client), **form})


def body(client, url) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


# --- pages ----------------------------------------------------------------------------------------------------


def test_every_part_of_a_page_is_drawn_and_no_word_of_it_is_html(world: World) -> None:
    page = body(world.client("p1-member"), ROOM)
    assert '<h2 class="govuk-heading-l">Welcome</h2>' in page
    assert "&lt;b&gt;No&lt;/b&gt; dogs" in page
    assert page.count("<caption") >= 3
    assert "3.5" in page
    assert "No tea (missing)" in page
    assert "?file=guests.txt" in page
    assert 'href="/projects/p1/parlour/guest/tom"' in page


def test_a_link_out_of_here_is_one_to_a_safe_address() -> None:
    assert _cell(Link(text="Advice", web="https://advice.example/"), None)["url"] == "https://advice.example/"
    for wrong in ("javascript:alert(1)", "http://advice.example/", "//advice.example", "data:text/html,x"):
        assert _cell(Link(text="Advice", web=wrong), None) == {"text": "Advice"}


def test_a_page_reads_its_own_address(world: World) -> None:
    client = world.client("p1-member")
    assert "Tom" not in body(client, f"{ROOM}?cake=plum")
    assert "Tom" in body(client, ROOM)


def test_what_a_form_wishes_for_is_kept_with_the_readers_name(world: World) -> None:
    client = world.client("p1-member")
    assert send(client, ROOM, form="ask", name="Iris", host="p1-lead").status_code == 302
    assert "Iris" in body(client, GUESTS)
    with world.open():
        assert rows(EntryVersion)[-1].values == {"name": "Iris", "host": "p1-lead"}


@pytest.mark.parametrize(
    "query",
    ["", "?cake=plum", "?words=x&endpoint=y&_scheme=z&slug=q", "?cake=%00%0d%0aSet-Cookie:%20a", "?a=//b.example"],
)
def test_after_a_form_one_is_back_at_the_address_it_was_sent_from(world: World, query: str) -> None:
    answer = send(world.client("p1-member"), f"{ROOM}{query}", form="ask", name="Iris")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{ROOM}{query}")
    assert "Set-Cookie: a" not in str(answer.headers)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"form": "ask", "name": "The cat"}, "Cats come when they like."),
        ({"form": "ask", "name": ""}, "Give an answer to “Whom?”."),
        ({"form": "ask", "name": "Iris", "host": "nobody"}, "must be someone in this project"),
        ({"form": "count", "cups": "many"}, "must be a number"),
    ],
)
def test_a_form_that_is_refused_says_why_keeps_what_was_typed_and_writes_nothing(world: World, form, said) -> None:
    client, watch = world.client("p1-member"), world.watch()
    answer = send(client, ROOM, **form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert all(f'value="{text}"' in page for text in form.values() if text and text not in ("nobody",))
    assert not watch.written()
    watch.close()


def test_a_form_that_is_not_on_the_page_is_not_there(world: World) -> None:
    assert send(world.client("p1-member"), ROOM, form="secret").status_code == 404


def test_a_page_for_leads_is_not_there_for_others(world: World) -> None:
    assert world.client("p1-lead").get("/projects/p1/parlour/back_room").status_code == 200
    assert world.client("p1-member").get("/projects/p1/parlour/back_room").status_code == 404
    assert "The back room" not in body(world.client("p1-member"), "/projects/p1")


def test_a_page_that_goes_wrong_says_so_in_the_plugins_name_and_nothing_else_does(world: World) -> None:
    client = world.client("p1-member")
    answer = client.get(f"{ROOM}?crash=1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 502
    assert "The page “The parlour” of the plugin “Parlour” could not be shown." in page
    assert "tea is spilt" not in page
    assert client.get("/projects/p1/gate").status_code == 200


def test_a_form_whose_plugin_goes_wrong_gives_back_what_was_typed(world: World) -> None:
    client, watch = world.client("p1-member"), world.watch()
    answer = send(client, f"{ROOM}?crash=1", form="ask", name="Iris and her long story")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 502
    assert "could not be shown" in page
    assert "Iris and her long story" in page
    assert not watch.written()
    watch.close()


def test_a_file_of_a_page_is_handed_out_under_its_name(world: World) -> None:
    answer = world.client("p1-member").get(f"{ROOM}?file=guests.txt")
    assert "Tom" in answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"] == "attachment; filename=guests.txt"
    assert world.client("p1-member").get(f"{ROOM}?file=other.txt").status_code == 404


def test_the_desk_of_the_tests_and_the_real_one_give_the_same(world: World) -> None:
    """What FakeDesk keeps and refuses is what the real desk keeps and refuses."""
    sent = [{"name": "Iris"}, {"name": "The cat"}, {"name": ""}, {"name": "Ivo", "host": "nobody"}, {"name": "Nobody"}]
    with world.open():
        project = world.project("p1")
        snapshot = load_snapshot(project, today=TODAY)
        members = [make_member(one.key, role=one.role, joined=one.joined) for one in snapshot.members]
        fake = FakeDesk("parlour", example_plugin, case=make_case(members=members, today=TODAY), reader="p1-member")
        by = world.by("p1-member")
        for answers in sent:
            said = []
            for desk in (
                lambda given: fake.send("room", "ask", **given).sentence,
                lambda given: plugin_pages.send(
                    project.id, plugin="parlour", name="room", form="ask", given=given, query={}, by=by, today=TODAY
                ),
            ):
                try:
                    said.append(("kept", desk(answers)))
                except Exception as error:
                    db.session.rollback()
                    said.append((type(error).__name__, str(error)))
            assert said[0] == said[1]
        real = load_snapshot(world.project("p1"), today=TODAY).entries["parlour.guest"][2:]
        assert [dict(one.values) for one in real] == [dict(one.values) for one in fake.entries("guest")]
        assert [one.added_by for one in real] == [one.added_by for one in fake.entries("guest")]
        parts = plugin_pages.see(snapshot, "parlour", "room", reader="p1-member", query={})[1]
        assert [type(one) for one in parts] == [type(one) for one in fake.see("room")]


# --- lists ----------------------------------------------------------------------------------------------------


def test_a_list_is_filtered_by_word_and_by_choice(world: World) -> None:
    client = world.client("p1-member")
    for name, cake in (("Ada", "apple"), ("Bea", "plum"), ("Cyd", "apple")):
        send(client, f"{GUESTS}/add", name=name, cake=cake)
    assert "3 in this list" not in (everyone := body(client, GUESTS))
    assert "5 in this list" in everyone
    apples = body(client, f"{GUESTS}?f-cake=apple")
    assert "2 of 5 shown" in apples
    assert ("Ada" in apples, "Bea" in apples) == (True, False)
    assert "1 of 5 shown" in body(client, f"{GUESTS}?q=BEA+plum")
    assert "Nothing in this list fits." in body(client, f"{GUESTS}?q=soup")


def test_a_long_list_has_pages(world: World) -> None:
    client = world.client("p1-member")
    with world.open():
        from govflow.services.registers import registers

        for number in range(60):
            registers.add(
                world.project("p1").id,
                register_id="parlour.guest",
                given={"name": f"Guest {number:02}"},
                by=world.by("p1-member"),
                today=TODAY,
            )
    assert "Page 1 of 2" in body(client, GUESTS)
    assert "Guest 59" in body(client, f"{GUESTS}?page=2")
    assert "Guest 59" not in body(client, GUESTS)
    assert client.get(f"{GUESTS}?page=9999999").status_code == 200


def test_a_list_is_taken_to_a_spreadsheet_and_no_cell_is_a_formula(world: World) -> None:
    client = world.client("p1-member")
    for name in ("=cmd()", "+1", "-1", "@x", "＝1", 'plain, "quoted"'):
        send(client, f"{GUESTS}/add", name=name, code="4711")
    answer = client.get(f"{GUESTS}?as=csv")
    text = answer.get_data().decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    names = [row[0] for row in table[3:]]
    assert names == ["'=cmd()", "'+1", "'-1", "'@x", "'＝1", 'plain, "quoted"']
    assert table[0][0] == "What is their name?"
    assert "4711" not in text
    assert answer.headers["Content-Disposition"] == "attachment; filename=guest.csv"


def test_a_list_is_taken_to_a_program_as_it_is_kept(world: World) -> None:
    client = world.client("p1-member")
    send(client, f"{GUESTS}/add", name="=cmd()", comes="5 3 2026 16:00", host="p1-lead", code="4711")
    said = json.loads(client.get(f"{GUESTS}?as=json&q=cmd").get_data())
    assert said["register"] == "parlour.guest"
    assert [one["values"] for one in said["entries"]] == [
        {"name": "=cmd()", "comes": "2026-03-05T16:00:00", "host": "p1-lead", "code": "kept, not shown"}
    ]


def test_a_list_with_days_is_taken_to_a_calendar_in_the_organisations_own_time(world: World) -> None:
    client = world.client("p1-member")
    send(client, f"{GUESTS}/add", name="Iris", comes="29 6 2026 16:00", goes="29 6 2026 18:30")
    calendar = Calendar.from_ical(client.get(f"{GUESTS}?as=ics").get_data())
    event = next(one for one in calendar.walk("VEVENT") if one["summary"] == "Iris")
    assert event["dtstart"].dt.isoformat() == "2026-06-29T16:00:00+01:00"
    assert event["dtend"].dt.isoformat() == "2026-06-29T18:30:00+01:00"
    assert client.get("/projects/p1/outputs/output?as=ics").status_code == 404


def test_a_rule_of_the_list_refuses_or_warns_in_its_own_words(world: World) -> None:
    client = world.client("p1-member")
    answer = send(client, f"{GUESTS}/add", name="Iris", comes="5 3 2026 16:00", goes="4 3 2026 16:00")
    assert answer.status_code == 422
    assert "A guest cannot go before they come." in answer.get_data(as_text=True)
    send(client, f"{GUESTS}/add", name="Nobody")
    assert "Nobody is a strange name." in body(client, GUESTS)


def test_approving_is_a_button_for_those_who_may(world: World) -> None:
    assert "Approve this" not in body(world.client("p1-member"), f"{GUESTS}/tom")
    lead = world.client("p1-lead")
    assert "Approve this" in body(lead, f"{GUESTS}/tom")
    assert send(lead, f"{GUESTS}/tom", do="approve", number="1").status_code == 302
    assert "Approved by" in body(lead, f"{GUESTS}/tom")


def test_a_secret_is_opened_once_and_by_whom_the_list_names(world: World) -> None:
    word = world.canaries["p1"]["secret"]
    key = world.canaries["p1"]["guest"].lower()
    finance, lead = world.client("p1-finance"), world.client("p1-lead")
    assert "Open it once" not in body(lead, f"{GUESTS}/{key}")
    assert "Open it once" in body(finance, f"{GUESTS}/{key}")
    assert word in send(finance, f"{GUESTS}/{key}", do="open", field="code").get_data(as_text=True)
    again = send(finance, f"{GUESTS}/{key}", do="open", field="code")
    assert again.status_code == 409
    assert word not in again.get_data(as_text=True)
    assert send(lead, f"{GUESTS}/{key}", do="open", field="code").status_code == 403


# --- files ----------------------------------------------------------------------------------------------------


def test_a_file_is_sent_kept_read_and_replaced(world: World) -> None:
    client = world.client("p1-member")

    def with_file(url: str, name: str, data: bytes, **more: str):
        return client.post(
            url,
            data={"csrf_token": token_of(client), "name": "Iris", "letter": (io.BytesIO(data), name), **more},
            content_type="multipart/form-data",
        )

    assert with_file(f"{GUESTS}/add", "dear.txt", b"Dear all").status_code == 302
    link = re.findall(r'href="(/projects/p1/files/[0-9a-f]+)">dear.txt', body(client, GUESTS))[0]
    answer = client.get(link)
    assert answer.data == b"Dear all"
    assert answer.headers["Content-Disposition"] == "attachment; filename=dear.txt"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert world.client("p1-observer").get(link).status_code == 403
    assert world.client("q-member").get(link).status_code == 404
    assert world.client("q-member").get(link.replace("/p1/", "/q/")).status_code == 404
    form = body(client, f"{GUESTS}/iris")
    earlier = re.findall(r'name="earlier-letter" value="([0-9a-f]+)"', form)[0]
    assert "dear.txt is kept" in form
    assert send(client, f"{GUESTS}/iris", name="Iris", **{"earlier-letter": earlier}).status_code == 302
    assert "dear.txt" in body(client, f"{GUESTS}/iris")
    with world.open():
        assert len(rows(Upload)) == 4  # one of each project of this world, and this one


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("run.exe", b"MZ", "takes a PDF"),
        ("page.html", b"<script>", "takes a PDF"),
        ("page.pdf", b"<script>alert(1)</script>", "takes a PDF"),
        ("big.txt", b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_a_file_we_do_not_take_is_refused_and_the_rest_of_the_form_stays(world: World, name, data, said) -> None:
    client = world.client("p1-member")
    form = {"csrf_token": token_of(client), "name": "Iris", "letter": FileStorage(io.BytesIO(data), filename=name)}
    boundary, sent = encode_multipart(form)
    answer = client.post(f"{GUESTS}/add", data=sent, content_type=f"multipart/form-data; boundary={boundary}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="Iris"' in page


# --- documents ------------------------------------------------------------------------------------------------


def test_a_document_is_written_agreed_to_and_compared_by_pages_alone(world: World) -> None:
    client = world.client("p1-member")
    assert "Write version 3" in body(client, f"{RULES}?write=yes")
    assert send(client, RULES, do="write", after="2", text="We stir.\n\nWe pour.").status_code == 302
    page = body(client, RULES)
    assert "Version 3" in page
    assert "<strong>New:</strong> We pour." in page
    assert f"<strong>Gone:</strong> {world.canaries['p1']['rules1']}" in page
    assert send(client, RULES, do="say", number="3", answer="agree").status_code == 302
    assert "I agree." in body(client, RULES)
    assert world.canaries["p1"]["rules0"] in body(client, f"{RULES}?version=1")


def test_two_long_versions_are_compared_quickly(world: World) -> None:
    import random
    import time

    client, words = world.client("p1-member"), random.Random(7)
    paragraphs = ["".join(words.choice("abc") for _ in range(164)) for _ in range(300)]
    send(client, RULES, do="write", after="2", text="\n\n".join(paragraphs))
    changed = ["x" + one[1:] for one in paragraphs]
    words.shuffle(changed)
    send(client, RULES, do="write", after="3", text="\n\n".join(changed))
    began = time.process_time()
    assert "Version 4" in body(client, RULES)
    assert time.process_time() - began < 2


def test_a_version_written_over_another_is_given_back(world: World) -> None:
    client = world.client("p1-member")
    answer = send(client, RULES, do="write", after="1", text="My own words.")
    assert answer.status_code == 409
    assert "My own words." in answer.get_data(as_text=True)


# --- an organisation's own checks -----------------------------------------------------------------------------

WRITE = "/plugins/checklist/write/alder"
SOUP = {
    "form": "add", "title": "Soup is on", "why": "It warms.", "stages": ["design"], "question": "Is it hot?",
    "kind": "yes_no", "owed_by": "lead", "due_days": "3", "holds": "yes",
}  # fmt: skip


def test_an_admin_writes_a_check_on_a_page_and_every_gate_asks_it(world: World) -> None:
    admin, member = world.client("admin-a"), world.client("p1-member")
    send(admin, "/plugins", organisation="alder", plugin="checklist", to="on")
    assert send(admin, WRITE, **SOUP).status_code == 302
    page = body(admin, WRITE)
    assert "Soup is on" in page
    assert "slug = &#34;soup_is_on&#34;" in page
    assert "“Soup is on” is still to be answered." in body(member, "/projects/p1/gate")
    assert send(member, "/projects/p1/gate/checklist.soup_is_on", answer="yes").status_code == 302
    assert "Answered on" in body(member, "/projects/p1/gate")
    taken = admin.get(f"{WRITE}?file=checklist.toml").get_data(as_text=True)
    assert 'title = "Soup is on"' in taken
    assert send(admin, f"{WRITE}?remove=soup_is_on", form="remove").status_code == 302
    assert "Soup is on" not in body(member, "/projects/p1/gate")
    assert send(admin, WRITE, form="toml", checks=taken).status_code == 302
    assert "Answered on" in body(member, "/projects/p1/gate"), "what was answered is still there"


A_CHECK = '[[check]]\nslug = "a"\ntitle = "A"\nwhy = "B"\n[[check.question]]\nlabel = "C"\n'


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (f'{A_CHECK}kind = "colour"', "Line 7: “colour” is no kind"),
        ("[[check]\n", "not whole TOML"),
        ("x = 1", "Line 1: “x” is not known here"),
        (".".join("a" * 40) + " = 1", "Line 1 has a key with too many dots"),
        ("#" * 65 * 1024, "at most 65,536 letters"),
    ],
)  # fmt: skip
def test_a_checklist_that_cannot_be_read_names_the_line_and_is_given_back(world: World, toml: str, said: str) -> None:
    admin, watch = world.client("admin-a"), world.watch()
    answer = send(admin, WRITE, form="toml", checks=toml)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert toml[:30].splitlines()[0].replace('"', "&#34;") in page
    assert not watch.written()
    watch.close()


def test_the_checks_of_one_organisation_are_not_those_of_another(world: World) -> None:
    send(world.client("admin-a"), "/plugins", organisation="alder", plugin="checklist", to="on")
    send(world.client("admin-b"), "/plugins", organisation="birch", plugin="checklist", to="on")
    send(world.client("admin-a"), WRITE, **SOUP)
    assert "Soup" not in body(world.client("q-member"), "/projects/q/gate")
    assert world.client("admin-b").get(WRITE).status_code == 404
    assert world.client("p1-lead").get(WRITE).status_code == 404


# --- the plugins page -----------------------------------------------------------------------------------------


def test_what_a_plugin_asks_is_said_with_its_rule_in_words(world: World) -> None:
    page = body(world.client("p1-member"), "/plugins/paid_authors/about/alder")
    assert "Due 30 days after the start of this stage." in page
    assert "It holds the gate in dissemination; elsewhere it advises." in page
    assert "Its full sentence is private." in page
    assert "In one project" not in page
    assert "In one project" in body(world.client("admin-a"), "/plugins/paid_authors/about/alder")
    assert world.client("p1-member").get("/plugins/paid_authors/about/birch").status_code == 404


def test_one_project_gets_settings_of_its_own_by_its_page(world: World) -> None:
    admin = world.client("admin-a")
    url = "/plugins/induction/one/alder/p1"
    assert 'value="14"' in body(admin, url)
    assert send(admin, url, days_to_settle_in="0").status_code == 422
    assert send(admin, url, days_to_settle_in="30").status_code == 302
    assert 'value="30"' in body(admin, url)
    assert 'value="14"' in body(admin, "/plugins/induction/one/alder/p2")
