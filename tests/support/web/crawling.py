"""The crawl: every address of the app, with ids that are one's own, of others, of nobody, and not whole."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.routing import Rule

from tests.support.site import World

KINDS_OF_PEOPLE = (
    None, "p1-member", "p1-lead", "p1-coordinator", "p1-finance", "p1-observer", "p1-left", "p2-lead", "q-member", "admin-a",
)  # fmt: skip
PARTNERS = ("p1-member", "p1-lead", "p1-coordinator", "p1-finance")
MEET_MALFORMED = (None, "p1-lead", "p1-left", "p2-lead", "q-member")
"""Whose project it names, no such address tells: these few kinds of people try them."""
UNKNOWN = "no-such-project"
MALFORMED = ("%00", "%ff%fe", "a" * 300, "..%2f..", "%27%20or%201=1--", "%E2%80%AE")
GONE = "no-such-thing"


@dataclass(frozen=True)
class Address:
    """One URL, the rule it stands for, and whose project it names: own, sibling, foreign, unknown, malformed, or none."""

    url: str
    rule: Rule
    whose: str
    tail: str

    @property
    def endpoint(self) -> str:
        return self.rule.endpoint


def rules(app: Flask) -> list[Rule]:
    """The pages' rules; the API takes no cookie, and has tests of its own."""
    return [
        rule for rule in app.url_map.iter_rules() if rule.endpoint != "static" and not rule.endpoint.startswith("api.")
    ]


def addresses(app: Flask, *, home: str = "p1") -> list[Address]:
    """Every rule with every id that fits it; `home` is one's own project."""
    return [address for rule in rules(app) for address in _of(rule, home)]


def _of(rule: Rule, home: str) -> Iterator[Address]:
    for values in _values(rule, home):
        path = rule.rule
        for name, value in values.items():
            for converter in ("", "int:", "string:"):
                path = path.replace(f"<{converter}{name}>", value)
        slug = values.get("slug", "")
        whose = {"p1": "own", "p2": "sibling", "q": "foreign", UNKNOWN: "unknown", "": "none"}.get(slug, "malformed")
        yield Address(path, rule, whose, path.replace(f"/projects/{slug}", "/projects/*", 1))


def _values(rule: Rule, home: str) -> Iterator[dict[str, str]]:
    names = sorted(rule.arguments - {"slug"})
    if "slug" not in rule.arguments:
        for some in _other(names, home):
            yield some
        return
    for some in _other(names, home):
        yield {"slug": home, **some}
    for slug in ("p2", "q", UNKNOWN):
        for some in _other(names, slug, few=True):
            yield {"slug": slug, **some}
    for slug in MALFORMED:
        for some in itertools.islice(_other(names, home, few=True), 1):
            yield {"slug": slug, **some}


