"""The parts of a plugin's page as the core draws them: text, tables, charts, files, forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request

from govflow.domain.plugins.pages import Chart, File, Link, Part, Table, Text, blocks_of, placed
from govflow.domain.questions import NOBODY, Known
from govflow.domain.refusals import Invalid
from govflow.domain.wording import day
from govflow.web.forms import form_for, summary


def draw_parts(
    parts: Sequence[Part], known: Known = NOBODY, refusal: Invalid | None = None, *, link: Any, file: str = ""
) -> list[dict[str, Any]]:
    """The parts as the template draws them, each by its kind."""
    return [_draw(part, known, refusal, link, file) for part in parts]


def _draw(part: Part, known: Known, refusal: Invalid | None, link: Any, file: str) -> dict[str, Any]:
    match part:
        case Text():
            return {"kind": "text", "part": part, "blocks": blocks_of(part.text)}
        case Table():
            rows = [[_cell(cell, link) for cell in row] for row in part.rows]
            return {"kind": "table", "part": part, "rows": rows}
        case Chart():
            return {"kind": "chart", "part": part, "timeline": _timeline(part) if part.spans else None, **_bars(part)}
        case File():
            return {"kind": "file", "part": part, "url": f"{file}?file={part.name}"}
        case _:
            sent = request.method == "POST" and request.form.get("form") == part.slug
            form = form_for(part.fields, known, dict(part.kept), refusal if sent else None, fresh=not sent)
            files = any(field.kind == "file" for field in part.fields)
            return {
                "kind": "form",
                "part": part,
                "form": form,
                "files": files,
                "summary": summary(form, refusal) if sent else [],
            }


def _cell(cell: Any, link: Any) -> dict[str, str]:
    if isinstance(cell, Link) and cell.web:
        return {"text": cell.text, "url": cell.web} if cell.web.startswith("https://") else {"text": cell.text}
    if isinstance(cell, Link):
        return {"text": cell.text, "url": link(cell)}
    if isinstance(cell, bool):
        return {"text": "Yes" if cell else "No"}
    if isinstance(cell, date):
        return {"text": day(cell)}
    return {"text": "" if cell is None else str(cell)}


def _bars(chart: Chart) -> dict[str, Any]:
    most = max([bar.of or bar.value for bar in chart.bars] or [1]) or 1
    bars = [
        {
            "label": bar.label,
            "value": f"{bar.value:g}",
            "of": f"{bar.of:g}" if bar.of is not None else "",
            "width": round(max(0, min(100, 100 * bar.value / (bar.of or most))), 1),
        }
        for bar in chart.bars
    ]
    return {"bars": bars}


def _timeline(chart: Chart) -> dict[str, Any]:
    spans, marks = placed(chart)
    return {
        "spans": [{"span": span, "x": at, "width": width} for span, at, width in spans],
        "marks": [{"mark": mark, "x": at} for mark, at in marks],
    }
