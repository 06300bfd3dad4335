"""Tells a chat what went wrong: webhook.py PROJECT SUBSCRIPTION URL. Slack, Google Chat and Teams take this form."""

import json
import sys
from urllib.request import Request, urlopen

from shared.gcp.completions import listen

WRONG = ("segment.failed", "segment.partial", "segment.rejected", "account.paused")
with listen(*sys.argv[1:3], types=WRONG) as events:
    for event in events:
        text = f"{event.type} {event.segment or event.account}: {event.reason}"
        body = json.dumps({"text": text}).encode()
        urlopen(Request(sys.argv[3], body, {"Content-Type": "application/json"}), timeout=10).close()
