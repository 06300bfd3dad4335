"""What the chunker ought to make of a segment, as plainly as it can be said and without any of its code.

Everything at once and in memory: gzip, the whole text, one csv reader, the phone library for every number, Google's own message
classes for every operation. Slow, and right by reading. Damaged gzip and bytes that are not UTF-8 are not its business.
"""

import csv
import gzip
import io
import json
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import phonenumbers
from google.ads.googleads.v26.services.types import offline_user_data_job_service as service

_Request = service.AddOfflineUserDataJobOperationsRequest.pb()

NAMES = {
    "email": ["email emailaddress mail"],
    "phone": ["phone phonenumber mobile mobilephone mobilenumber telephone tel"],
    "first_name": ["firstname", "givenname forename"],
    "last_name": ["lastname", "familyname surname"],
    "country": ["countrycode", "country", "region"],
    "postal_code": ["postalcode", "postcode zip zipcode"],
    "user_id": ["userid", "externalid crmid customerid thirdpartyuserid"],
    "mobile_id": ["mobileid idfa gaid aaid advertisingid mobileadvertisingid"],
    "ad_user_data": ["aduserdata aduserdataconsent consentaduserdata"],
    "ad_personalization": ["adpersonalization adpersonalizationconsent consentadpersonalization"],
    "consent": ["consent"],
}
"""Of each column, its names by rank."""
SEVERAL = ["email", "phone", "user_id", "mobile_id"]
CONSENTS = ["ad_user_data", "ad_personalization", "consent"]
WORDS = {
    "GRANTED": {"granted", "yes", "y", "true", "1"},
    "DENIED": {"denied", "no", "n", "false", "0"},
    "UNSPECIFIED": {"unspecified", "unknown"},
}
COUNTED = {
    "CONTACT_INFO": ["email", "phone", "first_name", "last_name", "country", "postal_code"],
    "CRM_ID": ["user_id"],
    "MOBILE_ADVERTISING_ID": ["mobile_id"],
}
CODES = {
    "country": "country_invalid",
    "email": "email_invalid",
    "phone": "phone_invalid",
    "first_name": "name_invalid",
    "last_name": "name_invalid",
    "postal_code": "postal_code_invalid",
    "user_id": "user_id_invalid",
    "mobile_id": "mobile_id_invalid",
}
ADDRESS = ["first_name", "last_name", "country", "postal_code"]


@dataclass(frozen=True)
class How:
    """The settings, in the words of CutSettings."""

    mode: str
    upload_key_type: str
    default_region: str
    part_records: int
    delimiter: str = ""
    ad_user_data: str = "UNSPECIFIED"
    ad_personalization: str = "UNSPECIFIED"
    deduplicate: bool = False


class Refused(Exception):
    """The segment as a whole: (reason code, line)."""


@dataclass
class ExpectedPart:
    """`frames` are serialised requests that hold nothing but operations."""

    operations: list[Any] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    report: list[tuple[str, ...]] = field(default_factory=list)
    rows: int = 0

    def frames(self, limit: int) -> list[bytes]:
        groups: list[list[Any]] = [[]]
        for operation in self.operations:
            if sum(map(identifiers_of, [*groups[-1], operation])) > limit:
                groups.append([])
            groups[-1].append(operation)
        return [_Request(operations=group).SerializeToString() for group in groups if group]

    def report_text(self) -> bytes:
        if not self.report:
            return b""
        text = io.StringIO()
        rows = [("line", "column", "reason_code", "level", "source"), *self.report]
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode()


def operations_of(frame: bytes) -> list[Any]:
    """The operations of a serialised request."""
    return list(_Request.FromString(bytes(frame)).operations)


def identifiers_of(operation: Any) -> int:
    return len(operation.create.user_identifiers) + len(operation.remove.user_identifiers)


