"""A covering set: of many dimensions, few rows in which every two values of different dimensions meet. Pure, and the same every time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations, product

Value = tuple[str, str]
"""A dimension and one of its values."""
Pair = frozenset[Value]
Row = Mapping[str, str]
"""A value for each dimension."""


def pairs(dimensions: Mapping[str, Sequence[str]]) -> list[Pair]:
    """Every two values of different dimensions, in the order in which they are written."""
    return [
        frozenset({(one, value), (other, second)})
        for one, other in combinations(dimensions, 2)
        for value, second in product(dimensions[one], dimensions[other])
    ]


def met(row: Row) -> set[Pair]:
    """The pairs that a row holds."""
    return {frozenset(two) for two in combinations(row.items(), 2)}


def covering(dimensions: Mapping[str, Sequence[str]], wanted: Iterable[Pair]) -> list[Row]:
    """Rows that hold all the wanted pairs, each row at least one that none before it holds. Greedy: not always the fewest, but no
    search either. A row begins with the first pair that is missing; each further value is the one that meets most of those."""
    left = dict.fromkeys(wanted)
    rows: list[Row] = []
    while left:
        row = _row(dimensions, next(iter(left)), left.keys(), rows)
        for pair in met(row):
            left.pop(pair, None)
        rows.append(row)
    return rows


def _row(
    dimensions: Mapping[str, Sequence[str]], first: Pair, left: Iterable[Pair], rows: Sequence[Row]
) -> Row:
    chosen = dict(first)
    wanted = frozenset(left)
    for name in (each for each in dimensions if each not in chosen):
        worth = partial(_worth, dict(chosen), name, wanted, rows)
        chosen[name] = max(dimensions[name], key=worth)
    return {name: chosen[name] for name in dimensions}


def _worth(
    chosen: Row, name: str, wanted: frozenset[Pair], rows: Sequence[Row], value: str
) -> tuple[int, int]:
    """First what it adds, then how seldom it was taken: of values that add nothing, none is in all rows."""
    added = sum(frozenset({(name, value), other}) in wanted for other in chosen.items())
    return added, -sum(row[name] == value for row in rows)


def missing(wanted: Iterable[Pair], rows: Iterable[Row]) -> Iterator[Pair]:
    """Those that no row holds."""
    known = frozenset(pair for row in rows for pair in met(row))
    return (pair for pair in wanted if pair not in known)


def holding(wanted: Iterable[Pair], values: Iterable[Value]) -> Iterator[Pair]:
    """Those of the pairs that hold one of the values."""
    of = frozenset(values)
    return (pair for pair in wanted if pair & of)
