"""The one codec between frozen dataclasses and JSON documents: messages, events and ledger objects pass here.

The annotations are the schema. Allowed: str, int, bool, float, datetime, Literal, X | None, tuple[X, ...],
Mapping[str, X] and dataclasses of these. Nothing is converted or guessed: what does not fit is a
DocumentError. Its text names the place and what belongs there, never the value, which may be a person's.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_VERSION = "schema_version"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


class DocumentError(ValueError):
    """A document that is not what its dataclass says. `path`: `stages[2].parts[0]`, or "" for the whole."""

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path or 'the document'}: expected {expected}")
        self.path = path
        self.expected = expected


def encode(value: object) -> bytes:
    """Canonical bytes: equal dataclasses give equal bytes. Keys are sorted, no field is left out."""
    document = _shape(type(value)).write(value)
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def decode(cls: type[T], data: bytes) -> T:
    """The value of `cls` that `data` holds. A field may be missing where the dataclass has a default, but a
    `schema_version` never: fields that are absent mean something else in another version."""
    value: T = _shape(cls).read(_parse(data))
    return value


@dataclass(frozen=True)
class _Shape:
    """How one annotation is read from JSON and written to it. Both check a value; where it stands, its container knows."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def _compile(annotation: Any) -> _Shape:
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _record(annotation)
    if build := _GENERICS.get(get_origin(annotation)):
        return build(*get_args(annotation))
    raise TypeError(f"{annotation} has no form in a document")


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except DocumentError:
        raise
    except (ValueError, RecursionError):
        # Not chained: the parser's errors carry the text that they failed on.
        raise DocumentError("", "one JSON value in UTF-8") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise DocumentError("", "each key only once in its object")
    return document


def _refuse_constant(_: str) -> Any:
    raise DocumentError("", "finite numbers")


def _exactly(kind: type, expected: str) -> _Shape:
    """`type() is`, because a bool is an int to isinstance()."""

    def check(value: Any) -> Any:
        if type(value) is not kind:
            raise DocumentError("", expected)
        return value

    return _Shape(check, check)


def _text(value: Any) -> str:
    # JSON can spell half of a surrogate pair; no UTF-8 document could hold it again.
    if type(value) is not str or not (value.isascii() or _SURROGATE.search(value) is None):
        raise DocumentError("", "a text")
    return value


def _number(value: Any) -> float:
    try:
        if type(value) in (int, float) and math.isfinite(value):
            return float(value)
    except OverflowError:
        pass  # an integer beyond every float
    raise DocumentError("", "a finite number")


def _read_moment(value: Any) -> datetime:
    try:
        if type(value) is str and _MOMENT.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass  # the 31st of February
    raise DocumentError("", "a time like 2026-11-23T08:00:00.000000Z")


