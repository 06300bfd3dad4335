"""Prints every segment that failed, as it happens: failures.py PROJECT SUBSCRIPTION."""

import sys

from shared.gcp.completions import listen

with listen(*sys.argv[1:3], types=("segment.failed", "segment.partial")) as events:
    for event in events:
        print(event.segment, event.records_failed, event.reason_code, flush=True)
