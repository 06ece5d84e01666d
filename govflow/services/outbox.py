"""The outbox: which letters are owed, who may post them now, and what each one says.

The database remembers, the queue only hurries: everything here works, and catches up, without Redis.
"""

from __future__ import annotations

import logging
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Select, func, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from govflow.domain.checks import Case, Entry, people_meant
from govflow.domain.letters import (
    Item,
    Words,
    chance,
    complaint,
    entry_added,
    from_plugin,
    hearing,
    invitation,
    reminder,
    sign_in,
)
from govflow.domain.letters import Letter as DeclaredLetter
from govflow.domain.overdue import cycle
from govflow.domain.picture import plugin_case
from govflow.domain.refusals import Invalid
from govflow.domain.wording import day
from govflow.services.acting import Act, member_for
from govflow.services.checkpoint_letters import CHECKPOINT, checkpoint_words, owe_checkpoint_letters
from govflow.services.checkpoints import write_as_part_of_the_sweep
from govflow.services.closed_lists import hidden_places, reads_list, told_closed
from govflow.services.findings import refresh, standing_of
from govflow.services.hearing_links import forget_unconfirmed, link_token
from govflow.services.house import house
from govflow.services.letters import new_letter as _letter
from govflow.services.links import token_for_letter
from govflow.services.picture import picture_of
from govflow.services.polls import close_due_rounds
from govflow.services.project_plugins import plugins_of
from govflow.services.retention import forget_expired
from govflow.services.security_letters import SECURITY, security_words
from govflow.services.tries import forget_old
from govflow.store import (
    Admin,
    FindingRow,
    Interest,
    Letter,
    LetterItem,
    MemberRow,
    Opening,
    Organisation,
    Person,
    Project,
    Share,
    SignInLink,
    db,
    everything,
    lock_project,
    now,
    write,
)

log = logging.getLogger("govflow.letters")
OWED, SENT, CANCELLED, DEAD = "owed", "sent", "cancelled", "dead"
REMINDER, SIGN_IN, INVITATION, FROM_PLUGIN = "reminder", "sign_in", "invitation", "from_plugin"
COMPLAINT = "complaint"
HEARING, CHANCE = "hearing", "chance"
MOST_PARAGRAPHS, MOST_LETTERS = 20, 2_000
AT_ONCE, LEASE, BATCH = 50, timedelta(seconds=120), 1_000
LOOK_AGAIN_WITHIN = timedelta(days=7)
TRY_AGAIN = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(hours=48)
SIGN_IN_MINUTES = 10


# --- the sweep: what is late becomes a letter -------------------------------------------------------


def sweep(*, today: date, dry_run: bool = False) -> dict[str, object]:
    """Judge what needs judging, write the letters that are owed, wake the workers. Running it twice adds nothing."""
    judged = _rejudge(today, dry_run=dry_run)
    if not dry_run:
        close_due_rounds(today=today)
        forget_old()
        forget_expired(today=today)
        forget_unconfirmed(today)
    late, new = 0, 0
    for batch in _late_batches(today):
        late += len(batch)
        new += _write_letters(batch, today, dry_run=dry_run)
    if not dry_run:
        write_as_part_of_the_sweep()
        new += owe_checkpoint_letters(today=today)
    owed = letters_owed()
    if dry_run:
        db.session.rollback()
    else:
        wake_for_owed()
    return {"today": today.isoformat(), "judged": judged, "late": late, "letters_new": new, "letters_owed": owed}


def _rejudge(today: date, *, dry_run: bool) -> int:
    """Judge again the projects whose findings may have changed by themselves. In a dry run nothing is kept."""
    stale = (
        select(Project.id)
        .where(
            Project.state == "running",
            or_(
                Project.judged_on.is_(None),
                Project.judged_on <= today - LOOK_AGAIN_WITHIN,
                Project.id.in_(
                    select(FindingRow.project_id).where(FindingRow.look_again <= today, Project.judged_on < today)
                ),
            ),
        )
        .order_by(Project.id)
    )
    judged = 0
    for project_id in db.session.scalars(stale).all():
        project = db.session.get_one(Project, project_id) if dry_run else lock_project(project_id)
        refresh(project, today=today)
        judged += (
            db.session.scalar(select(func.count()).select_from(FindingRow).where(FindingRow.project_id == project_id))
            or 0
        )
        if dry_run:
            db.session.flush()
        else:
            db.session.commit()
    return judged


