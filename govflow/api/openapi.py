"""The API, described: OpenAPI 3.1, written by hand because it is small. A test holds it against the routes."""

from __future__ import annotations

from typing import Any


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def _answer(words: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema or {"type": "object"}}}}


PROBLEM = {
    "description": "Refused, with a sentence that says what to do (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": _object(
                type={"type": "string"},
                title={"type": "string"},
                status={"type": "integer"},
                detail={"type": "string"},
                errors={"type": "object", "additionalProperties": {"type": "string"}},
                holding={"type": "array", "items": {"type": "string"}},
            )
        }
    },
}
TEXT, DAY = {"type": "string"}, {"type": ["string", "null"], "format": "date"}
FINDING = _object(
    check=TEXT, about=TEXT, subject={"type": ["string", "null"]},
    outcome={"enum": ["met", "unmet", "not_needed", "broken"]}, sentence=TEXT, holds={"type": "boolean"},
    waived={"type": "boolean"}, due_on=DAY, overdue={"type": "boolean"}, owed_by={"type": "array", "items": TEXT},
)  # fmt: skip
PROJECT = _object(slug=TEXT, title=TEXT, stage=TEXT, state=TEXT, role={"type": ["string", "null"]})
GATE = _object(
    project=TEXT, stage=TEXT, next={"type": ["string", "null"]}, today=DAY, open={"type": "boolean"},
    sign_offs={"type": "object"}, findings={"type": "array", "items": FINDING},
)  # fmt: skip


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


def _says(summary: str, answer: dict[str, Any], *, status: str = "200", sent: dict[str, Any] | None = None) -> Any:
    found: dict[str, Any] = {"summary": summary, "responses": {status: answer, "default": PROBLEM}}
    if sent is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": sent}}}
    return found


ANSWER = _says(
    "Answer a check: its questions by name. What is left out keeps its earlier answer.",
    _answer("Kept."),
    status="201",
    sent={"type": "object"},
)
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "GovFlow",
        "version": "1",
        "description": "The same services as the pages, with the same permissions. A token belongs to one person in "
        "one organisation. Ballots, access needs and what needs a second step are not here.",
    },
    "servers": [{"url": "/api/v1"}],
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/openapi.json": {"get": {**_says("This document.", _answer("OpenAPI 3.1.")), "security": []}},
        "/projects": {
            "get": {
                **_says("Projects of the token's organisation that its person may know of.", _answer(
                    "A page of projects.", _object(projects={"type": "array", "items": PROJECT},
                                                   total={"type": "integer"}, page={"type": "integer"}))),
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
            }
        },
        "/projects/{slug}": {
            "parameters": [_path("slug")], "get": _says("One project.", _answer("The project.", PROJECT)),
        },
        "/projects/{slug}/gate": {
            "parameters": [_path("slug")],
            "get": _says("The gate as it stands, judged now.", _answer("The gate.", GATE)),
        },
        "/projects/{slug}/gate/{check}": {"parameters": [_path("slug"), _path("check")], "post": ANSWER},
        "/projects/{slug}/gate/{check}/{subject}": {
            "parameters": [_path("slug"), _path("check"), _path("subject")], "post": ANSWER,
        },
        "/projects/{slug}/sign-off": {
            "parameters": [_path("slug")],
            "post": _says("Say for oneself whether it is ready.", _answer("Recorded."), status="201",
                          sent=_object(say={"enum": ["ready", "not_ready", "withdrawn"]}, words=TEXT)),
        },
        "/projects/{slug}/advance": {
            "parameters": [_path("slug")],
            "post": _says("Move on, when the gate is open.", _answer("Moved."), sent={"type": "object"}),
        },
    },
}  # fmt: skip
