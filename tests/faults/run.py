"""A command of GovFlow as it is run, but with shorter leases and patience, so that faults heal while one watches."""

import os
import sys
from datetime import timedelta

from govflow import delivery, post
from govflow.cli import main
from govflow.services import outbox

LEASE, IN_ALL = 6.0, 2.0

if __name__ == "__main__":
    outbox.LEASE = timedelta(seconds=float(os.environ.get("FAULTS_LEASE", LEASE)))
    delivery.IN_ALL = post.IN_ALL = float(os.environ.get("FAULTS_IN_ALL", IN_ALL))
    post.SECONDS = post.IN_ALL
    sys.argv[0] = "govflow"
    main()
