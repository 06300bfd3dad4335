"""Phone numbers to E.164, exactly as `phonenumbers` reads them, mostly without calling it: it is too slow for all.

A number is taken when the library can parse it and finds its length possible for the country. Whether it is
assigned is not asked: numbers that are newer than the library's tables belong to people too, and the
destination asks for the form only.

What is done without the library is the part of its algorithm (parse, then format as E.164) that the shape of
the number decides: digits with ordinary separators hold no extension and no letters; where the trunk prefix
of the country's metadata does not match, the library changes nothing; where it matches, without a rule that
rewrites, a number that was not national already loses it. Everything else is the library's own answer, so
there is nothing to disagree about.
"""

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, ValidationResult

_SEPARATORS = str.maketrans("", "", " .()-")
_NEVER = "(?!)"
_CALLING_CODE_MAX = 3
# The library gives up on long inputs, separators counted; nobody writes a number with so many.
_WRITTEN_MAX = 40


@dataclass(frozen=True, slots=True)
class _Plan:
    """A numbering plan as far as the short way needs it. `lengths` are those of whole national numbers."""

    calling_code: str
    lengths: frozenset[int]
    trunk: re.Pattern[str]
    rewrites: bool
    national: re.Pattern[str]
    abroad: re.Pattern[str]


def known_region(region: str) -> bool:
    """Whether numbers written without a country code can be read as of this region (alpha-2, upper case)."""
    return region in phonenumbers.SUPPORTED_REGIONS


def e164(value: str, region: str) -> str:
    """The number with + and country code, "" if there is none; one without country code is read as of `region`."""
    return _by_shape(value, region) or _by_library(value, region)


def _by_library(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region if known_region(region) else None)
    except phonenumbers.NumberParseException:
        return ""
    # A number that can be dialled only within its town is no E.164 number: hence not is_possible_number(),
    # which takes it.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _by_shape(value: str, region: str) -> str:
    """The same answer for the many; "" for "ask the library"."""
    digits = value if value[1:].isdigit() else value.translate(_SEPARATORS)
    international = digits[:1] == "+"
    if international:
        digits = digits[1:]
    if not (digits.isascii() and digits.isdigit()) or len(value) > _WRITTEN_MAX:
        return ""
    plan = _plan_of_start(digits[:_CALLING_CODE_MAX]) if international else _plan_of_region(region)
    if plan is None or (not international and plan.abroad.match(digits)):
        return ""
    return _without_trunk(digits[len(plan.calling_code) :] if international else digits, plan)


def _without_trunk(digits: str, plan: _Plan) -> str:
    trunk = plan.trunk.match(digits)
    if trunk:
        if plan.rewrites or plan.national.fullmatch(digits):
            return ""
        digits = digits[trunk.end() :]
    return f"+{plan.calling_code}{digits}" if len(digits) in plan.lengths else ""


@cache
def _plan_of_start(start: str) -> _Plan | None:
    """The plan of the calling code that these digits begin with. No calling code is the beginning of another."""
    for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        if start.startswith(str(code)):
            main = _main_metadata(code)
            return _plan(main, main) if main else None
    return None


@cache
def _plan_of_region(region: str) -> _Plan | None:
    own = PhoneMetadata.metadata_for_region(region, None) if known_region(region) else None
    main = _main_metadata(own.country_code) if own and own.country_code else None
    return _plan(own, main) if own and main else None


def _main_metadata(code: int) -> PhoneMetadata | None:
    """Of the country that the library takes for all that share a calling code."""
    region = phonenumbers.region_code_for_country_code(code)
    return PhoneMetadata.metadata_for_region_or_calling_code(code, region)


def _plan(own: PhoneMetadata, main: PhoneMetadata) -> _Plan | None:
    if own.general_desc is None or main.general_desc is None:
        return None
    return _Plan(
        calling_code=str(own.country_code),
        lengths=frozenset(own.general_desc.possible_length) & frozenset(main.general_desc.possible_length),
        trunk=re.compile(own.national_prefix_for_parsing or _NEVER),
        rewrites=bool(own.national_prefix_transform_rule),
        national=re.compile(own.general_desc.national_number_pattern or _NEVER),
        abroad=re.compile(f"{own.country_code}|(?:{own.international_prefix or _NEVER})"),
    )
