"""Rules for keys and values of a configuration file, each addressed by its path; `*` is any one step."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from infra.problem import Problem
from infra.strict_yaml import Leaf, Node, walk

Complaint = tuple[str, str]
Rule = Callable[[str], Complaint | None]
Rules = Mapping[str, Rule]

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True)
class Order:
    """The number at `low` must be below the one at `high`, or at most equal. Stars mean the same in both."""

    low: str
    high: str
    why: str
    may_equal: bool = False


def broken_keys(root: Node, rules: Rules) -> Iterator[Problem]:
    for node in walk(root):
        for path, rule in rules.items():
            if _matches(path, node.place.steps) and (complaint := rule(node.place.steps[-1])):
                yield node.place.problem(*complaint)


def broken_values(root: Node, rules: Rules) -> Iterator[Problem]:
    for leaf in _leaves(root):
        for path, rule in rules.items():
            if _matches(path, leaf.place.steps) and (complaint := rule(leaf.text)):
                yield leaf.place.problem(*complaint)


def broken_orders(root: Node, orders: Iterable[Order]) -> Iterator[Problem]:
    numbers = {leaf.place.path: leaf for leaf in _leaves(root) if _INTEGER.fullmatch(leaf.text)}
    for order in orders:
        for leaf in numbers.values():
            high = numbers.get(_partner(order, leaf.place.steps))
            if high and int(leaf.text) > int(high.text) - (not order.may_equal):
                bound = "above" if order.may_equal else "not below"
                yield leaf.place.problem(f"{leaf.text} is {bound} {high.place.path}", order.why)


def shaped(pattern: str, what: str, cure: str) -> Rule:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: None if compiled.fullmatch(text) else (f'"{text}" is not {what}', cure)


def between(low: int, high: int, cure: str) -> Rule:
    """Says nothing about a text that is no number: the one who fits it to its type does."""

    def rule(text: str) -> Complaint | None:
        if not _INTEGER.fullmatch(text) or low <= int(text) <= high:
            return None
        return f"{text} is not {low}" if low == high else f"{text} is not between {low} and {high}", cure

    return rule


def _leaves(root: Node) -> Iterator[Leaf]:
    return (node for node in walk(root) if isinstance(node, Leaf))


def _matches(path: str, steps: tuple[str, ...]) -> bool:
    wanted = path.split(".")
    return len(wanted) == len(steps) and all(
        want in ("*", step) for want, step in zip(wanted, steps, strict=True)
    )


def _partner(order: Order, steps: tuple[str, ...]) -> str:
    """The path of the number that this one is compared with, "" where the order says nothing about it."""
    if not _matches(order.low, steps):
        return ""
    chosen = iter(step for want, step in zip(order.low.split("."), steps, strict=True) if want == "*")
    return ".".join(next(chosen) if want == "*" else want for want in order.high.split("."))
