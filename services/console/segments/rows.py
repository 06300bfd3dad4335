"""Every run as a row: those that have ended by one list of the index, those that are open by one list of the markers and one of each
open run's objects.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.console.standing import ENDS, Standing, Word, standing_of
from shared import names
from shared.ops.history import read_run_history
from shared.ports import Blob
from shared.world import Ports


@dataclass(frozen=True)
class Row:
    """`at`: when an ended run ended, when an open one was opened. Counts are those of the outcome, 0 while a run is open."""

    segment: str
    run: int
    account: str
    audience: str
    mode: str
    standing: Standing
    at: datetime
    source: str = ""
    reason_code: str = ""
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    skipped: int = 0
    failed: int = 0
    duration: int = 0

    @property
    def open(self) -> bool:
        return self.standing.state not in ENDS


@dataclass(frozen=True)
class Wanted:
    """Which rows: of this account, audience and state ("": of all), ended since then or open."""

    since: datetime
    account: str = ""
    audience: str = ""
    states: tuple[str, ...] = ()

    def fits(self, row: Row) -> bool:
        return (
            self.account in ("", row.account)
            and self.audience in ("", row.audience)
            and (not self.states or row.standing.state in self.states)
        )


def rows(ports: Ports, wanted: Wanted) -> list[Row]:
    """Newest last. A run that has its outcome and is still being closed is an ended one."""
    ended = {(row.segment, row.run): row for row in ended_rows(ports, wanted.since)}
    open_ones = (row for row in open_rows(ports, wanted.account) if (row.segment, row.run) not in ended)
    found = [row for row in (*ended.values(), *open_ones) if wanted.fits(row)]
    return sorted(found, key=lambda row: (row.open, row.at))


def ended_rows(ports: Ports, since: datetime) -> Iterator[Row]:
    start = names.ENDED + names.landing_key(since)
    for blob in ports.ledger.list(names.ENDED, start):
        if parsed := names.parse_ended(blob.name):
            yield ended_row(parsed, blob.metadata)


def ended_row(parsed: tuple[str, str, int], shown: Mapping[str, str]) -> Row:
    """Pure: what shared/ops/index.py has written."""
    key, segment, run = parsed
    counts = {name: _number(shown, f"records_{name}") for name in _COUNTS}
    parts, word = _number(shown, "parts"), shown.get("type", "").removeprefix("segment.")
    state: Word = next((end for end in ENDS if end == word), "completed")
    code = shown.get("reason_code", "")
    return Row(
        segment,
        run,
        shown.get("account", ""),
        shown.get("audience", ""),
        shown.get("mode", ""),
        Standing(state, parts, parts, code),
        datetime.strptime(key, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC),
        shown.get("source", ""),
        code,
        **counts,
        duration=_number(shown, "duration_seconds"),
    )


_COUNTS = ("received", "accepted", "rejected", "skipped", "failed")


def open_rows(ports: Ports, account: str = "") -> Iterator[Row]:
    """Which accounts rest is asked only where a run is open."""
    markers = [
        (marker, parsed)
        for marker in ports.ledger.list(f"open/{account}/" if account else "open/")
        if (parsed := names.parse_open(marker.name))
    ]
    resting = resting_accounts(ports.ledger.list(f"accounts/{account}")) if markers else {}
    for marker, parsed in markers:
        yield _open_row(ports, marker, parsed, resting)


def resting_accounts(blobs: Iterable[Blob]) -> dict[str, str]:
    """The causes of those that are paused."""
    pauses = ((names.parse_pause(blob.name), blob.metadata) for blob in blobs)
    return {
        account: shown.get("cause", "paused")
        for account, shown in pauses
        if account and shown.get("paused") == "1"
    }


def _open_row(ports: Ports, marker: Blob, parsed: tuple[str, str, int], resting: Mapping[str, str]) -> Row:
    _, account, audience, _ = marker.name.split("/")
    _, segment, run = parsed
    history = read_run_history(ports, segment, run)
    seen = standing_of(history, resting.get(account, ""), ports.clock.now())
    mode = marker.metadata.get("mode", "")
    return Row(segment, run, account, audience, mode, seen, history.opened or marker.created)


def _number(shown: Mapping[str, str], key: str) -> int:
    text = shown.get(key, "0")
    return int(text) if text.isdecimal() else 0
