"""Lists in pages. A token is the last key of its page, so that pages stay right while entries come and go."""

from collections.abc import Iterable
from itertools import islice

MAX_PAGE = 1000


def page(keys: Iterable[str], size: int, token: str) -> tuple[list[str], str]:
    """The next keys in ascending order, at most `size` (0: as many as allowed), and the next token or ""."""
    limit = min(size, MAX_PAGE) if size > 0 else MAX_PAGE
    found = list(islice((key for key in keys if key > token), limit + 1))
    return found[:limit], found[limit - 1] if len(found) > limit else ""
