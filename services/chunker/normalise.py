"""The form in which each kind of value is hashed or sent: pure functions of a trimmed cell, "" for one that is no good.

Sources: Data Manager API, "Format user data"; Google Ads API, "Customer Match: formatting guidelines".
Normalising twice gives what normalising once gives. Phones have a file of their own.
"""

import re
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from string import punctuation

Rule = Callable[[str], str]

_SHA256_HEX = re.compile(r"[0-9a-fA-F]{64}")
_CONTROL = r"\x00-\x1f\x7f-\x9f"
_EMAIL = re.compile(rf"[^@{_CONTROL}]+@[^@.{_CONTROL}]+(?:\.[^@.{_CONTROL}]+)+")
# Without those that are white space.
_CONTROL_IN_NAME = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_ASCII_PUNCTUATION = str.maketrans("", "", punctuation)
_ZIP_CODE = re.compile(r"[0-9]{5}(?:-?[0-9]{4})?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# The domains where dots and a +suffix do not make another mailbox.
_GOOGLE_MAIL = frozenset(("gmail.com", "googlemail.com"))
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof"))
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "phd", "md", "esq"))


def hashing(rule: Rule) -> Rule:
    """A rule that gives the SHA-256 of what `rule` gives, as 64 lower-case hex digits. What is one already passes."""

    def digest(value: str) -> str:
        if len(value) == 64 and _SHA256_HEX.fullmatch(value):
            return value.lower()
        plain = rule(value)
        return sha256(plain.encode()).hexdigest() if plain else ""

    return digest


def email(value: str) -> str:
    plain = "".join(value.split()).lower()
    if not _EMAIL.fullmatch(plain):
        return ""
    local, _, domain = plain.partition("@")
    if domain not in _GOOGLE_MAIL:
        return plain
    mailbox = local.partition("+")[0].replace(".", "")
    return f"{mailbox}@{domain}" if mailbox else ""


def first_name(value: str) -> str:
    """Lower-case, without punctuation and without titles in front. A name that is nothing but a title stays."""
    words = _words(value)
    while len(words) > 1 and words[0] in _TITLES:
        del words[0]
    return " ".join(words)


def last_name(value: str) -> str:
    """Lower-case, without punctuation and without suffixes behind. A name that is nothing but a suffix stays."""
    words = _words(value)
    while len(words) > 1 and words[-1] in _SUFFIXES:
        del words[-1]
    return " ".join(words)


def _words(value: str) -> list[str]:
    """Punctuation is Unicode's, and all of ASCII's: Unicode counts the backtick, say, among the symbols."""
    if value.isalpha():
        return [value.lower()]
    if _CONTROL_IN_NAME.search(value):
        return []
    plain = value.lower().translate(_ASCII_PUNCTUATION)
    if not plain.isascii():
        plain = "".join(sign for sign in plain if not unicodedata.category(sign).startswith("P"))
    return plain.split()


def country(value: str) -> str:
    """An alpha-2 code in upper case. ASCII is asked for because 'ß'.upper() is 'SS'."""
    return value.upper() if len(value) == 2 and value.isascii() and value.isalpha() else ""


def postal_code(value: str) -> str:
    return value if value.isprintable() else ""


def zip_code(value: str) -> str:
    """A postal code of the United States: five digits, or five and four."""
    return value if _ZIP_CODE.fullmatch(value) else ""


def user_id(value: str) -> str:
    return value if value.isprintable() else ""


def mobile_id(value: str) -> str:
    """An advertising id as it is given. Google Ads refuses what is not written like a UUID."""
    return value if _UUID.fullmatch(value) else ""