@dataclass(frozen=True)
class _Late:
    """A late finding, as much of it as a letter needs."""

    id: int
    project: int
    check: str
    subject: str
    due_on: date
    remind_every: int
    owed_by: list[str]


def _late_batches(today: date) -> Iterator[list[_Late]]:
    """Every late finding of a running project, through the index, a thousand at a time."""
    after: tuple[date, int] = (date.min, 0)
    while True:
        rows = db.session.execute(
            select(
                FindingRow.id,
                FindingRow.project_id,
                FindingRow.check,
                FindingRow.subject,
                FindingRow.due_on,
                FindingRow.remind_every,
                FindingRow.owed_by,
            )
            .join(Project, Project.id == FindingRow.project_id)
            .where(
                FindingRow.open,
                FindingRow.due_on < today,
                or_(FindingRow.due_on > after[0], (FindingRow.due_on == after[0]) & (FindingRow.id > after[1])),
                Project.state == "running",
            )
            .order_by(FindingRow.due_on, FindingRow.id)
            .limit(BATCH)
        )
        batch = [_Late(*row) for row in rows]  # type: ignore[arg-type]  # a late finding has a due day
        if batch:
            after = (batch[-1].due_on, batch[-1].id)
            yield batch
        if len(batch) < BATCH:
            return


def _write_letters(late: Sequence[_Late], today: date, *, dry_run: bool) -> int:
    for attempt in (1, 2, 3):
        if not dry_run:
            write()
        try:
            new = _add_items(late, today)
            if dry_run:
                db.session.flush()
            else:
                db.session.commit()
            return new
        except IntegrityError:  # another sweep was at work; what it wrote need not be written again
            db.session.rollback()
            if attempt == 3:
                raise
    return 0


def _add_items(late: Sequence[_Late], today: date) -> int:
    projects = {one.project for one in late}
    longest = timedelta(days=max(one.remind_every for one in late))
    said = {
        tuple(row)
        for row in db.session.execute(
            select(LetterItem.project_id, LetterItem.check, LetterItem.subject, LetterItem.cycle).where(
                LetterItem.project_id.in_(projects), LetterItem.cycle > today - longest
            )
        )
    }
    owed = [(one, cycle(one.due_on, today, every=one.remind_every)) for one in late]
    owed = [(one, of) for one, of in owed if (one.project, one.check, one.subject, of) not in said]
    if not owed:
        return 0
    people = _people_here(projects, today)
    organisations = {
        row.id: row.organisation_id
        for row in db.session.execute(select(Project.id, Project.organisation_id).where(Project.id.in_(projects)))
    }
    letters = _todays_letters({person for by_key in people.values() for person in by_key.values()}, today)
    new = 0
    for one, of in owed:
        told = next((people[one.project][key] for key in one.owed_by if key in people[one.project]), None)
        if told is None:
            continue
        place = (told, organisations[one.project])
        letter = letters.get(place)
        if letter is None:
            letter = letters[place] = _letter(told, organisations[one.project], REMINDER, today)
            new += 1
        elif letter.state != OWED or (letter.lease_until and letter.lease_until > now()):
            continue  # told today already, or on its way; tomorrow's sweep will say it
        db.session.add(
            LetterItem(
                letter_id=letter.id,
                project_id=one.project,
                check=one.check,
                subject=one.subject,
                due_on=one.due_on,
                cycle=of,
            )
        )
    db.session.flush()
    return new


