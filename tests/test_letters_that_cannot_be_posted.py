"""One letter that cannot be worded, or put into an envelope, keeps no other from being posted."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from govflow import jobs
from govflow.mail.demo import FolderPost, posted
from govflow.services.base.actions import person_by_email
from govflow.services.people import people
from govflow.services.registers.emails import FROM_PLUGIN
from govflow.store import Email, Person, db
from tests.support.factories import NOTHING, TODAY, a_project, rows

pytestmark = pytest.mark.both_engines


def two_asked(app):
    """Two letters owed; the first one is to be spoilt."""
    project = a_project(app, plugins={"kitchen": NOTHING})
    for name in ("ann", "bea"):
        asked = {"email": f"{name}@example.org", "name": name.title(), "role": "member"}
        people.invite(project.id, by=project.by("lead-1"), today=TODAY, **asked)


def delivered(app) -> list[str]:
    folder = app.config["GOVFLOW"].instance / "mail"
    jobs.deliver(post=FolderPost(folder))
    return [one.to for one in posted(folder)]


def test_a_letter_that_cannot_be_worded_is_tried_again_and_the_next_one_goes_out(app):
    two_asked(app)
    db.session.execute(update(Email).where(Email.id == rows(Email)[0].id).values(kind=FROM_PLUGIN, about=""))
    db.session.commit()
    assert delivered(app) == ["Bea <bea@example.org>"]
    assert [(one.state, one.attempts) for one in rows(Email)] == [("owed", 1), ("sent", 0)]


def test_a_letter_to_an_address_that_cannot_be_written_is_given_up_and_the_next_one_goes_out(app):
    """Of an address that an earlier version took."""
    two_asked(app)
    db.session.execute(
        update(Person).where(Person.id == person_by_email("ann@example.org").id).values(email="änn@example.org")
    )
    db.session.commit()
    assert delivered(app) == ["Bea <bea@example.org>"]
    assert [one.state for one in rows(Email)] == ["dead", "sent"]
