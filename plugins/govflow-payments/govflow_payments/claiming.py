"""The person's own side, three steps at most: open the page, say what you did, look it over and send it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import Case, Desk, Entry, Field, Form, Link, Table, Text, Verdict, count, day, refuse, warn
from govflow_payments.earnings import near_words
from govflow_payments.lists import (
    AMOUNT,
    BANK,
    CHOICES,
    CLAIM,
    DAY,
    EXPENSES,
    LISTS,
    NO_CLAIM,
    OFFER,
    PAID,
    PROOF,
    SPENT,
    TASK,
    chosen,
    money,
    one_of,
    paid_keys,
    pounds,
)
from govflow_payments.rates import tasks

ON_A_PAGE = 20
TO_PAY = timedelta(days=14)
OTHER = "other"


def asked(register: str, *names: str) -> tuple[Field, ...]:
    """Some fields of a list, for a form."""
    fields = {question.name: question for each in LISTS if each.slug == register for question in each.fields}
    return tuple(fields[name] for name in names)


def mine(desk: Desk, register: str) -> list[Entry]:
    return [row for row in desk.case.registers[register] if row.values["person"] == desk.reader]


def claim_page(desk: Desk) -> list[Any]:
    offer = one_of(desk.case, OFFER, desk.query.get("offer"))
    if offer and offer.values["person"] == desk.reader:
        return _of_offer(desk, offer)
    if desk.query.get("what"):
        return [_look_over(desk, None), *_after(desk)]
    return [*_what_did_you_do(desk), *_after(desk)]


# --- what did you do? ------------------------------------------------------------------------------------------


def _what_did_you_do(desk: Desk) -> list[Table]:
    claimed = {row.values.get("offer") for row in mine(desk, CLAIM)}
    offers = sorted(
        (row for row in mine(desk, OFFER) if row.key not in claimed), key=lambda row: row.values["day"], reverse=True
    )
    ways: list[tuple[Any, ...]] = [
        (Link(text=row.values["task"], page="my_claim", query={"offer": row.key}), row.values["day"], _offered(row))
        for row in offers[:ON_A_PAGE]
    ]
    ways += [
        (Link(text=task, page="my_claim", query={"what": str(number)}), "", f"£{amount}")
        for number, (task, amount) in enumerate(tasks(desk.case, desk.today), start=1)
    ]
    ways.append((Link(text="Something else", page="my_claim", query={"what": OTHER}), "", "You say how much"))
    return [Table(caption="What did you do?", columns=("Choose one", "When", "How much"), rows=ways)]


def _offered(row: Entry) -> str:
    return pounds(money(row.values, "amount"))


# --- look it over, and send it -----------------------------------------------------------------------------------


def _of_offer(desk: Desk, offer: Entry) -> list[Any]:
    values, choice = offer.values, chosen(desk.case, offer.key, desk.reader)
    sent = next((row for row in mine(desk, CLAIM) if row.values.get("offer") == offer.key), None)
    said = [
        f"You are offered {_offered(offer)} for this, on {day(values['day'])}.",
        f"Travel and other costs: {EXPENSES[values['costs']]}.",
        *([values["note"]] if values.get("note") else ()),
    ]
    if choice:
        said.append(f"Your choice: {CHOICES[choice.values['choice']]}. You can choose again until it is paid.")
    if sent:
        said.append(_stands(desk.case, sent, paid_keys(desk.case)) + ".")
    elif values["day"] > desk.today:
        said.append(f"You can claim from {day(values['day'])} on.")
    elif choice and choice.values["choice"] in NO_CLAIM:
        said.append("You chose not to be paid for this. You can still claim what you spent, or choose again.")
    parts: list[Any] = [Text(heading=values["task"], text="\n\n".join(said))]
    if not sent and values["day"] <= desk.today:
        parts.append(_look_over(desk, offer))
    return [*parts, _choose(offer, choice), *_after(desk, short=True)]


def _look_over(desk: Desk, offer: Entry | None) -> Form:
    """All of it on one form, filled in as far as we know it."""
    choice = chosen(desk.case, offer.key, desk.reader) if offer else None
    kept: dict[str, Any] = {"day": desk.today}
    if offer:
        kept = {"task": offer.values["task"], "day": offer.values["day"], "amount": offer.values["amount"]}
        if choice and choice.values["choice"] != "paid":
            del kept["amount"]
    elif line := _line(desk):
        kept |= {"task": line[0], "amount": line[1]}
    return Form(
        slug="claim",
        title="Look it over, and send it",
        button="Send my claim",
        fields=(TASK, DAY, AMOUNT, SPENT, *asked("proof", "spent_on", "photo", "told")),
        kept=kept,
        send=_send(offer.key if offer else None),
    )


def _line(desk: Desk) -> tuple[str, str] | None:
    lines, asked_for = tasks(desk.case, desk.today), desk.query.get("what", "")
    number = int(asked_for) if asked_for.isascii() and asked_for.isdigit() and len(asked_for) < 4 else 0
    return lines[number - 1] if 0 < number <= len(lines) else None


def _send(offer: str | None) -> Callable[[Desk, Mapping[str, Any]], Verdict]:
    def send(desk: Desk, answers: Mapping[str, Any]) -> Verdict:
        number = _new_number(desk)
        facts = {name: answers.get(name) for name in ("task", "day", "amount", "expenses")}
        desk.add("claim", person=desk.reader, number=number, offer=offer, **facts)
        proof = {name: answers[name] for name in ("photo", "told", "spent_on") if answers.get(name)}
        if proof:
            desk.add("proof", person=desk.reader, number=number, **proof)
        near = near_words(desk, also=money(facts, "amount"))
        return warn(f"Sent. We pay you by {day(desk.today + TO_PAY)}. You need do nothing more. {near}".strip())

    return send


def _new_number(desk: Desk) -> str:
    """The next number of one's own, of all that was ever sent and is still listed."""
    numbers = [row.values.get("number", "") for register in (CLAIM, PROOF) for row in mine(desk, register)]
    return str(1 + max((int(number) for number in numbers if number.isascii() and number.isdigit()), default=0))