def _people_here(projects: Iterable[int], today: date) -> dict[int, dict[str, int]]:
    """Project -> member key -> person, of those who are here today and have not stopped reminders."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = db.session.execute(
        select(MemberRow.project_id, MemberRow.key, MemberRow.person_id)
        .join(Person, Person.id == MemberRow.person_id)
        .where(MemberRow.project_id.in_(projects), MemberRow.joined <= today)
        .where(or_(MemberRow.left.is_(None), MemberRow.left > today), Person.reminders_stopped_on.is_(None))
    )
    for project, key, person in rows:
        found[project][key] = person
    return found


def _todays_letters(people: Iterable[int], today: date) -> dict[tuple[int, int | None], Letter]:
    rows = db.session.scalars(
        select(Letter)
        .where(Letter.person_id.in_(set(people)), Letter.day == today, Letter.kind == REMINDER)
        .order_by(Letter.id)
        .with_for_update()  # a letter that is being claimed is not added to
    )
    return {(row.person_id, row.organisation_id): row for row in rows}


# --- other letters ------------------------------------------------------------------------------------


def owe_invitation(person: Person, project: Project, *, today: date) -> None:
    """An invitation, in the transaction that asks somebody in."""
    serial = _next_serial(person.id, INVITATION, today)
    _letter(person.id, project.organisation_id, INVITATION, today, serial=serial, project=project.id)


def owe_complaint_letters(organisation_id: int, *, today: date) -> None:
    """One to each admin, in the transaction that keeps the complaint."""
    for person_id in db.session.scalars(select(Admin.person_id).where(Admin.organisation_id == organisation_id)).all():
        serial = _next_serial(person_id, COMPLAINT, today)
        _letter(person_id, organisation_id, COMPLAINT, today, serial=serial)


def owe_hearing(row: Interest, *, today: date) -> None:
    """The link that confirms an address, in the transaction in which somebody asks to hear of chances."""
    serial = _next_serial(row.person_id, HEARING, today)
    _letter(row.person_id, row.organisation_id, HEARING, today, serial=serial)


def owe_opening(opening: Opening, people: Sequence[int], *, today: date) -> None:
    """A letter to each of them about an opening, in the transaction that publishes it."""
    for person in people:
        _letter(person, opening.organisation_id, CHANCE, today, serial=opening.id).about = str(opening.id)


def owe_plugin_letters(act: Act, register_id: str, entry: Entry) -> None:
    """The letters a plugin wants written about an entry that was just added, in the transaction that adds it."""
    slug, _, register = register_id.partition(".")
    plugin = house().declared.plugins[slug]
    ids = {one.key: getattr(one, "person_id", 0) for one in act.picture.members}
    for letter in plugin.letters.values():
        if letter.when == entry_added(register):
            case = plugin_case(act.picture, house().declared, plugin, subject=entry)
            for key in (one for one in people_meant(letter.to, case) if reads_list(act.picture, register_id, one)):
                row = _letter(
                    ids[key],
                    act.project.organisation_id,
                    FROM_PLUGIN,
                    act.today,
                    serial=_next_serial(ids[key], FROM_PLUGIN, act.today),
                    project=act.project.id,
                )
                row.about = f"{slug}.{letter.slug} {register_id} {entry.key}"


def _asked_links() -> Select[SignInLink]:
    """Links that people we know asked for, and that have no letter yet."""
    known = SignInLink.person_id.is_not(None) & SignInLink.has_letter.is_(False)
    return select(SignInLink).where(known, SignInLink.used_at.is_(None), SignInLink.expires_at > now())


def _owe_sign_ins() -> None:
    """A letter for each, written away from the page that was asked on. Its link is made when it is posted."""
    for link in db.session.scalars(_asked_links().order_by(SignInLink.id).with_for_update(skip_locked=True)):
        if link.person_id is not None:
            letter = _letter(link.person_id, None, SIGN_IN, link.made_at.date(), serial=link.id)
            letter.about, link.has_letter = str(link.id), True


def cancel_letters(person_id: int, *, project_id: int | None = None) -> None:
    """In the caller's transaction: what was owed to somebody who left a project, or everything, is not posted.

    A reminder that is about other projects too goes on; it is worded when it is posted, and then says nothing of this.
    """
    gone = Letter.project_id == project_id
    if project_id is None:
        gone = true()
    else:
        of_this = select(LetterItem.letter_id).where(LetterItem.project_id == project_id)
        of_others = select(LetterItem.letter_id).where(LetterItem.project_id != project_id)
        gone |= Letter.id.in_(of_this) & Letter.id.not_in(of_others)
    owed = (Letter.person_id == person_id) & (Letter.state == OWED)
    db.session.execute(
        update(Letter)
        .where(owed, gone)
        .values(state=CANCELLED, lease=None)
        .execution_options(synchronize_session=False)
    )


def _next_serial(person: int, kind: str, today: date) -> int:
    earlier = select(func.count()).select_from(Letter).where(Letter.person_id == person)
    with everything():  # also those about projects that whoever writes now does not reach
        return db.session.scalar(earlier.where(Letter.day == today, Letter.kind == kind)) or 0


def letters_owed() -> int:
    """How many, in the whole installation, whoever asks."""
    with everything():
        return db.session.scalar(select(func.count()).select_from(Letter).where(Letter.state == OWED)) or 0


def wake_for_owed() -> None:
    """Ask the workers to post what is owed; 0 stands for letters of no organisation, also of those not written yet."""
    rows = db.session.scalars(select(Letter.organisation_id).where(Letter.state == OWED).distinct())
    asked = db.session.scalar(_asked_links().with_only_columns(SignInLink.id).limit(1))
    found = sorted({organisation or 0 for organisation in rows} | ({0} if asked else set()))
    if found:
        house().wake(found)


# --- posting: claim, compose, mark --------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """A letter ready for its envelope."""

    id: int
    to: str
    to_name: str
    message_id: str
    words: Words
    stop_url: str


def claim(*, organisation: int | None = None, most: int = AT_ONCE) -> tuple[str, list[int]]:
    """Take up to fifty letters that are owed now; nobody else posts them for two minutes. `organisation` 0: of none."""
    write()
    if not organisation:
        _owe_sign_ins()
    moment, token = now(), uuid.uuid4().hex
    query = select(Letter.id).where(
        Letter.state == OWED, Letter.next_at <= moment, or_(Letter.lease_until.is_(None), Letter.lease_until < moment)
    )
    if organisation is not None:
        query = query.where(
            Letter.organisation_id.is_(None) if organisation == 0 else Letter.organisation_id == organisation
        )
    ids = list(db.session.scalars(query.order_by(Letter.id).limit(most).with_for_update(skip_locked=True)))
    if ids:
        db.session.execute(update(Letter).where(Letter.id.in_(ids)).values(lease=token, lease_until=moment + LEASE))
    db.session.commit()
    return token, ids


def compose(letter_id: int, lease: str, *, today: date) -> Ready | None:
    """What the letter says now, or None when nothing in it is still true: it is then cancelled.

    A sign-in letter is marked sent before it is posted: it goes out at most once, and can be asked for again.
    """
    write()
    letter = db.session.get(Letter, letter_id, populate_existing=True)
    if letter is None or letter.state != OWED or letter.lease != lease:
        db.session.rollback()
        return None
    person = db.session.get_one(Person, letter.person_id)
    stop = _stop_url(letter, person)
    words = _WORDS[letter.kind](letter, person, stop, today)
    if words is None:
        letter.state, letter.lease = CANCELLED, None
    elif letter.kind == SIGN_IN:
        letter.state, letter.sent_at = SENT, now()
    db.session.commit()
    if words is None:
        return None
    return Ready(letter.id, person.email, person.name, letter.message_id, words, stop)


def _stop_url(letter: Letter, person: Person) -> str:
    """One click here ends what this letter is part of: reminders, or hearing of chances."""
    if letter.kind in (HEARING, CHANCE):
        row = _interest(letter)
        return f"{house().base_url}/hear/{link_token(row)}" if row else ""
    return f"{house().base_url}/letters/stop/{stop_token(person.id)}"


def _interest(letter: Letter) -> Interest | None:
    return db.session.scalar(
        select(Interest).where(
            Interest.organisation_id == letter.organisation_id,
            Interest.person_id == letter.person_id,
            Interest.ended_on.is_(None),
        )
    )


def _hearing_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    row = _interest(letter)
    if row is None:
        return None
    name = db.session.get_one(Organisation, row.organisation_id).name
    return hearing(organisation=name, known=row.on is not None, link=stop)


def _chance_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    """About an opening, to somebody who still wants to hear, while it still takes replies."""
    row, opening = _interest(letter), db.session.get(Opening, int(letter.about))
    if row is None or row.on is None or opening is None or opening.closes < today:
        return None
    organisation = db.session.get_one(Organisation, opening.organisation_id)
    return chance(
        name=person.name,
        organisation=organisation.name,
        title=opening.title,
        said=(
            ("What", opening.task),
            ("Time", opening.time),
            ("Pay", opening.pay),
            ("Access", opening.access),
            ("Reply until", day(opening.closes)),
        ),
        link=f"{house().base_url}/organisations/{organisation.slug}/openings/{opening.slug}",
        stop=stop,
    )


def _reminder_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    if person.reminders_stopped_on:
        return None
    rows = db.session.execute(
        select(LetterItem, FindingRow, Project.title, Project.slug, MemberRow.key)
        .join(Project, Project.id == LetterItem.project_id)
        .join(
            FindingRow,
            (FindingRow.project_id == LetterItem.project_id)
            & (FindingRow.check == LetterItem.check)
            & (FindingRow.subject == LetterItem.subject),
        )
        .join(MemberRow, (MemberRow.project_id == Project.id) & (MemberRow.person_id == person.id))
        .where(LetterItem.letter_id == letter.id, Project.state == "running", FindingRow.open)
        .where(FindingRow.due_on < today, MemberRow.joined <= today)
        .where(or_(MemberRow.left.is_(None), MemberRow.left > today))
    )
    items = [_item(finding, title, slug, key, today) for _, finding, title, slug, key in rows if key in finding.owed_by]
    return reminder(name=person.name, items=items, home=f"{house().base_url}/", stop=stop) if items else None


def _item(finding: FindingRow, title: str, slug: str, key: str, today: date) -> Item:
    """One late thing for one reader; of an entry they may not read, that it is late and no more."""
    standing, hidden = standing_of(finding), False
    shared = select(Share.project_id).where(Share.project_id == finding.project_id)
    if standing.about == "entry" and db.session.scalar(shared.limit(1)):
        picture = picture_of(db.session.get_one(Project, finding.project_id), today=today)
        hidden = bool(hidden_places(picture, [standing], reader=key))
        standing = told_closed(standing) if hidden else standing
    gate = f"{house().base_url}/projects/{slug}/gate"
    place = f"/{finding.check}" + (f"/{finding.subject}" if finding.subject else "")
    return Item(
        project=title,
        title=f"{standing.title}: {standing.subject_label}" if standing.subject_label else standing.title,
        sentence=standing.sentence_for(key),
        why=_why(finding.check, finding.project_id),
        due_on=finding.due_on or today,
        link=gate if hidden else gate + place,
    )


def _why(check_id: str, project_id: int) -> str:
    """Why the check is there, also of one that an organisation's own settings made."""
    slug, _, name = check_id.partition(".")
    plugin = house().declared.plugins.get(slug)
    if plugin is None:
        return ""
    check = plugin.checks.get(name)
    if check is None and plugin.ask_checks:
        settings = plugins_of(db.session.get_one(Project, project_id)).on.get(slug)
        check = plugin.checks_with(settings).get(name)
    return check.why if check else ""


