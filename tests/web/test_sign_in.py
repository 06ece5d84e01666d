"""Signing in on pages: the code for another browser, one more step for some pages, and where one is signed in."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import dataclasses
import html
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pyotp
import pytest
import time_machine
from flask.testing import FlaskClient

from govflow.domain.devices import device_in_words
from govflow.services.auth import second_factor, sessions, sign_in_links
from govflow.services.base.actions import Actor
from govflow.services.people.people import invite_person
from govflow.settings import SettingsError, load_settings
from govflow.store import db, now
from govflow.web.network import network
from tests.support.factories import TODAY
from tests.support.servers import SmtpSink
from tests.support.site import World, token_of, with_an_app
from tests.support.web.pages import CODE, ELSEWHERE, deliver, link_in, page, send

WHO = "p1-lead@example.org"


def asked(world: World, sink: SmtpSink, who: str = WHO, **environ: object) -> tuple[FlaskClient, str, str]:
    """A browser in which a link was asked for, the code it shows, and the link as it came by mail."""
    client = world.client(None)
    client.environ_base.update(environ)
    sent = send(client, "/sign-in", email=who)
    shown = CODE.search(page(client, sent.headers["Location"]))
    assert shown is not None
    return client, shown[0], link_in(deliver(world, sink)[who])


def is_in(client: FlaskClient) -> bool:
    return client.get("/projects").status_code == 200


# --- a link, here and elsewhere -----------------------------------------------------------------------------


def test_a_scanner_that_opens_and_even_presses_uses_nothing_up(world: World, smtp_sink: SmtpSink) -> None:
    client, _, url = asked(world, smtp_sink)
    before = world.digest()
    for _ in range(5):
        scanner = world.client(None)
        assert scanner.head(url).status_code == scanner.get(url).status_code == 200
        for form in ({}, {"code": ""}, {"code": "test"}):
            assert send(scanner, url, **form).status_code == 422
        assert not is_in(scanner)
    assert world.digest() == before
    assert send(client, url).status_code == 302
    assert is_in(client)


def test_in_another_browser_the_code_is_asked_for_and_opens_it(world: World, smtp_sink: SmtpSink) -> None:
    client, code, url = asked(world, smtp_sink)
    phone = world.client(None)
    assert "You asked for this link in another browser." in page(phone, url)
    assert "You asked for this link in another browser." not in page(client, url)
    wrong = send(phone, url, code="XXXX-XXXX")
    assert wrong.status_code == 422
    assert 'value="XXXX-XXXX"' in wrong.get_data(as_text=True)
    assert "That is not the code." in wrong.get_data(as_text=True)
    assert send(phone, url, code=code.lower().replace("-", " ")).status_code == 302
    assert is_in(phone)
    assert not is_in(client)


def test_the_fifth_wrong_code_ends_the_link_in_kind_words(world: World, smtp_sink: SmtpSink) -> None:
    client, code, url = asked(world, smtp_sink)
    phone = world.client(None)
    assert [send(phone, url, code="XXXX-XXXX").status_code for _ in range(5)] == [422] * 4 + [410]
    assert send(phone, url, code=code).status_code == 410
    assert send(client, url).status_code == 410
    assert "That is easy to mend." in client.get(url).get_data(as_text=True)


def test_too_many_wrong_codes_wait_and_say_how_long(world: World, smtp_sink: SmtpSink) -> None:
    client, code, first = asked(world, smtp_sink)
    send(client, "/sign-in", email=WHO)
    second = link_in(deliver(world, smtp_sink)[WHO])
    phone = world.client(None)
    for _ in range(5):
        send(phone, first, code="XXXX-XXXX")
    answer = send(phone, second, code=code)
    assert (answer.status_code, int(answer.headers["Retry-After"]) <= 60) == (429, True)
    assert "Please wait 1 minute" in answer.get_data(as_text=True)
    assert f'value="{code}"' in answer.get_data(as_text=True)
    assert send(client, second).status_code == 302


def test_an_earlier_link_of_the_same_browser_works_there_too(world: World, smtp_sink: SmtpSink) -> None:
    client, code, first = asked(world, smtp_sink)
    send(client, "/sign-in", email=WHO)
    assert CODE.search(page(client, "/sign-in/sent"))[0] == code, "One browser shows one code."
    assert send(client, first).status_code == 302


def test_the_code_is_shown_for_every_address_and_never_without_having_asked(world: World) -> None:
    assert world.client(None).get("/sign-in/sent").headers["Location"] == "/sign-in"
    client = world.client(None)
    send(client, "/sign-in", email="nobody@example.org")
    body = page(client, "/sign-in/sent")
    shown, said = CODE.findall(body)
    assert said.replace(" ", "").replace(",", "") == shown.replace("-", "")
    assert f'<span aria-hidden="true">{shown}</span>' in body


def test_signing_in_gives_the_session_a_new_id_and_ends_the_one_before(world: World, smtp_sink: SmtpSink) -> None:
    client, _, url = asked(world, smtp_sink)
    with client.session_transaction() as session:
        session["sid"] = world.sessions["p1-writer"]
    before = world.sessions["p1-writer"]
    send(client, url)
    with client.session_transaction() as session:
        assert session["sid"] != before
        assert "asked" not in session
    assert not is_in(world.client("p1-writer"))


def test_over_the_hour_s_limit_a_known_and_an_unknown_address_still_get_the_same_answer(world: World) -> None:
    answers = []
    for address in (WHO, "nobody-knows@example.org"):
        client = world.client(None)
        got = [send(client, "/sign-in", email=address) for _ in range(5)]
        answers.append([(one.status_code, one.data, one.headers["Location"]) for one in got])
    assert answers[0] == answers[1]


def test_a_network_that_asks_very_often_waits_and_keeps_what_was_typed(world: World) -> None:
    client = world.client(None)
    for number in range(20):
        assert send(client, "/sign-in", email=f"{number}@example.org").status_code == 302
    for address in (WHO, "nobody-knows@example.org"):
        answer = send(client, "/sign-in", email=address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
        assert f'value="{address}"' in answer.get_data(as_text=True)
    client.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    assert send(client, "/sign-in", email=WHO).status_code == 302


@pytest.mark.parametrize(
    ("remote", "forwarded", "proxies", "counted"),
    [
        ("192.0.2.7", "", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "", "192.0.2.7"),  # nobody's word but a proxy's is taken
        ("127.0.0.1", "198.51.100.1", "", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.99, 198.51.100.1", "", "198.51.100.1"),  # what a client wrote itself is not believed
        ("10.0.0.5", "198.51.100.1", "", "10.0.0.5"),
        ("10.0.0.5", "198.51.100.1", "10.0.0.0/24", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, 10.0.0.5", "10.0.0.0/24", "198.51.100.1"),
        ("127.0.0.1", "not an address", "", "127.0.0.1"),
        ("127.0.0.1", "", "", "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:aaaa::1", "", "", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "", "", "192.0.2.7"),
        ("::1", "2001:db8::1", "", "2001:db8::/64"),
        ("", "", "", "None"),
    ],
)
def test_where_a_request_comes_from(world: World, monkeypatch, remote, forwarded, proxies, counted) -> None:
    settings = dataclasses.replace(world.app.config["GOVFLOW"], proxies=proxies)
    monkeypatch.setitem(world.app.config, "GOVFLOW", settings)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with world.app.test_request_context("/", headers=headers, environ_base={"REMOTE_ADDR": remote}):
        assert network() == counted


@pytest.mark.parametrize("given", ["10.0.0.0/33", "everybody", "10.0.0.5;10.0.0.6"])
def test_a_proxy_that_is_no_address_stops_the_start(tmp_path, given: str) -> None:
    with pytest.raises(SettingsError, match="proxies"):
        load_settings(instance=tmp_path / "in", environ={"GOVFLOW_DEMO": "1", "GOVFLOW_PROXIES": given})
    good = load_settings(instance=tmp_path / "in", environ={"GOVFLOW_DEMO": "1", "GOVFLOW_PROXIES": "10.0.0.5, ::2"})
    assert len(good.proxy_networks) == 4


# --- one more step ------------------------------------------------------------------------------------------

SETTINGS = "/plugins/induction/settings/alder"


def an_admin(world: World, *, step: bool) -> tuple[FlaskClient, list[str]]:
    """An admin who signed in by a link, and recovery codes where they have a second step."""
    with world.open():
        person = invite_person(email="ada@example.org", name="Ada", organisation="alder", admin=True).id
        codes = (
            with_an_app(person, sign_in_links.use_link(sign_in_links.operator_link(person), device="", today=TODAY))[2]
            if step
            else []
        )
        token = sign_in_links.use_link(
            sign_in_links.operator_link(person), device="Mozilla/5.0 (Windows NT 10.0) Firefox/128.0", today=TODAY
        )
    client = world.app.test_client()
    with client.session_transaction() as session:
        session["sid"] = token
    return client, codes


def session_of(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        found: str = session["sid"]
        return found


def test_a_page_of_settings_comes_after_one_more_step(world: World) -> None:
    client, codes = an_admin(world, step=True)
    assert client.get("/plugins").status_code == 200, "What members may read asks for nothing."
    assert client.get("/plugins/induction/about/alder").status_code == 200
    assert client.get(SETTINGS).headers["Location"] == "/me/confirm"
    assert "Show that it is you" in page(client, SETTINGS)
    before = session_of(client)
    answer = send(client, "/me/confirm", code=codes[0])
    assert (answer.status_code, answer.headers["Location"]) == (302, SETTINGS)
    assert session_of(client) != before, "A stronger session has a new id."
    assert client.get(SETTINGS).status_code == 200


@pytest.mark.parametrize("name", ["rules", "history", "complaints", "interest"])
def test_what_admins_alone_read_of_their_organisation_comes_after_one_more_step(world: World, name: str) -> None:
    client, codes = an_admin(world, step=True)
    url = f"/organisations/alder/{name}"
    assert client.get(url).headers["Location"] == "/me/confirm"
    assert send(client, "/me/confirm", code=codes[0]).headers["Location"] == url
    assert client.get(url).status_code == 200


def test_a_form_comes_back_after_the_step_with_all_that_was_typed(world: World) -> None:
    client, codes = an_admin(world, step=True)
    typed = {"title": "Soup <b>today</b>", "why": "It warms.\r\nTruly.", "form": "add", "code": "the form’s own"}
    url, before = "/plugins/checklist/write/alder", world.digest()
    first = send(client, url, **typed)
    assert first.status_code == 403
    assert world.digest() == before
    wrong = client.post("/me/confirm", data={**fields_of(first), "code": "12"})
    assert wrong.status_code == 422
    right = client.post("/me/confirm", data={**fields_of(wrong), "code": codes[0]})
    assert right.status_code == 200
    body = right.get_data(as_text=True)
    assert f'action="{url}"' in body
    for text in (typed["title"], "Truly.", typed["code"]):
        assert html.escape(text) in body
    assert 'name="form" value="add"' in body
    assert send(client, url, **typed).status_code in (302, 422), "It is taken now, or explained."


def fields_of(answer) -> dict[str, str]:
    """The hidden fields of the form that asks for a code."""
    body = answer.get_data(as_text=True)
    form = body[body.index('action="/me/confirm"') :].split("</form>")[0]
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }


def test_a_button_without_words_can_be_pressed_again_after_the_step(world: World) -> None:
    client, codes = an_admin(world, step=True)
    first = send(client, "/plugins", organisation="alder", plugin="outputs", to="off")
    body = client.post("/me/confirm", data={**fields_of(first), "code": codes[0]}).get_data(as_text=True)
    main = body[body.index("<main") :]
    sent = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main))
    assert {name: sent[name] for name in ("organisation", "plugin", "to")} == {
        "organisation": "alder",
        "plugin": "outputs",
        "to": "off",
    }
    assert "Send again" in main
    assert client.post("/plugins", data=sent).status_code == 302


def test_who_has_no_second_step_is_led_to_set_one_up_and_then_goes_on(world: World) -> None:
    client, _ = an_admin(world, step=False)
    led = client.get(SETTINGS)
    assert led.headers["Location"] == "/me/sign-in"
    assert "It takes two minutes, and you do it once." in page(client, "/me/sign-in")
    posted = send(client, "/plugins", organisation="alder", plugin="outputs", to="off")
    assert posted.status_code == 403
    assert "Set it up (opens a new tab)" in posted.get_data(as_text=True)
    assert 'name="plugin" value="outputs"' in posted.get_data(as_text=True)

    assert send(client, "/me/sign-in", do="begin app").headers["Location"] == "/me/sign-in/app"
    body = page(client, "/me/sign-in/app")
    secret = re.search(r'<pre class="gf-secret"[^>]*>([A-Z2-7 ]+)</pre>', body)[1].replace(" ", "")
    assert "<svg" in body
    assert send(client, "/me/sign-in/app", code="12").status_code == 422
    codes = send(client, "/me/sign-in/app", code=pyotp.TOTP(secret).now()).get_data(as_text=True)
    assert len(re.findall(r"<li>[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}</li>", codes)) == 10
    assert f'href="{SETTINGS}"' in codes
    assert client.get(SETTINGS).status_code == 200
    assert secret not in page(client, "/me/sign-in")
    assert client.get("/me/sign-in/app").status_code == 302, "The secret is shown no more."


def test_a_strong_session_left_alone_for_half_an_hour_is_asked_again_and_stays_signed_in(world: World) -> None:
    client, codes = an_admin(world, step=True)
    send(client, "/me/confirm", code=codes[0])
    with time_machine.travel(now() + timedelta(minutes=31), tick=True):
        assert client.get(SETTINGS).headers["Location"] == "/me/confirm"
        assert client.get("/plugins").status_code == 200
        assert client.get(SETTINGS).status_code == 302, "Coming back does not make it strong."


def test_opening_what_is_sealed_asks_for_the_step_of_whom_the_list_names_and_of_nobody_else(world: World) -> None:
    url, form = "/projects/p1/parlour/guest/tom", {"do": "open", "field": "code"}
    with world.open():
        person = world.by("p1-finance").person_id
        token = sign_in_links.use_link(sign_in_links.operator_link(person), device="", today=TODAY)
    client = world.app.test_client()
    with client.session_transaction() as session:
        session["sid"] = token
    assert "Show that it is you" in send(client, url, **form).get_data(as_text=True)
    refused = send(world.client("p1-member"), url, **form)
    assert refused.status_code == 403
    assert "Show that it is you" not in refused.get_data(as_text=True)


def test_those_who_may_not_are_told_nothing_more_than_before(world: World) -> None:
    for who in ("p1-lead", "p1-member", "q-member"):
        assert world.client(who).get(SETTINGS).status_code == 404
        assert send(world.client(who), "/plugins", organisation="alder", plugin="outputs", to="off").status_code == 404


@pytest.mark.parametrize("path", ELSEWHERE)
def test_after_the_step_a_form_never_leads_elsewhere(world: World, path: str) -> None:
    client, codes = an_admin(world, step=True)
    answer = send(client, "/me/confirm", code=codes[0], back=path, **{"carried-to": "off"})
    assert answer.status_code == 200
    actions = re.findall(r'<form method="post" action="([^"]*)"', answer.get_data(as_text=True))
    assert all(one.startswith("/") and not one.startswith("//") and not urlsplit(one).netloc for one in actions)
    with client.session_transaction() as session:
        session["next"] = path
    led = send(client, "/me/confirm", code=codes[1]).headers["Location"]
    assert led.startswith("/")
    assert not led.startswith(("//", "/\\"))


def test_there_are_tricks_enough_in_the_corpus() -> None:
    assert len(ELSEWHERE) >= 30


# --- how I sign in, and where -------------------------------------------------------------------------------


def test_where_i_am_signed_in_is_listed_in_plain_words_and_ended_there(world: World) -> None:
    client, _ = an_admin(world, step=False)
    other, _ = an_admin(world, step=False)
    body = page(client, "/me/sessions")
    assert body.count("Firefox on Windows") >= 2
    assert body.count("This one") == 1
    [number] = re.findall(r'name="session" value="(\d+)"', body)
    assert send(client, "/me/sessions", session=number).status_code == 302
    assert not is_in(other)
    assert is_in(client)
    third, _ = an_admin(world, step=False)
    assert send(client, "/me/sessions", do="others").status_code == 302
    assert (is_in(client), is_in(third)) == (True, False)


def test_nobody_ends_a_session_of_somebody_else(world: World) -> None:
    with world.open():
        theirs = sessions.signed_in(world.sessions["p1-lead"]).id
    for number in (str(theirs), "0", "x", str(2**63), ""):
        assert send(world.client("p1-member"), "/me/sessions", session=number).status_code == 404
    assert is_in(world.client("p1-lead"))


def test_recovery_codes_are_made_anew_on_the_page_and_the_app_is_taken_away(world: World) -> None:
    client, codes = an_admin(world, step=True)
    assert send(client, "/me/sign-in", do="new codes").status_code == 403
    send(client, "/me/confirm", code=codes[0])
    body = send(client, "/me/sign-in", do="new codes").get_data(as_text=True)
    assert len(re.findall(r"<li>[2-9A-Z-]{14}</li>", body)) == 10
    assert not set(codes) & set(re.findall(r"<li>([2-9A-Z-]{14})</li>", body))
    assert "You have 10 left." in page(client, "/me/sign-in")
    assert send(client, "/me/sign-in", do="remove app").status_code == 302
    with world.open():
        assert not second_factor.second_factors_of(world.by("ada").person_id).any


def test_at_an_address_of_numbers_the_page_says_why_there_are_no_passkeys(world: World) -> None:
    client = world.client("p1-member")
    for url in ("/me/sign-in", "/me/sign-in/passkey"):
        assert "Passkeys do not work at this address." in page(client, url)
    assert "passkeys.js" not in page(world.client(None), "/sign-in")
    assert send(world.client(None), "/sign-in/passkey", passkey="{}").status_code == 422


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Mobile/15E148 Safari/604.1", "Safari on an iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 CriOS/126.0 Mobile/15E148 Safari/604.1", "Chrome on an iPhone"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36", "Samsung Internet on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15", "Safari on a Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "Chrome on a Chromebook"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("curl/8.0", "A browser that does not say what it is"),
        ("", "A browser that does not say what it is"),
        ("<script>alert(1)</script>", "A browser that does not say what it is"),
        ("something on Windows", "A browser on Windows"),
    ],
)  # fmt: skip
def test_a_device_in_plain_words(said: str, words: str) -> None:
    assert device_in_words(said) == words


def test_a_browser_that_says_nonsense_about_itself_is_signed_in_all_the_same(world: World) -> None:
    for said in ("x" * 5_000, "é\x80ÿ", "<svg onload=alert(1)>"):
        with world.open():
            link = sign_in_links.operator_link(world.by("p1-member").person_id)
        client = world.client(None)
        answer = client.post(f"/sign-in/{link}", data={"csrf_token": token_of(client)}, headers={"User-Agent": said})
        assert answer.status_code == 302
        assert "<svg onload" not in page(client, "/me/sessions")


# --- removed ------------------------------------------------------------------------------------------------


def test_the_first_request_after_removal_finds_nothing_open(world: World, smtp_sink: SmtpSink) -> None:
    """Session, link and letter: whatever somebody still held when they were taken out opens nothing."""
    who = "p1-second@example.org"
    here = world.client("p1-second")
    token = token_of(here)
    waiting, code, url = asked(world, smtp_sink, who)
    with world.open():
        printed = sign_in_links.operator_link(world.by("p1-second").person_id)
    send(waiting, "/sign-in", email=who)
    assert send(world.client("p1-lead"), "/projects/p1/people/remove", member="p1-second").status_code == 302
    before = world.digest()
    for address in (
        "/",
        "/projects",
        "/projects/p1",
        "/projects/p1/gate",
        "/projects/p1/outputs/output?as=csv",
        "/me/sign-in",
    ):
        assert here.get(address).headers["Location"] == "/sign-in"
    for address in ("/projects/p1/sign-off", "/projects/p1/gate/stress_test.talked"):
        assert here.post(address, data={"csrf_token": token, "say": "ready"}).status_code in (400, 401)
    for link in (url, f"/sign-in/{printed}"):
        assert waiting.get(link).status_code == send(waiting, link, code=code).status_code == 410
    assert world.digest() == before
    assert who not in deliver(world, smtp_sink)


def test_who_leaves_one_project_stays_signed_in_and_nothing_of_it_is_reachable(world: World) -> None:
    from govflow.services.people import people

    with world.open():
        project, ann = world.project("p2").id, world.by("p1-second")
        people.invite(
            project,
            email="p1-second@example.org",
            name="Ann",
            role="member",
            by=world.by("p2-lead"),
            today=_today(world),
        )
        people.join(project, title="", expertise=["lived"], by=Actor(ann.person_id), today=_today(world))
        db.session.remove()
    client = world.client("p1-second")
    send(client, "/projects/p1/people/me", do="leave")
    assert client.get("/projects/p2/gate").status_code == 200
    for address in ("/projects/p1", "/projects/p1/gate", "/projects/p1/outputs/output", "/projects/p1/history"):
        assert client.get(address).status_code == 404
    assert world.canaries["p1"]["projecttitle"] not in page(client, "/") + page(client, "/projects")


def _today(world: World):
    return world.app.config["GOVFLOW"].today
