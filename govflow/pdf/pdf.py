"""The only file that sets type: an evidence pack as a PDF that a screen reader reads as well as the page (PDF/UA-1).

typst refuses a picture without words, a heading that skips a level and a letter it cannot draw. What people wrote goes
to it as data, never as part of the template, so nothing of it is carried out.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib.resources import as_file, files
from typing import Any

import typst

from govflow.domain.gates.evidence_pack import Pack
from govflow.domain.plugins.pages import Bar, Chart, Link, Part, Table, Text, blocks_of, placed
from govflow.domain.wording import day

EUROPEAN = ("LATIN ", "GREEK ", "CYRILLIC ")
PLAIN: tuple[str, ...] = ("not a letter",)
"""What to try in turn where the typeface lacks a letter: these scripts, then letters without marks alone."""
MARKS = "“”‘’–—…·•£€×"
SOME_LETTERS = "Some letters could not be printed here and stand as “?”. The page itself shows them."


Words = Callable[[str], str]


def pdf_of(pack: Pack, *, lang: str = "en", words: Words = str) -> bytes:
    """The pack as PDF/UA-1: tagged, with its language and title. The same pack gives the same bytes.

    `words` says headings in the group's own words; what people wrote is left as it is.
    """
    content = _content(pack, words)
    for scripts in (EUROPEAN, PLAIN):
        try:
            return _set(content, lang)
        except typst.TypstError as error:
            if "could not be displayed" not in str(error):
                raise
        content = _only(scripts, _content(pack, words))
        content["sections"][-1]["parts"].append(_part(Text(text=SOME_LETTERS), words))
    return _set(content, lang)


def _set(content: dict[str, Any], lang: str) -> bytes:
    fonts = files("font_source_sans_pro") / "files"
    with as_file(files("govflow.pdf") / "pdf.typ") as template, as_file(fonts) as folder:
        return typst.compile(
            template,
            font_paths=[folder],
            ignore_system_fonts=True,
            sys_inputs={"content": json.dumps(content), "lang": lang},
            pdf_standards=["ua-1"],
            timestamp=int(datetime.fromisoformat(f"{content['made_on']}T00:00:00+00:00").timestamp()),
        )


def _content(pack: Pack, words: Words) -> dict[str, Any]:
    return {
        "title": pack.title,
        "about": pack.about,
        "made_on": pack.made_on.isoformat(),
        "sections": [
            {"title": words(section.title), "parts": [_part(part, words) for part in section.parts]}
            for section in pack.sections
        ],
    }


def _part(part: Part, words: Words) -> dict[str, Any]:
    match part:
        case Text():
            return {"kind": "text", "title": words(part.heading), "blocks": blocks_of(part.text)}
        case Table():
            rows = [[_cell(cell) for cell in row] for row in part.rows]
            return _table(words(part.caption), [words(question) for question in part.columns], rows) | {
                "empty": part.empty
            }
        case Chart(spans=spans) if spans:
            return _timeline(part, words(part.title))
        case Chart():
            return _bars(part, words(part.title))
    raise TypeError(f"{type(part).__name__} cannot be printed")


def _table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"kind": "table", "title": caption, "columns": list(columns), "rows": rows}


def _bars(chart: Chart, title: str) -> dict[str, Any]:
    said = [f"{bar.label}: {_number(bar)}" for bar in chart.bars]
    most = max([bar.of or bar.value for bar in chart.bars] or [1]) or 1
    widths = [max(0.0, min(1.0, bar.value / (bar.of or most))) for bar in chart.bars]
    rows = [[bar.label, _number(bar)] for bar in chart.bars]
    return {
        "kind": "bars",
        "title": title,
        "alt": f"Bars. {'; '.join(said) or 'None'}.",
        "bars": [{"label": one.label, "width": width} for one, width in zip(chart.bars, widths, strict=True)],
        "table": _table(title, ("What", chart.unit or "How many"), rows),
    }


def _timeline(chart: Chart, title: str) -> dict[str, Any]:
    spans, marks = placed(chart)
    rows = [
        [f"{span.label}{' (missing)' if span.gap else ''}", day(span.starts), day(span.ends)] for span in chart.spans
    ]
    rows += [[mark.label, day(mark.on), ""] for mark in chart.marks]
    return {
        "kind": "timeline",
        "title": title,
        "alt": "A timeline. " + "; ".join(f"{name} {first} {last}".strip() for name, first, last in rows) + ".",
        "spans": [
            {"label": span.label, "from": at / 100, "width": width / 100, "gap": span.gap} for span, at, width in spans
        ],
        "marks": [{"label": mark.label, "at": at / 100} for mark, at in marks],
        "table": _table(title, ("What", "From", "To"), rows),
    }


def _number(bar: Bar) -> str:
    return f"{bar.value:g} of {bar.of:g}" if bar.of is not None else f"{bar.value:g}"


def _cell(cell: Any) -> str:
    match cell:
        case Link():
            return cell.text
        case bool():
            return "Yes" if cell else "No"
        case date():
            return day(cell)
        case None:
            return ""
    return str(cell)


def _only(scripts: tuple[str, ...], value: Any) -> Any:
    """The same with every letter of another script, and every picture of a face, as “?”."""
    if isinstance(value, dict):
        return {name: _only(scripts, one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_only(scripts, one) for one in value]
    if not isinstance(value, str):
        return value
    return "".join(
        one if one.isascii() or one in MARKS or unicodedata.name(one, "").startswith(scripts) else "?" for one in value
    )
