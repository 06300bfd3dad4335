"""Partial responses: the `fields` parameter, as in "items(name,metadata/run),nextPageToken". Pure.

Google APIs, partial response. A listing that asks for names gets names here too, so that code which forgets
to ask for a field fails here as it would there.
"""

import re
from collections.abc import Iterator
from typing import Any

from infra.local.storage.refusal import Reason, Refused

Selection = dict[str, "Selection"]  # the fields to keep; none below a field: all of it

_TOKEN = re.compile(r"\s*([^\s,/()]+|[,/()])")
_PUNCTUATION = frozenset(",/()")


def parse(text: str) -> Selection:
    """Raises Refused where the text is no list of fields."""
    tokens = list(_tokens(text))
    selection = _fields(tokens)
    if tokens:
        raise _invalid(text)
    return selection


def _tokens(text: str) -> Iterator[str]:
    """In reverse, so that the reader takes them off the end."""
    found = list(_TOKEN.finditer(text))
    if "".join(match[0] for match in found).strip() != text.strip():
        raise _invalid(text)
    return (match[1] for match in reversed(found))


def _fields(tokens: list[str]) -> Selection:
    selection: Selection = {}
    while True:
        name, below = _field(tokens)
        selection.setdefault(name, {}).update(below)
        if not tokens or tokens[-1] != ",":
            return selection
        tokens.pop()


def _field(tokens: list[str]) -> tuple[str, Selection]:
    if not tokens or tokens[-1] in _PUNCTUATION:
        raise _invalid("".join(reversed(tokens)))
    name = tokens.pop()
    if tokens and tokens[-1] == "/":
        tokens.pop()
        return name, dict([_field(tokens)])
    if tokens and tokens[-1] == "(":
        tokens.pop()
        below = _fields(tokens)
        _close(tokens)
        return name, below
    return name, {}


def _close(tokens: list[str]) -> None:
    if not tokens or tokens.pop() != ")":
        raise _invalid("a parenthesis is not closed")


def _invalid(text: str) -> Refused:
    return Refused(Reason.INVALID, f"Invalid field selection {text}")


def select(selection: Selection, document: Any) -> Any:
    """What is left of a JSON document."""
    if isinstance(document, list):
        return [select(selection, each) for each in document]
    if not selection or not isinstance(document, dict):
        return document
    if "*" in selection:
        return {key: select(selection["*"], value) for key, value in document.items()}
    return {key: select(below, document[key]) for key, below in selection.items() if key in document}
