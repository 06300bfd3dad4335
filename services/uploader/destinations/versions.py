"""When Google switches versions of the Google Ads API off. Pure, and without Google's libraries: commands ask too.

Google names a month, of which any day may be meant: the first is counted on. Source of every row: Google Ads API, "Deprecation and sunset"
(PAGE), the copy that has v26 as the latest. The months are those of Google's schedule for 2026 ("More frequent releases coming for Google
Ads API", Ads Developer Blog, 2025-09-04).
"""

from dataclasses import dataclass
from datetime import date, timedelta

NEAR = timedelta(days=60)
PAGE = "https://developers.google.com/google-ads/api/docs/sunset-dates"


@dataclass(frozen=True)
class Version:
    """`sunset` is the first day on which requests may fail, None as long as Google has named none; `source` says where it is told."""

    name: str
    sunset: date | None
    source: str


VERSIONS = (
    Version("v23", date(2027, 2, 1), "released 2026-01-28, sunset February 2027"),
    Version("v24", date(2027, 5, 1), "released 2026-04-22, sunset May 2027"),
    Version("v25", date(2027, 8, 1), "released 2026-07-22, sunset August 2027"),
    Version("v26", date(2027, 11, 1), "released 2026-10-14, sunset November 2027"),
)


def warning(version: str, today: date) -> str:
    """What an operator should know about the version's end, "" while it is more than 60 days away."""
    known = {each.name: each.sunset for each in VERSIONS}
    sunset = known.get(version)
    if sunset is None:
        return f"when Google switches {version} off is not known here: look at {PAGE}"
    if today >= sunset:
        return f"Google may have switched {version} off since {sunset}: {_CURE}"
    if sunset - today <= NEAR:
        return f"Google may switch {version} off from {sunset} on, in {(sunset - today).days} days: {_CURE}"
    return ""


_CURE = "deploy a newer version of Sluice, or set GOOGLE_ADS_API_VERSION to a newer one"
