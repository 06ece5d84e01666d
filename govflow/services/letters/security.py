"""The letter to somebody whose second step was added or taken away: at once, also to who stopped reminders."""

from __future__ import annotations

from datetime import date

from govflow.domain.letters import SECOND_STEP_CHANGES, Words, second_step_changed
from govflow.services.house import house
from govflow.services.letters import new_letter, next_serial
from govflow.store import Letter, Person, now

SECURITY = "security"


def owe_security(person_id: int, change: str) -> None:
    """In the transaction that changes a way to sign in. `change` is one of those a letter has words for."""
    assert change in SECOND_STEP_CHANGES
    today = now().date()
    serial = next_serial(person_id, SECURITY, today)
    new_letter(person_id, None, SECURITY, today, serial=serial).about = change


def wake_for_security() -> None:
    """After the commit: letters of no organisation are posted now."""
    house().wake([0])


def security_words(letter: Letter, person: Person, stop: str, today: date) -> Words:
    return second_step_changed(name=person.name, change=letter.about, page=f"{house().base_url}/me/sign-in")