def expected_parts(files: Sequence[bytes], how: How) -> list[ExpectedPart]:
    """The parts of these files. Raises Refused."""
    parts = [ExpectedPart()]
    rows = [(source, *row) for source, content in enumerate(files, start=1) for row in _rows(content, how)]
    seen: list[list[dict[str, Any]]] = []
    for source, kind, line, cells in rows:
        if kind != "header":
            _place(parts, seen, how, (source, line), kind, cells)
    columns = {column for *_, cells in rows for column, _ in cells}
    if all(kind == "header" for _, kind, *_ in rows):
        raise Refused("header_only" if rows else "empty_file", 0)
    if columns <= {"", "country", *CONSENTS}:
        raise Refused("no_usable_column", 0)
    return parts


def _place(
    parts: list[ExpectedPart],
    seen: list[list[dict[str, Any]]],
    how: How,
    place: tuple[int, int],
    kind: str,
    cells: "Cells",
) -> None:
    """A row into the part that it belongs to, as a record or as an entry of the report."""
    faults: list[tuple[str, str]] = []
    skipped, rejected = _consent(cells, how) if kind == "row" else ("", kind)
    identifiers = [] if skipped or rejected else _identifiers(cells, how.default_region, faults)
    if not (skipped or rejected or identifiers):
        rejected = "no_identifier"
    if identifiers and how.deduplicate and identifiers in seen:
        skipped, faults = "duplicate", []
    sent = not (skipped or rejected)
    full = sent and len(parts[-1].operations) == how.part_records
    if full or parts[-1].rows == 20 * how.part_records:
        parts.append(ExpectedPart())
    part, (source, line) = parts[-1], place
    part.rows += 1
    part.report += [(str(line), column, code, "field", str(source)) for column, code in faults]
    if sent:
        seen.append(identifiers)
        part.operations.append(_operation({"append": "create", "remove": "remove"}[how.mode], identifiers))
        part.lines.append(line)
        part.sources.append(source)
    else:
        level = "record" if rejected else "skip"
        part.report.append((str(line), "", rejected or skipped, level, str(source)))


def reasons_of(parts: Sequence[ExpectedPart]) -> dict[str, int]:
    return dict(Counter(entry[2] for part in parts for entry in part.report))


Cells = list[tuple[str, str]]
"""(column or "", value), in the order of the file."""


def _rows(content: bytes, how: How) -> Iterator[tuple[str, int, Cells]]:
    """("header" | "row" | reason code, line, cells)."""
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    text = content.decode("utf-8-sig")
    first = next((line for line in text.split("\n") if line not in ("", "\r")), "")
    if first.lstrip(ASCII).startswith("["):
        raise Refused("json_array", 0)
    yield from _objects(text, how) if first.lstrip(ASCII).startswith("{") else _table(text, first, how)


ASCII = " \t\n\r\x0b\x0c"


def _objects(text: str, how: How) -> Iterator[tuple[str, int, Cells]]:
    for line, one in enumerate(text.split("\n"), start=1):
        if not one.strip():
            continue
        try:
            pairs = json.loads(
                one, object_pairs_hook=Pairs, parse_int=str, parse_float=str, parse_constant=_never
            )
            if not isinstance(pairs, Pairs):
                raise ValueError
            named = [(key, _values(key, value)) for key, value in pairs.all]
            columns = _columns([key for key, values in named for _ in values], how, line, several=True)
        except (ValueError, Refused):
            yield "malformed_json", line, []
        else:
            yield (
                "row",
                line,
                list(zip(columns, [each for _, values in named for each in values], strict=True)),
            )


class Pairs:
    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        if len(dict(pairs)) < len(pairs) or any(
            "\ud800" <= sign <= "\udfff" for key, _ in pairs for sign in key
        ):
            raise ValueError
        self.all = pairs


def _never(_: str) -> None:
    raise ValueError


def _values(key: str, value: Any) -> list[str]:
    if isinstance(value, list) and _meaning(key)[0] in SEVERAL:
        return [_value(each) for each in value]
    return [_value(value)]


