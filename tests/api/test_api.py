"""The API: the same services and permissions as the pages, for programs that hold a token."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from redis import Redis

from govflow.api.openapi import DOCUMENT
from govflow.app import create_app
from govflow.domain.refusals import Invalid, NotFound
from govflow.services.auth.tokens import end_tokens_of, make_token
from govflow.services.people import people
from govflow.services.privacy.about_me import held_about
from govflow.services.project_file import import_project
from govflow.store import ApiToken, EvidenceRow, db
from tests.support.factories import TEA, TODAY, a_file, a_project, person, row_counts, rows, toml
from tests.support.settings import settings_for
from tests.support.web.api import ask

PEOPLE = [
    person("p-0", role="lead"),
    person("p-1", "lived"),
    person("p-2", "lived"),
    person("watcher", role="observer"),
]


@pytest.fixture
def project(app):
    app.config["GOVFLOW"] = settings_for(
        app.config["GOVFLOW"].instance, app.config["GOVFLOW"].database_url, today=TODAY
    )
    return a_project(app, plugins={"kitchen": TEA}, members=PEOPLE)


def token(key, scope="write", organisation=None):
    return make_token(f"{key}@example.org", scope=scope, organisation=organisation, today=TODAY)


def post(app, who, path, sent, **more):
    return ask(app, who, path, method="POST", sent=sent, **more)


@pytest.mark.both_engines
def test_a_program_lists_looks_answers_signs_off_and_moves_on(app, project):
    lead, lived = token("p-0"), token("p-1")
    assert ask(app, lead, "/projects").json["projects"] == [
        {"slug": "kettle", "title": "The Kettle Study", "stage": "bid", "state": "running", "role": "lead"}
    ]
    gate = ask(app, lead, "/projects/kettle/gate").json
    assert (gate["open"], gate["findings"][0]["check"]) == (False, "kitchen.tea")
    assert post(app, lived, "/projects/kettle/gate/kitchen.tea", {"done": True}).status_code == 201
    for who in (lead, lived):
        assert post(app, who, "/projects/kettle/sign-off", {"say": "ready"}).status_code == 201
    moved = post(app, lead, "/projects/kettle/advance", {})
    assert (moved.status_code, moved.json) == (200, {"from": "bid", "stage": "design"})


def test_what_holds_a_gate_is_said_as_a_problem(app, project):
    answer = post(app, token("p-0"), "/projects/kettle/advance", {})
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert answer.json["holding"][0] == "The kettle is not on yet."
    assert answer.json["title"] == "Conflict"


def test_without_a_token_with_a_wrong_one_or_with_a_cookie_nothing_is_told(app, project):
    from govflow.services.auth.sign_in_links import operator_link

    link = operator_link(project.by("p-0").person_id)
    db.session.rollback()
    with app.test_client() as client:
        page = client.get(f"/sign-in/{link}").get_data(as_text=True)
        csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        assert client.post(f"/sign-in/{link}", data={"csrf_token": csrf}).status_code == 302
        assert client.get("/projects").status_code == 200, "this browser is signed in"
        assert client.get("/api/v1/projects").status_code == 401
    for wrong in ("", "gf_no-such-token", "x" * 5_000, "é", "gf_%00"):
        answer = ask(app, wrong, "/projects")
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_that_reads_changes_nothing(app, project):
    reads = token("p-1", scope="read")
    assert ask(app, reads, "/projects/kettle/gate").status_code == 200
    before = row_counts()
    for path in ("/gate/kitchen.tea", "/sign-off", "/advance"):
        assert post(app, reads, f"/projects/kettle{path}", {"done": True}).status_code == 403
    assert row_counts() == before


def test_a_token_of_one_organisation_does_not_know_the_projects_of_another(app, project):
    """The same person is in both; the token is of one."""
    other = a_file(
        members=[person("q-0", role="lead"), person("p-1", "lived")], slug="teapot", organisation="elsewhere"
    )
    import_project(toml(other), today=TODAY, keep_dates=True)
    with pytest.raises(Invalid, match="belongs to elsewhere or hearth"):
        token("p-1")
    db.session.rollback()
    here, there = token("p-1", organisation="hearth"), token("p-1", organisation="elsewhere")
    assert ask(app, here, "/projects/kettle").status_code == ask(app, there, "/projects/teapot").status_code == 200
    unknown = ask(app, here, "/projects/no-such-project")
    for path, send in (("", None), ("/gate", None), ("/sign-off", {"say": "ready"}), ("/advance", {})):
        answer = ask(app, here, f"/projects/teapot{path}", method="POST" if send is not None else "GET", sent=send)
        assert (answer.status_code, answer.data) == (404, unknown.data), path


def test_roles_hold_here_as_on_the_pages(app, project):
    watcher, lived = token("watcher"), token("p-1")
    gate = ask(app, watcher, "/projects/kettle/gate").json
    assert [one["sentence"] for one in gate["findings"]] == [""]
    assert post(app, watcher, "/projects/kettle/sign-off", {"say": "ready"}).status_code == 403
    assert post(app, lived, "/projects/kettle/advance", {}).status_code == 403


def test_the_operator_ends_the_tokens_of_somebody_and_of_nobody_else(app, project):
    leaked, others = [token("p-1"), token("p-1", scope="read")], token("p-0")
    assert end_tokens_of("P-1@example.org") == 2
    assert [ask(app, one, "/projects").status_code for one in leaked] == [401, 401]
    assert ask(app, others, "/projects").status_code == 200
    assert end_tokens_of("p-1@example.org") == 0
    with pytest.raises(NotFound):
        end_tokens_of("nobody@example.org")


def test_a_person_sees_that_a_program_may_speak_for_them(app, project):
    token("p-1")
    end_tokens_of("p-1@example.org")
    [seen] = held_about(by=project.by("p-1"), today=TODAY)["Tokens with which programs speak for you"]
    assert (seen["organisation"], seen["may"], bool(seen["ended"])) == ("Hearth", "read and write", True)


def test_whoever_leaves_takes_their_tokens_with_them(app, project):
    lived = token("p-1")
    people.leave(project.id, by=project.by("p-1"), today=TODAY)
    assert ask(app, lived, "/projects").status_code == 401
    assert rows(ApiToken)[0].ended_at is not None


@pytest.mark.parametrize("sent", [{"done": "perhaps"}, {"cake": True}, {}, {"done": [1, 2]}, {"done": {"a": 1}}])
def test_bad_answers_are_refused_with_their_field_and_keep_nothing(app, project, sent):
    answer = post(app, token("p-1"), "/projects/kettle/gate/kitchen.tea", sent)
    assert answer.status_code == 422
    assert answer.json["detail"]
    assert rows(EvidenceRow) == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("null", "application/json", 400),
        ('{"say": 1}', "application/json", 422),
        ('{"say": "ready", "for": "p-2"}', "application/json", 422),
        ('{"say": "not_ready", "words": {}}', "application/json", 422),
        ('{"say": "not_ready", "words": ""}', "application/json", 422),
        ("say=ready", "application/x-www-form-urlencoded", 415),
        ("", "application/json", 400),
        ("[" * 100_000, "application/json", 400),
    ],
)
def test_a_body_that_is_not_whole_is_a_problem_and_never_a_500(app, project, body, kind, status):
    who = token("p-1")
    db.session.rollback()
    with app.test_client() as client:
        headers = {"Authorization": f"Bearer {who}", "Content-Type": kind}
        answer = client.post("/api/v1/projects/kettle/sign-off", data=body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("sent", ['{"\\ud800": 1}', '{"say": "ready", "\\udfff": ""}', '{"done": "\\ud800"}'])
@pytest.mark.parametrize("path", ["sign-off", "gate/kitchen.tea"])
def test_half_a_letter_is_a_problem_and_never_a_500(app, project, path, sent):
    """JSON may name half of a pair of letters, which no answer of ours can say back as it came."""
    who = token("p-1")
    db.session.rollback()
    with app.test_client() as client:
        headers = {"Authorization": f"Bearer {who}", "Content-Type": "application/json"}
        answer = client.post(f"/api/v1/projects/kettle/{path}", data=sent, headers=headers)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/projects/%00", "/projects/kettle/gate/x.y/%ff", "/nothing", "/projects?page=99999999999999999999"]
)
def test_an_address_that_is_not_whole_is_never_a_500(app, project, path):
    assert ask(app, token("p-1"), path).status_code in (200, 400, 404, 405)


def test_the_document_names_every_route_and_no_other(app):
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method) for path, what in DOCUMENT["paths"].items() for method in what if method != "parameters"
    }
    assert described == routes
    assert json.loads(ask(app, None, "/openapi.json").data) == DOCUMENT


def test_a_token_is_made_on_the_command_line_for_whom_there_is(app, project):
    with pytest.raises(NotFound):
        token("nobody")
    with pytest.raises(Invalid, match="--organisation"):
        token("p-1", organisation="elsewhere")


def test_limits_are_counted_in_redis_and_go_on_without_it(app, settings, shipped, redis_url):
    """300 a minute for each token; the next is refused in words, and another token is not touched."""

    busy, other = f"gf_{uuid4().hex}", f"gf_{uuid4().hex}"

    def told(client, who):
        return client.get("/api/v1/projects", headers={"Authorization": f"Bearer {who}"})

    for url in (redis_url, "redis://127.0.0.1:1/0"):
        limited = create_app(settings_for(settings.instance, settings.database_url, redis_url=url), declared=shipped)
        with limited.app_context(), limited.test_client() as client:
            assert [told(client, busy).status_code for _ in range(300)] == [401] * 300
            last = told(client, busy)
            assert (last.status_code, last.mimetype) == (429, "application/problem+json")
            assert "Wait a minute" in last.json["detail"]
            assert int(last.headers["Retry-After"]) <= 60
            assert told(client, other).status_code == 401
            db.session.remove()
            db.engine.dispose()
    assert not any(busy.encode() in key for key in Redis.from_url(redis_url).scan_iter("*"))
