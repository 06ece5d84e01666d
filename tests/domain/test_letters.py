"""The words of our letters: easy to read, and nothing private where it shows."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from govflow.services.mail.reminder_items import Item
from govflow.services.mail.render import render_email
from tests.support.readability import grade, syllables

TITLE = "Living with psychosis in Hounslow"
ITEM = Item(
    project=TITLE,
    title="Pay cover for writers",
    sentence="Pay cover: 2 of 11 not ready yet.",
    why="Nobody should work unpaid.",
    due_on=date(2026, 3, 1),
    link="https://gov.example/projects/hounslow/gate/paid_authors.covered/paper",
)


def letter(*items, name="Grace Kettle"):
    return worded(
        "reminder",
        name=name,
        items=items or (ITEM,),
        home="https://gov.example/",
        preferences="https://gov.example/me/letters",
        stop="https://gov.example/letters/stop/x",
        today=date(2026, 3, 4),
    )


def worded(kind, **values):
    return render_email(kind, values, terms={})


SIGN_IN = worded("sign_in", name="Grace Kettle", link="https://gov.example/sign-in/x", minutes=10)
INVITATION = worded("invitation", name="Grace Kettle", asked_by="Amina Lantern", link="https://gov.example/")
HERE = {"name": "Grace Kettle", "project": TITLE, "link": "https://gov.example/x", "stop": "https://gov.example/stop"}
ASKED = {"title": "How is it going?", "until": date(2026, 3, 4)}
ALL = {
    "reminder": letter(),
    "two things": letter(ITEM, ITEM),
    "told to help": letter(replace(ITEM, helps=True)),
    "sign-in": SIGN_IN,
    "invitation": INVITATION,
    "poll": worded("poll", **HERE, **ASKED, last=False, private=True),
    "poll's last day": worded("poll", **HERE, **ASKED, last=True, private=True),
    "poll with names": worded("poll", **HERE, **ASKED, last=False, private=False),
    "gate open": worded("gate_open", **HERE),
    "waiver": worded("waiver", **HERE),
    "moved": worded("moved", **HERE, stage="Trial"),
    "closed": worded("moved", **HERE, stage=""),
}


@pytest.mark.parametrize("words", ALL.values(), ids=ALL.keys())
def test_neither_the_subject_nor_the_preview_names_the_project_pay_or_a_person_s_things(words):
    shown = f"{words.subject} {words.text[:100]}"
    for private in (TITLE, "psychosis", "Hounslow", "Pay", "pay", "Nobody should"):
        assert private not in shown


def test_nor_does_the_first_of_the_html_that_a_mail_program_previews():
    assert TITLE not in seen(letter().html)[: 100 + len(letter().subject)]


def test_a_letter_lists_everything_that_is_late_the_oldest_first():
    later = Item(
        project="Another",
        title="Tea",
        sentence="No kettle.",
        why="",
        due_on=date(2026, 3, 5),
        link="https://gov.example/tea",
    )
    text = letter(later, ITEM).text
    assert "Two" not in text
    assert "2 things are waiting" in text
    assert text.index(ITEM.sentence) < text.index("No kettle.")
    for wanted in (
        ITEM.link,
        later.link,
        "It is due on 5 March 2026.",
        "It was due on 1 March 2026.",
        "Nobody should work unpaid.",
        f"({TITLE})",
    ):
        assert wanted in text


def test_one_thing_is_said_in_the_singular():
    assert letter().subject == "GovFlow: 1 thing waiting for you"
    assert "1 thing is waiting" in letter().text


def test_a_person_without_a_name_is_greeted_too():
    assert letter(name=" ").text.startswith("Hello there,")


class Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.text, self.links = "", []

    def handle_data(self, data):
        self.text += f" {data}"

    def handle_starttag(self, tag, attrs):
        assert tag not in ("script", "img", "iframe", "object", "form")
        self.links += [value for name, value in attrs if name == "href"]


def seen(html):
    parser = Seen()
    parser.feed(html)
    return " ".join(parser.text.split())


@pytest.mark.parametrize("words", ALL.values(), ids=ALL.keys())
def test_the_html_says_what_the_plain_text_says_with_the_same_links(words):
    parser = Seen()
    parser.feed(words.html)
    links = set(re.findall(r"https://\S+", words.text))
    assert links == set(parser.links)
    said = seen(words.html)
    for line in words.text.splitlines():
        if line.strip() and not line.startswith("https://") and set(line) != {"-"}:
            assert " ".join(line.split()) in said


def test_what_people_typed_cannot_become_html():
    evil = Item(
        project="<script>alert(1)</script>",
        title='"><img src=x>',
        sentence="<b>bold</b> & co",
        why="<i>",
        due_on=date(2026, 3, 1),
        link='https://gov.example/"onmouseover="x',
    )
    html = letter(evil, name="<script> K").html
    for raw in ("<script", "<img", "<b>", "<i>", '"onmouseover'):
        assert raw not in html


# --- plain English ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "number"),
    [("time", 1), ("people", 2), ("reminder", 3), ("waiting", 2), ("asked", 1), ("started", 2), ("coordinator", 4)],
)
def test_the_syllable_counter_counts(word, number):
    assert abs(syllables(word) - number) <= (word == "coordinator")


def test_the_grade_tells_hard_words_from_easy_ones():
    assert grade("The cat sat on the mat. It was warm.") < 2
    assert (
        grade("Notwithstanding institutional considerations, organisational accountability necessitates documentation.")
        > 15
    )


@pytest.mark.parametrize("words", ALL.values(), ids=ALL.keys())
def test_a_reader_of_eleven_understands_our_own_words(words):
    bare = Item(project="P", title="Tea", sentence="No tea.", why="", due_on=date(2026, 3, 1), link="")
    fixed = letter(bare).text if words in (ALL["reminder"], ALL["two things"]) else words.text.replace(TITLE, "P")
    fixed = re.sub(r"https?://\S+|-{3,}", "", fixed)
    assert grade(fixed) <= 6


@pytest.mark.parametrize("words", ALL.values(), ids=ALL.keys())
def test_our_words_are_kind(words):
    for unkind in ("fail", "must", "error", "amendment", "violat", "overdue", "non-compliant"):
        assert unkind not in (words.subject + words.text).lower()
