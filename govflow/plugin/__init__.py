"""The door for plugins: everything an organisation's plugin needs, and nothing else of GovFlow.

    from govflow.plugin import Case, Check, Finding, hookimpl, met, unmet

The names below are the public interface, version 1. `plugins/README.md` shows how to use them.
"""

from govflow.domain.gates.checks import (
    ALL,
    ALWAYS,
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    INVITER,
    LEAD,
    MEMBER,
    ORGANISATION,
    PROJECT,
    SUBJECT,
    VISIT,
    Case,
    Check,
    Entry,
    Evidence,
    ProjectFacts,
    Round,
    Visit,
    entry,
    met,
    named,
    not_needed,
    person_field,
    role,
    unmet,
)
from govflow.domain.gates.checks import Judgement as Finding
from govflow.domain.gates.lifecycle import Lifecycle, Stage
from govflow.domain.gates.overdue import (
    after_field,
    after_joining,
    after_stage_entry,
    before_field,
    by_project_month,
    every_months,
)
from govflow.domain.mail.letters import Letter, entry_added
from govflow.domain.people import Member
from govflow.domain.plugins.pages import (
    Bar,
    Chart,
    Desk,
    File,
    Form,
    Link,
    Mark,
    OrganisationDesk,
    Page,
    Span,
    Table,
    Text,
)
from govflow.domain.plugins.settings import setting
from govflow.domain.polls.polls import Poll, Statement
from govflow.domain.questions import Field, NewFile, Question
from govflow.domain.registers.documents import AGREE, CONCERN, Document, Version
from govflow.domain.registers.registers import Register, Verdict, ok, refuse, warn
from govflow.domain.toml_tables import read_toml
from govflow.domain.wording import count, day, listed
from govflow.plugin.hookspecs import hookimpl

API_VERSION = "1.0"

__all__ = [
    "AGREE",
    "ALL",
    "ALWAYS",
    "API_VERSION",
    "CONCERN",
    "COORDINATOR",
    "EVERY_MEMBER",
    "FINANCE",
    "INVITER",
    "LEAD",
    "MEMBER",
    "ORGANISATION",
    "PROJECT",
    "SUBJECT",
    "VISIT",
    "Bar",
    "Case",
    "Chart",
    "Check",
    "Desk",
    "Document",
    "Entry",
    "Evidence",
    "Field",
    "File",
    "Finding",
    "Form",
    "Letter",
    "Lifecycle",
    "Link",
    "Mark",
    "Member",
    "NewFile",
    "OrganisationDesk",
    "Page",
    "Poll",
    "ProjectFacts",
    "Question",
    "Register",
    "Round",
    "Span",
    "Stage",
    "Statement",
    "Table",
    "Text",
    "Verdict",
    "Version",
    "Visit",
    "after_field",
    "after_joining",
    "after_stage_entry",
    "before_field",
    "by_project_month",
    "count",
    "day",
    "entry",
    "entry_added",
    "every_months",
    "hookimpl",
    "listed",
    "met",
    "named",
    "not_needed",
    "ok",
    "person_field",
    "read_toml",
    "refuse",
    "role",
    "setting",
    "unmet",
    "warn",
]
