"""For which audience a file is meant: what somebody says, else what the file's path says as its object's name would."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import get_args

import click

from services.ingest.decide import Ignored as Passed
from services.ingest.decide import classify, decide, identify
from services.ingest.pattern import Named, match
from shared.model.account import Account
from shared.model.segment import Mode, Segment, Source
from shared.names import is_account_id

NOT_LANDED = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Aim:
    """`title` is the last part of the object's name."""

    account: str
    audience: str
    mode: str
    title: str

    @property
    def name(self) -> str:
        """The object's name in the landing bucket."""
        return f"{self.account}/{self.audience}/{self.mode}/{self.title}"


def aim_of(path: str, account: str, audience: str, mode: str, patterns: str) -> Aim:
    """`account`, `audience`, `mode` are what was said, "" for nothing. Raises click.UsageError when something is said nowhere."""
    named = next(filter(_says, (match(patterns, tail) for tail in _tails(path))), None) or _NOTHING
    aim = Aim(
        account or named.account, audience or named.audience, mode or named.mode, path.rpartition("/")[2]
    )
    missing = [f"--{what}" for what in ("account", "audience", "mode") if not getattr(aim, what)]
    if missing:
        raise click.UsageError(
            f"for whom is it? Give {', '.join(missing)}, or a path that ends like an object's name: "
            "1234567890/high-value/append/people.csv"
        )
    return aim


def landing_of(aim: Aim, bucket: str, size: int, account: Account | None) -> Segment:
    """What ingest would say of it."""
    source = Source(bucket, aim.name, 1, size, NOT_LANDED)
    passed = classify(aim.name)
    identity = identify(source, "{account}/{audience}/{mode}/{anything}")
    segment = decide(identity, (source,), account)
    if isinstance(passed, Passed):
        return replace(segment, verdict="rejected", reason_code="name_passed_over")
    return segment


_NOTHING = Named("", "", "", "")


def _says(named: Named | None) -> bool:
    """Every path of four pieces has the form of a name."""
    return named is not None and is_account_id(named.account) and named.mode in get_args(Mode)


def _tails(path: str) -> Iterator[str]:
    """a/b/c, b/c, c: the longest first."""
    pieces = [piece for piece in path.split("/") if piece]
    for start in range(max(0, len(pieces) - 8), len(pieces)):
        yield "/".join(pieces[start:])
