"""People in a project: asked in, joining, changing what is theirs, leaving."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select

from govflow.domain.people import EXPERTISE, ROLES, Role
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import TEXT_MOST, clean_text, read_words
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.wording import listed, short_name
from govflow.services.auth.email_addresses import clean_email
from govflow.services.auth.sessions import end_everything
from govflow.services.auth.tokens import end_tokens
from govflow.services.base.actions import Actor, log, member_by_key, person_by_email, start_action
from govflow.services.base.context import context
from govflow.services.base.findings import refresh_findings
from govflow.services.mail.outbox import cancel_letters, wake_for_owed
from govflow.services.people.emails import owe_invitation
from govflow.services.people.groups import end_seats
from govflow.services.registers.calendar_feeds import end_feed_of
from govflow.store import (
    Admin,
    MemberRow,
    Organisation,
    Person,
    PluginSwitch,
    Project,
    Share,
    db,
    everything,
    lock_project,
    one_at_a_time,
    write,
)


def find_or_make_person(email: str, name: str) -> Person:
    """The person with this address; a name already there is theirs and stays."""
    one_at_a_time(f"person {email}")  # of two projects that ask the same new person at once, one makes them known
    person = person_by_email(email)
    if person is not None and person.name == person.email:  # asked to hear of chances, and has told no name yet
        person.name = name
    if person is None:
        person = Person(email=email, name=name)
        db.session.add(person)
        db.session.flush()
    return person


def organisation_named(slug: str, name: str = "", timezone: str = "Europe/London") -> Organisation:
    """The organisation with this slug, made if new, with the plugins a new one starts with."""
    from govflow.domain.plugins.declarations import STARTS_WITH

    found = db.session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None:
        found = Organisation(slug=slug, name=name or slug, timezone=timezone)
        db.session.add(found)
        db.session.flush()
        for plugin in STARTS_WITH:
            if plugin in context().declared.plugins:
                db.session.add(PluginSwitch(organisation_id=found.id, plugin=plugin, on=True))
        db.session.flush()
    return found


def organisation_is_known(slug: str) -> bool:
    return db.session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None


def invite_person(*, email: str, name: str, organisation: str | None, admin: bool) -> Person:
    """Bootstrap by the operator: make somebody known, as admin of an organisation where asked."""
    write()
    name = read_words(name, "name", "Give a name.", most=TEXT_MOST)
    person = find_or_make_person(clean_email(email), name)
    if admin and not organisation:
        raise Invalid("Say of which organisation: --organisation SLUG.")
    if organisation:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,62}", organisation):
            raise Invalid("An organisation's short name has small letters, digits and hyphens, such as mcpin.")
        found = organisation_named(organisation)
        if admin and db.session.get(Admin, (found.id, person.id)) is None:
            db.session.add(Admin(organisation_id=found.id, person_id=person.id))
    db.session.commit()
    return person


def invite(project_id: int, *, email: str, name: str, role: str, by: Actor, today: date) -> None:
    """Ask somebody in. They are in the project when they say yes."""
    action = start_action(project_id, "invite", by=by, today=today)
    problems: dict[str, str] = {}
    try:
        name = read_words(name, "name", "Give their name.", most=TEXT_MOST)
    except Invalid as error:
        problems.update(error.problems)
    if role not in ROLES:
        problems["role"] = f"Choose a role: {listed(list(ROLES), 'or')}."
    if role == Role.LEAD and action.me.role != Role.LEAD:
        problems["role"] = "Only a lead can ask in another lead."
    try:
        address = clean_email(email)
    except Invalid as error:
        problems.update(error.problems)
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    person = find_or_make_person(address, name)
    already = db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == project_id,
            MemberRow.person_id == person.id,
            or_(MemberRow.left.is_(None), MemberRow.left > today),
        )
    )
    if already:
        sentence = "Somebody with this address is in this project already, or has been asked."
        raise Invalid(sentence, {"email": sentence})
    db.session.add(
        MemberRow(
            project_id=project_id,
            person_id=person.id,
            key=_new_key(project_id, name),
            role=role,
            invited_by=action.me.key,
            invited_on=today,
            home_id=action.me.home_id,
        )
    )
    action.log("member.invited", person.id, member=name)  # as it was typed: a name we know tells nothing new
    owe_invitation(person, action.project, today=today)
    action.project.version += 1
    db.session.commit()
    wake_for_owed()


def set_home(project_id: int, *, member: str, organisation: str) -> None:
    """Say to which organisation of a shared project a member belongs. For the operator: it opens that one's lists."""
    project = lock_project(project_id)
    row = db.session.scalar(select(MemberRow).where(MemberRow.project_id == project_id, MemberRow.key == member))
    if row is None:
        raise NotFound(f"There is no member “{member:.60}” in this project.")
    shared = select(Share.organisation_id).where(Share.project_id == project_id)
    places = db.session.scalars(
        select(Organisation).where((Organisation.id == project.organisation_id) | Organisation.id.in_(shared))
    )
    found = {place.slug: place for place in places}
    if organisation not in found:
        raise Invalid(f"This project is of: {listed(sorted(found))}. “{organisation:.60}” is none of them.")
    row.home_id = found[organisation].id
    project.version += 1
    db.session.commit()


