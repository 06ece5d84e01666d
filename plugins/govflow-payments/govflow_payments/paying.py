"""The project's side: what is offered, what a lead agrees to, what is still to be paid, and whether it is in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from math import fsum
from typing import Any

from govflow.plugin import (
    Case,
    Desk,
    Entry,
    Field,
    Finding,
    Form,
    Link,
    Table,
    Text,
    Verdict,
    count,
    day,
    listed,
    met,
    named,
    refuse,
    unmet,
)
from govflow_payments.claiming import TO_PAY, asked
from govflow_payments.lists import (
    BANK,
    CHOICES,
    CLAIM,
    OFFER,
    PAID,
    PROOF,
    chosen,
    money,
    one_of,
    paid_keys,
    payers,
    pounds,
    waiting,
)
from govflow_payments.rates import tasks

ON_A_PAGE, TO_AGREE = 50, timedelta(days=7)
NAMED = 10


def in_time(case: Case) -> Finding:
    """One finding for all that is owed: the payer reads who waits, whoever waits that they need do nothing."""
    owed = waiting(case)
    if not owed:
        return met("Everything that was claimed is paid.", short="Everything that was claimed is paid.")
    people = list(dict.fromkeys(row.values["person"] for row in owed))
    pay = _can_pay(case, people)
    others = [person for person in people if person not in pay]
    since = {row.values["person"]: row.on for row in reversed(owed)}
    named_ = [f"{case.name(person).split()[0]} (since {day(since[person])})" for person in people[:NAMED]]
    more = [count(len(people) - NAMED, "other person", "other people")] if len(people) > NAMED else []
    agree = sum(row.approved_on is None for row in owed)
    still = f" A lead has still to agree to {count(agree, 'claim')}." if agree else ""
    return unmet(
        f"The project owes a payment to {listed([*named_, *more])}.{still} Pay it, and mark it as paid.",
        short=f"{count(len(owed), 'payment')} still to be made.",
        lines=dict.fromkeys(others, "The project owes you a payment. You need do nothing: whoever pays is told."),
        due=owed[0].on + TO_PAY,
        owed_by=named(*pay) if pay else None,
    )


def looked_at(case: Case) -> Finding:
    """Whether a lead has looked at what was claimed, so that whoever pays can pay in time."""
    leads = [key for key in case.here if case.has_role(key, "lead")]
    owed = [row for row in waiting(case) if row.approved_on is None and leads != [row.values["person"]]]
    if not owed:
        return met("No claim waits for a lead.", short="No claim waits for a lead.")
    people = {row.values["person"] for row in owed}
    able = [key for key in leads if people != {key}]
    return unmet(
        f"{count(len(owed), 'claim')} {'waits' if len(owed) == 1 else 'wait'} for a lead. Look at the amount and "
        "the day, and say yes, or talk with the person.",
        short=f"{count(len(owed), 'claim')} still to be looked at.",
        lines={key: "A lead looks at your claim. You need do nothing." for key in people if key not in able},
        due=owed[0].on + TO_AGREE,
        owed_by=named(*able),
    )


def _can_pay(case: Case, people: list[str]) -> tuple[str, ...]:
    """Whoever pays, or the next of them where all that waits is their own: nobody is told to pay themselves."""
    line = (*payers(case), *(key for role in ("coordinator", "lead") for key in case.here if case.has_role(key, role)))
    able = [key for key in line if any(person != key for person in people)]
    first = [key for key in able if key in payers(case)]
    return tuple(first or dict.fromkeys(able))


# --- offers ------------------------------------------------------------------------------------------------------


def offers_page(desk: Desk) -> list[Any]:
    """Make an offer, filled in from the rates where the amount is left empty."""
    rows = sorted(desk.case.registers[OFFER], key=lambda row: row.values["day"], reverse=True)
    lines = {str(number): f"{task}: £{amount}" for number, (task, amount) in enumerate(tasks(desk.case, desk.today), 1)}
    rate = Field(name="rate", label="Fill in from the rates?", kind="choice", choices=lines)
    fields = [*asked("offer", "person", "task", "day"), *([rate] if lines else ())]
    amount = Field(name="amount", label="How much?", kind="money", help="Leave it empty to take the rate you chose.")
    return [
        Form(
            slug="offer",
            title="Make an offer",
            fields=(*fields, amount, *asked("offer", "costs", "note")),
            send=_offer,
            button="Make this offer",
        ),
        Table(
            caption=f"Offers: the last {ON_A_PAGE} of {len(rows):,}" if len(rows) > ON_A_PAGE else "Offers",
            columns=("For what", "To whom", "When", "How much"),
            rows=[
                (
                    Link(text=row.values["task"], entry=(OFFER, row.key)),
                    desk.case.name(row.values["person"]),
                    row.values["day"],
                    pounds(money(row.values, "amount")),
                )
                for row in rows[:ON_A_PAGE]
            ],
            empty="No offer was made yet.",
        ),
        Table(caption="More", columns=("Go to",), rows=[(Link(text="Rates", page="rates"),)]),
    ]


def _offer(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
    given = dict(answers)
    lines, number = tasks(desk.case, desk.today), given.pop("rate", None)
    amount = given.pop("amount", None) or (lines[int(number) - 1][1] if number else None)
    if amount is None:
        return refuse("Say how much is offered, or choose a rate to take it from.")
    desk.add("offer", amount=amount, **given)
    return None


# --- agreeing and paying -----------------------------------------------------------------------------------------


def pay_page(desk: Desk) -> list[Any]:
    case, claim = desk.case, one_of(desk.case, CLAIM, desk.query.get("claim"))
    pays = desk.reader in payers(case)
    if claim and pays:
        return _one_claim(desk, claim)
    owed = waiting(case)
    agree = [row for row in owed if row.approved_on is None]
    ready = [row for row in owed if row.approved_on is not None]
    parts: list[Any] = [
        _table(case, "To agree to: look at the amount and the day", agree, lambda row: (CLAIM, row.key), None)
    ]
    if pays:
        parts.append(_table(case, "To pay", ready, None, "pay"))
        done = case.registers[PAID]
        parts.append(_sums(done))
    return parts


def _table(case: Case, title: str, rows: list[Entry], to_entry: Any, to_page: str | None) -> Table:
    """The oldest first; the rest follows as these are done."""
    cells = []
    for row in rows[:ON_A_PAGE]:
        where: dict[str, Any] = {"page": to_page, "query": {"claim": row.key}} if to_page else {"entry": to_entry(row)}
        offer = one_of(case, OFFER, row.values.get("offer")) if row.values.get("offer") else None
        cells.append(
            (
                Link(text=row.values["task"], **where),
                case.name(row.values["person"]),
                row.values["day"],
                pounds(money(row.values, "amount")),
                pounds(money(row.values, "expenses")),
                pounds(money(offer.values, "amount")) if offer else "No offer",
                row.on + TO_PAY,
            )
        )
    return Table(
        caption=f"{title} (the oldest {ON_A_PAGE} of {len(rows):,})" if len(rows) > ON_A_PAGE else title,
        columns=("For what", "Who", "When", "Time", "Expenses", "Offered", "To be paid by"),
        rows=cells,
        empty="Nothing waits.",
    )


def _sums(done: tuple[Entry, ...]) -> Table:
    """For whoever keeps the books; one person’s pay is nobody else’s to read."""
    time, spent = (_sum(done, name) for name in ("amount", "expenses"))
    rows = [("For time", pounds(time)), ("Expenses", pounds(spent))] if done else []
    return Table(caption="Paid so far, by the whole project", columns=("What", "Pounds"), rows=rows)


def _sum(rows: tuple[Entry, ...], name: str) -> Decimal:
    """Exact to the penny: `fsum` adds without error, and ten thousand amounts in a third of the time."""
    return Decimal(f"{fsum(float(row.values[name]) for row in rows if name in row.values):.2f}")


def _one_claim(desk: Desk, claim: Entry) -> list[Any]:
    case, values = desk.case, claim.values
    who = values["person"]
    choice = chosen(case, values["offer"], who) if values.get("offer") else None
    proof = [
        row for row in case.registers[PROOF]
        if row.values["person"] == who and row.values["number"] == values.get("number")
    ]  # fmt: skip
    bank = [row for row in case.registers[BANK] if row.values["person"] == who]
    done = claim.key in paid_keys(case)
    spent = f", and {pounds(money(values, 'expenses'))} for expenses" if values.get("expenses") else ""
    said = [f"{pounds(money(values, 'amount'))} for their time on {day(values['day'])}{spent}."]
    if done or claim.approved_on is None:
        said.append("It is paid." if done else "A lead has not agreed to it yet.")
    else:
        said.append(f"{case.name(claim.approved_by or '')} agreed to it on {day(claim.approved_on)}.")
    if choice:
        said.append(f"Their choice: {CHOICES[choice.values['choice']]}. {choice.values.get('words', '')}".strip())
    links = [
        *[(Link(text="Their photo or note", entry=(PROOF, row.key)),) for row in proof],
        *[(Link(text="Their bank details", entry=(BANK, row.key)),) for row in bank],
        (Link(text="All that waits", page="pay"),),
    ]
    parts: list[Any] = [Text(heading=f"{case.name(who)}: {values['task']}", text="\n\n".join(said))]
    if not bank and not done:
        parts.append(
            Text(text="They have given no bank details. You can ask whether they would like cash or a voucher.")
        )
    parts.append(Table(caption="More", columns=("Go to",), rows=links))
    if not done:
        how = "charity" if choice and choice.values["choice"] == "charity" else "bank"
        parts.append(_mark(claim, how, desk))
    return parts


def _mark(claim: Entry, how: str, desk: Desk) -> Form:
    def send(desk: Desk, answers: Mapping[str, Any]) -> None:
        facts = {name: claim.values.get(name) for name in ("person", "amount", "expenses")}
        desk.add("paid", claim=claim.key, **facts, **answers)

    return Form(
        slug="paid",
        title="Mark it as paid",
        fields=asked("paid", "paid_on", "how"),
        kept={"paid_on": desk.today, "how": how},
        send=send,
        button="It is paid",
    )
