"""A stretch of time as people write it: 2h, 7d, a date, or a moment. Pure, but for the clock that is passed in."""

import re
from datetime import UTC, datetime, timedelta

import click

_LENGTH = re.compile(r"(?P<number>\d{1,6})(?P<unit>[mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
HOW = "30m, 2h, 7d, 2026-11-23 or 2026-11-23T12:00:00Z"


def moment_of(text: str, now: datetime) -> datetime:
    """When a stretch begins that reaches until `now`. Dates are UTC. Raises click.BadParameter."""
    if found := _LENGTH.fullmatch(text):
        try:
            return now - timedelta(**{_UNITS[found["unit"]]: int(found["number"])})
        except OverflowError:
            raise click.BadParameter("that is before all calendars", param_hint="--since") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"write it as {HOW}", param_hint="--since") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
