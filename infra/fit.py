"""Fits a document that was read to a dataclass: the annotations say which keys there are and of which kind.

Goes on after a problem, so that one reading names them all. What values mean is not decided here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from infra.problem import Problem
from infra.strict_yaml import Leaf, Listing, Node, Section

# Set by the program that reads the file, never by the person who writes it.
_VERSION = "schema_version"
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)


def fit(annotation: Any, node: Node, problems: list[Problem]) -> Any:
    """The value of this annotation, or None after something in it was appended to `problems`.
    A Section is left to the caller as it is."""
    if annotation in (str, int):
        return _scalar(annotation, node, problems)
    if annotation is bool:
        return _flag(node, problems)
    if annotation is Section:
        return _section(node, problems)
    if is_dataclass(annotation):
        return fit_record(annotation, node, problems)
    return _GENERICS[get_origin(annotation)](get_args(annotation), node, problems)


def fit_record(cls: Any, node: Node, problems: list[Problem], **given: str) -> Any:
    """Like `fit`, for a dataclass some of whose fields are `given` by the place where it stands."""
    section = _section(node, problems)
    if section is None:
        return None
    hints = get_type_hints(cls)
    written = {field.name: field for field in fields(cls) if field.name not in (_VERSION, *given)}
    before = len(problems)
    problems.extend(_unknown_keys(section, written))
    problems.extend(_missing_keys(section, written.values()))
    entries = {key: entry for key, entry in section.entries.items() if key in written}
    values = {key: fit(hints[key], entry, problems) for key, entry in entries.items()}
    return cls(**given, **values) if len(problems) == before else None


def resembling(word: str, known: Iterable[str]) -> str:
    """A cure for a word that is not known: the one that was probably meant, or all there are."""
    names = sorted(known)
    close = get_close_matches(word, names, 1)
    return f"Did you mean {close[0]}?" if close else f"Known are {', '.join(names)}"


def _unknown_keys(node: Section, known: Iterable[str]) -> Iterator[Problem]:
    for key, entry in node.entries.items():
        if key not in known:
            yield entry.place.problem("no such key", resembling(key, known))


def _missing_keys(node: Section, known: Iterable[Field[Any]]) -> Iterator[Problem]:
    for field in known:
        if field.name not in node.entries and field.default is MISSING:
            yield node.place.below(field.name, node.place.line).problem("missing", f"Add {field.name} here")


def _section(node: Node, problems: list[Problem]) -> Section | None:
    return node if isinstance(node, Section) else _misfit(node, problems, "Write keys with values below it")


def _scalar(kind: type, node: Node, problems: list[Problem]) -> Any:
    if not isinstance(node, Leaf):
        return _misfit(node, problems, "Write one value")
    if kind is str:
        return node.text
    if not _INTEGER.fullmatch(node.text):
        return _misfit(node, problems, "Write a whole number in plain digits")
    return int(node.text)


def _flag(node: Node, problems: list[Problem]) -> Any:
    """Two words and no others: what YAML calls yes and no is a text here, as everywhere."""
    if isinstance(node, Leaf) and node.text in ("true", "false"):
        return node.text == "true"
    return _misfit(node, problems, "Write true or false")


def _literal(choices: tuple[Any, ...], node: Node, problems: list[Problem]) -> Any:
    if isinstance(node, Leaf) and node.text in choices:
        return node.text
    return _misfit(node, problems, f"Write {' or '.join(filter(None, choices))}")


def _optional(members: tuple[Any, ...], node: Node, problems: list[Problem]) -> Any:
    (member,) = (member for member in members if member is not NoneType)
    return fit(member, node, problems)


def _tuple(types: tuple[Any, ...], node: Node, problems: list[Problem]) -> Any:
    if not isinstance(node, Listing):
        return _misfit(node, problems, "Write a list: [one, two]")
    return tuple(fit(types[0], item, problems) for item in node.items)


def _mapping(types: tuple[Any, ...], node: Node, problems: list[Problem]) -> Any:
    section = _section(node, problems)
    return section and {key: fit(types[1], entry, problems) for key, entry in section.entries.items()}


def _misfit(node: Node, problems: list[Problem], cure: str) -> Any:
    what = f'"{node.text}" does not fit' if isinstance(node, Leaf) else "this does not fit"
    problems.append(node.place.problem(what, cure))
    return None


_GENERICS: dict[Any, Callable[[tuple[Any, ...], Node, list[Problem]], Any]] = {
    Literal: _literal,
    Union: _optional,
    UnionType: _optional,
    tuple: _tuple,
    Mapping: _mapping,
}
