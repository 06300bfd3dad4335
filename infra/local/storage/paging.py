"""Pages of a listing: which names and folded prefixes come next. Pure: the rows are passed in.

Cloud Storage JSON API, Objects: list. Names in the order of their UTF-8 bytes, which is that of their code
points; at most 1,000 names and prefixes together on a page. A page token holds the place where the next page
begins, so that objects which come or go meanwhile shift nothing.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from infra.local.storage.parameters import whole_number
from infra.local.storage.refusal import Reason, Refused

PAGE_LIMIT = 1000
AFTER_ALL_NAMES = "\U0010ffff" * 257  # a name has at most 1,024 bytes, this has 1,028

Item = TypeVar("Item")
Scan = Callable[[str, str], Iterator[Item]]


@dataclass(frozen=True)
class ListQuery:
    """`start_offset` is the first name listed, `end_offset` the first one that is not; "" says nothing."""

    prefix: str = ""
    delimiter: str = ""
    start_offset: str = ""
    end_offset: str = ""
    page_token: str = ""
    limit: int = PAGE_LIMIT


@dataclass(frozen=True)
class Page(Generic[Item]):
    items: list[Item]
    prefixes: list[str]
    next_page_token: str


def parse(query: Mapping[str, str]) -> ListQuery:
    return ListQuery(
        query.get("prefix", ""),
        query.get("delimiter", ""),
        query.get("startOffset", ""),
        query.get("endOffset", ""),
        query.get("pageToken", ""),
        min(whole_number(query, "maxResults") or PAGE_LIMIT, PAGE_LIMIT),
    )


def page(query: ListQuery, scan: Scan[Item], name_of: Callable[[Item], str]) -> Page[Item]:
    """`scan(start, end)` yields the items from `start` on and before `end`, in order."""
    start, end = bounds(query)
    rows = scan(start, end)
    items: list[Item] = []
    prefixes: list[str] = []
    while len(items) + len(prefixes) < query.limit and (item := next(rows, None)) is not None:
        name = name_of(item)
        if folder := folder_of(name, query):
            prefixes.append(folder)
            start = after_prefix(folder)
            rows = scan(start, end)
        else:
            items.append(item)
            start = after_name(name)
    return Page(items, prefixes, "" if next(rows, None) is None else token(start))


def bounds(query: ListQuery) -> tuple[str, str]:
    """The first name that may be listed and the first one after it that may not."""
    start = max(query.prefix, query.start_offset, place(query.page_token))
    return start, min(after_prefix(query.prefix), query.end_offset or AFTER_ALL_NAMES)


def folder_of(name: str, query: ListQuery) -> str:
    """The prefix under which this name is folded; "" if it is listed by itself."""
    if not query.delimiter:
        return ""
    found = name.find(query.delimiter, len(query.prefix))
    return "" if found < 0 else name[: found + len(query.delimiter)]


def after_name(name: str) -> str:
    """The least text greater than `name`."""
    return name + "\0"


def after_prefix(prefix: str) -> str:
    """The least text greater than every name that begins with `prefix`."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return AFTER_ALL_NAMES
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if following == 0xD800 else following)  # surrogates are no characters


def token(start: str) -> str:
    return base64.urlsafe_b64encode(start.encode()).decode("ascii")


def place(page_token: str) -> str:
    try:
        return base64.b64decode(page_token, b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise Refused(Reason.INVALID, f"Invalid value for pageToken: {page_token!r}") from None
