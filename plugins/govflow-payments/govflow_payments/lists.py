"""The lists of payments, who may read each, and what may be written in it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from govflow.plugin import (
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    LEAD,
    ORGANISATION,
    Case,
    Entry,
    Field,
    Register,
    Verdict,
    day,
    ok,
    person_field,
    refuse,
    warn,
)
from govflow_payments.rates import CURRENCIES, check_rate

OFFER, CHOICE, CLAIM = "payments.offer", "payments.choice", "payments.claim"
PROOF, PAID, BANK, NEAR = "payments.proof", "payments.paid", "payments.bank", "payments.near"
OWN = person_field("person")
EXPENSES = {
    "booked": "We book and pay it for you",
    "advance": "We give you the money before",
    "repaid": "You pay, and we pay you back",
    "none": "There are none",
}
CHOICES = {
    "paid": "I would like to be paid this",
    "less": "I would like to be paid less",
    "charity": "Give it to a charity",
    "declined": "I would rather not be paid",
    "thanks": "I would like another kind of thanks",
}
NO_CLAIM = ("declined", "thanks")
HOW = {
    "bank": "To the bank account",
    "cash": "In cash",
    "voucher": "As a voucher",
    "charity": "To the charity they named",
}
EACH = {"week": "In a week", "month": "In a month", "year": "In a tax year"}


def money(values: Mapping[str, Any], *names: str) -> Decimal:
    return sum((Decimal(values.get(name) or 0) for name in names), Decimal(0))


def pounds(amount: Decimal) -> str:
    return f"£{amount:,.2f}"


def payers(case: Case) -> tuple[str, ...]:
    """Whoever pays: the finance contact, else the coordinator, else a lead."""
    for role in ("finance", "coordinator", "lead"):
        if found := tuple(key for key, member in case.here.items() if member.role == role):
            return found
    return ()


def paid_keys(case: Case) -> set[str]:
    """The claims that were paid, by key."""
    return {row.values["claim"] for row in case.registers.get(PAID, ())}


def waiting(case: Case) -> list[Entry]:
    """The claims that are still to be paid, the oldest first."""
    done = paid_keys(case)
    return sorted((row for row in case.registers.get(CLAIM, ()) if row.key not in done), key=lambda row: row.on)


def one_of(case: Case, register: str, key: str | None) -> Entry | None:
    return next((row for row in case.registers.get(register, ()) if row.key == key), None)


def chosen(case: Case, offer: str | None, person: str) -> Entry | None:
    """What this person chose for an offer; the last word counts."""
    rows = [row for row in case.registers.get(CHOICE, ()) if row.values["offer"] == offer]
    return next((row for row in reversed(rows) if row.values["person"] == person), None)


# --- what may be written ---------------------------------------------------------------------------------------


def check_offer(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] == case.by:
        return refuse("Somebody else makes you an offer. Ask a lead or the coordinator.")
    if values["day"] < case.today:
        return refuse(
            "An offer is made before the activity. For a day that has passed, the person claims by themselves."
        )
    if not money(values, "amount"):
        return refuse("Say how much is offered. To leave it open would leave them guessing.")
    return ok


def check_choice(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] != case.by:
        return refuse("Only they themselves can choose this. Choose your own name.")
    offer = one_of(case, OFFER, values["offer"])
    if offer is None or offer.values["person"] != case.by:
        return refuse("This is no offer to you. Go to “Claim for your time”, and choose there.")
    return ok


def check_claim(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] != case.by:
        return refuse("People claim for themselves. Choose your own name.")
    before = case.subject
    if isinstance(before, Entry) and before.key in paid_keys(case):
        return refuse("This is paid, so it stays as it is. For something else, send another claim.")
    if values["day"] > case.today:
        return refuse(f"{day(values['day'])} is still to come. Claim on that day, or after it.")
    me = case.here.get(case.by or "")
    if me is None or values["day"] < me.joined:
        joined = f" You joined on {day(me.joined)}." if me else ""
        return refuse(f"You were not in this project on {day(values['day'])}.{joined} Look at the day again.")
    if not money(values, "amount", "expenses"):
        return refuse("Give an amount for your time, or for what you spent.")
    others = [row for row in case.registers.get(CLAIM, ()) if row.values["person"] == case.by and row is not before]
    others = [row for row in others if not (isinstance(before, Entry) and row.key == before.key)]
    return _against_others(values, case, others)


def _against_others(values: Mapping[str, Any], case: Case, others: list[Entry]) -> Verdict:
    """Never twice for the same, and for an offer as it was made and chosen."""
    if any(row.values["day"] == values["day"] and row.values["task"] == values["task"] for row in others):
        return refuse("You have claimed for this on that day already. Change that claim, or say what was different.")
    if values.get("number") and any(row.values.get("number") == values["number"] for row in others):
        return refuse("This number is used already. Leave it empty.")
    if not values.get("offer"):
        return ok
    offer = one_of(case, OFFER, values["offer"])
    if offer is None or offer.values["person"] != case.by:
        return refuse("This is no offer to you. Leave the offer empty.")
    if any(row.values.get("offer") == offer.key for row in others):
        return refuse("You have claimed for this already. You can change that claim until it is paid.")
    choice = chosen(case, offer.key, case.by or "")
    if choice and choice.values["choice"] in NO_CLAIM and money(values, "amount"):
        return refuse("You chose not to be paid for this. Choose again first, or claim what you spent alone.")
    if money(values, "amount") > money(offer.values, "amount"):
        return warn("This is more than was offered. That is fine where it took longer: a lead looks at it.")
    return ok


def check_own(values: Mapping[str, Any], case: Case) -> Verdict:
    return ok if values["person"] == case.by else refuse("This is for your own only. Choose your own name.")


def check_single(register: str) -> Any:
    """A line of one's own, and only one."""

    def check(values: Mapping[str, Any], case: Case) -> Verdict:
        mine = [row for row in case.registers.get(register, ()) if row.values["person"] == case.by]
        if case.subject is None and mine:
            return refuse("You have a line here already. Change that one.")
        return check_own(values, case)

    return check


