"""What a header means: which columns hold what, and whether a file with it can name anybody.

Names are matched without case, spaces, underscores and hyphens. Columns that the audience's upload key type
has no use for, and names that are not known here, are ignored. The upload key types are Google Ads', and one
audience never mixes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.chunker.codes import ContentCode, ContentError

UploadKeyType = Literal["CONTACT_INFO", "CRM_ID", "MOBILE_ADVERTISING_ID"]

EMAIL = "email"
PHONE = "phone"
FIRST_NAME = "first_name"
LAST_NAME = "last_name"
COUNTRY = "country"
POSTAL_CODE = "postal_code"
USER_ID = "user_id"
MOBILE_ID = "mobile_id"

ADDRESS = (FIRST_NAME, LAST_NAME, COUNTRY, POSTAL_CODE)

_COLUMN_OF_NAME = {
    "email": EMAIL,
    "phone": PHONE,
    "firstname": FIRST_NAME,
    "lastname": LAST_NAME,
    "country": COUNTRY,
    "countrycode": COUNTRY,
    "postalcode": POSTAL_CODE,
    "zip": POSTAL_CODE,
    "userid": USER_ID,
    "mobileid": MOBILE_ID,
}
_COUNTED: dict[UploadKeyType, frozenset[str]] = {
    "CONTACT_INFO": frozenset((EMAIL, PHONE, *ADDRESS)),
    "CRM_ID": frozenset((USER_ID,)),
    "MOBILE_ADVERTISING_ID": frozenset((MOBILE_ID,)),
}
_NOT_IN_NAMES = str.maketrans("", "", " _-")


@dataclass(frozen=True)
class Columns:
    """A header as understood.

    `width` is the number of cells that a row must have, `places` where each understood column is among them
    (from 0), `names` how the header writes it. `ignored` are the header's other names, in its order.
    """

    width: int
    places: Mapping[str, int]
    names: Mapping[str, str]
    ignored: tuple[str, ...]

    def place(self, column: str) -> int:
        """Where the column's cell is; for an absent column the first place behind the row."""
        return self.places.get(column, self.width)


def understand(header: Sequence[str], upload_key_type: UploadKeyType, line: int = 1) -> Columns:
    """The meaning of a header. Raises ContentError for its `line`: DUPLICATE_COLUMNS, NO_USABLE_COLUMN."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        column = _COLUMN_OF_NAME.get(name.strip().lower().translate(_NOT_IN_NAMES), "")
        if column in places:
            raise ContentError(ContentCode.DUPLICATE_COLUMNS, line, column)
        if column in _COUNTED[upload_key_type]:
            places[column] = place
    useful = _useful(places)
    if not useful:
        raise ContentError(ContentCode.NO_USABLE_COLUMN, line)
    names = {column: header[place] for column, place in useful.items()}
    others = (name for place, name in enumerate(header) if place not in useful.values())
    return Columns(len(header), useful, names, tuple(name for name in others if name.strip()))


def _useful(places: Mapping[str, int]) -> dict[str, int]:
    """Without columns that cannot lead to an identifier: members of an address that the header leaves incomplete.

    A country is of use without an address too: it says where a phone number is to be dialled.
    """
    if all(column in places for column in ADDRESS):
        return dict(places)
    lost = {FIRST_NAME, LAST_NAME, POSTAL_CODE} | (set() if PHONE in places else {COUNTRY})
    return {column: place for column, place in places.items() if column not in lost}
