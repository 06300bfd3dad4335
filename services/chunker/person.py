"""One row's cells to one person: the identifiers, ready for the wire, and the fields that had to be left out.

A bad field is dropped and named, the person goes on with the rest; an incomplete address is dropped whole. It
may not see lines, parts or counts. All functions are pure; `reader` makes the one that fits a header.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import NamedTuple

from services.chunker import columns as known
from services.chunker import normalise, phones
from services.chunker.codes import FieldCode
from services.chunker.columns import Columns, UploadKeyType
from services.chunker.forms import PLAIN, form
from shared.wire import google_ads


class Fault(NamedTuple):
    """A field that is not sent, and why. Never its value."""

    column: str
    code: FieldCode


class Person(NamedTuple):
    """`identifiers` are elements of UserData.user_identifiers; with none of them there is nobody to send. `forms`: in
    which form the values came (services.chunker.forms)."""

    identifiers: list[bytes]
    faults: list[Fault]
    forms: int = 0


Reader = Callable[[list[str]], Person]


def reader(columns: Columns, upload_key_type: UploadKeyType, default_region: str) -> Reader:
    """What turns the cells of a row under this header into a person. It may change the list that it is given.

    A phone number without country code is read as of the row's country, else of `default_region` (alpha-2, or
    "" for none).
    """
    match upload_key_type:
        case "CONTACT_INFO":
            return _contact_reader(columns, default_region)
        case "CRM_ID":
            return _id_reader(columns, _USER_ID, google_ads.third_party_user_id)
        case "MOBILE_ADVERTISING_ID":
            return _id_reader(columns, _MOBILE_ID, google_ads.mobile_id)


class _Field(NamedTuple):
    column: str
    rule: normalise.Rule
    code: FieldCode


_EMAIL = _Field(known.EMAIL, normalise.hashing(normalise.email), FieldCode.EMAIL_INVALID)
_FIRST = _Field(known.FIRST_NAME, normalise.hashing(normalise.first_name), FieldCode.NAME_INVALID)
_LAST = _Field(known.LAST_NAME, normalise.hashing(normalise.last_name), FieldCode.NAME_INVALID)
_COUNTRY = _Field(known.COUNTRY, normalise.country, FieldCode.COUNTRY_INVALID)
_USER_ID = _Field(known.USER_ID, normalise.user_id, FieldCode.USER_ID_INVALID)
_MOBILE_ID = _Field(known.MOBILE_ID, normalise.mobile_id, FieldCode.MOBILE_ID_INVALID)


@cache
def _phone_in(region: str) -> _Field:
    rule = normalise.hashing(partial(phones.e164, region=region))
    return _Field(known.PHONE, rule, FieldCode.PHONE_INVALID)


@cache
def _postal_code_in(country: str) -> _Field:
    rule = normalise.zip_code if country == "US" else normalise.postal_code
    return _Field(known.POSTAL_CODE, rule, FieldCode.POSTAL_CODE_INVALID)


def _kept(field: _Field, value: str, faults: list[Fault]) -> str:
    """The trimmed cell as it is sent; "" for an empty one, and for a bad one, which goes among the faults."""
    kept = field.rule(value) if value else ""
    if value and not kept:
        faults.append(Fault(field.column, FieldCode.NUL_BYTE if "\0" in value else field.code))
    return kept


def _id_reader(columns: Columns, field: _Field, encode: Callable[[str], bytes]) -> Reader:
    places = columns.places.get(field.column, ())

    def read(cells: list[str]) -> Person:
        faults: list[Fault] = []
        kept = [_kept(field, cells[place].strip(), faults) for place in places]
        found = [(field.column, encode(value)) for value in kept if value]
        return Person(_each_once(found, faults), faults)

    return read


_EMAIL_PLAIN, _PHONE_PLAIN = PLAIN[known.EMAIL], PLAIN[known.PHONE]
_FIRST_PLAIN, _LAST_PLAIN = PLAIN[known.FIRST_NAME], PLAIN[known.LAST_NAME]


def _contact_reader(columns: Columns, default_region: str) -> Reader:
    emails, numbers = columns.places.get(known.EMAIL, ()), columns.places.get(known.PHONE, ())
    several = len(emails) > 1 or len(numbers) > 1
    pick = itemgetter(*map(columns.place, known.ADDRESS))

    def read(cells: list[str]) -> Person:
        cells.append("")  # the place of every absent column
        first, last, country, postal_code = map(str.strip, pick(cells))
        mails: list[bytes] = []
        calls: list[bytes] = []
        address: list[bytes] = []
        faults: list[Fault] = []
        forms = 0
        country = _kept(_COUNTRY, country, faults) if country else ""
        for place in emails:
            email = cells[place].strip()
            if email and (digest := _kept(_EMAIL, email, faults)):
                mails.append(google_ads.hashed_email(digest))
                forms |= _EMAIL_PLAIN if len(email) != 64 else form(_EMAIL_PLAIN, email, digest)
        for place in numbers:
            phone = cells[place].strip()
            if phone and (digest := _kept(_phone_in(_region(country, default_region)), phone, faults)):
                calls.append(google_ads.hashed_phone_number(digest))
                forms |= _PHONE_PLAIN if len(phone) != 64 else form(_PHONE_PLAIN, phone, digest)
        if first or last or postal_code:
            address, of_names = _address(first, last, country, postal_code, faults)
            forms |= of_names
        if several:
            return Person(_each_once(_by_column(mails, calls, address), faults), faults, forms)
        return Person(mails + calls + address, faults, forms)

    return read


def _by_column(mails: list[bytes], numbers: list[bytes], address: list[bytes]) -> list[tuple[str, bytes]]:
    """An address goes by the first of its columns."""
    pairs = ((known.EMAIL, mails), (known.PHONE, numbers), (known.FIRST_NAME, address))
    return [(column, identifier) for column, found in pairs for identifier in found]


def _each_once(found: Sequence[tuple[str, bytes]], faults: list[Fault]) -> list[bytes]:
    """The first of them, as many as Google takes of one person; the column of each of the others goes among the faults."""
    once = {identifier: column for column, identifier in reversed(found)}
    kept = [*dict.fromkeys(identifier for _, identifier in found)]
    beyond = kept[google_ads.IDENTIFIERS_PER_USER_DATA_MAX :]
    faults += [Fault(once[identifier], FieldCode.TOO_MANY_IDENTIFIERS) for identifier in beyond]
    return kept[: google_ads.IDENTIFIERS_PER_USER_DATA_MAX]


@cache
def _region(country: str, default_region: str) -> str:
    return country if phones.known_region(country) else default_region


def _address(
    first: str, last: str, country: str, postal_code: str, faults: list[Fault]
) -> tuple[list[bytes], int]:
    """The address identifier, or none if a member is missing or bad, and the forms of the names. `country` has been through its rule
    already."""
    first_digest = _kept(_FIRST, first, faults)
    last_digest = _kept(_LAST, last, faults)
    code = _kept(_postal_code_in(country), postal_code, faults)
    if first_digest and last_digest and country and code:
        forms = form(_FIRST_PLAIN, first, first_digest) | form(_LAST_PLAIN, last, last_digest)
        return [google_ads.address(first_digest, last_digest, country, code)], forms
    # One with a bad member has its fault already; one that only lacks members gets one, for the first of them.
    if not any(fault.column in known.ADDRESS for fault in faults):
        members = zip(known.ADDRESS, (first, last, country, postal_code), strict=True)
        missing = next(column for column, value in members if not value)
        faults.append(Fault(missing, FieldCode.ADDRESS_INCOMPLETE))
    return [], 0
