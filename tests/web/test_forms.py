"""Forms: nothing typed is lost, and no input breaks a page, writes when refused, or goes unexplained."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import html
import re
import time
from urllib.parse import quote_from_bytes, urlencode, urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient

from govflow.store import Base
from govflow.web.access import local_path
from tests.support.fuzzing import FUZZ
from tests.support.site import TOKEN, World, token_of
from tests.support.web.crawling import rules
from tests.support.web.pages import ELSEWHERE

# --- what was typed comes back ----------------------------------------------------------------------------


def test_a_form_sent_when_signed_out_comes_back_with_its_text(world: World) -> None:
    client, before = world.client(None), world.digest()
    typed = {"actions": "We will <meet> on Monday,\r\nall of us.", "owner": "p1-lead", "visit": "2"}
    answer = client.post("/projects/p1/gate/stress_test.talked", data={"csrf_token": token_of(client), **typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert html.escape(typed["actions"]) in page
    assert 'name="visit" value="2"' in page
    assert "/sign-in" in page
    assert world.digest() == before


def test_what_came_back_can_be_sent_again_from_the_page_as_it_is(world: World) -> None:
    client = world.client("p1-coordinator")
    page = client.post("/projects/p1/gate/stress_test.talked", data={"csrf_token": "old", "actions": "Meet on Monday."})
    assert page.status_code == 400
    fields = dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', page.get_data(as_text=True)))
    token = TOKEN.search(page.get_data(as_text=True))
    assert token is not None
    again = client.post("/projects/p1/gate/stress_test.talked", data={"csrf_token": token[1], **fields})
    assert again.status_code == 302
    assert "Meet on Monday." in client.get("/projects/p1/gate/stress_test.talked").get_data(as_text=True)


@pytest.mark.parametrize("token", ["", "wrong", "ImFiYyI.Zz.x"])
def test_a_form_with_a_wrong_token_comes_back_with_its_text(world: World, token: str) -> None:
    client, before = world.client("p1-lead"), world.digest()
    client.get("/")
    answer = client.post("/projects/p1/moves", data={"csrf_token": token, "move": "pause", "why": "A <long> story"})
    assert answer.status_code == 400
    assert html.escape("A <long> story") in answer.get_data(as_text=True)
    assert world.digest() == before


def test_a_form_may_lie_open_for_a_month(world: World) -> None:
    client = world.client("p1-coordinator")
    with time_machine.travel("2026-03-02T09:00:00Z", tick=True):
        token = token_of(client)
    with time_machine.travel("2026-04-02T09:00:00Z", tick=True):
        answer = client.post("/projects/p1/sign-off", data={"csrf_token": token, "say": "ready"})
    assert answer.status_code in (302, 401), "Idle for a month ends a session, never a form."
    if answer.status_code == 401:
        assert "signed out" in answer.get_data(as_text=True)


# --- inputs that others have fallen over ------------------------------------------------------------------

MARK = "Pq7"
NASTIES: dict[str, str | bytes | list[str]] = {
    "empty": "",
    "blank": "  \t \r\n ",
    "long": f"{MARK}" + "x" * 20_000,
    "large": f"{MARK}" + "y" * 900_000,
    "nul": f"{MARK}\x00end",
    "controls": f"{MARK}\x01\x08\x1b[31m\x7f",
    "lone surrogate": MARK.encode() + b"\xed\xa0\x80",
    "not utf-8": MARK.encode() + b"\xff\xfe\xc3\x28",
    "right to left": f"{MARK}\u202eevil\u202c",
    "zero width": f"{MARK}\u200b\u200d\ufeff",
    "combining": f"{MARK}" + "e" + "\u0301" * 1_000,
    "emoji": f"{MARK}👩🏽‍🔬👨‍👩‍👧‍👦🏳️‍🌈",
    "homoglyph": f"{MARK}раураl",
    "line ends": f"{MARK}\r\nBcc: evil@example.org\r\n\r\nHello",
    "braces": f"{MARK}{{{{7*7}}}}{{% raw %}}",
    "markup": f"{MARK}'\"><svg onload=alert(1)>",
    "script": f"{MARK}</textarea><script>alert(1)</script>",
    "entity": f"{MARK}&lt;b&gt;&amp;",
    "formula": "=cmd()|' /C calc'!A0",
    "plus formula": "+1+1",
    "percent": f"{MARK}%00%0d%0a%s%n%x",
    "sql": f"{MARK}'; DROP TABLE person; --",
    "path": f"../../../../etc/passwd{MARK}",
    "huge float": "1e309",
    "nan": "NaN",
    "infinity": "-Infinity",
    "minus nought": "-0",
    "2^63": str(2**63),
    "many digits": "9" * 5_000,
    "negative": "-1",
    "hex": "0x1F",
    "arabic digits": "٣",
    "no such day": "0000-00-00",
    "leap day": "29 2 2027",
    "real leap day": "29 2 2028",
    "far day": "31 12 9999",
    "no such time": "25:61",
    "twice": [f"{MARK}one", f"{MARK}two"],
    "array": [f"{MARK}{number}" for number in range(600)],
    "object": f'{{"{MARK}": [1, {{"a": null}}]}}',
    "true": "true",
    "undefined": "undefined",
}

FORMS: list[tuple[str, str, dict[str, str], dict[str, str]]] = [
    # who, where, what the button says, each field that is typed or chosen with a value that would do
    (None, "/sign-in", {}, {"email": "nobody@example.org"}),
    ("admin-a", "/plugins/induction/settings/alder", {}, {"days_to_settle_in": "21"}),
    ("admin-a", "/organisations/alder/rules", {},
     {"sign_lived": "2", "sign_practice": "1", "sign_research": "1", "panels": "leap", "least_answers": "6", "escalate_after": "10",
      "words_lived": "Carer", "words_practice": "", "words_research": "", "terms": "member = partner, partners"}),
    ("p1-lead", "/projects/p1/words", {}, {"terms": "project = network, networks"}),
    ("p1-coordinator", "/projects/p1/gate/stress_test.talked", {},
     {"asked_on": "1 3 2026", "talked_on": "1 3 2026", "actions": "Meet.", "owner": "p1-lead"}),
    ("p1-member", "/projects/p1/gate/stress_test.evidence", {}, {"decision-map": "A map.", "decision-log": "A log."}),
    ("p1-member", "/projects/p1/gate/stress_test.what_we_are", {}, {"kind": "in_parts", "reason": "We share."}),
    ("p1-writer", "/projects/p1/gate/induction.welcomed/p1-writer", {},
     {"agreed": "yes", "own_title": "Writer", "hopes": "Much", "how_i_work": "Slowly", "contact": "p1-lead", "credit": "Pen"}),
    ("p1-coordinator", "/projects/p1/sign-off", {"say": "not_ready"}, {"words": "No.", "visit": "2"}),
    ("p1-coordinator", "/projects/p1/sign-off", {}, {"say": "ready"}),
    ("p1-lead", "/projects/p1/sign-off", {"say": "reply", "member": "p1-member"}, {"reply": "I see."}),
    ("p1-lead", "/projects/p1/sign-off", {"say": "reply", "reply": "I see."}, {"member": "p1-member"}),
    ("p1-coordinator", "/projects/p1/waivers", {"do": "propose", "check": "stress_test.evidence"},
     {"reason": "Soon.", "until": "1 4 2026"}),
    ("p1-coordinator", "/projects/p1/waivers", {"do": "propose", "reason": "Soon.", "until": "1 4 2026"},
     {"check": "stress_test.evidence", "subject": ""}),
    ("p1-coordinator", "/projects/p1/waivers", {"do": "second"}, {"waiver": "2"}),
    ("p1-coordinator", "/projects/p1/waivers", {"do": "end"}, {"waiver": "2"}),
    ("p1-coordinator", "/projects/p1/waivers", {}, {"do": "propose"}),
    ("p1-lead", "/projects/p1/moves", {"move": "pause"}, {"why": "A break."}),
    ("p1-lead", "/projects/p1/moves", {"move": "back"}, {"why": "To look again.", "stage": "bid", "visit": "2"}),
    ("p1-lead", "/projects/p1/moves", {}, {"move": "resume"}),
    ("p1-lead", "/projects/p1/moves", {"move": "next"}, {"title": "The next"}),
    ("p1-lead", "/projects/p1/advance", {}, {"visit": "2"}),
    ("p1-member", "/me/letters", {},
     {"channel": "phone", "contact": "020 7946 0000", "rhythm": "weekly", "weekday": "2", "quiet_from": "20",
      "quiet_to": "8", "paused_until": "1 4 2026"}),
    ("p1-member", "/me/calendar", {}, {"do": "end"}),
    ("p1-lead", "/projects/p1/later/stress_test.evidence", {}, {"until": "10 3 2026", "reason": "We meet next week."}),
    ("p1-lead", "/projects/p1/letters", {"do": "told"}, {"member": "p1-member"}),
    ("p1-lead", "/projects/p1/letters", {}, {"do": "try again", "member": "p1-member"}),
    ("p1-lead", "/projects/p1/people/invite", {}, {"name": "Ann Other", "email": "ann@example.org", "role": "member"}),
    ("p1-lead", "/projects/p1/people/remove", {}, {"member": "p1-second"}),
    ("p1-lead", "/projects/p1/groups/start", {}, {"title": "Carers", "myself": "yes"}),
    ("p1-member", "/projects/p1/groups/panel", {"do": "ask"}, {"member": "p1-second"}),
    ("p1-member", "/projects/p1/groups/panel", {"member": "p1-writer"}, {"do": "chair"}),
    ("p1-member", "/projects/p1/groups/panel/write", {},
     {"kind": "meeting", "title": "We met", "on": "1 3 2026", "text": "We drank tea."}),
    ("p1-member", "/projects/p1/groups/panel/kanarip1papertitle", {},
     {"kind": "note", "title": "We met", "on": "1 3 2026", "text": "We drank tea.", "number": "1", "do": ""}),
    ("p1-member", "/projects/p1/people/me", {}, {"title": "Maker", "expertise": "lived", "do": ""}),
    ("p1-member", "/projects/p1/people/me/needs", {}, {"need": "Large print.", "told_to": "p1-lead", "do": ""}),
    ("p1-lead", "/projects/p1/people/needs", {}, {"member": "p1-member"}),
    ("p1-member", "/projects/p1/outputs/output/add", {},
     {"title": "A film", "kind": "film", "planned_end": "1 6 2027", "writers": "p1-member"}),
    ("p1-member", "/projects/p1/outputs/output/paper", {},
     {"title": "A film", "kind": "film", "planned_end": "1 6 2027", "writers": "p1-member", "remove": ""}),
    ("p1-lead", "/projects/p1/paid_authors/cover/add", {},
     {"output": "paper", "person": "p1-writer", "how": "funded", "until": "1 7 2027", "words": ""}),
    ("p1-lead", "/projects/p1/paid_authors/cover/of-member", {},
     {"output": "paper", "person": "p1-member", "how": "funded", "until": "1 7 2027", "words": ""}),
    ("p1-member", "/projects/p1/parlour/guest/add", {},
     {"name": "Ann", "comes": "4 3 2026 16:00", "goes": "", "cake": "plum", "host": "p1-lead", "site": "https://a.example",
      "letter": "", "earlier-letter": "", "code": "1234"}),
    ("p1-lead", "/projects/p1/parlour/guest/tom", {}, {"do": "approve", "number": "1"}),
    ("p1-finance", "/projects/p1/parlour/guest/tom", {"do": "open"}, {"field": "code"}),
    ("p1-member", "/projects/p1/parlour/rules", {"do": "write"}, {"text": "We stir.", "after": "2"}),
    ("p1-member", "/projects/p1/parlour/rules", {"do": "say"}, {"answer": "concern", "words": "Hm.", "number": "2"}),
    ("p1-member", "/projects/p1/parlour/room", {}, {"form": "ask", "name": "Ann", "host": "p1-lead"}),
    ("p1-member", "/projects/p1/parlour/room", {"form": "count"}, {"cups": "3"}),
    ("p1-lead", "/projects/p1/lifecycle", {}, {"version": "2"}),
    ("admin-a", "/plugins/checklist/write/alder", {"form": "add"},
     {"title": "Soup", "why": "It warms.", "stages": "bid", "question": "Is it hot?", "kind": "yes_no", "owed_by": "lead",
      "due_days": "3", "holds": "yes"}),
    ("admin-a", "/plugins/checklist/write/alder", {"form": "toml"}, {"checks": ""}),
    ("admin-a", "/plugins/checklist/settings/alder", {}, {"checks": ""}),
    ("admin-a", "/plugins/induction/one/alder/p1", {}, {"days_to_settle_in": "21", "shared": "yes"}),
    ("p1-second", "/projects/p1/stress_test/ask/how_is_it_going", {}, {"do": "", "power-say": "4"}),
    ("p1-second", "/projects/p1/people/equality", {},
     {"age": "under_35", "ethnic_group": "white", "gender": "woman", "disability": "no", "religion": "none",
      "orientation": "straight", "do": ""}),
    ("p1-lead", "/projects/p1/people/equality", {"do": "put aside"}, {"why": "It broke."}),
    ("p2-lead", "/projects/p2/people/equality", {}, {"do": "ask"}),
    ("admin-a", "/plugins", {}, {"organisation": "alder", "plugin": "outputs", "to": "on"}),
    ("admin-a", "/organisations/alder/history", {}, {"do": "ask"}),
    (None, "/complaint", {}, {"what": "It hurt.", "reach": "ann@example.org", "about": ""}),
    ("admin-a", "/organisations/alder/complaints", {}, {"number": "1", "words": "We are sorry.", "do": ""}),
    ("p1-member", "/letters/start", {}, {"anything": ""}),
    (None, "/organisations/alder/hear", {}, {"name": "Ann", "email": "ann@example.org", "words": "I like tea."}),
    (None, "/hear/not-a-token", {}, {"do": "confirm"}),
    ("p1-lead", "/organisations/alder/openings/add", {},
     {"project": "p1", "title": "Come along", "task": "Talk.", "time": "An hour.", "pay": "£25.", "access": "From home.",
      "closes": "1 4 2026"}),
    ("p1-member", "/organisations/alder/openings/come-and-talk", {}, {"words": "I can talk.", "do": ""}),
    ("p1-lead", "/organisations/alder/openings/earlier/replies", {}, {"number": "0", "how": "Nobody replied."}),
    (None, "/sign-out", {}, {"anything": ""}),
    (None, "/letters/stop/not-a-token", {}, {"anything": ""}),
    (None, "/sign-in/not-a-token", {}, {"code": "2346-79CD"}),
    (None, "/sign-in/passkey", {}, {"passkey": "{}"}),
    ("p1-finance", "/me/confirm", {}, {"code": "", "passkey": ""}),
    ("p1-finance", "/me/confirm", {"back": "/plugins", "carried-x": "y"}, {"code": "", "back": "", "carried-x": ""}),
    ("p1-member", "/me/sign-in", {}, {"do": "begin app", "passkey": "1"}),
    ("p1-finance", "/me/sign-in", {"do": "remove passkey"}, {"passkey": "1"}),
    ("p1-member", "/me/sign-in/app", {}, {"code": ""}),
    ("p1-member", "/me/sign-in/passkey", {}, {"name": "my phone", "passkey": ""}),
    ("p1-member", "/me/data", {}, {"word": "erase", "do": "erase"}),
    ("p1-member", "/me/sessions", {}, {"session": "1", "do": ""}),
]  # fmt: skip


def test_every_form_of_the_app_is_in_the_list(world: World) -> None:
    adapter = world.app.url_map.bind("localhost")
    listed = {adapter.match(url, "POST")[0] for _, url, _, _ in FORMS}
    every = {rule.endpoint for rule in rules(world.app) if "POST" in (rule.methods or ())}
    assert every - listed == {"people.join"}  # nobody is asked to join in this world; test_pages joins


@pytest.mark.parametrize(
    ("who", "url", "button", "fields"), FORMS, ids=[f"{url} {next(iter(f))}" for _, url, _, f in FORMS]
)
def test_no_input_breaks_a_form(world: World, beginning, who, url, button, fields) -> None:
    """Each nasty in all fields at once, then alone in a third of those that did not refuse it there by name, and in an
    eighth of those that did: what a field refuses among others it refuses alone. A form meets every third nasty, and a
    nasty every third form. `./dev fuzz` leaves none out.
    """
    form = Form(world, beginning, who, url)
    sound = {**button, **{name: value for name, value in fields.items() if value}}
    at = next(at for at, one in enumerate(FORMS) if one == (who, url, button, fields))
    for number, (what, given) in enumerate(NASTIES.items()):
        if (number + at) % 3 and not FUZZ:
            continue
        refused = set()
        if len(fields) > 1 and what != "large":
            refused = form.send(f"every field = {what}", sound, dict.fromkeys(fields, given))
        for place, field in enumerate(fields):
            if what == "large" and place:
                continue  # one field for each form is enough of these
            if len(fields) == 1 or FUZZ or (number // 3 + place) % (8 if field in refused else 3) == 0:
                form.send(f"{field} = {what}", sound, {field: given})
    form.watch.close()
    assert form.wrong == []


class Form:
    """A form that is sent again and again; what is wrong with the answers gathers."""

    def __init__(self, world: World, beginning, who: str | None, url: str):
        self.world, self.beginning, self.who, self.url = world, beginning, who, url
        self.client, self.watch, self.wrong = world.client(who), world.watch(), []
        self.token = token_of(self.client)
        self.page = self.client.get(url).get_data(as_text=True)

    def send(self, place: str, sound: dict[str, str], nasty: dict[str, str | bytes | list[str]]) -> set[str]:
        """Send it with these fields nasty. Which of them the answer refuses by name."""
        body = _encoded({"csrf_token": self.token, **sound, **nasty})
        started = time.process_time()
        answer = self.client.post(self.url, data=body, content_type="application/x-www-form-urlencoded")
        took, status = time.process_time() - started, answer.status_code
        place = f"{place}: {status}"
        if status >= 500:
            self.wrong.append(place)
        if took > 2:
            self.wrong.append(f"{place} took {took:.1f} s")
        text = answer.get_data(as_text=True) if 400 <= status < 500 else ""
        if self.watch.written():
            if status >= 400:
                self.wrong.append(f"{place}, and something was written")
            if self.who is not None or status < 400:
                self.world.back_to(self.beginning)
                self.watch.written()
        elif text:
            self.wrong += [f"{place}: {problem}" for problem in _unexplained(text, status, self.page, nasty)]
        if self.url == "/sign-out":
            self.token = token_of(self.client)
        return {field for field in nasty if status == 422 and f'href="#{field}"' in text}


def _encoded(form: dict[str, str | bytes | list[str]]) -> bytes:
    """As a browser sends it; what is bytes is sent as these bytes."""
    pairs = [(name, one) for name, value in form.items() for one in (value if isinstance(value, list) else [value])]
    return "&".join(
        f"{name}={quote_from_bytes(value if isinstance(value, bytes) else value.encode('utf-8', 'surrogatepass'))}"
        for name, value in pairs
    ).encode()


def _unexplained(body: str, status: int, page: str, nasty) -> list[str]:
    """A refusal says something, and where a field takes text, the text stands in the answer, escaped."""
    problems = []
    main = body[body.find("<main") :]
    if len(re.sub(r"<[^>]+>|\s+", " ", main).split()) < 5:
        problems.append("no sentence")
    if "<svg onload" in body or "<script>alert" in body:
        problems.append("not escaped")
    if status in (404, 410, 413):
        return problems
    texts = [
        given for field, given in nasty.items() if isinstance(given, str) and given.strip() and _typed(page, field)
    ]
    if texts and _plain(html.unescape(body)).count(_plain(texts[0])) < len(texts):
        problems.append("what was typed is gone")
    return problems


def _typed(page: str, field: str) -> bool:
    """Whether somebody types into this field of the page."""
    typed = r'<(?:textarea|input(?![^>]*type="(?:hidden|radio|checkbox|submit|file)"))'
    return bool(re.search(rf'{typed}[^>]*name="{re.escape(field)}"', page))


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


@pytest.mark.parametrize(
    ("who", "url", "button", "fields"), FORMS, ids=[f"{url} {next(iter(f))}" for _, url, _, f in FORMS]
)
def test_fields_that_nobody_asked_for_do_nothing(world: World, beginning, who, url, button, fields) -> None:
    """A form that is sent with the names of our columns writes none of them."""
    columns = {column.name: "1" for table in Base.metadata.tables.values() for column in table.columns}
    columns |= {
        "stage": "dissemination",
        "state": "closed",
        "joined": "2020-01-01",
        "left": "2020-01-01",
        "role": "lead",
    }
    extra = {name: value for name, value in columns.items() if name not in fields and name not in button}
    client = world.client(who)
    form = {"csrf_token": token_of(client), **button, **{name: value for name, value in fields.items() if value}}
    with_more = client.post(url, data={**form, **extra})
    assert with_more.status_code < 500
    with world.open():
        project = world.project("p1")
        moved = url.endswith(("moves", "advance")) and with_more.status_code == 302
        assert moved or (project.stage, project.state, project.organisation_id) == ("design", "running", 1)


def test_eight_times_the_fields_take_nothing_like_their_square_and_are_answered_briefly(world: World) -> None:
    for who, url in (
        ("p1-member", "/projects/p1/gate/stress_test.talked"),
        ("p1-member", "/projects/p1/outputs/output/add"),
        (None, "/projects/p1/moves"),
    ):
        client = world.client(who)
        token = token_of(client)
        took = []
        for most in (10_000, 80_000):
            body = f"csrf_token={quote_from_bytes(token.encode())}&" + "&".join(
                f"f{number}=x" for number in range(most)
            )
            started = time.process_time()
            answer = client.post(url, data=body, content_type="application/x-www-form-urlencoded")
            took.append(time.process_time() - started)
            assert 400 <= answer.status_code < 500
            assert len(answer.data) < 4 * 1024 * 1024, f"{url} answered with {len(answer.data):,} bytes"
        assert took[1] < 32 * took[0], f"{url}: eight times the fields took {took[1] / took[0]:.1f} times as long"


# --- what is kept is what was typed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "url", "form", "field", "label"),
    [
        ("p1-lead", "/projects/p1/moves", {"move": "pause"}, "why", "pause"),
        ("p1-lead", "/projects/p1/people/invite", {"email": "ann@example.org", "role": "member"}, "name", "invite"),
        ("p1-coordinator", "/projects/p1/sign-off", {"say": "not_ready"}, "words", "not ready"),
        ("p1-member", "/projects/p1/people/me", {}, "title", "me"),
        (
            "p1-member",
            "/projects/p1/outputs/output/add",
            {"kind": "film", "planned_end": "1 6 2027"},
            "title",
            "output",
        ),
    ],
)
def test_a_long_text_is_kept_whole_or_refused_and_never_cut(world: World, who, url, form, field, label) -> None:
    text = f"{MARK} " + "word " * 150 + "END"
    client = world.client(who)
    answer = client.post(url, data={"csrf_token": token_of(client), **form, field: text})
    kept = f"{MARK} word".encode() in world.keep("looked-at").read_bytes()
    if answer.status_code < 400:
        assert "END" in _everything(world), f"{label}: the end of the text was cut off without a word"
    else:
        assert answer.status_code == 422
        assert text in html.unescape(answer.get_data(as_text=True))
        assert not kept


def _everything(world: World) -> str:
    from tests.support.factories import dump

    with world.open():
        return dump()


def test_the_reply_to_not_ready_that_is_too_long_stays_in_its_field(world: World) -> None:
    client = world.client("p1-lead")
    text = "Sorry. " * 2_000
    form = {"csrf_token": token_of(client), "say": "reply", "member": "p1-member", "reply": text}
    answer = client.post("/projects/p1/sign-off", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert text.strip() in html.unescape(page)
    assert re.search(r'href="#(reply[^"]*)"', page), "The error leads to the field it is about"


def test_an_output_called_add_has_a_page_of_its_own(world: World) -> None:
    client = world.client("p1-member")
    form = {"csrf_token": token_of(client), "title": "Add", "kind": "film", "planned_end": "1 6 2027"}
    assert client.post("/projects/p1/outputs/output/add", data=form).status_code == 302
    listed = client.get("/projects/p1/outputs/output").get_data(as_text=True)
    [url] = re.findall(r'href="([^"]+)">Add</a>', listed)
    assert "History" in client.get(url).get_data(as_text=True), f"{url} is the form for a new one"


# --- where to go next -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(path: str) -> None:
    found = local_path(path)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert not urlsplit(found).netloc
    assert found == "/" or path == found
    assert found.isascii()
    assert found.isprintable()


@pytest.mark.parametrize(
    "path", ["/", "/projects/p1", "/projects?page=2", "/projects/p1/gate/stress_test.talked#main", "/a//b"]
)
def test_a_page_of_ours_is_come_back_to(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "/projects//evil.example",
        "/projects/%0d%0aSet-Cookie:a=b",
        "/projects/%09/evil",
        "/projects/%5C%5Cevil",
        "/projects/x?y=//evil.example",
    ],
)
def test_whatever_was_asked_for_before_signing_in_the_answer_stays_here(world: World, path: str) -> None:
    from govflow.services.auth import sign_in_links
    from govflow.services.base.actions import person_by_email

    client: FlaskClient = world.client(None)
    client.get(path)
    with world.open():
        person = person_by_email("p1-lead@example.org")
        assert person is not None
        token = sign_in_links.operator_link(person.id)
    answer = client.post(
        f"/sign-in/{token}",
        data=urlencode({"csrf_token": token_of(client)}),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 302
    assert urlsplit(answer.headers["Location"]).netloc == ""
    assert answer.headers["Location"].startswith("/")
    assert "\r" not in answer.headers["Location"]