def _write_moment(value: Any) -> str:
    if type(value) is not datetime or value.tzinfo is None:
        raise DocumentError("", "a time with its zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _literal(*choices: Any) -> _Shape:
    expected = " or ".join(map(repr, choices))
    allowed = frozenset((type(choice), choice) for choice in choices)
    kinds = {type(choice) for choice in choices}

    def check(value: Any) -> Any:
        if type(value) not in kinds or (type(value), value) not in allowed:
            raise DocumentError("", expected)
        return value

    return _Shape(check, check)


def _optional(*members: Any) -> _Shape:
    if len(members) != 2 or NoneType not in members:
        raise TypeError(f"{members}: a document knows no union but X | None")
    inner = _shape(next(member for member in members if member is not NoneType))
    return _Shape(
        lambda value: None if value is None else inner.read(value),
        lambda value: None if value is None else inner.write(value),
    )


def _sequence(item: Any, *rest: Any) -> _Shape:
    if rest != (...,):
        raise TypeError("a document knows no tuple but tuple[X, ...]: give each place a name in a dataclass")
    inner = _shape(item)

    def each(act: Callable[[Any], Any], values: Any) -> list[Any]:
        return [_at(f"[{index}]", act, value) for index, value in enumerate(values)]

    return _Shape(
        lambda value: tuple(each(inner.read, _LIST.read(value))),
        lambda value: each(inner.write, _TUPLE.write(value)),
    )


def _mapping(key: Any, item: Any) -> _Shape:
    if key is not str:
        raise TypeError("the keys of a document are texts")
    inner = _shape(item)

    def write(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise DocumentError("", "a mapping")
        return {_text(key): _under(key, inner.write, each) for key, each in value.items()}

    return _Shape(
        lambda value: {
            _text(key): _under(key, inner.read, each) for key, each in _OBJECT.read(value).items()
        },
        write,
    )


def _record(cls: type[Any]) -> _Shape:
    hints = get_type_hints(cls)
    # The version first: what else is wrong in a document of another version says nothing.
    ordered = sorted(fields(cls), key=lambda field: field.name != _VERSION)
    columns = [(field.name, _shape(hints[field.name])) for field in ordered]
    required = {field.name for field in ordered if _is_required(field)}

    def write(value: Any) -> dict[str, Any]:
        if type(value) is not cls:
            raise DocumentError("", f"a {cls.__name__}")
        return {name: _at(name, shape.write, getattr(value, name)) for name, shape in columns}

    return _Shape(_record_reader(cls, columns, required), write)


def _record_reader(
    cls: type[Any], columns: list[tuple[str, _Shape]], required: set[str]
) -> Callable[[Any], Any]:
    """One handler of errors around all fields: this is where a service that is busy spends its time."""
    names = {name for name, _ in columns}
    readers = [(name, shape.read) for name, shape in columns]

    def read(value: Any) -> Any:
        document, known, name = _OBJECT.read(value), {}, ""
        try:
            for name, read_one in readers:
                if name in document:
                    known[name] = read_one(document[name])
                elif name in required:
                    raise DocumentError("", "this field")
        except DocumentError as error:
            raise _within(name, error) from None
        for unknown in sorted(document.keys() - names):
            raise DocumentError(_shown(unknown), "no such field")
        return _build(cls, known)

    return read


def _is_required(field: Field[Any]) -> bool:
    return field.name == _VERSION or (field.default is MISSING and field.default_factory is MISSING)


def _build(cls: type[Any], values: dict[str, Any]) -> Any:
    try:
        return cls(**values)
    except ValueError:  # what __post_init__ refuses
        raise DocumentError("", f"fields that fit together in a {cls.__name__}") from None


def _at(step: str, act: Callable[[Any], Any], value: Any) -> Any:
    """What is wrong is told with its place, which is only put together when something is."""
    try:
        return act(value)
    except DocumentError as error:
        raise _within(step, error) from None


def _under(key: str, act: Callable[[Any], Any], value: Any) -> Any:
    """A key that is not ours may be anything, so only what looks like a field's name is shown."""
    try:
        return act(value)
    except DocumentError as error:
        raise _within(_shown(key), error) from None


def _within(step: str, error: DocumentError) -> DocumentError:
    path = error.path
    return DocumentError(
        f"{step}{path}" if path.startswith("[") or not path else f"{step}.{path}", error.expected
    )


def _shown(key: str) -> str:
    return key if _FIELD.fullmatch(key) else "*"


_shape: Callable[[Any], _Shape] = cache(_compile)
_LIST = _exactly(list, "a list")
_TUPLE = _exactly(tuple, "a tuple")
_OBJECT = _exactly(dict, "an object")
_SCALARS: dict[Any, _Shape] = {
    str: _Shape(_text, _text),
    int: _exactly(int, "an integer"),
    bool: _exactly(bool, "true or false"),
    float: _Shape(_number, _number),
    datetime: _Shape(_read_moment, _write_moment),
}
_GENERICS: dict[Any, Callable[..., _Shape]] = {
    Literal: _literal,
    Union: _optional,
    UnionType: _optional,
    tuple: _sequence,
    Mapping: _mapping,
}
