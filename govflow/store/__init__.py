"""What is remembered: tables by noun, the session, migrations. Facts are added to; the rest is worked out."""

from govflow.store.auth import ApiToken, Attempt, CalendarFeed, CodeApp, Passkey, RecoveryCode, SignedIn, SignInLink
from govflow.store.base import Base, db, end_reading, forget_deleted, now, one_at_a_time, write
from govflow.store.changes import changed_facts
from govflow.store.gates import EvidenceRow, FindingRow, SignOffRow, Transition, WaiverRow
from govflow.store.history import CheckpointWish, EventDetailsRow, EventRow, record_event
from govflow.store.mail import Email, EmailItem, MailServer, NotificationPreferences, Snooze, SweepDone
from govflow.store.openings import Opening, OpeningReply, Subscription
from govflow.store.people import Admin, GroupNote, GroupRow, GroupSeat, MemberRow, Organisation, Person
from govflow.store.plugins import PluginSwitch, ProjectPlugin
from govflow.store.polls import PollElector, PollRound, SealedBallot
from govflow.store.privacy import AccessNeed, Complaint
from govflow.store.projects import PauseRow, Project, Share, VisitRow, lock_project, new_stamp
from govflow.store.registers import AgreementRow, DocumentRow, EntryRow, EntryVersion, Upload
from govflow.store.scope import everything, limit_scope_to, small_write

__all__ = [
    "AccessNeed",
    "Admin",
    "AgreementRow",
    "ApiToken",
    "Attempt",
    "Base",
    "CalendarFeed",
    "CheckpointWish",
    "CodeApp",
    "Complaint",
    "DocumentRow",
    "Email",
    "EmailItem",
    "EntryRow",
    "EntryVersion",
    "EventDetailsRow",
    "EventRow",
    "EvidenceRow",
    "FindingRow",
    "GroupNote",
    "GroupRow",
    "GroupSeat",
    "MailServer",
    "MemberRow",
    "NotificationPreferences",
    "Opening",
    "OpeningReply",
    "Organisation",
    "Passkey",
    "PauseRow",
    "Person",
    "PluginSwitch",
    "PollElector",
    "PollRound",
    "Project",
    "ProjectPlugin",
    "RecoveryCode",
    "SealedBallot",
    "Share",
    "SignInLink",
    "SignOffRow",
    "SignedIn",
    "Snooze",
    "Subscription",
    "SweepDone",
    "Transition",
    "Upload",
    "VisitRow",
    "WaiverRow",
    "changed_facts",
    "db",
    "end_reading",
    "everything",
    "forget_deleted",
    "limit_scope_to",
    "lock_project",
    "new_stamp",
    "now",
    "one_at_a_time",
    "record_event",
    "small_write",
    "write",
]