def _other(names: list[str], slug: str, *, few: bool = False) -> Iterator[dict[str, Any]]:
    """Values of the other parts of an address."""
    bad = MALFORMED[:1] if few else MALFORMED[:3]
    match names:
        case []:
            yield {}
        case ["organisation"]:
            for organisation in ("alder", "birch", GONE, *bad):
                yield {"organisation": organisation}
        case ["token"]:
            for token in ("not-a-token", *bad):
                yield {"token": token}
        case ["number"]:
            for number in ("1", "2") if few else ("0", "1", "2", "3", "99", str(2**63), "x"):
                yield {"number": number}
        case ["check_id"]:
            known = ("stress_test.talked", "stress_test.evidence", "stress_test.what_we_are")
            for check in (*known[: 1 if few else 3], "induction.welcomed", f"kitchen.{GONE}", GONE, *bad):
                yield {"check_id": check}
        case ["check_id", "subject"]:
            people = ("member", "lead") if few else ("member", "lead", "writer", "observer", "left")
            for key in people:
                yield {"check_id": "induction.welcomed", "subject": f"{slug}-{key}"}
            yield {"check_id": "paid_authors.covered", "subject": "paper"}
            for subject in (GONE, *bad):
                yield {"check_id": "induction.welcomed", "subject": subject}
            yield {"check_id": "stress_test.talked", "subject": f"{slug}-member"}
        case ["name", "plugin"]:
            for plugin, name in (
                ("outputs", "output"), ("parlour", "guest"), ("parlour", "rules"), ("parlour", "room"),
                ("parlour", "back_room"), ("paid_authors", "cover"), ("stress_test", "how_is_it_going"), ("outputs", GONE),
                *(((GONE, "output"), *((value, value) for value in bad)) if not few else ()),
            ):  # fmt: skip
                yield {"plugin": plugin, "name": name}
        case ["key", "name", "plugin"]:
            for name, key in (
                ("output", "paper"),
                ("output", GONE),
                *((("output", value) for value in bad) if not few else ()),
            ):
                yield {"plugin": "outputs", "name": name, "key": key}
            for key in ("of-member", "of-second"):
                yield {"plugin": "paid_authors", "name": "cover", "key": key}
            yield {"plugin": "parlour", "name": "guest", "key": "tom"}
        case ["group"]:
            for group in ("panel", GONE, *bad):
                yield {"group": group}
        case ["group", "paper"]:
            for paper in ("papertitle", "sharedtitle"):
                yield {"group": "panel", "paper": f"kanari{slug}{paper}"}
            for paper in (GONE, *bad):
                yield {"group": "panel", "paper": paper}
            yield {"group": GONE, "paper": f"kanari{slug}papertitle"}
        case ["opening", "organisation"]:
            for opening in ("come-and-talk", "earlier", GONE, *bad):
                yield {"organisation": "alder", "opening": opening}
            for organisation in ("birch", GONE):
                yield {"organisation": organisation, "opening": "come-and-talk"}
        case ["organisation"]:
            for organisation in ("alder", "birch", GONE, *bad):
                yield {"organisation": organisation}
        case ["key"]:
            for key in (GONE, "0" * 32, *bad):
                yield {"key": key}
        case ["name", "organisation", "plugin"]:
            for plugin, name, organisation in (
                ("checklist", "write", "alder"),
                ("checklist", "write", "birch"),
                ("checklist", GONE, "alder"),
                ("induction", "write", "alder"),
                (GONE, "write", "alder"),
                ("checklist", "write", GONE),
                *((value, value, value) for value in bad),
            ):
                yield {"plugin": plugin, "name": name, "organisation": organisation}
        case ["organisation", "plugin", "project"]:
            for plugin, organisation, project in (
                ("induction", "alder", "p1"),
                ("outputs", "alder", "p2"),
                ("induction", "birch", "q"),
                ("induction", "alder", "q"),
                (GONE, "alder", "p1"),
                ("induction", GONE, "p1"),
                *((value, value, value) for value in bad),
            ):
                yield {"plugin": plugin, "organisation": organisation, "project": project}
        case ["organisation", "plugin"]:
            for plugin, organisation in (
                ("induction", "alder"),
                ("induction", "birch"),
                ("outputs", "alder"),
                (GONE, "alder"),
                ("induction", GONE),
                *((value, value) for value in bad),
            ):
                yield {"plugin": plugin, "organisation": organisation}
        case _:
            raise AssertionError(f"The crawl does not know what to put for {names}. Teach it.")


def shown(whoever: str | None) -> str:
    return whoever or "nobody"


def quoted(value: str) -> str:
    return quote(value, safe="")


def body_of(answer: Any) -> str:
    """What an answer says. A PDF is drawn in numbers of letters; the page beside it says the same, and is read."""
    return "" if answer.mimetype == "application/pdf" else answer.get_data(as_text=True)


# --- the crawl itself ---------------------------------------------------------------------------------------

FORM = {
    "visit": "2", "say": "ready", "do": "leave", "move": "pause", "why": "Because.", "answer": "yes", "title": "A title",
    "member": "p1-second", "name": "Somebody New", "email": "new@example.org", "role": "member", "kind": "paper",
    "planned_end": "1 6 2027", "to": "off", "organisation": "alder", "plugin": "outputs", "waiver": "1", "agreed": "yes",
}  # fmt: skip


def posts(app: Flask) -> list[Address]:
    return [address for address in addresses(app) if "POST" in (address.rule.methods or ())]


def tried_by(who: str | None, those: list[Address]) -> list[Address]:
    """All of them, or all but what is malformed."""
    return [one for one in those if one.whose != "malformed" or who in MEET_MALFORMED]


@dataclass(frozen=True)
class Answer:
    """What somebody was answered at one address."""

    who: str | None
    method: str
    address: Address
    status: int
    mimetype: str
    headers: Headers
    body: str

    def __str__(self) -> str:
        return f"{shown(self.who)} {self.method} {self.address.url}"


@dataclass
class Crawled:
    """Everybody asks for everything, and posts to everything without a token; the tests look at what came."""

    read: list[Answer] = field(default_factory=list)
    posted: list[Answer] = field(default_factory=list)

    @property
    def all(self) -> list[Answer]:
        return self.read + self.posted


def crawl(world: World) -> Crawled:
    """Nothing is written by it: the database is watched, and is the same afterwards."""
    before, watch = world.digest(), world.watch()
    found, wrote = Crawled(), []
    for who in KINDS_OF_PEOPLE:
        client = world.client(who)

        def kept(method: str, address: Address, came: Any, who: str | None = who) -> Answer:
            answer = Answer(who, method, address, came.status_code, came.mimetype, came.headers, body_of(came))
            if watch.written():
                wrote.append(str(answer))
            return answer

        found.read += [kept("GET", one, client.get(one.url)) for one in tried_by(who, addresses(world.app))]
        found.posted += [kept("POST", one, client.post(one.url, data=FORM)) for one in tried_by(who, posts(world.app))]
    watch.close()
    assert wrote == []
    assert world.digest() == before, "Something was written that the watch did not see."
    return found