def _sign_in_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    link = int(letter.about) if letter.about.isdigit() else 0
    token = token_for_letter(link, lasts=timedelta(minutes=SIGN_IN_MINUTES))
    if token is None:
        return None
    return sign_in(name=person.name, link=f"{house().base_url}/sign-in/{token}", minutes=SIGN_IN_MINUTES)


def _invitation_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    row = db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == letter.project_id,
            MemberRow.person_id == person.id,
            MemberRow.joined.is_(None),
            MemberRow.left.is_(None),
        )
    )
    if row is None:
        return None
    asked_by = db.session.scalar(
        select(Person.name)
        .join(MemberRow, MemberRow.person_id == Person.id)
        .where(MemberRow.project_id == letter.project_id, MemberRow.key == row.invited_by)
    )
    return invitation(name=person.name, asked_by=asked_by or "A lead", link=f"{house().base_url}/")


def _plugin_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    """A plugin's letter as its entry stands now; None when the entry, the plugin or the person has gone since."""
    letter_id, register_id, key = letter.about.split(" ")
    slug, _, name = letter_id.partition(".")
    plugin = house().declared.plugins.get(slug)
    declared = plugin.letters.get(name) if plugin else None
    picture = picture_of(db.session.get_one(Project, letter.project_id), today=today)
    entry = next((one for one in picture.entries.get(register_id, ()) if one.key == key), None)
    if plugin is None or declared is None or entry is None or slug not in picture.on:
        return None
    if member_for(picture, person.id) is None:
        return None
    case = plugin_case(picture, house().declared, plugin, subject=entry)
    link = f"{house().base_url}/projects/{picture.project.slug}/{register_id.replace('.', '/')}/{key}"
    return from_plugin(name=person.name, subject=declared.subject, paragraphs=_said(declared, case), link=link)