def check_paid(values: Mapping[str, Any], case: Case) -> Verdict:
    """The second of two people. A project file carries no approvals, so what a file says was agreed to stands."""
    claim = one_of(case, CLAIM, values["claim"])
    if claim is None:
        return refuse("There is no such claim. Go to “Claims to agree and to pay”.")
    if case.by == claim.values["person"]:
        return refuse("Nobody pays themselves. Ask somebody else to mark this as paid.")
    if claim.approved_on is None and not case.from_file:
        return refuse("Nobody has agreed to the amount and the day yet. Ask a lead to look at it first.")
    if claim.approved_by == case.by and claim.approved_by is not None:
        return refuse("You agreed to this claim, so somebody else marks it as paid. Two people look at every payment.")
    again = [row for row in case.registers.get(PAID, ()) if row.values["claim"] == claim.key]
    if any(not isinstance(case.subject, Entry) or row.key != case.subject.key for row in again):
        return refuse("This claim is marked as paid already.")
    if values["paid_on"] > case.today or values["paid_on"] < claim.values["day"]:
        return refuse("Give the day on which the money went out: from the day of the activity to today.")
    same = all(money(values, name) == money(claim.values, name) for name in ("amount", "expenses"))
    if values["person"] != claim.values["person"] or not same:
        return refuse(
            "What is paid is what was agreed. To pay another sum, ask the person to change their claim first."
        )
    return ok


# --- the lists -------------------------------------------------------------------------------------------------

PERSON = Field(name="person", label="Who?", kind="person", required=True)
AMOUNT = Field(name="amount", label="How much for the time?", kind="money", help="In pounds, such as 27.50.")
SPENT = Field(
    name="expenses", label="How much did you spend?", kind="money", help="Travel, care, data. Paid back apart."
)
TASK = Field(name="task", label="What did you do?", required=True, most=150)
DAY = Field(name="day", label="On which day?", kind="date", required=True)
DO_PAY = (LEAD, COORDINATOR, FINANCE)

RATES = Register(
    slug="rate",
    title="Rate cards",
    one="rate card",
    why="What a task is paid, from which day. A card fills in nothing until somebody else has confirmed it.",
    label="title",
    scope=ORGANISATION,
    aside=True,
    added_by=DO_PAY,
    approved_by=DO_PAY,
    check_entry=check_rate,
    fields=(
        Field(name="title", label="What is this card called?", required=True),
        Field(name="starts", label="From which day?", kind="date", required=True),
        Field(name="ends", label="Until which day?", kind="date", help="Leave it empty while it goes on."),
        Field(name="source", label="Where is it from?", kind="link"),
        Field(name="looked_up", label="When did somebody look it up?", kind="date", required=True),
        Field(name="currency", label="In which money?", kind="choice", choices=CURRENCIES, required=True,
              help="Only a card in pounds fills in amounts."),
        Field(name="lines", label="What is paid for what?", kind="long_text", required=True,
              help="One task on each line, such as “About one hour: 27.50”."),
        Field(name="note", label="A note", kind="long_text"),
    ),
)  # fmt: skip

