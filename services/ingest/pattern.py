"""The name pattern: where in a landing object's name account, audience and mode stand. Pure.

`{account}/{audience}/{mode}/{anything}` and the like: literal text around the fields, `{anything}` last. Several patterns, separated
by spaces, are tried in order.
"""

import re
from dataclasses import dataclass
from functools import cache

from shared.errors import ConfigurationError

_FIELDS = frozenset({"account", "audience", "mode", "destination", "anything"})
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
    unknown = set(fields) - _FIELDS
    if unknown or not set(fields) >= _REQUIRED or len(fields) != len(set(fields)):
        raise ConfigurationError(
            f"SLUICE_NAME_PATTERN: {pattern} must hold {{account}}, {{audience}} and {{mode}} once each; "
            "{destination} and {anything} may be added"
        )
    literal, *rest = _PIECE.split(pattern)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    text = "".join(f"{_field(name, after)}{re.escape(after)}" for name, after in pairs)
    return re.compile(f"{re.escape(literal)}{text}", re.DOTALL)


def _field(name: str, after: str) -> str:
    """A field ends where the text behind it begins, and is never tried any longer: whoever names objects must not be able to
    make the search for a name that fits nothing last for minutes."""
    if name == "anything":
        return "(?P<anything>.+)"
    return rf"(?P<{name}>(?:(?!{re.escape(after)})[^/])++)" if after else rf"(?P<{name}>[^/]+?)"
