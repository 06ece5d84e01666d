"""The letter with a link to sign in. It holds no secret until it is posted."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Select, select

from govflow.domain.letters import Words, sign_in
from govflow.services.house import house
from govflow.services.letters import new_letter
from govflow.services.links import WAITED_FOR, token_for_letter
from govflow.store import Letter, Person, SignInLink, db, now

SIGN_IN, SIGN_IN_MINUTES = "sign_in", 10


def asked_links() -> Select[SignInLink]:
    """Links that people we know asked for, and that have no letter yet."""
    known = SignInLink.person_id.is_not(None) & SignInLink.has_letter.is_(False)
    return select(SignInLink).where(known, SignInLink.used_at.is_(None), SignInLink.expires_at > now())


def owe_sign_ins() -> None:
    """A letter for each, written away from the page that was asked on. Its link is made when it is posted."""
    for link in db.session.scalars(asked_links().order_by(SignInLink.id).with_for_update(skip_locked=True)):
        if link.person_id is not None:
            letter = new_letter(link.person_id, None, SIGN_IN, link.made_at.date(), serial=link.id)
            letter.about, link.has_letter = str(link.id), True


def sign_in_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    link = int(letter.about) if letter.about.isdigit() else 0
    token = token_for_letter(link, lasts=timedelta(minutes=SIGN_IN_MINUTES))
    if token is None:
        return None
    return sign_in(name=person.name, link=f"{house().base_url}/sign-in/{token}", minutes=SIGN_IN_MINUTES)


def take_back(letter: Letter) -> None:
    """The letter was not handed over after all: nobody knows its link, and the next try makes another."""
    link = db.session.get(SignInLink, int(letter.about))
    if link is not None and link.used_at is None:
        link.token_hash, link.expires_at = None, link.made_at + WAITED_FOR
