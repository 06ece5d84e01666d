"""What is remembered: tables by noun, the session, migrations. Facts are added to; the rest is worked out."""

from govflow.store.base import Base, db, end_reading, lock_project, now, write
from govflow.store.letters import Letter, LetterItem
from govflow.store.people import Admin, Organisation, Person, PluginSwitch, SignedIn, SignInLink
from govflow.store.projects import (
    EntryRow,
    EntryVersion,
    EvidenceRow,
    FindingRow,
    LogLine,
    MemberRow,
    Panel,
    PauseRow,
    PollAnswer,
    PollRound,
    Project,
    Share,
    SignOffRow,
    Transition,
    VisitRow,
    WaiverRow,
)

__all__ = [
    "Admin", "Base", "EntryRow", "EntryVersion", "EvidenceRow", "FindingRow", "Letter", "LetterItem", "LogLine",
    "MemberRow", "Organisation", "Panel", "PauseRow", "Person", "PluginSwitch", "PollAnswer", "PollRound",
    "Project", "Share", "SignInLink", "SignOffRow", "SignedIn", "Transition", "VisitRow", "WaiverRow",
    "db", "end_reading", "lock_project", "now", "write",
]
