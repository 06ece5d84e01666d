"""Who can see what, in plain words. Each sentence names the tests that keep it; the same sentences stand on the pages.

`./dev docs` writes docs/promises.md from here. A sentence without a test may not stand here as a promise.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Promise:
    """One sentence we keep, and the tests that would fail if we did not, as `file::test`."""

    sentence: str
    kept_by: tuple[str, ...]


BALLOTS = "tests/services/test_ballot_box.py"
ROUNDS = "tests/services/test_polls.py"
LETTERS = "tests/services/test_letters.py"
TELLING = "tests/domain/test_disclosure.py"
ATTACKS = "tests/attacks/test_linkage.py"

ANONYMOUS = (
    Promise(
        "Nobody in the project can see what you answer: no lead, no coordinator, no admin. Not now, and not later.",
        (
            f"{ROUNDS}::test_no_service_tells_an_answer_while_it_is_open",
            "tests/web/test_access.py::test_no_page_shows_or_marks_an_answer_to_a_poll",
            "tests/browser/test_journey_vote.py::test_a_lead_a_member_and_an_outsider_try_to_see_a_vote",
        ),
    ),
    Promise(
        "Your answers are locked before they are kept. The key is kept in another place. When the poll closes, all "
        "answers are opened together, only the results are kept, and the key is destroyed.",
        (
            f"{BALLOTS}::test_closing_destroys_the_key_and_every_sealed_row",
            f"{ROUNDS}::test_nothing_in_the_database_holds_an_answer_at_any_moment",
        ),
    ),
    Promise(
        "After that nobody can find out what you said from the database, its log or a backup, not even the people "
        "who run the server.",
        (f"{ATTACKS}::test_the_attacks_link_every_naive_vote_and_none_of_ours",),
    ),
    Promise(
        "Results are told after it closes, and only if five people or more have answered. Nothing we tell fixes what "
        "one person said.",
        (
            f"{TELLING}::test_no_result_of_one_poll_fixes_anybodys_answer",
            f"{TELLING}::test_fewer_than_five_are_never_told",
        ),
    ),
    Promise(
        "Your own words are shown only if you tick the box under them: without your name, in no order.",
        (f"{TELLING}::test_words_are_told_only_if_their_writer_ticked_so",),
    ),
    Promise(
        "You can change your answers until it closes. Only the last ones count. No page shows them to you again, so "
        "nobody can make you show them.",
        (
            f"{ROUNDS}::test_an_answer_takes_the_place_of_the_earlier_one_and_the_earlier_one_is_gone",
            f"{ROUNDS}::test_whether_somebody_answered_is_not_read_back_even_to_them",
        ),
    ),
    Promise(
        "The people asked are fixed when it opens. Nobody can be added later, and it cannot be opened again.",
        (f"{ROUNDS}::test_only_those_who_were_asked_may_answer",),
    ),
)
NOT_PROMISED = (
    "Somebody who runs the server, and changes the program or has the key and the database while the poll is open, "
    "could read answers. They could also see that you have answered.",
    "An answer without a name cannot be found again. So it cannot be changed or taken out after it closes.",
    "If nearly everyone says the same, the result tells which side most people are on. Two people who compare what "
    "they said can work out more.",
    "People who know you may know you by the way you write.",
)
NAMED = (
    Promise(
        "This is with names. After it closes, everyone in the project sees who said what.",
        (f"{ROUNDS}::test_with_names_all_is_hidden_until_close_and_then_told_with_names",),
    ),
    Promise(
        "Until it closes nobody sees any answer, and you can change yours.",
        (f"{ROUNDS}::test_with_names_all_is_hidden_until_close_and_then_told_with_names",),
    ),
    Promise(
        "You need not answer. Nobody is told who has not.",
        (f"{ROUNDS}::test_turnout_is_told_only_where_it_points_at_nobody",),
    ),
)
CHANGED_GROUP = (
    "Since the last time, people have joined or left. Somebody who compares both results could guess what they said. "
    "So this time only the direction is told: what most chose, or that the answers are mixed."
)
ASKING = "tests/services/test_equality.py"
COUNTING = "tests/domain/test_equality.py"
EQUALITY = (
    Promise(
        "Nobody can read what you answer: no lead, no coordinator, no admin. Not now, and not later. It is locked "
        "before it is kept. The key is kept in another place.",
        (
            f"{ASKING}::test_nothing_in_the_database_holds_an_answer_while_it_is_asked",
            "tests/web/test_equality.py::test_no_page_shows_or_marks_an_answer",
        ),
    ),
    Promise(
        "When it closes, only counts are kept, and the key is destroyed. Then nothing here ties an answer to you.",
        (f"{ASKING}::test_after_close_no_row_of_any_table_joins_a_round_to_a_person",),
    ),
    Promise(
        "Counts are told in steps: “5 or more”, “10 or more”. A smaller count is never told. No two questions are ever "
        "told together.",
        (
            f"{COUNTING}::test_no_count_below_five_is_told_and_each_is_rounded_down",
            f"{COUNTING}::test_each_question_is_counted_by_itself",
        ),
    ),
    Promise(
        "Nothing we tell fixes what one person said, or a small count that is hidden. Not even for two people who put "
        "together what they know.",
        (
            f"{COUNTING}::test_no_result_fixes_what_one_person_said_or_a_small_count",
            f"{COUNTING}::test_a_solver_finds_nothing_that_is_fixed_either",
        ),
    ),
    Promise(
        "If some of us were asked before, and some were not, nobody is asked. Two results could be compared.",
        (
            f"{COUNTING}::test_who_may_be_asked_again",
            f"{COUNTING}::test_two_results_side_by_side_fix_nothing_either",
        ),
    ),
    Promise(
        "You need not answer. It is never late, nobody reminds you, and nobody is told who has answered.",
        (
            f"{ASKING}::test_nobody_is_reminded_and_it_is_on_nobody_s_list",
            f"{ASKING}::test_nothing_tells_whether_somebody_answered_while_it_is_asked",
        ),
    ),
    Promise(
        "You can change your answers, or take them out, until it closes. Nobody can close it sooner than its last day.",
        (
            f"{ASKING}::test_an_answer_takes_the_place_of_the_earlier_one",
            f"{ASKING}::test_whoever_says_stop_is_not_counted",
        ),
    ),
    Promise(
        "No check, plugin, export, letter or program is given any of it.",
        (f"{ASKING}::test_no_case_gate_export_letter_history_or_picture_has_any_of_it",),
    ),
)
EQUALITY_NOT_PROMISED = (
    "Somebody who runs the server, and changes the program or has the key and the database while it is open, could "
    "read answers. They could also see that you have answered.",
    "What has been counted cannot be found again. So it cannot be changed or taken out after it closes.",
    "People who tell each other what they said, or whether they answered, can work out more.",
)
POWER = (
    Promise(
        "A lead alone can neither open a gate nor let a check pass.",
        (
            "tests/domain/test_gates.py::test_a_lead_alone_opens_no_gate",
            "tests/domain/test_gates.py::test_two_leads_never_waive_together",
        ),
    ),
    Promise(
        "A check that cannot be worked out holds the gate. Silence never opens one.",
        ("tests/services/test_gates.py::test_a_broken_check_holds_the_gate",),
    ),
    Promise(
        "“Not ready, because…” needs a written answer from a lead before the project moves. Both are kept.",
        (
            "tests/services/test_gates.py::test_not_ready_holds_the_gate_until_a_lead_answers_in_writing",
            "tests/services/test_gates.py::test_removing_whoever_said_not_ready_does_not_spare_a_lead_the_answer",
        ),
    ),
)
NEEDS = "tests/services/test_access_needs.py"
COMPLAINTS = "tests/services/test_complaints.py"
PAYMENTS = "tests/practices/test_payments.py"
ERASING = "tests/services/test_erasing.py"
YOURS = (
    Promise(
        "Only you set what experience you bring and what your role is called.",
        ("tests/services/test_people.py::test_somebody_asked_in_is_in_when_they_say_yes_in_their_own_words",),
    ),
    Promise(
        "Who lacks pay for a write-up is read by that person and by whoever owes it. Others see a count.",
        (
            "tests/services/test_outbox.py::test_a_private_sentence_is_mailed_only_to_whom_may_read_it",
            "tests/web/test_private_matters.py::test_a_private_finding_that_was_waived_is_told_to_others_without_title_whom_or_reason",
        ),
    ),
    Promise(
        "Two people look at every payment, neither of them the one paid. Who is owed money is sent no reminder of it.",
        (
            f"{PAYMENTS}::test_two_people_look_at_every_payment_and_neither_is_paid_by_it",
            f"{PAYMENTS}::test_no_subject_says_a_word_of_pay_and_whoever_is_owed_is_told_nothing_by_mail",
        ),
    ),
    Promise(
        "What you choose to be paid, and your totals, no lead reads. Bank details are opened once and are in no file.",
        (
            f"{PAYMENTS}::test_an_offer_in_writing_a_choice_of_ones_own_and_a_claim_filled_in_from_it",
            f"{PAYMENTS}::test_bank_details_are_asked_once_shown_once_to_the_payer_and_in_no_file",
        ),
    ),
    Promise(
        "What a group writes is read in the group alone, until somebody in it shares it. Leads see how many there are.",
        (
            "tests/services/test_papers.py::test_only_the_group_reads_what_it_has_not_shared",
            "tests/web/test_access.py::test_what_a_group_has_not_shared_is_read_in_the_group_alone",
        ),
    ),
    Promise(
        "No lead or coordinator comes into a group that has begun, unless somebody in the group asks them.",
        ("tests/services/test_groups.py::test_a_lead_cannot_come_into_a_group_that_has_begun_unless_its_people_ask",),
    ),
    Promise(
        "You hear of chances to take part only after you have said yes by a link in an email. One click ends it.",
        (
            "tests/services/test_hearing.py::test_nobody_is_on_the_list_until_they_say_yes_by_the_link_in_the_letter",
            "tests/services/test_openings.py::test_everyone_who_confirmed_gets_one_letter_whose_subject_tells_nothing",
        ),
    ),
    Promise(
        "Who asked to hear of chances is seen by the organisation's admins alone. Who never confirms is forgotten.",
        (
            "tests/services/test_hearing.py::test_only_admins_of_this_organisation_see_the_list_after_one_more_step",
            "tests/services/test_hearing.py::test_who_never_confirms_is_forgotten_after_a_week",
        ),
    ),
    Promise(
        "An opening says its pay before you reply. How people were chosen is written down once, for all to read.",
        (
            "tests/services/test_openings.py::test_everything_must_be_said_before_it_is_published",
            "tests/services/test_openings.py::test_how_people_were_chosen_is_written_down_once_and_stands_for_good",
        ),
    ),
    Promise(
        "Whoever leaves or is removed, and is in nothing else here, is signed out at once. "
        "Their links, letters and tokens end too.",
        ("tests/services/test_leaving.py::test_whoever_is_in_nothing_any_more_is_signed_out_everywhere",),
    ),
    Promise(
        "A link to sign in works in the browser that asked for it. Elsewhere it asks for the code that is shown there.",
        ("tests/services/test_sign_in.py::test_elsewhere_the_code_opens_it_however_it_was_typed_or_pasted",),
    ),
    Promise(
        "Settings of an organisation, and what is sealed, open only after one more step: a passkey or a code.",
        ("tests/web/test_sign_in.py::test_a_page_of_settings_comes_after_one_more_step",),
    ),
    Promise(
        "Each time a passkey or an app is added to your account, or taken away, you get a letter.",
        (
            "tests/services/test_security_letters.py::test_an_app_that_is_set_up_and_taken_away_is_told_each_time",
            "tests/services/test_security_letters.py::test_it_comes_also_to_whoever_has_stopped_reminders",
        ),
    ),
    Promise(
        "Reminders stop with one click. You can also take a break, without saying why.",
        (
            "tests/services/test_outbox.py::test_reminders_stopped_after_the_sweep_are_not_posted",
            f"{LETTERS}::test_in_a_pause_the_next_in_line_is_told_and_after_it_they_are_again",
        ),
    ),
    Promise(
        "Nobody reminds you of what is owed to you.",
        (f"{LETTERS}::test_whoever_is_owed_it_is_passed_over_and_the_next_in_line_is_told",),
    ),
    Promise(
        "When something private of yours waits, no letter and no page about letters tells others that it is yours.",
        (
            "tests/services/test_letters_kept_private.py::test_nobody_who_may_not_read_it_is_told_however_long_it_waits",
            "tests/services/test_letters_kept_private.py::test_what_falls_due_is_not_listed_under_anybody_s_name",
        ),
    ),
    Promise(
        "A letter that we owe you is not lost when a machine, a queue or a mail server breaks.",
        ("tests/faults/test_faults.py::test_no_letter_is_lost",),
    ),
    Promise(
        "No letter tells whether you have answered a poll: everyone who is asked gets the same words.",
        (
            "tests/services/test_letter_news.py::test_a_poll_is_told_of_when_it_opens_on_its_tenth_day_and_its_last_to_everyone_alike",
        ),
    ),
    Promise(
        "A phone number or address you give for reminders is locked. Only your leads and coordinators read it.",
        (f"{LETTERS}::test_who_wants_no_email_is_rung_by_the_coordinator_who_says_when_it_is_done",),
    ),
)
PRIVACY = (
    Promise(
        "What you need to take part is read by you and by the people you choose, and by nobody else: no lead you did "
        "not choose, no admin. You see each time one of them reads it.",
        (
            f"{NEEDS}::test_whoever_was_not_named_reads_nothing_not_even_a_lead",
            f"{NEEDS}::test_each_reading_is_in_the_history_of_both_and_says_nothing_of_what_is_needed",
            "tests/web/test_access.py::test_an_access_need_is_read_by_click_by_whom_it_was_told_and_by_nobody_else",
        ),
    ),
    Promise(
        "It is locked before it is kept. The key is kept in another place, one for each organisation.",
        (
            f"{NEEDS}::test_the_database_the_export_and_a_row_s_repr_hold_no_word_of_it",
            f"{NEEDS}::test_each_organisation_has_a_key_of_its_own_and_without_it_all_is_locked",
        ),
    ),
    Promise(
        "You can see all that is held about you, and take it away as a file.",
        (
            f"{ERASING}::test_everything_that_is_held_is_told_opened_and_as_plain_values",
            "tests/web/test_privacy.py::test_what_is_held_about_me_is_mine_on_the_page_and_in_the_file",
        ),
    ),
    Promise(
        "You can have yourself erased. Your name, your address and your private words are then gone, also from the "
        "database’s file. What the group decided stays, without your name.",
        (
            f"{ERASING}::test_after_erasing_neither_name_nor_address_nor_anything_private_is_on_the_disk",
            f"{ERASING}::test_what_the_group_decided_stays_and_reads_as_of_someone_who_left",
        ),
    ),
    Promise(
        "Nothing private stands in a log, an error, the queue, or in what a mail shows before it is opened.",
        ("tests/test_canaries.py::test_none_of_forty_secrets_is_in_a_log_an_error_redis_a_mail_s_headers_or_a_repr",),
    ),
    Promise(
        "A complaint is read by the people who look after the organisation, and by nobody else. It does not say who "
        "made it, unless you write that.",
        (
            f"{COMPLAINTS}::test_a_member_s_complaint_is_read_by_the_admins_of_their_organisation_alone",
            f"{COMPLAINTS}::test_nothing_of_it_or_of_who_made_it_is_in_the_database_or_in_a_letter",
        ),
    ),
    Promise(
        "When you ask your named contact for support, nobody else can read it: no lead, no coordinator, no admin. The "
        "history, the project file and the list of letters do not even say that you asked.",
        (
            "tests/practices/test_support.py::test_a_request_is_read_by_nobody_else",
            "tests/practices/test_support.py::test_nothing_of_it_is_in_the_history_the_project_file_or_the_chain",
            "tests/practices/test_support.py::"
            "test_a_request_reaches_the_contact_alone_at_once_and_its_letter_says_nothing_of_it",
        ),
    ),
    Promise(
        "What you need to take part is deleted 30 days after you leave.",
        (f"{ERASING}::test_what_somebody_needs_goes_thirty_days_after_they_leave",),
    ),
)
PROMISES = {
    "Polls without names": ANONYMOUS,
    "Polls with names": NAMED,
    "Equality questions": EQUALITY,
    "Power": POWER,
    "What is yours": YOURS,
    "What is private": PRIVACY,
}
NOT_PROMISED_AT_ALL = NOT_PROMISED
