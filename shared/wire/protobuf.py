"""The little of protocol buffers that ready-made request bodies need: varints, tags, length-delimited fields,
booleans.

Source: Protocol Buffers documentation, "Encoding". It encodes, and finds where a field ends; whoever reads what is in one uses
Google's own classes.
"""

from functools import cache

_VARINT = 0
_LENGTH_DELIMITED = 2


def _encode_varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


# Lengths of operations and of their members: nearly every varint that a part holds.
_SMALL_VARINTS = tuple(_encode_varint(number) for number in range(2048))


def varint(number: int) -> bytes:
    """An unsigned integer, seven bits a byte, least significant first."""
    if number < 0:
        raise ValueError("a varint here is unsigned")
    return _SMALL_VARINTS[number] if number < len(_SMALL_VARINTS) else _encode_varint(number)


@cache
def tag(field: int, wire_type: int) -> bytes:
    return varint(field << 3 | wire_type)


def length_delimited_tag(field: int) -> bytes:
    """The tag of a string, bytes or message field, for those who put the length behind it themselves."""
    return tag(field, _LENGTH_DELIMITED)


def length_delimited(field: int, payload: bytes) -> bytes:
    """A string, bytes or message field, whole: tag, length, payload."""
    return tag(field, _LENGTH_DELIMITED) + varint(len(payload)) + payload


def text(field: int, value: str) -> bytes:
    return length_delimited(field, value.encode())


def boolean(field: int, value: bool) -> bytes:
    """A bool field of proto3: false is the default and takes no bytes."""
    return tag(field, _VARINT) + b"\x01" if value else b""


def field_end(data: bytes | bytearray | memoryview, start: int) -> int:
    """Where the length-delimited field that starts there ends."""
    _, behind_tag = _read_varint(data, start)
    length, behind_length = _read_varint(data, behind_tag)
    return behind_length + length


def _read_varint(data: bytes | bytearray | memoryview, start: int) -> tuple[int, int]:
    """The number, and where it ends."""
    number = 0
    for position in range(start, len(data)):
        number |= (data[position] & 0x7F) << 7 * (position - start)
        if data[position] < 0x80:
            return number, position + 1
    raise ValueError("the varint is cut off")
