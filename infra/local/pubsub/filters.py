"""The language of subscription filters: text in, predicate over a message's attributes out.

Pub/Sub, "Filter messages from a subscription": `attributes:key`, `attributes.key = "v"`, `attributes.key !=
"v"`, `hasPrefix(attributes.key, "v")`, joined by AND or OR (both in one expression only with parentheses),
negated by NOT or `-`. Keys of other characters than letters, digits, `_` and `-` are quoted. At most 256
bytes.
"""

import re
from collections.abc import Callable, Mapping

from infra.local.refused import Refused, invalid

Predicate = Callable[[Mapping[str, str]], bool]

MAX_BYTES = 256
TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z0-9_][A-Za-z0-9_-]*)|(!=|[-():.,=]))', re.DOTALL)
ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-7]{1,3})|(.))", re.DOTALL)
CONTROL_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def parse(text: str) -> Predicate:
    """The predicate of a filter; an empty text lets all through. Raises Refused for what is no filter."""
    if len(text.encode()) > MAX_BYTES:
        raise invalid(f"a filter has at most {MAX_BYTES} bytes")
    if not text.strip():
        return lambda _: True
    parser = _Parser(_tokens(text))
    predicate = parser.expression()
    parser.expect("")
    return predicate


def _tokens(text: str) -> list[str]:
    """The words of the text in order, strings with their quotes; "" marks the end."""
    tokens, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise invalid(f"filter: cannot read {text[place:].strip()[:20]!r}")
        tokens.append(match.group(match.lastindex or 0))
        place = match.end()
    return [*tokens, ""]


class _Parser:
    """Recursive descent; each method reads one thing of the grammar and leaves the place behind it."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0

    def expression(self) -> Predicate:
        terms = [self._term()]
        joint = self._peek()
        while self._peek() in ("AND", "OR"):
            if self._next() != joint:
                raise invalid("filter: AND and OR in one expression need parentheses")
            terms.append(self._term())
        join = any if joint == "OR" else all
        return lambda attributes: join(term(attributes) for term in terms)

    def expect(self, token: str) -> None:
        if self._peek() != token:
            raise self._unexpected(token or "the end")
        self._place += 1

    def _term(self) -> Predicate:
        match self._next():
            case "NOT" | "-":
                negated = self._term()
                return lambda attributes: not negated(attributes)
            case "(":
                inner = self.expression()
                self.expect(")")
                return inner
            case "hasPrefix":
                return self._prefix()
            case "attributes":
                return self._comparison()
        self._place -= 1
        raise self._unexpected("a comparison")

    def _prefix(self) -> Predicate:
        self.expect("(")
        self.expect("attributes")
        self.expect(".")
        key = self._key()
        self.expect(",")
        prefix = self._string()
        self.expect(")")
        return lambda attributes: attributes.get(key, "").startswith(prefix) and key in attributes

    def _comparison(self) -> Predicate:
        if self._peek() == ":":
            self._next()
            key = self._key()
            return lambda attributes: key in attributes
        self.expect(".")
        return self._equality(self._key())

    def _equality(self, key: str) -> Predicate:
        operator = self._next()
        if operator not in ("=", "!="):
            self._place -= 1
            raise self._unexpected("= or !=")
        value, equal = self._string(), operator == "="
        return lambda attributes: (attributes.get(key) == value) is equal

    def _key(self) -> str:
        if self._peek().startswith('"'):
            return self._string()
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", self._peek()):
            raise self._unexpected("a key")
        return self._next()

    def _string(self) -> str:
        if not self._peek().startswith('"'):
            raise self._unexpected("a quoted string")
        return ESCAPE.sub(_unescaped, self._next()[1:-1])

    def _peek(self) -> str:
        return self._tokens[self._place]

    def _next(self) -> str:
        self._place += 1
        return self._tokens[self._place - 1]

    def _unexpected(self, wanted: str) -> Refused:
        return invalid(f"filter: expected {wanted}, found {self._peek() or 'the end'}")


def _unescaped(escape: re.Match[str]) -> str:
    unicode, hexadecimal, octal, single = escape.groups()
    if unicode or hexadecimal:
        return chr(int(unicode or hexadecimal, 16))
    return chr(int(octal, 8)) if octal else CONTROL_CHARACTERS.get(single, single)
