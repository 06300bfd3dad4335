"""Every reason for which content, a row or a field is refused, a row passed over, or a column wondered at. Words and
cures are in shared.reasons; this is the closed set of codes.
"""

from enum import StrEnum


class ContentCode(StrEnum):
    """Why a file as a whole cannot be cut: nothing of its segment is sent."""

    EMPTY_FILE = "empty_file"
    HEADER_ONLY = "header_only"
    NOT_UTF8 = "not_utf8"
    GZIP_TRUNCATED = "gzip_truncated"
    GZIP_DAMAGED = "gzip_damaged"
    GZIP_BOMB = "gzip_bomb"
    UNCLOSED_QUOTE = "unclosed_quote"
    RECORD_TOO_LONG = "record_too_long"
    MALFORMED_HEADER = "malformed_header"
    NO_USABLE_COLUMN = "no_usable_column"
    DUPLICATE_COLUMNS = "duplicate_columns"
    JSON_ARRAY = "json_array"


class RowCode(StrEnum):
    """Why a row is not sent."""

    ROW_TOO_SHORT = "row_too_short"
    ROW_TOO_LONG = "row_too_long"
    MALFORMED_QUOTES = "malformed_quotes"
    LONE_CARRIAGE_RETURN = "lone_carriage_return"
    NO_IDENTIFIER = "no_identifier"
    MALFORMED_JSON = "malformed_json"
    CONSENT_UNCLEAR = "consent_unclear"


class SkipCode(StrEnum):
    """Why a good row is not sent on purpose."""

    CONSENT_DENIED = "consent_denied"
    CONSENT_UNSPECIFIED = "consent_unspecified"
    DUPLICATE = "duplicate"


class FieldCode(StrEnum):
    """Why a field is left out while its row goes on."""

    EMAIL_INVALID = "email_invalid"
    PHONE_INVALID = "phone_invalid"
    NAME_INVALID = "name_invalid"
    COUNTRY_INVALID = "country_invalid"
    POSTAL_CODE_INVALID = "postal_code_invalid"
    ADDRESS_INCOMPLETE = "address_incomplete"
    MOBILE_ID_INVALID = "mobile_id_invalid"
    USER_ID_INVALID = "user_id_invalid"
    TOO_MANY_IDENTIFIERS = "too_many_identifiers"
    NUL_BYTE = "nul_byte"


class WarningCode(StrEnum):
    """What is told of a column whose values are sent all the same."""

    HASHED_AND_PLAIN = "hashed_and_plain"
    PLAIN_WHERE_HASHED = "plain_where_hashed"


class ContentError(Exception):
    """The content cannot be cut. `line` is 1-based, 0 where no line is to blame; `column` is a known column's
    name or "".

    It never holds a value of the file.
    """

    def __init__(self, reason_code: ContentCode, line: int = 0, column: str = "") -> None:
        super().__init__(f"{reason_code} (line {line}, column {column!r})")
        self.reason_code = reason_code
        self.line = line
        self.column = column
