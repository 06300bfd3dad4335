"""The name pattern: where in a landing object's name account, audience and mode stand. Pure.

`{account}/{audience}/{mode}/{anything}` and the like: literal text around the fields, `{anything}` last. Several patterns, separated
by spaces, are tried in order.
"""

import re
from dataclasses import dataclass
from functools import cache

from shared.errors import ConfigurationError

_FIELDS = {
    "account": r"(?P<account>[^/]+?)",
    "audience": r"(?P<audience>[^/]+?)",
    "mode": r"(?P<mode>[^/]+?)",
    "destination": r"(?P<destination>[^/]+?)",
    "anything": r"(?P<anything>.+)",
}
_REQUIRED = {"account", "audience", "mode"}
_PIECE = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True)
class Named:
    """What a name says; `destination` is "" where the pattern has none."""

    account: str
    audience: str
    mode: str
    destination: str


def match(patterns: str, name: str) -> Named | None:
    for pattern in patterns.split():
        if found := _compiled(pattern).fullmatch(name):
            groups = found.groupdict()
            return Named(
                groups["account"], groups["audience"], groups["mode"], groups.get("destination") or ""
            )
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    fields = _PIECE.findall(pattern)
    unknown = set(fields) - set(_FIELDS)
    if unknown or not set(fields) >= _REQUIRED or len(fields) != len(set(fields)):
        raise ConfigurationError(
            f"SLUICE_NAME_PATTERN: {pattern} must hold {{account}}, {{audience}} and {{mode}} once each; "
            "{destination} and {anything} may be added"
        )
    pieces = _PIECE.split(pattern)
    return re.compile(
        "".join(_FIELDS[piece] if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)),
        re.DOTALL,
    )
