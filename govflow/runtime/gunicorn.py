"""Settings of the web server that no command line option can say."""

from __future__ import annotations

import gc
from typing import Any

graceful_timeout = 10
timeout = 60
preload_app = False


def post_worker_init(worker: Any) -> None:
    """What was loaded stays: full collections over it cost tens of milliseconds of somebody's page."""
    gc.collect()
    gc.freeze()
    worker.app.callable.extensions["govflow"].snapshots.listen()
