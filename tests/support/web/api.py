"""Asking the API."""

from __future__ import annotations

from govflow.store import db


def ask(app, who, path, *, method="GET", sent=None, **more):
    db.session.rollback()
    headers = {"Authorization": f"Bearer {who}"} if who else {}
    with app.test_client() as client:
        answer = client.open(f"/api/v1{path}", method=method, json=sent, headers={**headers, **more})
    db.session.rollback()
    return answer
