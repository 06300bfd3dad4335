"""In which form the values of each column came that Google takes hashed: plain, as SHA-256 already, or now one and now the other.

A set of them is an int, two bits a column, because it is added to for every value of every row.
"""

from typing import NamedTuple

from services.chunker import columns as known
from services.chunker.codes import WarningCode

_COLUMNS = (known.EMAIL, known.PHONE, known.FIRST_NAME, known.LAST_NAME)

PLAIN = {column: 1 << 2 * place for place, column in enumerate(_COLUMNS)}
"""Of each column, the bit of a plain value; the one above it is that of a hashed one."""


def form(plain: int, value: str, digest: str) -> int:
    """The bit of a value of which `digest` was sent; `plain` is its column's."""
    return plain if len(value) != len(digest) or digest != value.lower() else plain << 1


class ColumnWarning(NamedTuple):
    column: str
    code: WarningCode


def warnings(forms: int, *, hashed: bool) -> list[ColumnWarning]:
    """`hashed`: somebody has said that all values are hashed."""
    return [
        ColumnWarning(column, WarningCode.PLAIN_WHERE_HASHED if hashed else WarningCode.HASHED_AND_PLAIN)
        for column, plain in PLAIN.items()
        if forms & plain and (hashed or forms & plain << 1)
    ]