def _choose(offer: Entry, choice: Entry | None) -> Form:
    def keep(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
        if choice:
            desk.change("choice", choice.key, choice=answers["choice"], words=answers.get("words"))
        else:
            desk.add("choice", person=desk.reader, offer=offer.key, **answers)
        claimed = [row for row in mine(desk, CLAIM) if row.values.get("offer") == offer.key]
        if answers["choice"] in NO_CLAIM and any(row.key in paid_keys(desk.case) for row in claimed):
            return refuse("This is paid already. Ask whoever pays how to give it back, if you would like to.")
        for row in claimed:
            if answers["choice"] in NO_CLAIM:
                desk.remove("claim", row.key)
        return None

    return Form(
        slug="choice",
        title="Your own choice",
        fields=asked("choice", "choice", "words"),
        kept=choice.values if choice else {},
        send=keep,
        button="Keep my choice",
    )


# --- what was sent -----------------------------------------------------------------------------------------------


def _after(desk: Desk, *, short: bool = False) -> list[Any]:
    """Under the form: what was sent before, and where to go on."""
    parts: list[Any] = [] if short else [_sent(desk)]
    bank = "Your bank details are kept" if mine(desk, BANK) else "Give your bank details, once"
    more = [
        (Link(text=bank, page="bank"),),
        (Link(text="What you were paid", page="own"),),
        *([(Link(text="Say what you did", page="my_claim"),)] if desk.query else ()),
    ]
    advice = desk.config.advice
    if advice.startswith("https://"):
        more.append((Link(text="Free, private advice if you get benefits", web=advice),))
    words = (
        "If you get benefits, money or vouchers can change them. Ask for advice before you say yes to a payment. "
        "We never ask which benefits anybody gets."
    )
    return [*parts, Text(text=words), Table(caption="More", columns=("Go to",), rows=more)]


def _sent(desk: Desk) -> Table:
    claims = sorted(mine(desk, CLAIM), key=lambda row: (row.values["day"], row.on), reverse=True)
    first = desk.query.get("from", "")
    begin = int(first) if first.isascii() and first.isdigit() and len(first) < 7 else 0
    done, shown = paid_keys(desk.case), claims[begin : begin + ON_A_PAGE]
    rows: list[tuple[Any, ...]] = [
        (
            Link(text=row.values["task"], entry=(CLAIM, row.key)),
            row.values["day"],
            pounds(money(row.values, "amount", "expenses")),
            _stands(desk.case, row, done),
        )
        for row in shown
    ]
    if begin + ON_A_PAGE < len(claims):
        earlier = Link(text="Earlier ones", page="my_claim", query={"from": str(begin + ON_A_PAGE)})
        rows.append((earlier, "", "", f"{count(len(claims) - begin - ON_A_PAGE, 'more claim')}"))
    return Table(
        caption="What you sent",
        columns=("What", "When", "How much", "Where it stands"),
        rows=rows,
        empty="You have sent no claim yet.",
    )


def _stands(case: Case, row: Entry, done: set[str]) -> str:
    if row.key in done:
        paid = next(entry for entry in case.registers[PAID] if entry.values["claim"] == row.key)
        return f"Paid on {day(paid.values['paid_on'])}"
    by: date = row.on + TO_PAY
    if case.today > by:
        return f"The project owes you this since {day(by)}. You need do nothing"
    return f"Sent on {day(row.on)}. {'A lead said yes. ' if row.approved_on else ''}To be paid by {day(by)}"
