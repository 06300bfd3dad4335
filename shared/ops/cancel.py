"""S-CANCEL: nothing more of a run is sent. What Google already runs cannot be called back, and is let end.

One object decides, as everywhere: the manifest of a run that is still being chunked, the job of a stage that is not sealed yet.
Whoever fills such a stage finds its job abandoned; whoever is about to begin one loses the swap of the line, and finds its result.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from shared import names
from shared.ledger import Entry
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.state import SEALED, Job, Result
from shared.ops import runs
from shared.ops.close import close
from shared.ops.jobs import job_name, swap_job
from shared.ops.manifests import settle_manifest
from shared.ops.outcome import CANCELLED as REASON
from shared.ops.outcome import end_by_verdict, settle_result, settle_stage
from shared.world import Ports

StageFate = Literal["cancelled", "running", "ended"]


@dataclass(frozen=True)
class Cancelled:
    """What became, or would become, of a run. `had`: the outcome that it has already, "" for none. `whole`: it ends before it was
    chunked. Stages by their numbers: those that are cancelled now, those whose jobs Google runs, those that had ended."""

    segment: str
    run: int
    had: str = ""
    whole: bool = False
    cancelled: tuple[int, ...] = ()
    running: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()

    @property
    def anything(self) -> bool:
        return self.whole or bool(self.cancelled)


def cancel_run(ports: Ports, segment: str, run: int, *, act: bool = True) -> Cancelled:
    """Safe beside everything else and beside itself, and when it broke off before. Without `act` it looks and does nothing."""
    outcome = runs.read_outcome(ports, segment, run)
    if outcome:
        return Cancelled(segment, run, had=outcome.value.type)
    entry = runs.read_run(ports, segment, run)
    manifest = _manifest(ports, entry.value, act)
    if manifest is None:
        return Cancelled(segment, run, whole=True)
    if manifest.verdict != "ok":
        return _unsent(ports, entry.value, manifest, act)
    fates = {stage.number: _stop(ports, entry.value, stage.number, act) for stage in manifest.stages}
    if act:
        _conclude(ports, entry, _numbers(fates, "cancelled"))
    return Cancelled(
        segment,
        run,
        cancelled=_numbers(fates, "cancelled"),
        running=_numbers(fates, "running"),
        ended=_numbers(fates, "ended"),
    )


def _numbers(fates: dict[int, StageFate], fate: StageFate) -> tuple[int, ...]:
    return tuple(number for number, each in fates.items() if each == fate)


def _manifest(ports: Ports, run: Run, act: bool) -> Manifest | None:
    """None for a run without one, where nobody acts."""
    found = runs.read_manifest(ports, run)
    if found or not act:
        return found.value if found else None
    stopped = Manifest(run.segment, run.run, "cancelled", "", 0, 0, 0, 0, reason_code=REASON)
    return settle_manifest(ports, stopped).value


def _unsent(ports: Ports, run: Run, manifest: Manifest, act: bool) -> Cancelled:
    if act:
        end_by_verdict(ports, run, manifest)
    return Cancelled(run.segment, run.run, whole=manifest.verdict == "cancelled")


def _stop(ports: Ports, run: Run, stage: int, act: bool) -> StageFate:
    """The job's document decides against being filled and sealed, once."""
    while True:
        result = ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage))
        if result:
            return "cancelled" if result.value.reason_code == REASON else "ended"
        found = ports.ledger.read(Job, job_name(run, stage))
        if found and found.value.state in SEALED:
            return "running"
        if not act or (found and found.value.state == "abandoned"):
            return "cancelled" if not found or found.value.reason_code in ("", REASON) else "ended"
        before = found.value if found else Job("creating", 0, 0)
        after = replace(before, state="abandoned", why="FAILED", reason_code=REASON)
        if swap_job(ports, run, stage, after, found.generation if found else 0):
            return "cancelled"


def _conclude(ports: Ports, entry: Entry[Run], stages: Iterable[int]) -> None:
    """Every result first, then the line is written as it is: who read it before has not seen the results, and must not claim it."""
    run = entry.value
    for stage in stages:
        job = ports.ledger.read(Job, job_name(run, stage))
        settle_stage(
            ports, run, stage, Result("FAILED", job.value.resource if job else "", reason_code=REASON)
        )
    _touch_line(ports, run)
    for stage in stages:
        if runs.read_outcome(ports, run.segment, run.run):
            close(ports, run.segment, run.run)
            return
        settled = ports.ledger.fact(Result, names.result_json(run.segment, run.run, stage))
        if settled:
            settle_result(ports, entry, stage, settled.value, 0)


def _touch_line(ports: Ports, run: Run) -> None:
    while True:
        line, generation = runs.read_line(ports, run)
        if runs.swap_line(ports, run, line, generation):
            return
