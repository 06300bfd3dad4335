"""Whole numbers in query parameters. Pure."""

from collections.abc import Mapping

from infra.local.storage.refusal import Reason, Refused

DIGITS_OF_64_BITS = 19


def whole_number(query: Mapping[str, str], *names: str) -> int | None:
    """The first of these parameters that is there; None where none is."""
    for name in names:
        if (text := query.get(name)) is not None:
            if not (text.isascii() and text.isdigit() and len(text) <= DIGITS_OF_64_BITS):
                raise Refused(Reason.INVALID, f"Invalid value for {name}: {text!r} is not a whole number.")
            return int(text)
    return None
