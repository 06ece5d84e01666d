"""Paying people: S4's freelance member whom the claim form shut out, and what McPin and NIHR ask of whoever pays."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.project_file import export_project, import_project
from tests.support.factories import FOUR, TODAY, days, made, person
from tests.support.web.walk import CARD, strengthen

CLAIM, OWN, OFFERS, PAY, RATES = (f"/payments/{one}" for one in ("my_claim", "own", "offers", "pay", "rates"))
PAYER = person("finance-1", "practice", role="finance")
COORDINATOR = person("coordinator-1", "practice", role="coordinator")
FREELANCE = person("leap-1", "lived", title="Freelance researcher, LEAP")
EVERYONE = (*FOUR, PAYER, COORDINATOR, FREELANCE)


def begin(walk, **more):
    here = walk(**{"plugins": ("payments",), "stage": "trial", "members": EVERYONE, **more})
    for who in {"lead-1", "finance-1", "coordinator-1"} & {one["key"] for one in more.get("members", EVERYONE)}:
        strengthen(here, who)
    here.mail()  # that they did is told to them
    return here


def seen(here, who: str, *places: str) -> str:
    """All that these places tell somebody; a place that is not there for them tells nothing."""
    answers = [here.client(who).get(f"/projects/kettle{place}", follow_redirects=True) for place in places]
    assert all(one.status_code in (200, 403, 404) for one in answers)
    return "".join(one.get_data(as_text=True) for one in answers)


def claim(here, who: str = "leap-1", *, expect: int = 302, where: str = "?what=other", **given: Any) -> str:
    facts = {"task": "Reading the bid", "day": here.today, "amount": "27.50", **given}
    return here.send(who, f"{CLAIM}{where}", expect=expect, form="claim", **facts)


def agree(here, key: str = "reading-the-bid", who: str = "lead-1", number: int = 1, expect: int = 302) -> str:
    return here.send(who, f"/payments/claim/{key}", do="approve", number=number, expect=expect)


def pay(here, key: str = "reading-the-bid", who: str = "finance-1", expect: int = 302, **given: Any) -> str:
    facts = {"paid_on": here.today, "how": "bank", **given}
    return here.send(who, f"{PAY}?claim={key}", form="paid", expect=expect, **facts)


def told_of_it(letters: dict[str, str]) -> set[str]:
    return {who for who, words in letters.items() if "People are paid in time" in words}


def finding(here):
    return here.check("payments.in_time")


# --- the clock is the payer's ------------------------------------------------------------------------------------


def test_unmet_then_late_then_a_letter_to_the_payer_then_to_the_next_then_met_by_pages_alone(walk) -> None:
    here = begin(walk)
    assert finding(here).outcome == "met"
    claim(here)
    assert (finding(here).outcome, finding(here).due_on) == ("unmet", TODAY + days(14))
    agree(here)
    here.go_to(TODAY + days(14))
    assert told_of_it(here.mail()) == set()
    here.go_to(TODAY + days(15))
    letters = here.mail()
    assert told_of_it(letters) == {"finance-1"}
    assert "The project owes a payment to Leap (since 2 March 2026)." in letters["finance-1"]
    here.go_to(TODAY + days(28))
    assert told_of_it(here.mail()) == {"finance-1"}
    here.go_to(TODAY + days(29))
    letters = here.mail()
    assert told_of_it(letters) == {"finance-1", "coordinator-1"}
    assert "Leap" not in letters["coordinator-1"]
    pay(here)
    assert finding(here).sentence == "Everything that was claimed is paid."
    here.go_to(TODAY + days(60))
    assert told_of_it(here.mail()) == set()
    assert "Paid on 31 March 2026" in here.see("leap-1", CLAIM)


def test_a_lead_is_asked_to_look_at_a_claim_after_a_week_so_that_a_week_is_left_to_pay(walk) -> None:
    here = begin(walk)
    claim(here)
    assert (here.check("payments.agreed").outcome, here.check("payments.agreed").due_on) == ("unmet", TODAY + days(7))
    here.go_to(TODAY + days(8))
    letters = here.mail()
    assert "1 claim waits for a lead." in letters["lead-1"]
    assert "Claims are looked at" not in "".join(words for who, words in letters.items() if who != "lead-1")
    agree(here)
    assert here.check("payments.agreed").outcome == "met"


def test_a_lead_is_not_asked_to_look_at_their_own_claim(walk) -> None:
    here = begin(walk, members=(*EVERYONE, person("lead-2", "research", role="lead")))
    claim(here, "lead-1")
    here.go_to(TODAY + days(8))
    assert {who for who, words in here.mail().items() if "Claims are looked at" in words} == {"lead-2"}


def test_no_subject_says_a_word_of_pay_and_whoever_is_owed_is_told_nothing_by_mail(walk) -> None:
    here = begin(walk)
    claim(here, "lived-1", amount="165")
    for later in (15, 22, 29, 43, 60):
        here.go_to(TODAY + days(later))
        letters = here.mail()
        assert "lived-1" not in letters
        for words in letters.values():
            subject = words.partition("\n")[0].lower()
            assert not any(one in subject for one in ("£", "165", "pay", "claim", "money", "owe"))
            assert "165" not in words


def test_without_a_finance_contact_the_coordinator_pays_and_without_one_a_lead(walk) -> None:
    here = begin(walk, members=(*FOUR, person("lead-2", "research", role="lead"), FREELANCE))
    claim(here)
    here.go_to(TODAY + days(15))
    assert "lead-1" in here.mail()
    strengthen(here, "lead-2")
    agree(here, who="lead-2")
    pay(here, who="lead-1")
    assert finding(here).outcome == "met"


def test_a_payer_who_is_owed_money_is_not_chased_for_it(walk) -> None:
    here = begin(walk)
    claim(here, "finance-1")
    here.go_to(TODAY + days(15))
    letters = here.mail()
    assert "finance-1" not in letters
    assert "coordinator-1" in letters


# --- S4: no institution, no CV, no invoice -----------------------------------------------------------------------


def test_a_freelance_member_claims_in_three_steps_without_an_institution(walk) -> None:
    here = begin(walk, stage="bid")
    confirm_rates(here)
    assert "Claim for your time" in here.see("leap-1")
    assert "About one hour" in here.see("leap-1", CLAIM)
    form = here.client("leap-1").get(f"/projects/kettle{CLAIM}?what=1").get_data(as_text=True)
    assert 'value="27.50"' in form
    assert not any(one in form.lower() for one in ("department code", "upload an invoice", "employer reference"))
    here.send("leap-1", f"{CLAIM}?what=1", form="claim", task="About one hour", day=TODAY, amount="27.50")
    said = here.see("leap-1", CLAIM)
    assert "£27.50 Sent on 2 March 2026. To be paid by 16 March 2026" in said


def test_an_offer_in_writing_a_choice_of_ones_own_and_a_claim_filled_in_from_it(walk) -> None:
    here = begin(walk)
    activity = TODAY + days(7)
    offer(here, activity)
    letters = here.mail()
    assert "There is something for you to look at" in letters["leap-1"].partition("\n")[0]
    assert "82" not in letters["leap-1"]
    page = here.see("leap-1", f"{CLAIM}?offer=interview-panel")
    assert "You are offered £82.50 for this, on 9 March 2026." in page
    assert "We book and pay it for you" in page
    choose(here, "less", words="50 is plenty.")
    for who in ("lead-1", "coordinator-1", "practice-1"):
        places = ("/payments/choice", "/payments/choice/leap-1", OFFERS, PAY, "", "/gate", "/history")
        assert "50 is plenty" not in seen(here, who, *places), who
    here.go_to(activity)
    claim(here, where="?offer=interview-panel", task="Interview panel", day=activity, amount="50")
    assert "50 is plenty." in here.see("finance-1", f"{PAY}?claim=interview-panel")
    assert "£50.00" in here.see("lead-1", PAY)


def test_who_declines_is_never_shown_as_unpaid_and_can_choose_again(walk) -> None:
    here = begin(walk)
    offer(here, TODAY)
    choose(here, "declined", words="I have a salary.")
    here.go_to(TODAY + days(60))
    assert finding(here).outcome == "met"
    assert "unpaid" not in here.see("lead-1", "/gate").lower()
    late = {"where": "?offer=interview-panel", "task": "Interview panel", "day": TODAY, "amount": "82.50"}
    assert "You chose not to be paid for this." in claim(here, expect=422, **late)
    choose(here, "paid")
    claim(here, **late)
    assert finding(here).outcome == "unmet"
    choose(here, "declined")  # and back again: the claim is taken off the list
    assert finding(here).outcome == "met"


def test_nobody_chooses_for_somebody_else(walk) -> None:
    here = begin(walk)
    offer(here, TODAY)
    words = here.send(
        "lead-1", "/payments/choice/add", expect=422, person="leap-1", offer="interview-panel", choice="declined"
    )
    assert "Only they themselves can choose this." in words
    assert "no offer to you" in here.send(
        "lived-1", "/payments/choice/add", expect=422, person="lived-1", offer="interview-panel", choice="paid"
    )


def test_told_by_phone_is_enough_and_a_lead_reads_neither_note_nor_photo(walk) -> None:
    here = begin(walk)
    claim(here, expenses="12", told="Told by phone to Sam", spent_on="A taxi to the clinic")
    for place in ("/payments/proof", "/payments/claim/reading-the-bid", PAY, f"{PAY}?claim=reading-the-bid"):
        told = here.see("lead-1", place)
        assert "Told by phone" not in told, place
        assert "taxi" not in told, place
    assert "Told by phone to Sam" in here.see("finance-1", "/payments/proof")
    assert "£12.00" in here.see("lead-1", PAY)


# --- two people ---------------------------------------------------------------------------------------------------


def test_two_people_look_at_every_payment_and_neither_is_paid_by_it(walk) -> None:
    here = begin(walk)
    claim(here, "lead-1", task="Mine")
    assert "nobody approves what they wrote themselves" in agree(here, "mine", expect=403)
    claim(here)
    assert "Nobody has agreed to the amount and the day yet." in pay(here, expect=422)
    agree(here)
    claim(here, "finance-1", task="My hour")
    agree(here, "my-hour")
    assert "Nobody pays themselves." in pay(here, "my-hour", expect=422)
    pay(here)
    twice = {"claim": "reading-the-bid", "person": "leap-1", "amount": "27.50", "paid_on": TODAY, "how": "cash"}
    assert "marked as paid already" in here.send("finance-1", "/payments/paid/add", expect=422, **twice)
    assert here.client("lead-1").get("/projects/kettle/payments/paid/add").status_code == 403


def test_whoever_agreed_does_not_pay_it_too(walk) -> None:
    here = begin(walk, members=(*FOUR, FREELANCE))  # the lead is the payer as well
    claim(here)
    agree(here)
    assert "You agreed to this claim, so somebody else marks it as paid." in pay(here, who="lead-1", expect=422)


def test_agreeing_to_money_asks_for_a_second_step(walk) -> None:
    here = walk(plugins=("payments",), stage="trial", members=EVERYONE)
    claim(here)
    assert "This page asks for one more step" in agree(here, expect=403)
    with here.open():
        (row,) = load_snapshot(here.project.row, today=TODAY).entries["payments.claim"]
    assert row.approved_on is None


def test_a_claim_that_is_changed_is_agreed_to_anew_and_a_paid_one_stays(walk) -> None:
    here = begin(walk)
    claim(here)
    agree(here)
    more = {"person": "leap-1", "task": "Reading the bid", "day": TODAY, "amount": "55"}
    here.send("leap-1", "/payments/claim/reading-the-bid", **more)
    assert "Nobody has agreed" in pay(here, expect=422)
    agree(here, number=2)
    pay(here)
    said = here.send("leap-1", "/payments/claim/reading-the-bid", expect=403, **{**more, "amount": "550"})
    assert "This is paid, so it stays as it is." in said


# --- one's own ----------------------------------------------------------------------------------------------------


def test_totals_are_ones_own_by_week_month_and_tax_year_without_expenses(walk) -> None:
    here = begin(walk, started=date(2025, 1, 1), members=[{**one, "joined": date(2025, 1, 1)} for one in EVERYONE])
    for number, day in enumerate((date(2026, 4, 5), date(2026, 4, 6), date(2026, 4, 7))):
        here.go_to(day)
        claim(here, task=f"Talk {number}", amount="100", expenses="9")
        agree(here, f"talk-{number}")
        pay(here, f"talk-{number}")
    page = here.see("leap-1", OWN)
    assert "6 April 2026 £200.00" in page  # the tax year, and the week too: it was a Monday
    assert "6 April 2025 £100.00" in page
    assert "1 April 2026 £300.00" in page
    assert "you got £27.00 back" in page
    for who in ("lead-1", "finance-1", "lived-1"):
        assert "£" not in here.see(who, OWN), who


def test_coming_near_ones_own_figure_is_told_to_them_alone(walk) -> None:
    here = begin(walk)
    here.send("leap-1", OWN, form="near", amount="100", every="week")
    claim(here, amount="90")
    assert "You asked to be told near £100.00: it is £90.00" in here.see("leap-1", CLAIM)
    agree(here)
    pay(here)
    assert "You come near your own amount" in here.see("leap-1", OWN)
    for who in ("lead-1", "finance-1", "coordinator-1"):
        assert "100.00" not in seen(here, who, "/payments/near", "/payments/near/leap-1", OWN, PAY, "/gate", "/history")
    assert "leap-1" not in here.mail()


def test_bank_details_are_asked_once_shown_once_to_the_payer_and_in_no_file(walk) -> None:
    here = begin(walk)
    here.send("leap-1", "/payments/bank/add", person="leap-1", details="L Eap 11-22-33 01234567")
    assert "Your bank details are kept" in here.see("leap-1", CLAIM)
    again = here.send("leap-1", "/payments/bank/add", expect=422, person="leap-1", details="another")
    assert "You have a line here already." in again
    for who in ("leap-1", "finance-1"):
        for kind in ("csv", "json"):
            taken = here.client(who).get(f"/projects/kettle/payments/bank?as={kind}")
            assert "01234567" not in taken.get_data(as_text=True)
    with here.open():
        assert "01234567" not in export_project(here.project.row)
    for who in ("lead-1", "coordinator-1", "lived-1"):
        assert here.client(who).get("/projects/kettle/payments/bank/leap-1").status_code == 404
    opened = here.send("finance-1", "/payments/bank/leap-1", do="open", field="details", expect=200)
    assert "11-22-33 01234567" in opened
    assert "opened already" in here.send("finance-1", "/payments/bank/leap-1", do="open", field="details", expect=409)
    assert "Your bank details are kept" in here.see("leap-1", CLAIM)


# --- rates --------------------------------------------------------------------------------------------------------


def offer(here, day: date, **given: Any) -> None:
    facts = {"person": "leap-1", "task": "Interview panel", "day": day, "amount": "82.50", "costs": "booked"}
    here.send("coordinator-1", OFFERS, form="offer", **{**facts, **given})


def choose(here, choice: str, words: str = "") -> None:
    here.send("leap-1", f"{CLAIM}?offer=interview-panel", form="choice", choice=choice, words=words)


def confirm_rates(here, **given: Any) -> None:
    here.send("coordinator-1", "/payments/rate/add", **{**CARD, **given})
    agree_card(here, "our-rates")


def agree_card(here, key: str, number: int = 1, who: str = "lead-1", expect: int = 302) -> str:
    return here.send(who, f"/payments/rate/{key}", do="approve", number=number, expect=expect)


def test_the_example_fills_in_nothing_until_somebody_else_has_confirmed_it(walk) -> None:
    here = begin(walk, stage="design", today=date(2026, 11, 23))
    here.send("coordinator-1", RATES, form="form")
    key = "nihr-rates-an-example-to-check"
    assert "Not checked." in here.see("lead-1", f"/payments/rate/{key}")
    assert "About one hour" not in here.see("leap-1", CLAIM)
    assert "Somebody else has to approve this" in agree_card(here, key, who="coordinator-1", expect=403)
    agree_card(here, key)
    assert "About one hour, little to prepare" in here.see("leap-1", CLAIM)


def test_rates_are_looked_at_again_after_a_year(walk) -> None:
    here = begin(walk, stage="design", entered=TODAY)
    assert here.check("payments.rates").outcome == "unmet"
    confirm_rates(here)
    assert here.check("payments.rates").outcome == "met"
    here.go_to(TODAY + days(366))
    assert "Look whether they still hold" in here.mail()["coordinator-1"]
    here.send("coordinator-1", "/payments/rate/our-rates", **{**CARD, "looked_up": here.today})
    agree_card(here, "our-rates", number=2)
    assert here.check("payments.rates").outcome == "met"


def test_an_old_card_needs_a_note_and_a_line_that_is_none_is_named(walk) -> None:
    here = begin(walk, stage="bid")
    old = {**CARD, "starts": date(2025, 12, 15)}
    assert "say in the note why you use these" in here.send("lead-1", "/payments/rate/add", expect=422, **old)
    here.send("lead-1", "/payments/rate/add", **old, note="Agreed with the funder in 2024.")
    said = here.send("lead-1", "/payments/rate/add", expect=422, **{**CARD, "lines": "About one hour 27.50"})
    assert "Look at “About one hour 27.50”" in said
    assert "About one hour 27.50</textarea>" in said


def test_an_offer_takes_its_amount_from_the_rates_and_comes_before_the_activity(walk) -> None:
    here = begin(walk, stage="design")
    confirm_rates(here)
    offer(here, TODAY, amount="", rate="2")
    assert "£82.50" in here.see("leap-1", CLAIM)
    late = {"person": "leap-1", "task": "A talk", "day": TODAY - days(1), "amount": "10", "costs": "none"}
    said = here.send("lead-1", OFFERS, form="offer", expect=422, **late)
    assert "An offer is made before the activity." in said
    assert "A talk" in said


# --- what people type ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read"),
    [("1,250.50", "£1,250.50"), ("£12", "£12.00"), (" 27.5 ", "£27.50"), ("75p", "£0.75"), ("12 pounds", "£12.00")],
)
def test_an_amount_is_read_as_people_write_it(walk, typed: str, read: str) -> None:
    here = begin(walk)
    claim(here, amount=typed)
    assert read in here.see("leap-1", CLAIM)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12,50", "Put a point between pounds and pence."), ("-12", "An amount is never less than nothing."),
        ("€12", "Other money has to be changed into pounds first."), ("twelve", "must be an amount in pounds"),
        ("12.345", "must be an amount in pounds"), ("1e3", "must be an amount in pounds"),
        ("99999999999999", "too much to be right"), ("0", "Give an amount for your time"), ("", "Give an amount"),
    ],
)  # fmt: skip
def test_an_amount_that_is_none_is_refused_in_a_sentence_and_nothing_is_lost(walk, typed: str, said: str) -> None:
    here = begin(walk)
    page = claim(here, expect=422, amount=typed, told="Told Sam")
    assert said in page
    assert 'value="Told Sam"' in page
    assert "£" not in here.see("leap-1", CLAIM).split("What you sent")[1].split("If you get")[0]


def test_a_day_before_joining_or_still_to_come_is_refused_in_a_sentence(walk) -> None:
    here = begin(walk)
    assert "is still to come. Claim on that day" in claim(here, expect=422, day=TODAY + days(1))
    assert "You joined on 1 January 2026." in claim(here, expect=422, day=date(2025, 12, 31))
    assert "must be a real day" in claim(here, expect=422, day="30 2 2026")
    claim(here)
    assert "You have claimed for this on that day already." in claim(here, expect=422)
    for_another = {"person": "lived-1", "task": "Tea", "day": TODAY, "amount": "5"}
    assert "People claim for themselves." in here.send("leap-1", "/payments/claim/add", expect=422, **for_another)


def test_addresses_with_nonsense_in_them_open_the_page_all_the_same(walk) -> None:
    here = begin(walk)
    for query in ("?offer=nobody", "?what=99999", "?what=-1", "?what=²", "?from=x", "?from=99999", "?offer="):
        assert "Claim for your time" in here.see("leap-1", f"{CLAIM}{query}")
    assert "To agree to" in here.see("lead-1", f"{PAY}?claim=nobody")


def test_what_was_claimed_and_paid_goes_into_the_project_file_and_out_of_it_again(walk) -> None:
    here = begin(walk)
    offer(here, TODAY)
    claim(here, where="?offer=interview-panel", task="Interview panel", told="Told Sam")
    here.send("leap-1", "/payments/bank/add", person="leap-1", details="L Eap 01234567")
    agree(here, "interview-panel")
    pay(here, "interview-panel")
    with here.open():
        file = export_project(here.project.row)
        again = made(import_project(file.encode(), today=TODAY, keep_dates=True)["slug"])
        assert again.finding("payments.in_time", today=TODAY).outcome == "met"


def test_each_reads_their_own_claims_and_no_others(walk) -> None:
    here = begin(walk)
    claim(here)
    for who in ("lived-1", "practice-1", "coordinator-1"):
        told = seen(here, who, "/payments/claim", "/payments/paid", CLAIM, PAY, "/history", "/gate", "")
        assert "Reading the bid" not in told, who
        assert "27.50" not in told, who
        taken = here.client(who).get("/projects/kettle/payments/claim?as=json").get_data(as_text=True)
        assert json.loads(taken)["entries"] == []
    assert "1 payment still to be made" in here.see("lived-1", "/gate")
    assert "The project owes you a payment." in here.see("leap-1", "/gate")