def _value(value: Any) -> str:
    if isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value):
        return value
    if isinstance(value, bool):
        return "\x01true" if value else "\x01false"
    return "" if value is None else "\x01"


def _table(text: str, first: str, how: How) -> Iterator[tuple[str, int, Cells]]:
    outside = re.sub('"[^"]*"?', "", first)
    delimiter = how.delimiter or max(",;\t|", key=lambda sign: (outside.count(sign), -",;\t|".index(sign)))
    columns: list[str] | None = None
    for line, cells, problem in _records(text, delimiter):
        if columns is None:
            if problem:
                raise Refused("malformed_header", line)
            columns = _columns(cells, how, line)
            if set(columns) <= {"", "country", *CONSENTS}:
                raise Refused("no_usable_column", line)
            yield "header", line, [(column, "") for column in columns]
        elif problem:
            yield problem, line, []
        elif len(cells) != len(columns):
            yield "row_too_short" if len(cells) < len(columns) else "row_too_long", line, []
        else:
            yield "row", line, list(zip(columns, cells, strict=True))


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells, reason code or "") of whatever is not an empty line."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise Refused("unclosed_quote", line) from None
            yield line, [], "lone_carriage_return" if "new-line" in str(error) else "malformed_quotes"
        else:
            if cells:
                yield line, cells, ""


def _meaning(name: str) -> tuple[str, int]:
    """Column and rank."""
    bare = re.sub("[ _-]", "", name.strip().lower())
    for column, ranks in NAMES.items():
        for rank, names in enumerate(ranks):
            if bare in names.split():
                return column, rank
            if column in SEVERAL and re.sub(r"(?<=[a-z])[0-9]{1,3}$", "", bare) in names.split():
                return column, rank
    return "", 0


def _columns(header: list[str], how: How, line: int, several: bool = False) -> list[str]:
    """The column of each name; `several`: a name may be there more often than once."""
    counted = COUNTED[how.upload_key_type] + (CONSENTS if how.mode == "append" else [])
    meant = [_meaning(name) if _meaning(name)[0] in counted else ("", 0) for name in header]
    best = {column: min(rank for each, rank in meant if each == column) for column, _ in meant}
    columns = [column if rank == best[column] else "" for column, rank in meant]
    for column in set(columns) - {""}:
        names = [
            re.sub("[ _-]", "", name.strip().lower())
            for name, each in zip(header, columns, strict=True)
            if each == column
        ]
        if column in SEVERAL and (several or len(set(names)) == len(names)):
            continue
        if len(names) > 1:
            raise Refused("duplicate_columns", line)
    if not set(ADDRESS) <= set(columns):
        useless = {"first_name", "last_name", "postal_code"}
        if "phone" not in columns:
            useless.add("country")
        columns = ["" if column in useless else column for column in columns]
    return columns


def _consent(cells: Cells, how: How) -> tuple[str, str]:
    """(why the person is skipped, why the row is rejected)."""
    said = dict(cells)
    answers = []
    for column, account in (
        ("ad_user_data", how.ad_user_data),
        ("ad_personalization", how.ad_personalization),
    ):
        word = said.get(column, said.get("consent", "")).strip().lower()
        word = {"\x01true": "true", "\x01false": "false"}.get(word, word)
        state = next((state for state, words in WORDS.items() if word in words), "?" if word else "")
        answers.append("UNKNOWN" if state == "UNSPECIFIED" and account == "GRANTED" else state)
    if "DENIED" in answers:
        return "consent_denied", ""
    if "?" in answers:
        return "", "consent_unclear"
    return ("consent_unspecified", "") if "UNKNOWN" in answers else ("", "")


