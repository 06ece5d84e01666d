"""The evidence pack as a PDF: what a screen reader needs is in it, and what people wrote is never carried out."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pikepdf
import pytest
import typst

from govflow.domain.gates.evidence_pack import Pack, Section
from govflow.domain.plugins.pages import Bar, Chart, Link, Mark, Span, Table, Text
from govflow.pdf.pdf import SOME_LETTERS, pdf_of
from tests.support.factories import TODAY, days

STAGES = Chart(
    title="Stages",
    spans=[
        Span(label="Bid", starts=TODAY, ends=TODAY + days(90)),
        Span(label="Nobody is paid", starts=TODAY + days(90), ends=TODAY + days(99), gap=True),
    ],
    marks=[Mark(label="The funding ends", on=TODAY + days(90))],
)
HOW_MUCH = Chart(title="How much", bars=[Bar(label="Reciprocity", value=1, of=3)], unit="Ready")
CUPS = Table(
    caption="Cups", columns=("What", "On", "Ours"), rows=[(Link(text="Tea", page="x"), TODAY, True), (None, 3, 0.5)]
)
WORDS = Text(text="Two things.\n\n- One\n- Another", heading="In short")
PACK = Pack(
    title="The Kettle Study",
    about="Evidence of the whole project. Hearth.",
    made_on=TODAY,
    sections=[
        Section(title="All", parts=[WORDS, STAGES, HOW_MUCH, CUPS, Table(caption="None", columns=("A", "B"), rows=[])])
    ],
)
HOSTILE = '#read("/etc/passwd") $x$ *b* _i_ <label> @ref \\ ` // /* ]} #panic()'


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf))


def title_of(pdf: bytes) -> str:
    with opened(pdf) as found, found.open_metadata() as said:
        return str(said["dc:title"])


def tags_of(found: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    return [one for one in found.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one and "/P" in one]


def test_it_has_tags_a_language_and_a_title():
    with opened(pdf_of(PACK)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as said:
            assert (said["dc:title"], said["pdfuaid:part"]) == ("The Kettle Study", "1")
        kinds = {str(one.S) for one in tags_of(pdf)}
        assert kinds >= {"/Title", "/H1", "/H2", "/P", "/L", "/Table", "/TH", "/TD", "/Figure"}


def test_each_picture_says_in_words_what_it_shows_and_a_table_says_it_again():
    with opened(pdf_of(PACK)) as pdf:
        said = [str(one.Alt) for one in tags_of(pdf) if str(one.S) == "/Figure"]
        tables = [one for one in tags_of(pdf) if str(one.S) == "/Table"]
    assert "Nobody is paid (missing) 31 May 2026 9 June 2026" in said[0]
    assert said[1] == "Bars. Reciprocity: 1 of 3."
    assert len(tables) == 3


def test_the_same_pack_gives_the_same_bytes():
    assert pdf_of(PACK) == pdf_of(PACK)


@pytest.mark.parametrize(
    "words", [HOSTILE, "=" * 40, "- x\n= y", "Żółć, ŵ, ß; Ωμέγα; Чай", "a" * 3_000, "\u202ereversed", "two\tparts"]
)
def test_what_people_wrote_stands_as_they_wrote_it_and_is_never_carried_out(words):
    parts = [Text(text=words, heading=words), Table(caption=words, columns=(words, "B"), rows=[(words, words)]),
             Chart(title=words, bars=[Bar(label=words, value=1)])]  # fmt: skip
    pdf = pdf_of(replace(PACK, title=words, about=words, sections=[Section(title=words, parts=parts)]))
    assert title_of(pdf) == words


def test_letters_that_cannot_be_printed_do_not_stop_it_and_it_says_so():
    with_them = replace(PACK, title="茶と研究 😀, Żółć, Чай")
    assert title_of(pdf_of(with_them)) == "???? ?, Żółć, Чай"
    said = Section(title="All", parts=[*PACK.sections[0].parts, Text(text=SOME_LETTERS)])
    assert pdf_of(with_them) == pdf_of(replace(PACK, title="???? ?, Żółć, Чай", sections=[said]))


def test_a_table_longer_than_a_page_says_its_columns_on_each():
    rows = [(f"Line {number}", date(2026, 1, 1), "x") for number in range(200)]
    pdf = pdf_of(replace(PACK, sections=[Section(title="Long", parts=[replace(CUPS, rows=rows)])]))
    with opened(pdf) as found:
        assert len(found.pages) > 3


def test_headings_are_said_in_the_group_s_own_words_and_what_people_wrote_is_not():
    theirs = replace(
        PACK, sections=[Section(title="Members", parts=[Text(heading="Members", text="Members said so.")])]
    )
    ours = replace(
        PACK, sections=[Section(title="Partners", parts=[Text(heading="Partners", text="Members said so.")])]
    )
    assert pdf_of(theirs, words=lambda said: said.replace("Members", "Partners")) == pdf_of(ours)


def test_a_picture_without_words_would_be_refused():
    """What typst promises, and why it is what sets our type."""
    with pytest.raises(typst.TypstError, match="alt"):
        typst.compile(b'#set document(title: "x")\n#set text(lang: "en")\n= A\n#figure(rect())', pdf_standards=["ua-1"])
