"""The shortest way to the same violation: incidents are left out, by halves and then one by one, as long as it still happens."""

from collections.abc import Callable, Sequence

Breaks = Callable[[frozenset[str]], bool]


def shrink(incidents: Sequence[str], breaks: Breaks, tries: int = 300) -> frozenset[str]:
    """A subset that still `breaks` and, if `tries` suffice, of which none can be left out."""
    kept, size = list(incidents), max(1, len(incidents) // 2)
    while tries > 0:
        smaller, tries = _without_blocks(kept, size, breaks, tries)
        if smaller == kept and size == 1:
            break
        size = max(1, size // 2) if smaller == kept else min(size, max(1, len(smaller) // 2))
        kept = smaller
    return frozenset(kept)


def _without_blocks(kept: list[str], size: int, breaks: Breaks, tries: int) -> tuple[list[str], int]:
    start = 0
    while start < len(kept) and tries > 0:
        without = kept[:start] + kept[start + size :]
        tries -= 1
        if breaks(frozenset(without)):
            kept = without
        else:
            start += size
    return kept, tries
