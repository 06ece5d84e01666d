"""Posting what is owed: letters are taken, worded afresh, and handed to the mail server one after the other."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask import current_app

from govflow import clock
from govflow.mail.message import Envelope, NotPosted, Post
from govflow.mail.smtp import IN_ALL, post_for
from govflow.services.mail import mail_servers, outbox
from govflow.services.mail.mail_servers import SendAllowance
from govflow.settings import Settings

log = logging.getLogger("govflow.letters")
GO_ON_FOR = 200.0
"""Seconds after which a job ends and leaves the rest to the next, well before the queue would end it."""


def deliver(*, organisation: int | None = None, post: Post | None = None) -> dict[str, int]:
    """Post every letter that is owed now, fifty at a time on one connection; at most for some minutes."""
    settings: Settings = current_app.config["GOVFLOW"]
    post = post or post_for(
        mail_url=settings.mail_url, mail_from=settings.mail_from, demo_folder=settings.instance / "mail"
    )
    until, done = clock.now_steady() + GO_ON_FOR, Delivered()
    try:
        while clock.now_steady() < until:
            lease, ids, leave = outbox.claim_for(post.host, organisation=organisation)
            if ids:
                if not _post_batch(post, lease, ids, leave, done):
                    break
            elif leave.slow and leave.wait:
                time.sleep(leave.wait)
            else:
                break
    finally:
        post.close()
    return {"sent": done.sent, "failed": done.failed, "owed": outbox.letters_owed()}


@dataclass
class Delivered:
    sent: int = 0
    failed: int = 0


def _post_batch(post: Post, lease: str, ids: list[int], leave: SendAllowance, done: Delivered) -> bool:
    """Post the letters of one claim, while they are surely ours. Whether the mail server takes more."""
    taken = clock.now_steady()
    ours, begun = taken + outbox.LEASE.total_seconds(), taken + outbox.LEASE.total_seconds() - IN_ALL
    left = dict.fromkeys(ids)
    troubled = leave.troubled
    for ready in _worded(lease, ids):
        if clock.now_steady() >= begun:
            break
        left.pop(ready.id, None)
        try:
            post.send(_envelope(ready), until=ours)
        except NotPosted as error:
            done.failed += 1
            if error.away:
                log.warning("letters wait: %s", error)
                outbox.put_back([ready.id, *left], lease)
                mail_servers.record_silence(post.host)
                return False
            if error.late:
                break
            outbox.mark_failed(
                ready.id, lease, error=str(error), permanent=error.permanent, unsure=error.unsure, today=day_in
            )
        else:
            done.sent += 1
            outbox.mark_sent(ready.id, lease, unreachable=ready.unreachable)
        if troubled:
            mail_servers.record_answer(post.host)
            troubled = False
    outbox.put_back(left, lease)
    return True


def _worded(lease: str, ids: list[int]) -> Iterator[outbox.Ready]:
    """The letters of a claim as they stand now: first one by one those that go out once at most, then the others."""
    once = outbox.at_once_only(ids)
    for email in once:
        yield from _worded_alone(email, lease)
    others = [member_id for member_id in ids if member_id not in once]
    try:
        yield from outbox.compose_all(others, lease, today=day_in)
    except Exception:  # whatever is wrong with one letter, the others go out
        log.exception("letters could not be worded together")
        for email in others:
            yield from _worded_alone(email, lease)


def _worded_alone(email: int, lease: str) -> Iterator[outbox.Ready]:
    try:
        ready = outbox.compose(email, lease, today=day_in)
    except Exception:
        log.exception("letter %s could not be worded", email)
        outbox.mark_failed(email, lease, error="it could not be worded", permanent=False, ours=True, today=day_in)
        return
    if ready is not None:
        yield ready


def _envelope(ready: outbox.Ready) -> Envelope:
    return Envelope(
        to=ready.to,
        to_name=ready.to_name,
        subject=ready.words.subject,
        text=ready.words.text,
        html=ready.words.html,
        message_id=ready.message_id,
        stop_url=ready.stop_url,
    )


def day_in(timezone: str) -> date:
    """Which day it is there."""
    settings: Settings = current_app.config["GOVFLOW"]
    return clock.today(settings.today, timezone)
