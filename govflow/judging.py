"""Judging a whole project: every check of its stage on every subject, one plugin never able to hurt another."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator

from govflow.domain.checks import BROKEN, Check, Standing, broken, find, settle
from govflow.domain.declared import Declared, DeclaredPlugin
from govflow.domain.picture import (
    Picture,
    absent_plugins,
    cases_for,
    checks_of,
    missing_need,
    subject_label,
    subjects_of,
)
from govflow.domain.principles import PRINCIPLES

log = logging.getLogger("govflow.judging")


def judge(picture: Picture, declared: Declared) -> list[Standing]:
    """Every finding of the project's present stage: plugin by plugin, subjects in the order in which they came."""
    standings = absent_plugins(declared, picture.on, picture.stage)
    given = picture.given(declared)
    for check_id, check, plugin in asked(picture, declared):
        standings += judge_check(picture, declared, check_id, check, plugin, given=given)
    return standings


def asked(picture: Picture, declared: Declared) -> Iterator[tuple[str, Check, DeclaredPlugin]]:
    """The checks that apply in the project's stage."""
    for check_id, check, plugin in checks_of(declared, picture.on):
        if check.applies_in(picture.lifecycle, picture.stage):
            yield check_id, check, plugin


def judge_check(
    picture: Picture,
    declared: Declared,
    check_id: str,
    check: Check,
    plugin: DeclaredPlugin,
    *,
    given: Collection[str],
    refuse: str = "",
) -> list[Standing]:
    """One check on every subject. With `refuse` its judge is not asked: it reads broken, and the log says why."""
    lacking = missing_need(picture, declared, check_id, check)
    if lacking:
        return [lacking]
    standings = []
    group = PRINCIPLES.get(check.principle or "", plugin.title)
    for case in cases_for(picture, declared, check_id, check, subjects_of(picture, check), given=frozenset(given)):
        said = broken(error=refuse) if refuse else find(check, case)
        if said.outcome == BROKEN:
            log.error("check %s broke on %s: %s", check_id, picture.project.slug, said.error)
        label = subject_label(picture, declared, case.subject, check)
        standings.append(settle(check_id, check, case, said, label=label, group=group))
    return standings
