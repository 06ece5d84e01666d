"""Whoever's second step is added or taken away is told by letter, at once and always: it may not have been them."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import ConfirmFirst, Invalid
from govflow.services.auth import second_factor
from govflow.services.base.actions import Actor
from govflow.services.mail import outbox, unsubscribe
from govflow.store import Email, db
from tests.support.factories import TODAY, rows
from tests.support.site import with_an_app
from tests.support.topics.sessions import begin


def posted() -> list[tuple[str, str]]:
    """The subject and text of each letter that would be posted now."""
    lease, ids = outbox.claim(organisation=0)
    ready = [outbox.compose(one, lease, today=TODAY) for one in ids]
    return [(one.words.subject, one.words.text) for one in ready if one]


@pytest.mark.both_engines
def test_an_app_that_is_set_up_and_taken_away_is_told_each_time(app, ada):
    session, _, _ = with_an_app(ada.person_id, begin(ada))
    second_factor.remove_app(by=Actor(ada.person_id, strong=True), session=session, today=TODAY)
    (subject, added), (_, removed) = posted()
    assert subject == "GovFlow: how you sign in has changed"
    assert "An app that shows codes was set up" in added
    assert "was taken away" in removed
    assert "/me/sign-in" in added
    assert {one.organisation_id for one in rows(Email)} == {None}


def test_it_comes_also_to_whoever_has_stopped_reminders(app, ada):
    unsubscribe.stop_reminders(unsubscribe.stop_token(ada.person_id), today=TODAY)
    with_an_app(ada.person_id, begin(ada))
    assert len(posted()) == 1


def test_the_operator_s_help_is_told_where_there_was_something_to_take_away(app, ada):
    second_factor.forget_second_steps(ada.person_id, today=TODAY)
    assert posted() == []
    with_an_app(ada.person_id, begin(ada))
    second_factor.forget_second_steps(ada.person_id, today=TODAY)
    assert "Whoever runs this service took away" in posted()[-1][1]


def test_what_was_refused_or_only_begun_is_not_told(app, ada):
    second_factor.begin_app(by=ada)
    with pytest.raises(Invalid):
        second_factor.confirm_app(by=ada, session=begin(ada), code="12", today=TODAY)
    db.session.rollback()
    with pytest.raises(ConfirmFirst):
        second_factor.remove_app(by=ada, session="", today=TODAY)
    db.session.rollback()
    assert posted() == []


def test_the_letter_holds_no_secret_and_no_code(app, ada):
    _, secret, codes = with_an_app(ada.person_id, begin(ada))
    [(subject, text)] = posted()
    assert not any(one in subject + text for one in (secret, *codes))
