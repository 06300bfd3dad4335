"""What the chunker ought to make of a segment, as plainly as it can be said and without any of its code.

Everything at once and in memory: gzip, the whole text, one csv reader, the phone library for every number, Google's own message
classes for every operation. Slow, and right by reading. Damaged gzip and bytes that are not UTF-8 are not its business.
"""

import csv
import gzip
import io
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
    "email": {"email"},
    "phone": {"phone"},
    "first_name": {"firstname"},
    "last_name": {"lastname"},
    "country": {"country", "countrycode"},
    "postal_code": {"postalcode", "zip"},
    "user_id": {"userid"},
    "mobile_id": {"mobileid"},
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


def expected_parts(
    files: Sequence[bytes], *, mode: str, upload_key_type: str, default_region: str, part_records: int
) -> list[ExpectedPart]:
    """The parts of these files. Raises Refused."""
    parts = [ExpectedPart()]
    headers = rows = 0
    for source, content in enumerate(files, start=1):
        for kind, line, cells, columns in _rows(content, upload_key_type):
            headers += kind == "header"
            if kind == "header":
                continue
            rows += 1
            faults: list[tuple[str, str]] = []
            identifiers = (
                _identifiers(dict(zip(columns, cells, strict=True)), default_region, faults)
                if kind == "row"
                else []
            )
            rejected = "" if identifiers else ("no_identifier" if kind == "row" else kind)
            full = identifiers and len(parts[-1].operations) == part_records
            if full or parts[-1].rows == 20 * part_records:
                parts.append(ExpectedPart())
            part = parts[-1]
            part.rows += 1
            part.report += [(str(line), column, code, "field", str(source)) for column, code in faults]
            if rejected:
                part.report.append((str(line), "", rejected, "record", str(source)))
            else:
                action = {"append": "create", "remove": "remove"}[mode]
                part.operations.append(_operation(action, identifiers))
                part.lines.append(line)
                part.sources.append(source)
    if not rows:
        raise Refused("header_only" if headers else "empty_file", 0)
    return parts


def reasons_of(parts: Sequence[ExpectedPart]) -> dict[str, int]:
    return dict(Counter(entry[2] for part in parts for entry in part.report))


def _rows(content: bytes, upload_key_type: str) -> Iterator[tuple[str, int, list[str], list[str]]]:
    """("header" | "row" | reason code, line, cells, column of each cell or "")."""
    columns: list[str] | None = None
    for line, cells, problem in _records(content):
        if columns is None:
            if problem:
                raise Refused("malformed_header", line)
            columns = _columns(cells, upload_key_type, line)
            yield "header", line, cells, columns
        elif problem:
            yield problem, line, cells, columns
        else:
            lengths = {-1: "row_too_short", 0: "row", 1: "row_too_long"}
            difference = len(cells) - len(columns)
            yield lengths[max(-1, min(1, difference))], line, cells, columns


def _records(content: bytes) -> Iterator[tuple[int, list[str], str]]:
    """(line, cells, reason code or "") of whatever is not an empty line."""
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="\n"), strict=True)
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


def _columns(header: list[str], upload_key_type: str, line: int) -> list[str]:
    columns = []
    for name in header:
        bare = re.sub("[ _-]", "", name.strip().lower())
        columns.append(next((column for column in COUNTED[upload_key_type] if bare in NAMES[column]), ""))
    if any(columns.count(column) > 1 for column in columns if column):
        raise Refused("duplicate_columns", line)
    if not set(ADDRESS) <= set(columns):
        useless = {"first_name", "last_name", "postal_code"}
        if "phone" not in columns:
            useless.add("country")
        columns = ["" if column in useless else column for column in columns]
    if not any(columns):
        raise Refused("no_usable_column", line)
    return columns


def _identifiers(row: dict[str, str], region: str, faults: list[tuple[str, str]]) -> list[dict[str, Any]]:
    cells = {column: value.strip() for column, value in row.items() if column and value.strip()}
    country = (
        cells.get("country", "").upper() if re.fullmatch("[A-Za-z]{2}", cells.get("country", "")) else ""
    )
    if country in phonenumbers.SUPPORTED_REGIONS:
        region = country
    good = {}
    for column, code in CODES.items():
        if column in cells:
            good[column] = country if column == "country" else _sent(column, cells[column], region, country)
            if not good[column]:
                faults.append((column, "nul_byte" if "\0" in cells[column] else code))
    address_begun = {"first_name", "last_name", "postal_code"} & set(cells)
    if address_begun and not {column for column, _ in faults} & set(ADDRESS):
        faults += [(column, "address_incomplete") for column in ADDRESS if column not in cells][:1]
    return _as_messages({column: value for column, value in good.items() if value})


def _as_messages(good: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "email" in good:
        found.append({"hashed_email": good["email"]})
    if "phone" in good:
        found.append({"hashed_phone_number": good["phone"]})
    if set(ADDRESS) <= set(good):
        info = {
            "hashed_first_name": good["first_name"],
            "hashed_last_name": good["last_name"],
            "country_code": good["country"],
            "postal_code": good["postal_code"],
        }
        found.append({"address_info": info})
    if "user_id" in good:
        found.append({"third_party_user_id": good["user_id"]})
    if "mobile_id" in good:
        found.append({"mobile_id": good["mobile_id"]})
    return found


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