def _new_key(project_id: int, name: str) -> str:
    taken = set(db.session.scalars(select(MemberRow.key).where(MemberRow.project_id == project_id)))
    return short_name(name, taken, otherwise="member")


def invitations(person_id: int) -> list[tuple[MemberRow, Project, str]]:
    """The projects this person is asked to join, and who asked."""
    rows = db.session.execute(
        select(MemberRow, Project)
        .join(Project, Project.id == MemberRow.project_id)
        .where(MemberRow.person_id == person_id, MemberRow.joined.is_(None), MemberRow.left.is_(None))
        .where(Project.state != ProjectState.CLOSED)
        .order_by(MemberRow.id)
    ).all()
    return [(row, project, _name_of(project.id, row.invited_by)) for row, project in rows]


def _name_of(project_id: int, key: str | None) -> str:
    return (
        db.session.scalar(
            select(Person.name)
            .join(MemberRow, MemberRow.person_id == Person.id)
            .where(MemberRow.project_id == project_id, MemberRow.key == key)
        )
        or ""
    )


def join(
    project_id: int, *, title: str, expertise: Sequence[str], by: Actor, today: date, words: Sequence[str] = ()
) -> None:
    """Say yes to an invitation, with one's own role title and kinds of expertise.

    `words`: those of the organisation's own words for expertise that fit; each brings the kind it stands for.
    """
    project = lock_project(project_id)
    row = db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == project_id,
            MemberRow.person_id == by.person_id,
            MemberRow.joined.is_(None),
            MemberRow.left.is_(None),
        )
    )
    if row is None:
        raise NotFound("There is no invitation for you here. You may have answered it already.")
    if project.state == ProjectState.CLOSED:
        raise Refused("This project is closed, so nobody can join it any more.")
    row.title = _title(title)
    row.expertise, row.words = _expertise(project, expertise, words)
    row.joined = row.expertise_since = today
    log(
        project,
        "member.joined",
        by=by,
        today=today,
        whom=by.person_id,
        member=db.session.get_one(Person, by.person_id).name,
    )
    project.version += 1
    refresh_findings(project, today=today)
    db.session.commit()


def say_no(project_id: int, *, by: Actor, today: date) -> None:
    """Say no to an invitation. Nobody is told why."""
    write()
    row = db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == project_id,
            MemberRow.person_id == by.person_id,
            MemberRow.joined.is_(None),
            MemberRow.left.is_(None),
        )
    )
    if row is None:
        raise NotFound("There is no invitation for you here. You may have answered it already.")
    row.left = today
    _gone(by.person_id, project_id, today)
    db.session.commit()


