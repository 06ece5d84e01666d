"""Judging a whole project: every check of its stage on every subject, one plugin never able to hurt another."""

from __future__ import annotations

import logging
from collections.abc import Collection

from govflow.domain.gates.checks import BROKEN, Check, Finding, broken, find, settle
from govflow.domain.plugins.declarations import Declared, DeclaredPlugin
from govflow.domain.principles import PRINCIPLES
from govflow.domain.snapshot import (
    ProjectSnapshot,
    cases_for,
    checks_asked,
    missing_need,
    subject_label,
    subjects_of,
)

log = logging.getLogger("govflow.plugin_host.judging")


def judge(snapshot: ProjectSnapshot, declared: Declared, checks: Collection[str]) -> dict[str, list[Finding]]:
    """The findings of these checks of the project's present stage, subjects in the order in which they came."""
    given = snapshot.given(declared)
    return {
        check_id: judge_check(snapshot, declared, check_id, check, plugin, given=given)
        for check_id, check, plugin in checks_asked(snapshot, declared)
        if check_id in checks
    }


def judge_check(
    snapshot: ProjectSnapshot,
    declared: Declared,
    check_id: str,
    check: Check,
    plugin: DeclaredPlugin,
    *,
    given: Collection[str],
    refuse: str = "",
) -> list[Finding]:
    """One check on every subject. With `refuse` its judge is not asked: it reads broken, and the log says why."""
    lacking = missing_need(snapshot, declared, check_id, check)
    if lacking:
        return [lacking]
    findings = []
    group = PRINCIPLES.get(check.principle or "", plugin.title)
    for case in cases_for(snapshot, declared, check_id, check, subjects_of(snapshot, check), given=frozenset(given)):
        said = broken(error=refuse) if refuse else find(check, case)
        if said.outcome == BROKEN:
            log.error("check %s broke on %s: %s", check_id, snapshot.project.slug, said.error)
        label = subject_label(snapshot, declared, case.subject, check)
        findings.append(settle(check_id, check, case, said, label=label, group=group))
    return findings
