"""The filter language of subscriptions, against a reading of its own by the tree that each filter was written
from."""

from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.pubsub.filters import MAX_BYTES, parse
from infra.local.refused import Refused

ATTRIBUTES = {"type": "segment.completed", "account": "1234567890", "iana.org/language_tag": "en"}


@dataclass(frozen=True)
class Has:
    key: str

    def text(self) -> str:
        return f"attributes:{self.key}"

    def holds(self, attributes: dict[str, str]) -> bool:
        return self.key in attributes


@dataclass(frozen=True)
class Equals:
    key: str
    value: str
    negated: bool

    def text(self) -> str:
        return f'attributes.{self.key} {"!=" if self.negated else "="} "{self.value}"'

    def holds(self, attributes: dict[str, str]) -> bool:
        return (attributes.get(self.key) == self.value) != self.negated


@dataclass(frozen=True)
class Starts:
    key: str
    value: str

    def text(self) -> str:
        return f'hasPrefix(attributes.{self.key}, "{self.value}")'

    def holds(self, attributes: dict[str, str]) -> bool:
        return self.key in attributes and attributes[self.key].startswith(self.value)


@dataclass(frozen=True)
class Not:
    inner: "Node"
    sign: str

    def text(self) -> str:
        return f"{self.sign}({self.inner.text()})"

    def holds(self, attributes: dict[str, str]) -> bool:
        return not self.inner.holds(attributes)


@dataclass(frozen=True)
class Joined:
    word: str
    parts: tuple["Node", ...]

    def text(self) -> str:
        return f" {self.word} ".join(f"({part.text()})" for part in self.parts)

    def holds(self, attributes: dict[str, str]) -> bool:
        return (all if self.word == "AND" else any)(part.holds(attributes) for part in self.parts)


Node = Has | Equals | Starts | Not | Joined

KEYS, VALUES = st.sampled_from(["a", "b-c", "d_1"]), st.sampled_from(["", "x", "xy", "y"])
LEAVES = st.one_of(
    st.builds(Has, KEYS), st.builds(Equals, KEYS, VALUES, st.booleans()), st.builds(Starts, KEYS, VALUES)
)
NODES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner, st.sampled_from(["NOT ", "-"])),
        st.builds(Joined, st.sampled_from(["AND", "OR"]), st.tuples(inner, inner)),
    ),
    max_leaves=4,
)


@given(NODES.filter(lambda node: len(node.text()) <= MAX_BYTES), st.dictionaries(KEYS, VALUES))
def test_a_filter_lets_through_what_its_tree_holds_for(node: Node, attributes: dict[str, str]) -> None:
    assert parse(node.text())(attributes) is node.holds(attributes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "attributes:account",
        'attributes.account = "1234567890"',
        'attributes.account!="1"',
        'attributes.absent != "anything"',
        'hasPrefix(attributes.type,"segment.")',
        'attributes:"iana.org/language_tag" AND attributes."iana.org/language_tag" = "en"',
        "NOT attributes:absent",
        "-attributes:absent AND attributes:type",
        'attributes.type = "part.failed" OR (attributes:type AND NOT hasPrefix(attributes.type, "part."))',
        "attributes:type\n  AND attributes:account\tAND attributes:type",
        r'attributes.type = "segment\u002ecompleted" AND attributes.account = "\61\x3234567890"',
    ],
)
def test_a_matching_filter_is_understood(text: str) -> None:
    assert parse(text)(ATTRIBUTES)


@pytest.mark.parametrize(
    "text",
    [
        "attributes",
        "account = 1",
        "attributes.account = 1234567890",
        "attributes.account == '1'",
        "attributes:iana.org/language_tag",
        "attributes:a AND attributes:b OR attributes:c",
        "attributes:a and attributes:b",
        "(attributes:a",
        "attributes:a)",
        "attributes:a AND",
        "NOT",
        "hasPrefix(attributes.a)",
        'hasSuffix(attributes.a, "x")',
        'data = "x"',
        'attributes.a = "open',
        "x" * (MAX_BYTES + 1),
    ],
)
def test_what_is_no_filter_is_refused_with_words(text: str) -> None:
    with pytest.raises(Refused, match="filter") as refusal:
        parse(text)

    assert refusal.value.code == "INVALID_ARGUMENT"


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    with suppress(Refused):
        parse(text)({})
