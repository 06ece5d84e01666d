"""People and clocks that several topics ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
import time_machine
from flask import Flask

from govflow.services.base.actions import Actor
from govflow.services.people.people import invite_person
from tests.support.factories import TODAY, Made


@pytest.fixture
def ada(app: Flask) -> Actor:
    """An admin who has no second step yet."""
    return Actor(invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True).id)


@pytest.fixture
def admin(project: Made) -> Actor:
    """An admin of the organisation of the module's project, after one more step."""
    return Actor(invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True).id, strong=True)


@pytest.fixture
def noon_of_today() -> Iterator[None]:
    """Letters are tried again by the clock, so the clock shows the day of these tests."""
    with time_machine.travel(datetime.combine(TODAY, time(12), tzinfo=UTC), tick=True):
        yield
