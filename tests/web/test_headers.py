"""The headers of every answer, the cookie, and that no page brings script or style of its own."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import re
import shutil
from pathlib import Path
from secrets import token_hex

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import encode_multipart

from govflow.web.headers import CONTENT_SECURITY_POLICY, HSTS
from tests.support.site import World, token_of
from tests.support.web.crawling import Crawled

TABLE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|<[^>]+\s(?:style|on[a-z]+)\s*=|javascript:", re.IGNORECASE)


def missing(answer) -> dict[str, str | None]:
    return {name: answer.headers.get(name) for name, value in TABLE.items() if answer.headers.get(name) != value}


def test_the_policy_is_the_one_that_was_decided() -> None:
    assert TABLE["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_every_route_answers_with_every_header_whatever_the_status(crawled: Crawled) -> None:
    assert [(str(one), one.status, missing(one)) for one in crawled.all if missing(one)] == []
    assert {200, 302, 400, 403, 404, 405, 410} <= {one.status for one in crawled.all}


def test_no_page_has_script_or_style_of_its_own(crawled: Crawled) -> None:
    pages = [one for one in crawled.all if one.mimetype == "text/html"]
    assert [(str(one), found[0]) for one in pages if (found := INLINE.search(one.body))] == []
    assert len(pages) > 100


@pytest.mark.parametrize("page", ["<p style='x'>", "<script>1</script>", "<b onclick=x>", "<style>"])
def test_what_must_not_be_there_would_be_found(page: str) -> None:
    assert INLINE.search(page)


def test_on_plain_http_there_is_no_hsts(crawled: Crawled) -> None:
    assert {one.headers.get("Strict-Transport-Security") for one in crawled.all} == {None}


def test_files_carry_the_headers_too_and_may_be_kept(world: World) -> None:
    answer = world.client(None).get("/static/govflow.css")
    assert answer.status_code == 200
    assert set(missing(answer)) == {"Cache-Control"}
    assert "no-store" not in answer.headers["Cache-Control"]
    answer.close()
    assert set(missing(world.client(None).get("/static/none.css"))) <= {"Cache-Control"}


def test_more_than_a_mebibyte_is_refused_in_words(world: World) -> None:
    client, before = world.client("p1-lead"), world.digest()
    form = {"csrf_token": token_of(client), "move": "pause", "why": "x" * (1024 * 1024)}
    answer = client.post("/projects/p1/moves", data=form)
    assert (answer.status_code, missing(answer)) == (413, {})
    assert "too much" in answer.get_data(as_text=True)
    assert world.digest() == before


def test_a_mebibyte_in_parts_is_refused_too(world: World) -> None:
    client = world.client("p1-lead")
    form = {"csrf_token": token_of(client), "move": "pause", "why": "x" * (1024 * 1024)}
    boundary, body = encode_multipart(form)
    answer = client.post("/projects/p1/moves", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == 413


def test_when_it_is_our_fault_the_headers_are_there_and_the_cause_is_not(world: World) -> None:
    from govflow.app import create_app

    app = create_app(world.app.config["GOVFLOW"])
    app.add_url_rule("/breaks", "breaks", breaks)
    answer = app.test_client().get("/breaks")
    assert (answer.status_code, missing(answer)) == (500, {})
    assert "a secret" not in answer.get_data(as_text=True)


def breaks() -> str:
    raise RuntimeError("a secret")


# --- cookies ----------------------------------------------------------------------------------------------


def cookie(answer) -> str:
    [found] = [one for one in answer.headers.getlist("Set-Cookie") if "govflow_session=" in one]
    return found


def test_on_http_the_cookie_is_for_this_site_and_no_script(world: World) -> None:
    found = cookie(world.client(None).get("/sign-in"))
    assert found.startswith("govflow_session=")
    assert "HttpOnly" in found
    assert "SameSite=Lax" in found
    assert "Path=/" in found
    assert "Domain" not in found
    assert "Secure" not in found


@pytest.fixture
def secure(tmp_path: Path, world: World) -> Flask:
    """The same world behind https."""
    from govflow.app import create_app
    from tests.support.settings import page_settings

    shutil.copy(world.keep("secure"), tmp_path / "govflow.sqlite")
    url = f"sqlite:///{tmp_path / 'govflow.sqlite'}"
    return create_app(page_settings(tmp_path, url, base_url="https://govflow.example.org"))


HTTPS = {"base_url": "https://govflow.example.org"}


def signed_in(app: Flask, world: World, who: str) -> FlaskClient:
    client = app.test_client()
    world.client(who)
    with client.session_transaction(**HTTPS) as session:
        session["sid"] = world.sessions[who]
    return client


def test_on_https_the_cookie_is_bound_to_this_host(secure: Flask) -> None:
    answer = secure.test_client().get("/sign-in", **HTTPS)
    found = cookie(answer)
    assert found.startswith("__Host-govflow_session=")
    assert "Secure" in found
    assert "HttpOnly" in found
    assert "SameSite=Lax" in found
    assert "Path=/" in found
    assert "Domain" not in found
    assert answer.headers["Strict-Transport-Security"] == HSTS == "max-age=31536000; includeSubDomains"
    assert missing(answer) == {}


def test_a_form_is_taken_through_https_from_our_own_page_alone(secure: Flask, world: World) -> None:
    client = signed_in(secure, world, "p1-lead")
    token = token_of(client, **HTTPS)
    form = {"csrf_token": token, "name": "Ann Other", "email": "ann@example.org", "role": "member"}
    url = "/projects/p1/people/invite"
    for referer in ({}, {"Referer": "https://evil.example/projects"}, {"Referer": "http://govflow.example.org/"}):
        assert client.post(url, data=form, headers=referer, **HTTPS).status_code == 400
    own = {"Referer": f"https://govflow.example.org{url}"}
    assert client.post(url, data=form, headers=own, **HTTPS).status_code == 302
    assert "Ann Other" in client.get("/projects/p1/history", **HTTPS).get_data(as_text=True)


def test_no_cookie_is_larger_than_a_browser_keeps(world: World) -> None:
    """A long name in a message, or a long address to come back to, must not cost anybody their session."""
    client = world.client("p1-lead")
    form = {
        "csrf_token": token_of(client),
        "name": "Ann " + token_hex(10_000),
        "email": "ann@example.org",
        "role": "member",
    }
    invited = client.post("/projects/p1/people/invite", data=form)
    asked = world.client(None).get(f"/projects/p1?x={token_hex(3_000)}")
    assert (invited.status_code in (302, 422), asked.status_code) == (True, 302)
    sizes = [len(one) for answer in (invited, asked) for one in answer.headers.getlist("Set-Cookie")]
    assert all(size < 4_096 for size in sizes), sizes


def test_signing_out_clears_what_the_browser_kept(world: World) -> None:
    client = world.client("p1-lead")
    answer = client.post("/sign-out", data={"csrf_token": token_of(client)})
    assert answer.status_code == 302
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/").status_code == 302
