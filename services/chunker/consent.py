"""What a row says about its person's consent, and whether the person may be sent.

Google takes consent for a whole job, not for a person. So a row cannot add to what the account says of all its people;
it can only keep a person out. Whoever is to be taken out of an audience is not asked.
Source: Google Ads API, CustomerMatchUserListMetadata.consent.
"""

from collections.abc import Callable
from typing import Literal

from services.chunker import columns as known
from services.chunker.codes import RowCode, SkipCode
from services.chunker.columns import Columns
from services.chunker.json_lines import UNREADABLE

Consent = Literal["GRANTED", "DENIED", "UNSPECIFIED"]

WORDS: dict[str, Consent] = {
    **dict.fromkeys(("granted", "yes", "y", "true", "1", f"{UNREADABLE}true"), "GRANTED"),
    **dict.fromkeys(("denied", "no", "n", "false", "0", f"{UNREADABLE}false"), "DENIED"),
    **dict.fromkeys(("unspecified", "unknown"), "UNSPECIFIED"),
}
"""In lower case, and JSON's own. An empty cell is as good as none: the account's word holds."""

Asker = Callable[[list[str]], SkipCode | RowCode | None]
"""Of a row's cells: why its person is not sent, None where he may be."""


def asker(columns: Columns, ad_user_data: Consent, ad_personalization: Consent) -> Asker | None:
    """None where no column says anything. Both consents are what the account says."""
    asked = [
        (place, account)
        for column, account in (
            (known.AD_USER_DATA, ad_user_data),
            (known.AD_PERSONALIZATION, ad_personalization),
        )
        for place in columns.places.get(column) or columns.places.get(known.CONSENT, ())
    ]
    if not asked:
        return None

    def ask(cells: list[str]) -> SkipCode | RowCode | None:
        answers = [_answer(cells[place].strip().lower(), account) for place, account in asked]
        return next((answer for answer in _GRAVEST if answer in answers), None)

    return ask


_GRAVEST = (SkipCode.CONSENT_DENIED, RowCode.CONSENT_UNCLEAR, SkipCode.CONSENT_UNSPECIFIED)


def _answer(word: str, account: Consent) -> SkipCode | RowCode | None:
    if not word:
        return None
    match WORDS.get(word):
        case "GRANTED":
            return None
        case "DENIED":
            return SkipCode.CONSENT_DENIED
        case "UNSPECIFIED":
            return SkipCode.CONSENT_UNSPECIFIED if account == "GRANTED" else None
        case None:
            return RowCode.CONSENT_UNCLEAR
