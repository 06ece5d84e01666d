"""A command of GovFlow as it is run, but with shorter leases and patience, so that faults heal while one watches.

With FAULTS_CLOCK its clock is wrong by as many seconds as that file says, and jumps when the file changes: whatever it
and the processes it forks ask for the time or the day. The steady clock goes on as it is, as when a clock is set.
"""

import os
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import time_machine

from govflow.cli import main
from govflow.mail import delivery, smtp
from govflow.services.mail import outbox

LEASE, IN_ALL = 6.0, 2.0


def follow(file: Path) -> None:
    """Begin to go by the file. Python's own clock is replaced from C, with all that asks it (time-machine)."""
    real, wrong_by = time_machine.escape_hatch.time.time, float(file.read_text())
    clock = time_machine.travel(time.time() + wrong_by).start()

    def watch() -> None:
        nonlocal wrong_by
        while True:
            time.sleep(0.02)
            if (said := file.read_text()) and float(said) != wrong_by:
                wrong_by = float(said)
                clock.move_to(real() + wrong_by)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    if "FAULTS_CLOCK" in os.environ:
        follow(Path(os.environ["FAULTS_CLOCK"]))
    outbox.LEASE = timedelta(seconds=float(os.environ.get("FAULTS_LEASE", LEASE)))
    delivery.IN_ALL = smtp.IN_ALL = float(os.environ.get("FAULTS_IN_ALL", IN_ALL))
    smtp.SECONDS = smtp.IN_ALL
    sys.argv[0] = "govflow"
    main()
