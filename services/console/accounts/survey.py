"""Which accounts there are and how they are. Three lists tell of all; then a document for each, and its pause where it rests: names and
metadata say the rest, no run is read."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared import names
from shared.errors import ConfigurationError
from shared.model.account import Account
from shared.model.codec import DocumentError
from shared.model.state import Pause
from shared.ops.accounts import read_account
from shared.ops.pausing import read_pause
from shared.pausing import NOT_PAUSED
from shared.world import Ports


@dataclass(frozen=True)
class Index:
    """What the lists say. `resting`: accounts whose pause says so. `open_runs`: how many, by account and audience."""

    configured: frozenset[str]
    resting: frozenset[str]
    open_runs: Mapping[str, Mapping[str, int]]

    @property
    def known(self) -> tuple[str, ...]:
        """One that rests or has open runs is known even if nobody configures it any more: nothing is stuck in silence."""
        return tuple(sorted(self.configured | self.resting | self.open_runs.keys()))


@dataclass(frozen=True)
class Seen:
    """An account. `account` is None when its document cannot be used, `pause` when its pause cannot: `unconfigured` and `unread` say
    why, and what to do."""

    id: str
    account: Account | None
    pause: Pause | None = NOT_PAUSED
    open_runs: Mapping[str, int] = field(default_factory=dict)
    unconfigured: str = ""
    unread: str = ""

    @property
    def problem(self) -> str:
        return "; ".join(filter(None, (self.unconfigured, self.unread)))

    @property
    def name(self) -> str:
        return self.account.name if self.account else ""

    @property
    def rests(self) -> bool:
        return self.pause is not None and self.pause.paused


def index(ports: Ports) -> Index:
    configured = (names.parse_account(blob.name) for blob in ports.ledger.list(names.ACCOUNTS))
    pauses = (blob for blob in ports.ledger.list("accounts/") if blob.metadata.get("paused") == "1")
    return Index(
        frozenset(filter(None, configured)),
        frozenset(filter(None, (names.parse_pause(blob.name) for blob in pauses))),
        _open_runs(ports),
    )


def look(ports: Ports, found: Index, account: str) -> Seen:
    """A broken document is a problem of its account. TransientError when storage does not answer."""
    runs = found.open_runs.get(account, {})
    configured, unconfigured = _configured(ports, found, account)
    pause, unread = pause_of(ports, account) if account in found.resting else (NOT_PAUSED, "")
    return Seen(account, configured, pause, runs, unconfigured, unread)


def pause_of(ports: Ports, account: str) -> tuple[Pause | None, str]:
    """And the problem, where it cannot be read."""
    try:
        return read_pause(ports, account).pause, ""
    except DocumentError as error:
        return None, f"{names.pause_json(account)}: {error}; put its last good generation back"


def _open_runs(ports: Ports) -> dict[str, Counter[str]]:
    runs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for blob in ports.ledger.list("open/"):
        if names.parse_open(blob.name):
            _, account, audience, _ = blob.name.split("/")
            runs[account][audience] += 1
    return dict(runs)


def _configured(ports: Ports, found: Index, account: str) -> tuple[Account | None, str]:
    missing = f"{names.account_json(account)} is not there; deploy accounts.yaml again"
    if account not in found.configured:
        return None, missing
    try:
        configured = read_account(ports, account)
    except ConfigurationError as error:
        return None, str(error)
    return configured, "" if configured else missing
