"""The door for plugins: everything an organisation's plugin needs, and nothing else of GovFlow.

    from govflow.plugin import Case, Check, Finding, hookimpl, met, unmet

The names below are the public interface, version 1. `plugins/README.md` shows how to use them.
"""

from govflow.domain.checks import (
    ALL,
    ALWAYS,
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    INVITER,
    LEAD,
    MEMBER,
    PROJECT,
    SUBJECT,
    VISIT,
    Case,
    Check,
    Entry,
    Evidence,
    Finding,
    ProjectFacts,
    Round,
    Visit,
    entry,
    met,
    not_needed,
    person_field,
    role,
    unmet,
)
from govflow.domain.lifecycle import Lifecycle, Stage
from govflow.domain.overdue import (
    after_field,
    after_joining,
    after_stage_entry,
    before_field,
    by_project_month,
    every_months,
)
from govflow.domain.people import Member
from govflow.domain.plugin_settings import setting
from govflow.domain.polls import Poll, Statement
from govflow.domain.questions import Field, Question
from govflow.domain.registers import Register, Verdict, ok, refuse, warn
from govflow.domain.wording import count, day, listed
from govflow.plugin.hookspecs import hookimpl

API_VERSION = "1.0"

__all__ = [
    "ALL",
    "ALWAYS",
    "API_VERSION",
    "COORDINATOR",
    "EVERY_MEMBER",
    "FINANCE",
    "INVITER",
    "LEAD",
    "MEMBER",
    "PROJECT",
    "SUBJECT",
    "VISIT",
    "Case",
    "Check",
    "Entry",
    "Evidence",
    "Field",
    "Finding",
    "Lifecycle",
    "Member",
    "Poll",
    "ProjectFacts",
    "Question",
    "Register",
    "Round",
    "Stage",
    "Statement",
    "Verdict",
    "Visit",
    "after_field",
    "after_joining",
    "after_stage_entry",
    "before_field",
    "by_project_month",
    "count",
    "day",
    "entry",
    "every_months",
    "hookimpl",
    "listed",
    "met",
    "not_needed",
    "ok",
    "person_field",
    "refuse",
    "role",
    "setting",
    "unmet",
    "warn",
]