def _said(declared: DeclaredLetter, case: Case) -> list[str]:
    """What the plugin says; where that goes wrong, a plain sentence: the letter itself is never lost."""
    try:
        said = list(declared.words(case))
        if not said or len(said) > MOST_PARAGRAPHS or not all(isinstance(one, str) and one.strip() for one in said):
            raise TypeError("words must give 1 to 20 paragraphs of text")
        return [one[:MOST_LETTERS] for one in said]
    except Exception:
        log.exception("the letter %s could not be worded by its plugin", declared.slug)
        return ["Something new is waiting for you. This letter could not say more; the page can."]


def _complaint_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    if db.session.get(Admin, (letter.organisation_id, person.id)) is None:
        return None
    organisation = db.session.get_one(Organisation, letter.organisation_id)
    return complaint(name=person.name, link=f"{house().base_url}/organisations/{organisation.slug}/complaints")


_WORDS = {
    REMINDER: _reminder_words,
    SIGN_IN: _sign_in_words,
    INVITATION: _invitation_words,
    FROM_PLUGIN: _plugin_words,
    CHECKPOINT: checkpoint_words,
    COMPLAINT: _complaint_words,
    HEARING: _hearing_words,
    CHANCE: _chance_words,
    SECURITY: security_words,
}


def mark_sent(letter_id: int, lease: str) -> None:
    write()
    db.session.execute(
        update(Letter)
        .where(Letter.id == letter_id, Letter.lease == lease)
        .values(state=SENT, sent_at=now(), lease=None, lease_until=None, error="")
    )
    db.session.commit()


