"""S-SWEEP: look at everything open, and restart what was lost with a process, a task or a message.

Safe beside everything else and beside itself: tasks that are made twice find the ledger's word, and of two sweeps that
take a run in hand one loses the swap of its marker. shared/sweeping.py decides, this carries out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from shared import names
from shared.errors import SluiceError
from shared.ledger import Entry
from shared.model.codec import DocumentError
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.state import Line, Marker, Result
from shared.ops import runs
from shared.ops.announce import request_run
from shared.ops.close import close, leave_line
from shared.ops.enqueue import enqueue, first_task
from shared.ops.manifests import settle_manifest
from shared.ops.markers import mark_ready, raise_epoch
from shared.ops.outcome import end_by_verdict, settle_result
from shared.ops.sweep_account import carry_out_step, look_at, unsettled_accounts, works
from shared.ops.view import view_of
from shared.ports import Blob
from shared.sweeping import (
    AccountStep,
    AskAgain,
    Attended,
    Close,
    EndUnsent,
    GiveUp,
    Leave,
    MarkReady,
    Obligation,
    Rest,
    Restart,
    Settle,
    Step,
    attended_by,
    decide,
)
from shared.world import Ports


@dataclass(frozen=True)
class Swept:
    """What a sweep did, or would do, about one run; about an account as a whole, `segment` is "" and `run` 0.
    `failed`: what kept it from doing so, in words. `age`: how long ago the run was opened."""

    account: str
    segment: str
    run: int
    step: Step
    failed: str = ""
    age: timedelta = timedelta()


def sweep_runs(ports: Ports, account: str = "", *, act: bool = True) -> Iterator[Swept]:
    """`account`: this one only. Without `act` it decides and does nothing. The trouble of one run keeps no other from being looked at."""
    markers = _by_account(ports.ledger.list(f"open/{account}/" if account else "open/"))
    unsettled = {name: markers.get(name, []) for name in unsettled_accounts(ports, account)}
    for name, found in _from_anywhere(ports, {**markers, **unsettled}):
        yield from _sweep_account(ports, name, found, act)
    for line in ports.ledger.list(f"lines/{account}/" if account else "lines/"):
        if line.metadata.get("claimed") == "1":
            yield from _sweep_line(ports, line.name, act)


def _by_account(markers: Iterator[Blob]) -> dict[str, list[Blob]]:
    return {name: list(found) for name, found in groupby(markers, key=_account_of)}


def _from_anywhere(ports: Ports, markers: dict[str, list[Blob]]) -> list[tuple[str, list[Blob]]]:
    """Each account's markers. One sweep may not get to the end of them all; the next one begins elsewhere."""
    accounts = list(markers.items())
    start = ports.random.randrange(len(accounts)) if accounts else 0
    return accounts[start:] + accounts[:start]


def _account_of(blob: Blob) -> str:
    return blob.name.split("/")[1]


def _sweep_account(ports: Ports, account: str, markers: Iterable[Blob], act: bool) -> Iterator[Swept]:
    """The queue is listed before the ledger is read: what is done meanwhile is then at worst done twice, never forgotten."""
    step: AccountStep | None = None
    try:
        pause, step = look_at(ports, account)
        if step and act:
            carry_out_step(ports, pause, step)
        attended = attended_by(ports.queues.names(names.queue_id(account)))
    except (SluiceError, DocumentError) as error:
        yield Swept(account, "", 0, step or Rest(), str(error))
        return
    if step:
        yield Swept(account, "", 0, step)
    for marker in markers if works(pause, step) else ():
        if parsed := names.parse_open(marker.name):
            yield _sweep_run(ports, account, parsed[1], parsed[2], attended, act)


def _sweep_run(ports: Ports, account: str, segment: str, run: int, attended: Attended, act: bool) -> Swept:
    step: Step = Rest()
    age = timedelta()
    try:
        entry = runs.read_run(ports, segment, run)
        marker = runs.read_marker(ports, entry)
        if marker:
            view = view_of(ports, entry, marker)
            age, step = view.age, decide(view, attended, ports.topology.sweep)
            if act:
                _carry_out(ports, entry, marker, step)
    except (SluiceError, DocumentError) as error:
        return Swept(account, segment, run, step, str(error), age)
    return Swept(account, segment, run, step, age=age)


def _carry_out(ports: Ports, entry: Entry[Run], marker: Entry[Marker], step: Step) -> None:
    match step:
        case Close():
            close(ports, entry.value.segment, entry.value.run)
        case AskAgain():
            request_run(ports, entry.value, "swept")
            raise_epoch(ports, entry, marker, "0")
        case GiveUp():
            _give_up(ports, entry.value)
        case EndUnsent():
            _end_unsent(ports, entry.value)
        case MarkReady():
            mark_ready(ports, entry)
        case Settle(stage):
            _settle(ports, entry, stage, marker.value.epoch)
        case Restart(obligations):
            _restart(ports, entry, marker, obligations)


def _give_up(ports: Ports, run: Run) -> None:
    """One object decides against a chunker that is still at it: whoever comes second follows what is stored."""
    gave_up = Manifest(run.segment, run.run, "gave_up", "", 0, 0, 0, 0, reason_code="chunking_gave_up")
    settle_manifest(ports, gave_up)
    _end_unsent(ports, run)


def _end_unsent(ports: Ports, run: Run) -> None:
    stored = runs.read_manifest(ports, run)
    if stored and stored.value.verdict != "ok":
        end_by_verdict(ports, run, stored.value)


def _settle(ports: Ports, entry: Entry[Run], stage: int, epoch: int) -> None:
    result = ports.ledger.fact(Result, names.result_json(entry.value.segment, entry.value.run, stage))
    if result:
        settle_result(ports, entry, stage, result.value, epoch)


def _restart(
    ports: Ports, entry: Entry[Run], marker: Entry[Marker], obligations: tuple[Obligation, ...]
) -> None:
    """A new epoch gives new names: the old ones may be known to the queue for a day, of tasks that are gone."""
    run = entry.value
    epoch = raise_epoch(ports, entry, marker, "1")
    for each in obligations if epoch else ():
        task = first_task(ports, run, each.kind, each.stage, epoch or 0, each.part)
        enqueue(ports, run.target.account, task)


def _sweep_line(ports: Ports, name: str, act: bool) -> Iterator[Swept]:
    account = name.split("/")[1]
    try:
        line = ports.ledger.read(Line, name)
        claims = [each for each in (line.value.owner, line.value.running) if each] if line else []
    except (SluiceError, DocumentError) as error:
        yield Swept(account, "", 0, Leave(), str(error))
        return
    for segment, run in dict.fromkeys((each.segment, each.run) for each in claims):
        yield from _sweep_claim(ports, account, segment, run, act)


def _sweep_claim(ports: Ports, account: str, segment: str, run: int, act: bool) -> Iterator[Swept]:
    """A run that is open still needs its place; one that is closed does not."""
    try:
        entry = runs.read_run(ports, segment, run)
        if runs.read_marker(ports, entry) or not runs.read_outcome(ports, segment, run):
            return
        if act:
            leave_line(ports, entry.value)
    except (SluiceError, DocumentError) as error:
        yield Swept(account, segment, run, Leave(), str(error))
    else:
        yield Swept(account, segment, run, Leave())
