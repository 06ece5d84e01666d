"""An opening, and people who ask to hear of such."""

from __future__ import annotations

from govflow.services.mail import outbox
from govflow.services.openings import subscriptions
from govflow.services.openings.subscription_links import link_token
from govflow.store import Subscription
from tests.support.factories import TODAY, days, rows

GIVEN = {
    "title": "Come and talk",
    "task": "Talk with us.",
    "time": "One hour in May.",
    "pay": "£25, paid on the day.",
    "access": "From home, with breaks.",
    "closes": "1 4 2026",
}
CLOSED = TODAY + days(31)


def ask(email="new@example.org", name="New Person", words="", network="n", organisation="hearth", on=TODAY):
    return subscriptions.subscribe(
        organisation=organisation, name=name, email=email, words=words, network=network, today=on
    )


def letters(on=TODAY):
    """What is posted now: each letter's person and words."""
    token, ids = outbox.claim()
    ready = [one for id_ in ids if (one := outbox.compose(id_, token, today=on))]
    for one in ready:
        outbox.mark_sent(one.id, token)
    return ready


def token():
    return link_token(rows(Subscription)[-1])