LISTS = [
    RATES,
    Register(
        slug="offer",
        title="Offers",
        one="offer",
        why="What somebody is offered for an activity, in writing, before it begins.",
        label="task",
        aside=True,
        added_by=DO_PAY,
        seen_by=(OWN, *DO_PAY),
        check_entry=check_offer,
        fields=(
            PERSON,
            Field(name="task", label="For what?", required=True, most=150),
            DAY,
            Field(name="amount", label="How much?", kind="money", required=True, help="In pounds, such as 27.50."),
            Field(name="costs", label="Who pays for travel and other costs?", kind="choice", choices=EXPENSES,
                  required=True, help="Best is that nobody has to pay first."),
            Field(name="note", label="Anything else they should know?", kind="long_text"),
        ),
    ),
    Register(
        slug="choice",
        title="My choices",
        one="choice",
        why="What you would like for an activity. You and whoever pays read this, and nobody else.",
        label="person",
        aside=True,
        added_by=(EVERY_MEMBER,),
        seen_by=(OWN, FINANCE),
        check_entry=check_choice,
        fields=(
            PERSON,
            Field(name="offer", label="For which offer?", required=True),
            Field(name="choice", label="What would you like?", kind="choice", choices=CHOICES, required=True),
            Field(name="words", label="In your own words", kind="long_text", help="How much less, or which charity."),
        ),
    ),
    Register(
        slug="claim",
        title="Claims",
        one="claim",
        why="What the project owes people. Each reads their own. A lead agrees to the amount and the day.",
        label="task",
        aside=True,
        added_by=(EVERY_MEMBER,),
        seen_by=(OWN, LEAD, FINANCE),
        approved_by=(LEAD,),
        never_by=(OWN,),
        check_entry=check_claim,
        fields=(
            PERSON, TASK, DAY, AMOUNT, SPENT,
            Field(name="offer", label="Which offer is it for?", help="You can leave this empty."),
            Field(name="number", label="A number for it", help="You can leave this empty."),
        ),
    ),
    Register(
        slug="proof",
        title="Photos and notes to claims",
        one="note to a claim",
        why="A photo, or whom you told. You and whoever pays read this, and nobody else.",
        label="person",
        aside=True,
        added_by=(EVERY_MEMBER,),
        seen_by=(OWN, FINANCE),
        check_entry=check_own,
        fields=(
            PERSON,
            Field(name="number", label="For which claim? Its number", required=True),
            Field(name="photo", label="A photo or file, if you have one", kind="file", files=(".jpg", ".png", ".pdf"),
                  help="A ticket, a receipt, a page of notes. You need none."),
            Field(name="told", label="Or whom did you tell?", help="For example, “Told by phone to Sam on Monday”."),
            Field(name="spent_on", label="What did you spend it on?", kind="long_text"),
        ),
    ),
    Register(
        slug="paid",
        title="Payments made",
        one="payment",
        why="What was paid, and when. Each reads their own, and whoever pays reads all.",
        label="person",
        aside=True,
        added_by=(FINANCE,),
        seen_by=(OWN, FINANCE),
        check_entry=check_paid,
        fields=(
            Field(name="claim", label="For which claim? Its short name", required=True),
            PERSON, AMOUNT,
            Field(name="expenses", label="Expenses", kind="money"),
            Field(name="paid_on", label="On which day did the money go out?", kind="date", required=True),
            Field(name="how", label="How?", kind="choice", choices=HOW, required=True),
        ),
    ),
    Register(
        slug="bank",
        title="Bank details",
        one="line of bank details",
        why="Asked for once. They are sealed, and whoever pays opens them once. No file ever has them in it.",
        label="person",
        aside=True,
        added_by=(EVERY_MEMBER,),
        seen_by=(OWN, FINANCE),
        secrets_to=(FINANCE,),
        check_entry=check_single(BANK),
        fields=(
            PERSON,
            Field(name="details", label="Name on the account, sort code and number", kind="long_text", required=True,
                  secret=True, most=300),
        ),
    ),
    Register(
        slug="near",
        title="Tell me when I come near",
        one="amount",
        why="An amount of your own. Only you see it.",
        label="person",
        aside=True,
        added_by=(EVERY_MEMBER,),
        seen_by=(OWN,),
        check_entry=check_single(NEAR),
        fields=(
            PERSON,
            Field(name="amount", label="Near which amount?", kind="money", required=True),
            Field(name="every", label="Counted how?", kind="choice", choices=EACH, required=True),
        ),
    ),
]  # fmt: skip