def change_self(
    project_id: int, *, title: str, expertise: Sequence[str], by: Actor, today: date, words: Sequence[str] = ()
) -> None:
    """Change what is one's own: role title and expertise. New expertise counts after 14 days."""
    action = start_action(project_id, "see project", by=by, today=today)
    row = db.session.get_one(MemberRow, action.me.id)
    kinds, row.words = _expertise(action.project, expertise, words)
    if kinds != list(row.expertise):
        if set(kinds) - set(row.expertise):
            row.expertise_since = today
        row.expertise = kinds
    row.title = _title(title)
    action.log("member.changed", by.person_id, member=action.me.name)
    action.mark_changed()
    db.session.commit()


def leave(project_id: int, *, by: Actor, today: date) -> None:
    """Leave the project, without giving a reason. Ends today."""
    action = start_action(project_id, "see project", by=by, today=today)
    _end(action.snapshot.members, action.me.key)
    db.session.get_one(MemberRow, action.me.id).left = today
    end_seats(action, action.me)
    action.log("member.left", by.person_id, member=action.me.name)
    action.mark_changed()
    _gone(by.person_id, project_id, today)
    db.session.commit()


def remove(project_id: int, *, member: str, by: Actor, today: date) -> None:
    """End somebody's time in the project. What they did stays, and their kind of expertise still has to sign off."""
    action = start_action(project_id, "invite", by=by, today=today)
    other = member_by_key(action.snapshot, member)
    if other.role == Role.LEAD and action.me.role != Role.LEAD:
        raise NotAllowed("Only a lead can end another lead's time here.")
    _end(action.snapshot.members, other.key)
    row = db.session.get_one(MemberRow, other.id)
    row.left, row.ended_by = today, action.me.key
    end_seats(action, other)
    action.log("member.left", other.person_id, member=other.name)
    action.mark_changed()
    _gone(row.person_id, project_id, today)
    db.session.commit()


def _gone(person_id: int, project_id: int, today: date) -> None:
    """Who left a project gets no letter about it; who is in nothing open any more is signed out everywhere, at once.

    Whoever is asked to join something, or looks after an organisation, is still somewhere.
    """
    db.session.flush()
    with everything():  # what they have elsewhere is no business of whoever ends their time here
        cancel_letters(person_id, project_id=project_id)
        there = (
            select(MemberRow.id)
            .join(Project, Project.id == MemberRow.project_id)
            .where(MemberRow.person_id == person_id, or_(MemberRow.left.is_(None), MemberRow.left > today))
            .where(Project.state != ProjectState.CLOSED)
        )
        looks_after = select(Admin.person_id).where(Admin.person_id == person_id)
        if not db.session.scalar(select(or_(there.exists(), looks_after.exists()))):
            cancel_letters(person_id)
            end_everything(person_id)
            end_tokens(person_id)
            end_feed_of(person_id)


def _end(members: Sequence, key: str) -> None:
    leads = [member.key for member in members if member.role == Role.LEAD]
    if leads == [key]:
        raise Refused("You are the only lead. Ask somebody to become a lead first, so that nobody is left waiting.")


def _title(title: str) -> str:
    title = " ".join(clean_text(title).split())
    if len(title) > TEXT_MOST:
        raise Invalid("That title is very long.", {"title": f"At most {TEXT_MOST} letters."})
    return title


def own_words(project: Project) -> dict[str, str]:
    """The own words for expertise of a project's organisation, and the kind each stands for."""
    found = db.session.get_one(Organisation, project.organisation_id).words
    return {word: kind for kind in EXPERTISE for word in found.get(kind, ())}


def _expertise(project: Project, expertise: Sequence[str], words: Sequence[str]) -> tuple[list[str], list[str]]:
    there = own_words(project)
    if any(word not in there for word in words):
        sentence = f"Choose from: {listed(list(there)) or 'none'}."
        raise Invalid(sentence, {"words": sentence})
    return _kinds([*expertise, *(there[word] for word in words)]), list(dict.fromkeys(words))


def _kinds(expertise: Sequence[str]) -> list[str]:
    wrong = [kind for kind in expertise if kind not in EXPERTISE]
    if wrong:
        sentence = f"Choose from: {listed(list(EXPERTISE))}."
        raise Invalid(sentence, {"expertise": sentence})
    return [kind for kind in EXPERTISE if kind in expertise]
