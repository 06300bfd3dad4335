"""The seven segments of the demo: who gets them, how large they are, in which form they are written. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from services.console.demo.mess import COLUMNS
from shared.errors import ConfigurationError
from shared.model.account import Account


@dataclass(frozen=True)
class Dialect:
    """How a file is written. `columns` are a choice and an order of mess.COLUMNS."""

    newline: Literal["\n", "\r\n"] = "\n"
    bom: bool = False
    gzip: bool = False
    columns: tuple[str, ...] = COLUMNS


@dataclass(frozen=True)
class File:
    """One object to land. `first` numbers its first person; `bad` is how many rows may be rejected."""

    name: str
    account: str
    audience: str
    region: str
    dialect: Dialect
    first: int
    rows: int
    bad: int


@dataclass(frozen=True)
class Segment:
    """`marker` is the object that completes a group of shards, "" for a single file."""

    title: str
    account: str
    audience: str
    files: tuple[File, ...]
    marker: str = ""

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def place(self) -> tuple[str, str]:
        """Its account and audience."""
        return self.account, self.audience

    @property
    def source(self) -> str:
        """The object or the folder of the shards, as events name it after the bucket."""
        return self.marker.removesuffix("_SUCCESS") or self.files[0].name


@dataclass(frozen=True)
class Sketch:
    """A segment before its size and its account are known. `share` is its part of all rows in
    hundredths; `known` hundredths of its people are already in an earlier segment of its audience."""

    title: str
    account: int
    audience: int
    share: int
    dialect: Dialect
    shards: int = 0
    known: int = 0


_EXCEL = Dialect("\r\n", bom=True)
_ZIPPED = Dialect(gzip=True)
_TURNED = Dialect(columns=("customer_no", *reversed(COLUMNS[:6])))

SKETCHES = (
    Sketch("crm", 0, 0, 30, Dialect()),
    Sketch("subscribers", 0, 1, 20, _ZIPPED),
    Sketch("warehouse", 1, 0, 18, _ZIPPED, shards=4),
    Sketch("web-shop", 1, 1, 14, _EXCEL),
    Sketch("loyalty", 0, 0, 8, _TURNED, known=25),
    Sketch("stores", 1, 0, 7, Dialect("\r\n", gzip=True, columns=_TURNED.columns), known=10),
    Sketch("late-joiners", 0, 1, 3, Dialect(bom=True)),
)
FEWEST_ROWS = 100 * len(SKETCHES)
"""Below this some files would be empty, which is another story (`segment.rejected`)."""


@dataclass(frozen=True)
class Target:
    """An audience that the demo fills, and what of its account the files depend on."""

    account: str
    audience: str
    region: str
    max_rejected_ratio: float


def targets(accounts: Iterable[Account]) -> tuple[tuple[Target, ...], ...]:
    """Two accounts with their first two audiences of contact data: whatever accounts.yaml holds."""
    found = tuple(tuple(_targets(account)) for account in accounts)
    usable = tuple(each[:2] for each in found if len(each) >= 2)
    if len(usable) < 2:
        raise ConfigurationError(
            "the demo fills two audiences of each of two accounts: infra/accounts.yaml needs two accounts"
            " with two CONTACT_INFO audiences each"
        )
    return usable[:2]


def _targets(account: Account) -> Iterable[Target]:
    for key, audience in account.audiences.items():
        if audience.upload_key_type == "CONTACT_INFO" and account.destinations[0] == "google_ads":
            yield Target(account.id, key, account.default_region, float(account.max_rejected_ratio))


def segments(rows: int, audiences: tuple[tuple[Target, ...], ...]) -> tuple[Segment, ...]:
    """Exactly `rows` rows in all; the last and smallest segment takes what rounding leaves."""
    sizes = [rows * sketch.share // 100 for sketch in SKETCHES[:-1]]
    sizes.append(rows - sum(sizes))
    people: Counter[Target] = Counter()
    planned = []
    for sketch, size in zip(SKETCHES, sizes, strict=True):
        target = audiences[sketch.account][sketch.audience]
        first = people[target] - size * sketch.known // 100
        planned.append(_segment(sketch, target, first, size))
        people[target] = first + size
    return tuple(planned)


def _segment(sketch: Sketch, target: Target, first: int, rows: int) -> Segment:
    folder = f"{target.account}/{target.audience}/append/{sketch.title}"
    ending = ".csv.gz" if sketch.dialect.gzip else ".csv"
    if not sketch.shards:
        file = _file(f"{folder}{ending}", sketch, target, first, rows)
        return Segment(sketch.title, target.account, target.audience, (file,))
    edges = [rows * shard // sketch.shards for shard in range(sketch.shards + 1)]
    shards = tuple(
        _file(f"{folder}.shards/part-{shard:012d}{ending}", sketch, target, first + start, end - start)
        for shard, (start, end) in enumerate(pairwise(edges))
    )
    return Segment(sketch.title, target.account, target.audience, shards, f"{folder}.shards/_SUCCESS")


def _file(name: str, sketch: Sketch, target: Target, first: int, rows: int) -> File:
    """Bad rows stay clear of the account's limit, so that no seed gets a small file rejected whole."""
    bad = int(rows * target.max_rejected_ratio * 0.8)
    return File(name, target.account, target.audience, target.region, sketch.dialect, first, rows, bad)
