"""YAML without its surprises: every scalar is the text that was written, and nothing is defined elsewhere.

"NO" stays Norway and "0123456789" ten digits, and must be quoted so that Terraform reads them alike (plain_words.py). Anchors, aliases,
tags, tabs, a key given twice, a key without a value and a second document are problems, not features. What the keys mean is not known here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from unicodedata import is_normalized

import yaml

from infra.plain_words import read_alike
from infra.problem import Place, Problem


@dataclass(frozen=True)
class Leaf:
    place: Place
    text: str


@dataclass(frozen=True)
class Listing:
    place: Place
    items: "tuple[Node, ...]"


@dataclass(frozen=True)
class Section:
    place: Place
    entries: "Mapping[str, Node]"


Node = Leaf | Listing | Section

_UNWANTED: dict[type[yaml.Token], tuple[str, str]] = {
    yaml.AnchorToken: ("an anchor (&)", "Write the value out wherever it is needed"),
    yaml.AliasToken: ("an alias (*)", "Write the value out here"),
    yaml.TagToken: ("a tag (!)", "Every value is a text; write it without the tag"),
    yaml.DirectiveToken: ("a directive (%)", "Remove the line"),
}


def read(text: str, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """The document and what is wrong with its form; none where a problem makes its meaning doubtful."""
    if tabs := tuple(_tabs(text, file)):
        return None, tabs
    try:
        if unwanted := tuple(_unwanted(text, file)):
            return None, unwanted
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        return None, (_syntax(error, file),)
    if root is None:
        return None, (Place(file).problem("empty", "Write its keys"),)
    problems: list[Problem] = []
    return _node(root, Place(file), problems), tuple(problems)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the file."""
    yield node
    if isinstance(node, Listing):
        for item in node.items:
            yield from walk(item)
    if isinstance(node, Section):
        for entry in node.entries.values():
            yield from walk(entry)


def _tabs(text: str, file: str) -> Iterator[Problem]:
    for line, content in enumerate(text.splitlines(), 1):
        if "\t" in content:
            yield Place(file, line).problem("a tab", "Use spaces")


def _unwanted(text: str, file: str) -> Iterator[Problem]:
    for token in yaml.scan(text, Loader=yaml.BaseLoader):
        if words := _UNWANTED.get(type(token)):
            yield Place(file, token.start_mark.line + 1).problem(*words)


def _syntax(error: yaml.YAMLError, file: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        place = Place(file, error.problem_mark.line + 1)
        return place.problem(f"not YAML: {error.problem}", "Mend this line, or the one before it")
    return Place(file).problem("not YAML: a character that cannot be printed", "Save the file as plain UTF-8")


def _node(node: yaml.Node, place: Place, problems: list[Problem]) -> Node:
    match node:
        case yaml.MappingNode():
            return Section(place, dict(_entries(node, place, problems)))
        case yaml.SequenceNode():
            return Listing(place, tuple(_items(node, place, problems)))
        case yaml.ScalarNode(value="", style=None):
            problems.append(place.problem("no value", 'Give it one, or remove the key; "" is an empty text'))
    problems.extend(_doubtful(node, place))
    return Leaf(place, node.value)


def _doubtful(node: yaml.Node, place: Place) -> Iterator[Problem]:
    if isinstance(node, yaml.ScalarNode) and node.style is None and not read_alike(node.value):
        yield place.problem(
            f"{node.value} without quotes", f'Terraform reads something else: write "{node.value}"'
        )
    if isinstance(node, yaml.ScalarNode) and not is_normalized("NFC", node.value):
        yield place.problem(
            "a letter and its mark as two characters", "Terraform makes one of them: write it as one"
        )


def _items(node: yaml.SequenceNode, place: Place, problems: list[Problem]) -> Iterator[Node]:
    for index, item in enumerate(node.value):
        yield _node(item, place.below(f"[{index}]", item.start_mark.line + 1), problems)


def _entries(node: yaml.MappingNode, place: Place, problems: list[Problem]) -> Iterator[tuple[str, Node]]:
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        below = place.below(key, key_node.start_mark.line + 1)
        if key in lines:
            problems.append(below.problem(f"also written in line {lines[key]}", "Remove one of the two"))
            continue
        lines[key] = below.line
        problems.extend(_doubtful(key_node, below))
        yield key, _node(value_node, below, problems)
