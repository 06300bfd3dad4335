"""What names mean, of a header's columns or of an object's keys: which of them hold what, and whether that can name anybody.

Names are matched without case, spaces, underscores and hyphens. Columns that the audience's upload key type has no
use for, and names that are not known here, are ignored. The upload key types are Google Ads', and one audience
never mixes them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
AD_USER_DATA = "ad_user_data"
AD_PERSONALIZATION = "ad_personalization"
CONSENT = "consent"

ADDRESS = (FIRST_NAME, LAST_NAME, COUNTRY, POSTAL_CODE)
CONSENTS = (AD_USER_DATA, AD_PERSONALIZATION, CONSENT)
NOBODY = frozenset((COUNTRY, *CONSENTS))
"""What names nobody by itself."""
SEVERAL = frozenset((EMAIL, PHONE, USER_ID, MOBILE_ID))
"""What one person may have more than one of: email_1, email_2, or phone beside mobile."""

ALIASES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    EMAIL: (("email", "emailaddress", "mail"),),
    PHONE: (("phone", "phonenumber", "mobile", "mobilephone", "mobilenumber", "telephone", "tel"),),
    FIRST_NAME: (("firstname",), ("givenname", "forename")),
    LAST_NAME: (("lastname",), ("familyname", "surname")),
    COUNTRY: (("countrycode",), ("country",), ("region",)),
    POSTAL_CODE: (("postalcode",), ("postcode", "zip", "zipcode")),
    USER_ID: (("userid",), ("externalid", "crmid", "customerid", "thirdpartyuserid")),
    MOBILE_ID: (("mobileid", "idfa", "gaid", "aaid", "advertisingid", "mobileadvertisingid"),),
    AD_USER_DATA: (("aduserdata", "aduserdataconsent", "consentaduserdata"),),
    AD_PERSONALIZATION: (("adpersonalization", "adpersonalizationconsent", "consentadpersonalization"),),
    CONSENT: (("consent",),),
}
"""Of each column, the names in the order of their rank: where several are there, one of a lower rank is another thing and
ignored."""

_RANKED = {
    name: (column, rank)
    for column, ranks in ALIASES.items()
    for rank, names in enumerate(ranks)
    for name in names
}
_COUNTED: dict[UploadKeyType, frozenset[str]] = {
    "CONTACT_INFO": frozenset((EMAIL, PHONE, *ADDRESS)),
    "CRM_ID": frozenset((USER_ID,)),
    "MOBILE_ADVERTISING_ID": frozenset((MOBILE_ID,)),
}
_NOT_IN_NAMES = str.maketrans("", "", " _-")
_NUMBERED = re.compile(r"(.*?[a-z])\d{1,3}", re.ASCII)


@dataclass(frozen=True)
class Columns:
    """Names as understood.

    `width` is how many there are, `places` where each understood column's are among them (from 0, one or several),
    `names` how they are written, separated by commas. `ignored` are the other names, in their order.
    """

    width: int
    places: Mapping[str, tuple[int, ...]]
    names: Mapping[str, str]
    ignored: tuple[str, ...]

    def place(self, column: str) -> int:
        """Where the column's one cell is; for an absent column the first place behind the row."""
        return self.places.get(column, (self.width,))[0]

    @property
    def usable(self) -> bool:
        """Whether anybody can be named by them."""
        return not self.places.keys() <= NOBODY


def understand(
    names: Sequence[str],
    upload_key_type: UploadKeyType,
    line: int = 1,
    *,
    asks_consent: bool = True,
    repeats: bool = False,
) -> Columns:
    """The meaning of names. `asks_consent`: columns of consent count. `repeats`: one that may be there several times may have the
    same name each time. Raises ContentError DUPLICATE_COLUMNS for the `line`."""
    counted = _COUNTED[upload_key_type] | (set(CONSENTS) if asks_consent else set())
    found = _ranked(names, counted)
    chosen = {column: _choose(column, ranked, line, repeats) for column, ranked in found.items()}
    useful = {column: chosen[column] for column in _useful(chosen.keys())}
    written = {column: ", ".join(names[place] for place in places) for column, places in useful.items()}
    taken = {place for places in useful.values() for place in places}
    others = (name for place, name in enumerate(names) if place not in taken)
    return Columns(len(names), useful, written, tuple(name for name in others if name.strip()))


@lru_cache(1024)
def may_be_several(name: str) -> bool:
    """Whether one person may have more than one value under this name."""
    return _column_of(name.strip().lower().translate(_NOT_IN_NAMES))[0] in SEVERAL


def _ranked(names: Iterable[str], counted: Iterable[str]) -> dict[str, list[tuple[int, str, int]]]:
    """(rank, bare name, place) of all that may be each column."""
    found: defaultdict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for place, name in enumerate(names):
        bare = name.strip().lower().translate(_NOT_IN_NAMES)
        column, rank = _column_of(bare)
        if column in counted:
            found[column].append((rank, bare, place))
    return dict(found)


def _column_of(bare: str) -> tuple[str, int]:
    """Column and rank. email2 is an e-mail address, zip2 is nothing that is known."""
    if bare in _RANKED:
        return _RANKED[bare]
    numbered = _NUMBERED.fullmatch(bare)
    column, rank = _RANKED.get(numbered[1], ("", 0)) if numbered else ("", 0)
    return (column, rank) if column in SEVERAL else ("", 0)


def _choose(column: str, ranked: Sequence[tuple[int, str, int]], line: int, repeats: bool) -> tuple[int, ...]:
    best = min(rank for rank, _, _ in ranked)
    bare = [name for rank, name, _ in ranked if rank == best]
    clash = len(set(bare)) < len(bare) and not repeats if column in SEVERAL else len(bare) > 1
    if clash:
        raise ContentError(ContentCode.DUPLICATE_COLUMNS, line, column)
    return tuple(place for rank, _, place in ranked if rank == best)


def _useful(columns: Iterable[str]) -> list[str]:
    """Without those that cannot lead to an identifier: members of an address that is incomplete.

    A country is of use without an address too: it says where a phone number is to be dialled.
    """
    present = set(columns)
    if present >= {*ADDRESS}:
        return list(columns)
    lost = {FIRST_NAME, LAST_NAME, POSTAL_CODE} | (set() if PHONE in present else {COUNTRY})
    return [column for column in columns if column not in lost]
