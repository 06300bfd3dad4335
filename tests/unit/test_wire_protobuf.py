"""Varints and fields, against the encoding's own documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wire import protobuf


def read_varint(encoded: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(encoded))


@given(st.integers(0, 2**64 - 1))
def test_a_varint_is_seven_bits_a_byte_and_says_when_it_goes_on(number: int) -> None:
    encoded = protobuf.varint(number)
    assert read_varint(encoded) == number
    assert [byte >> 7 for byte in encoded] == [1] * (len(encoded) - 1) + [0]
    assert len(encoded) == max(1, -(-number.bit_length() // 7))


def test_the_documentations_examples() -> None:
    assert protobuf.varint(150) == b"\x96\x01"
    assert protobuf.text(2, "testing") == b"\x12\x07testing"
    assert protobuf.boolean(4, True) == b"\x20\x01"
    assert protobuf.boolean(4, False) == b""


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="unsigned"):
        protobuf.varint(-1)
