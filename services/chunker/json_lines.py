"""Physical lines to objects: UTF-8, then one JSON object a line, each a row with column names of its own.

An object is known by its line. Values become cells as a CSV file would write them: numbers as they are written, null as an
empty one, a list as several cells of one name. Source: RFC 8259; jsonlines.org.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from services.chunker.codes import ContentCode, ContentError, RowCode
from services.chunker.columns import may_be_several
from services.chunker.records import BEGINNING, Record, Start

KEYS_MAX, VALUES_MAX, KEY_LENGTH_MAX = 1_000, 100, 200
"""Of an object, of a list, and of a key in characters: far more than a person has, so that what an object means can be remembered."""

UNREADABLE = "\x01"
"""A cell that no column takes: an object, a list where only one value can be, half a surrogate pair. Followed by `true` or `false`,
which a column of consent takes."""

Keys = tuple[str, ...]


class _Pairs(list[tuple[str, Any]]):
    """An object, which is no list."""


class _Unfit(ValueError):
    """JSON, but not as it can be read here."""


def objects(
    lines: Iterable[bytes], max_bytes: int, start: Start = BEGINNING
) -> Iterator[tuple[Keys, Record]]:
    """The objects of a file in order, from `start` on: the keys, and the cells under them.

    Raises ContentError with the line: NOT_UTF8, RECORD_TOO_LONG.
    """
    line, byte = start.line, start.byte
    for raw in lines:
        if len(raw) > max_bytes:
            raise ContentError(ContentCode.RECORD_TOO_LONG, line)
        text = _decoded(raw if byte else raw.removeprefix(BOM_UTF8), line)
        if text:
            yield _row(text, line, byte)
        line, byte = line + 1, byte + len(raw)


def _decoded(raw: bytes, line: int) -> str:
    try:
        return raw.decode().strip()
    except UnicodeDecodeError:
        # The error holds the line's bytes: it must not travel on.
        raise ContentError(ContentCode.NOT_UTF8, line) from None


def _row(text: str, line: int, byte: int) -> tuple[Keys, Record]:
    try:
        keys, cells = _cells(_DECODER.decode(text))
    except (ValueError, RecursionError):
        return (), Record(line, byte, [], RowCode.MALFORMED_JSON)
    return tuple(keys), Record(line, byte, cells, None)


def _cells(value: Any) -> tuple[list[str], list[str]]:
    if not isinstance(value, _Pairs):
        raise _Unfit
    keys: list[str] = []
    cells: list[str] = []
    for key, content in value:
        several = isinstance(content, list) and not isinstance(content, _Pairs) and may_be_several(key)
        found = [_cell(each) for each in content] if several else [_cell(content)]
        keys += [key] * len(found)
        cells += found
    return keys, cells


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value if value.isascii() or _is_text(value) else UNREADABLE
    if isinstance(value, bool):
        return f"{UNREADABLE}{str(value).lower()}"
    return "" if value is None else UNREADABLE


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pairs(pairs: list[tuple[str, Any]]) -> _Pairs:
    keys = [key for key, _ in pairs]
    if len(pairs) > KEYS_MAX or len(set(keys)) < len(keys):
        raise _Unfit
    if not all(len(key) <= KEY_LENGTH_MAX and _is_text(key) for key in keys):
        raise _Unfit
    if any(isinstance(value, list) and len(value) > VALUES_MAX for _, value in pairs):
        raise _Unfit
    return _Pairs(pairs)


def _refuse(_: str) -> NoReturn:
    """NaN and Infinity, which Python's reader would take."""
    raise _Unfit


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=_refuse)
