"""How fast simulated time may pass for so many rows. Pure.

Services have simulated budgets for work that takes real time: a segment must be chunked within the 600 seconds of
its push request, however fast those pass. All else in the demo waits for simulated time, so: as fast as the
chunker allows.
"""

import click

FASTEST = 25.0
"""Beyond this the local cloud's own milliseconds weigh more than the seconds that it pretends to take."""

_ROWS_A_SECOND = 60_000
"""All segments together, on two cores."""

_CHUNKING_SECONDS = 240.0
"""Simulated time for chunking: less than half of a push request's, since a laptop may be slow or busy."""


def speed_for(rows: int) -> float:
    """Simulated seconds in a real one."""
    return round(min(FASTEST, _CHUNKING_SECONDS * _ROWS_A_SECOND / rows), 1)


def destination_words(speed: float) -> tuple[str, ...]:
    """For the local cloud's command line: how long the destination takes. Where time passes more slowly its requests
    are shorter, so that they last as long for who is watching."""
    pace = min(1.0, speed / FASTEST)
    return ("--ads-base-seconds", f"{2 * pace:.3g}", "--ads-seconds-per-1000", f"{1.5 * pace:.3g}")


class SpeedOption(click.ParamType[float | None]):
    """A positive number, or `auto`: None, to be decided by the rows."""

    name = "number|auto"

    def convert(
        self, value: str | float, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        if value == "auto":
            return None
        return click.FloatRange(0, min_open=True)(value, param, ctx)