def _identifiers(row: Cells, region: str, faults: list[tuple[str, str]]) -> list[dict[str, Any]]:
    cells = [(column, value.strip()) for column, value in row if column and value.strip()]
    named = dict(cells)
    country = (
        named.get("country", "").upper() if re.fullmatch("[A-Za-z]{2}", named.get("country", "")) else ""
    )
    if country in phonenumbers.SUPPORTED_REGIONS:
        region = country
    good: list[tuple[str, str]] = []
    for column, code in CODES.items():
        for value in (value for each, value in cells if each == column):
            sent = country if column == "country" else _sent(column, value, region, country)
            if sent:
                good.append((column, sent))
            else:
                faults.append((column, "nul_byte" if "\0" in value else code))
    address_begun = {"first_name", "last_name", "postal_code"} & set(named)
    if address_begun and not {column for column, _ in faults} & set(ADDRESS):
        faults += [(column, "address_incomplete") for column in ADDRESS if column not in named][:1]
    return _as_messages(good, faults)


def _as_messages(good: list[tuple[str, str]], faults: list[tuple[str, str]]) -> list[dict[str, Any]]:
    found: list[tuple[str, dict[str, Any]]] = []
    fields = {
        "email": "hashed_email",
        "phone": "hashed_phone_number",
        "user_id": "third_party_user_id",
        "mobile_id": "mobile_id",
    }
    found += [(column, {fields[column]: value}) for column, value in good if column in ("email", "phone")]
    if set(ADDRESS) <= {column for column, _ in good}:
        named = dict(good)
        info = {
            "hashed_first_name": named["first_name"],
            "hashed_last_name": named["last_name"],
            "country_code": named["country"],
            "postal_code": named["postal_code"],
        }
        found.append(("first_name", {"address_info": info}))
    found += [
        (column, {fields[column]: value}) for column, value in good if column in ("user_id", "mobile_id")
    ]
    once = [each for place, each in enumerate(found) if each[1] not in [other for _, other in found[:place]]]
    faults += [(column, "too_many_identifiers") for column, _ in once[20:]]
    return [identifier for _, identifier in once[:20]]


def _operation(action: str, identifiers: list[dict[str, Any]]) -> Any:
    operation = service.OfflineUserDataJobOperation.pb()()
    for identifier in identifiers:
        getattr(operation, action).user_identifiers.add(**identifier)
    return operation


def _sent(column: str, value: str, region: str, country: str) -> str:
    if column == "user_id":
        return value if value.isprintable() else ""
    if column == "mobile_id":
        return value if re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value) else ""
    if column == "postal_code":
        if country == "US":
            return value if re.fullmatch("[0-9]{5}|[0-9]{9}|[0-9]{5}-[0-9]{4}", value) else ""
        return value if value.isprintable() else ""
    if re.fullmatch("[0-9a-fA-F]{64}", value):
        return value.lower()
    plain = {
        "email": lambda: _email(value),
        "phone": lambda: _phone(value, region),
        "first_name": lambda: _name(value, front={"mr", "mrs", "ms", "miss", "dr", "prof"}),
        "last_name": lambda: _name(value, back={"jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"}),
    }[column]()
    return sha256(plain.encode()).hexdigest() if plain else ""


def _email(value: str) -> str:
    address = "".join(sign for sign in value if not sign.isspace()).lower()
    if any(unicodedata.category(sign) == "Cc" for sign in address) or address.count("@") != 1:
        return ""
    local, domain = address.split("@")
    if domain in ("gmail.com", "googlemail.com"):
        local = local.split("+")[0].replace(".", "")
    labels = domain.split(".")
    return f"{local}@{domain}" if local and len(labels) > 1 and all(labels) else ""


def _phone(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region or None)
    except phonenumbers.NumberParseException:
        return ""
    possible = (
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if possible else ""


def _name(value: str, front: Collection[str] = (), back: Collection[str] = ()) -> str:
    if any(unicodedata.category(sign) == "Cc" and not sign.isspace() for sign in value):
        return ""
    kept = [
        sign
        for sign in value.lower()
        if sign not in string.punctuation and unicodedata.category(sign)[0] != "P"
    ]
    words = "".join(kept).split()
    while len(words) > 1 and words[0] in front:
        words = words[1:]
    while len(words) > 1 and words[-1] in back:
        words = words[:-1]
    return " ".join(words)