def mark_failed(letter_id: int, lease: str, *, error: str, permanent: bool) -> None:
    """Try again later, or give up: after a final no, or when 48 hours have passed."""
    write()
    letter = db.session.get(Letter, letter_id, populate_existing=True)
    if letter is not None and letter.lease == lease and letter.state == OWED:
        letter.attempts += 1
        letter.error = error[:500]
        letter.lease = letter.lease_until = None
        wait = TRY_AGAIN[min(letter.attempts, len(TRY_AGAIN)) - 1]
        if permanent or now() + wait > letter.made_at + GIVE_UP_AFTER:
            letter.state = DEAD
        else:
            letter.next_at = now() + wait
    db.session.commit()


# --- stopping -------------------------------------------------------------------------------------------


def stop_token(person_id: int) -> str:
    return str(_signer().dumps(person_id))


def stop_reminders(token: str, *, today: date, start_again: bool = False) -> str:
    """Stop one person's reminders, by the link in every letter. Sign-in links and invitations still come."""
    try:
        person_id = _signer().loads(token)
    except BadSignature:
        raise Invalid("This link is not whole. Open it from the email again, or copy all of it.") from None
    write()
    person = db.session.get(Person, person_id)
    if person is None:
        raise Invalid("This link is not whole. Open it from the email again, or copy all of it.")
    person.reminders_stopped_on = None if start_again else today
    db.session.commit()
    return person.name


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="stop-reminders")
