"""Reading pages, sending forms, and what pages and letters hold."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import email
import email.policy
import re

from govflow import jobs
from govflow.mail.smtp import post_for
from tests.support.servers import SmtpSink
from tests.support.site import World, token_of

ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "http://evil.example", "https://evil.example", "HTTPS://evil.example", "https:evil.example", "http:/evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "mailto:x@y.z",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example", "\x00//evil.example",
    "/\x00/evil.example", "/\x0b/evil.example", "/\u2028/evil.example", "//\u3002evil.example", "/\u2215evil.example",
    "evil.example", "evil.example/path", "", " ", "?next=//evil.example", "#x", "../..", "@evil.example", ":80",
    "//evil.example@govflow.example.org", "//govflow.example.org@evil.example", "/\\/evil.example", "/\\\\evil.example",
    "\u2028//evil.example", "//%65vil.example", "//[::1]/", "//[", "/\\[", "/\\[x]y", "/\u00a0/evil", "/é", "\\evil.example",
    "ftp://evil.example", "//evil.example:443", "http://", "//", "/\\", "\\", "/\r\nSet-Cookie: a=b", "/\r\n\r\n<script>",
    "///\t/evil.example", "/\x7f/evil.example",
]  # fmt: skip
CODE = re.compile(
    r"(?<=<span aria-hidden=\"true\">)[2-9A-Z]{4}-[2-9A-Z]{4}|(?:[2-9A-Z] ){3}[2-9A-Z], (?:[2-9A-Z] ){3}[2-9A-Z]"
)
"""The code on the page that says to look at one's email: as it is shown, and as it is read out."""


def deliver(world: World, sink: SmtpSink) -> dict[str, email.message.EmailMessage]:
    """Post what is owed to the real SMTP server; the letters by who they are to."""
    sink.clear()
    with world.open():
        post = post_for(mail_url=sink.url, mail_from="GovFlow <govflow@example.org>", demo_folder=world.file.parent)
        jobs.deliver(post=post)
    found = {}
    for raw in sink.messages:
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        found[letter["To"].addresses[0].addr_spec] = letter
    return found


def link_in(letter: email.message.EmailMessage, begins: str = "/sign-in/") -> str:
    found = re.search(rf"https?://[^/\s]+({re.escape(begins)}\S*)", letter.get_body(("plain",)).get_content())
    assert found is not None
    return found[1]


def page(client, url: str) -> str:
    answer = client.get(url, follow_redirects=True)
    assert answer.status_code == 200, url
    return answer.get_data(as_text=True)


def send(client, url: str, **form: object):
    return client.post(url, data={"csrf_token": token_of(client), **form})
