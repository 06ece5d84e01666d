"""Every topic's emails: importing them is what tells the outbox of their kinds."""

from govflow.services.auth import emails as auth
from govflow.services.gates import emails as gates
from govflow.services.history import emails as history
from govflow.services.mail import reminders
from govflow.services.openings import emails as openings
from govflow.services.people import emails as people
from govflow.services.polls import emails as polls
from govflow.services.privacy import emails as privacy
from govflow.services.registers import emails as registers

__all__ = ["auth", "gates", "history", "openings", "people", "polls", "privacy", "registers", "reminders"]
