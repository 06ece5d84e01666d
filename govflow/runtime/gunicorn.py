"""Settings of the web server that no command line option can say."""

from __future__ import annotations

import gc
from typing import Any

graceful_timeout = 10
timeout = 60
preload_app = True
"""The app is loaded once, and the workers share its memory."""


def when_ready(server: Any) -> None:
    """Every template is compiled here, once, and what was loaded stays.

    Full collections over it cost tens of milliseconds of somebody's page. Frozen before the workers are made, it is
    never touched by them either, so that its memory stays shared.
    """
    templates = server.app.wsgi().jinja_env
    for name in templates.list_templates(extensions=["html"]):
        templates.get_template(name)
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Any) -> None:
    """From here on this process hears what it is to forget, and so may keep something."""
    worker.app.callable.extensions["govflow"].snapshots.listen()
