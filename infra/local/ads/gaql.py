"""Reads the part of the Google Ads Query Language that the local cloud answers:

SELECT field, ... FROM resource [WHERE field = value | field IN (value, ...) [AND ...]]

Pure. What is wrong raises Refused with a QueryError, what is right but more raises Unsupported.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from infra.local.ads.problems import Refused, Unsupported, query_error

TOKEN = re.compile(
    r"""\s*(?: (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*") | (?P<word>[A-Za-z_][A-Za-z0-9_.]*) | (?P<number>-?\d+)
        | (?P<symbol><=|>=|!=|[=<>(),]) )""",
    re.VERBOSE,
)
ESCAPED = re.compile(r"\\(.)")
OTHER_CLAUSES = frozenset({"ORDER", "LIMIT", "PARAMETERS"})
OTHER_OPERATORS = frozenset(
    {"!=", "<", ">", "<=", ">=", "NOT", "LIKE", "CONTAINS", "BETWEEN", "DURING", "IS", "REGEXP_MATCH"}
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*").fullmatch


@dataclass(frozen=True)
class Condition:
    """The field has one of the values; numbers and enum names are text as well."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    fields: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...] = ()


def parse(text: str) -> Query:
    tokens = _Tokens(list(_split(text.strip().rstrip(";"))))
    tokens.expect("SELECT", "EXPECTED_SELECT")
    fields = tuple(_separated(tokens))
    tokens.expect("FROM", "EXPECTED_FROM")
    resource = tokens.name()
    conditions = tuple(_conditions(tokens)) if tokens.take("WHERE") else ()
    if tokens.more():
        raise _unexpected(tokens.next())
    return Query(fields, resource, conditions)


def _split(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            raise query_error("STRING_NOT_TERMINATED" if rest[0] in "'\"" else "BAD_SYMBOL")
        yield match[0].strip()
        at = match.end()


@dataclass(slots=True)
class _Tokens:
    """The tokens and how far they have been read."""

    tokens: list[str]
    at: int = 0

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def next(self) -> str:
        if not self.more():
            raise query_error("UNEXPECTED_END_OF_QUERY")
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, word: str) -> bool:
        """Reads the word if it comes next; keywords are not case-sensitive."""
        found = self.more() and self.tokens[self.at].upper() == word
        self.at += found
        return found

    def expect(self, word: str, otherwise: str) -> None:
        if not self.take(word):
            raise query_error(otherwise)

    def name(self) -> str:
        token = self.next()
        if not NAME(token):
            raise query_error("BAD_FIELD_NAME")
        return token


def _separated(tokens: _Tokens) -> Iterator[str]:
    yield tokens.name()
    while tokens.take(","):
        yield tokens.name()


def _conditions(tokens: _Tokens) -> Iterator[Condition]:
    yield _condition(tokens)
    while tokens.take("AND"):
        yield _condition(tokens)


def _condition(tokens: _Tokens) -> Condition:
    field, operator = tokens.name(), tokens.next().upper()
    if operator == "=":
        return Condition(field, (_value(tokens.next()),))
    if operator == "IN":
        return Condition(field, tuple(_list(tokens)))
    if operator in OTHER_OPERATORS:
        raise Unsupported(f"GAQL operator {operator}: the local cloud answers = and IN")
    raise query_error("BAD_OPERATOR")


def _list(tokens: _Tokens) -> Iterator[str]:
    tokens.expect("(", "EXPECTED_LIST")
    yield _value(tokens.next())
    while tokens.take(","):
        yield _value(tokens.next())
    tokens.expect(")", "EXPECTED_LIST")


def _value(token: str) -> str:
    if token[0] in "'\"":
        return ESCAPED.sub(r"\1", token[1:-1])
    if token[0] in "=<>!(),":
        raise query_error("BAD_VALUE")
    return token


def _unexpected(token: str) -> Unsupported | Refused:
    if token.upper() in OTHER_CLAUSES:
        return Unsupported(f"GAQL clause {token.upper()}: the local cloud answers SELECT, FROM and WHERE")
    return query_error("UNEXPECTED_INPUT")
