"""The same thing at the same moment, many times."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from govflow.store import db


def at_once(app, number, act):
    """Run `act` that many times at the same moment, each in a thread and an app context of its own."""
    db.session.remove()
    together = Barrier(number)

    def one(index):
        with app.app_context():
            together.wait(30)
            try:
                return act(index)
            except Exception as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))
