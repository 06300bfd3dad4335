"""The headers of a task's request: which are the caller's, which are the service's. Pure.

Cloud Tasks, HttpRequest.headers, and "Create HTTP target tasks": some headers are replaced, Content-Type is
never added.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

MAX_BYTES = 80_000
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
# Transfer-Encoding, as Content-Length, belongs to who writes the request.
REPLACED = frozenset({"host", "content-length", "transfer-encoding", "user-agent"})
REPLACED_PREFIXES = ("x-google-", "x-appengine-", "x-cloudtasks-")
USER_AGENT = "Google-Cloud-Tasks"


def complaints(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with headers that somebody wants to set."""
    pairs = list(headers)
    if sum(len(name) + len(value) for name, value in pairs) >= MAX_BYTES:
        yield "headers have less than 80 kB"
    for name, value in pairs:
        if not TOKEN.fullmatch(name):
            yield f"{name!r} is not a header's name"
        if any(character in value for character in "\r\n\0"):
            yield f"the value of header {name} contains a line break"


def combined(own: Mapping[str, str], overrides: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The task's headers under those of its queue, without what only the service sets."""
    merged = {name.lower(): (name, value) for name, value in (*own.items(), *overrides)}
    return dict(pair for name, pair in merged.items() if not _is_replaced(name))


def _is_replaced(name: str) -> bool:
    return name in REPLACED or name.startswith(REPLACED_PREFIXES)
