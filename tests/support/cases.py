"""A combination of trouble and mishap as segments that are on their way: of one account, or of a second beside it that has no trouble."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.model.account import Account
from tests.support.crowd import members, unusable, written
from tests.support.flow import Flow
from tests.support.ordeals import MEANWHILE, THIRD, TROUBLES, Meanwhile, Trouble, hold, trouble_after
from tests.support.pairs import Row
from tests.support.promises import Sent, send

AUDIENCE = "buyers"
GOOD, BAD, KNOWN, OTHERS = 24, 2, 16, 8
"""People of a file; its rows without a usable identifier; who of its people is in the audience before; who is besides them."""


@dataclass(frozen=True)
class Upload:
    """A segment, and who was in its audience before."""

    sent: Sent
    before: set[bytes]

    @property
    def account(self) -> Account:
        return self.sent.account


@dataclass(frozen=True)
class Case:
    """`held`: the fault that holds up what is hit in the middle, "" for none. `troubles`: those that bring the trouble."""

    row: Row
    first: Upload
    beside: tuple[Upload, ...]
    held: str
    troubles: tuple[str, ...]

    @property
    def uploads(self) -> tuple[Upload, ...]:
        return (self.first, *self.beside)


def trouble_of(row: Row) -> Trouble:
    return TROUBLES[row["trouble"]]


def meanwhile_of(row: Row) -> Meanwhile:
    return MEANWHILE[row["meanwhile"]]


def begin(flow: Flow, row: Row, prepare: Callable[[Account], None]) -> Case:
    """`prepare` hears of each new account before anything lands."""
    accounts = [flow.account(AUDIENCE) for _ in range(int(row["accounts"][0]))]
    for account in accounts:
        prepare(account)
    held, troubles = _faults(flow, row, accounts[0].id)
    first, *beside = (_upload(flow, account, row["mode"]) for account in accounts)
    return Case(row, first, tuple(beside), held, troubles)


def _faults(flow: Flow, row: Row, account: str) -> tuple[str, tuple[str, ...]]:
    trouble, meanwhile, mode = trouble_of(row), meanwhile_of(row), row["mode"]
    if trouble.jobs:
        flow.tell_ads(account, **trouble.jobs)
    held = [flow.fault(**each) for each in hold(meanwhile, account, flow.deployment.site.work, mode)]
    troubles = [flow.fault(**each) for each in trouble_after(trouble, meanwhile, account, mode)]
    return next(iter(held), ""), tuple(troubles)


def _upload(flow: Flow, account: Account, mode: str) -> Upload:
    people = written(flow.people.take(GOOD))
    before = members(people[:KNOWN]) | members(written(flow.people.take(OTHERS)))
    flow.enlist(account, AUDIENCE, before)
    rows = people + unusable(flow.people.take(BAD))
    return Upload(send(flow, account, AUDIENCE, "people.csv", rows, mode), before)


def taken(upload: Upload, trouble: Trouble) -> set[bytes]:
    """Who of the file's people is taken when the trouble is over."""
    if trouble.ends[-1]:
        return set()
    refused = trouble.of_records and trouble.lasts
    return members(row for place, row in enumerate(upload.sent.rows) if not refused or place % THIRD)


def members_after(upload: Upload, mode: str, trouble: Trouble) -> set[bytes]:
    """What is in the audience in the end: as before when all came to nothing."""
    some = taken(upload, trouble)
    match mode:
        case _ if trouble.ends[-1]:
            return upload.before
        case "append":
            return upload.before | some
        case "remove":
            return upload.before - some
        case _:
            return some
