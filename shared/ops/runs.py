"""Reading a run and its neighbours from the ledger."""

from collections.abc import Iterator
from datetime import datetime

from shared import names
from shared.errors import UnusableMessage
from shared.ledger import Entry
from shared.line import Runner, Waiting
from shared.model.events import Event
from shared.model.manifest import Manifest
from shared.model.run import Run
from shared.model.state import Line, Marker
from shared.ports import Blob
from shared.world import Ports


def read_run(ports: Ports, segment: str, run: int) -> Entry[Run]:
    """UnusableMessage when there is no such run: only a message that Sluice did not write can name it."""
    entry = ports.ledger.fact(Run, names.run_json(segment, run))
    if entry is None:
        raise UnusableMessage("segment_unknown", "the ledger holds no such run")
    return entry


def read_outcome(ports: Ports, segment: str, run: int) -> Entry[Event] | None:
    return ports.ledger.fact(Event, names.outcome_json(segment, run))


def read_manifest(ports: Ports, run: Run) -> Entry[Manifest] | None:
    return ports.ledger.fact(Manifest, names.manifest_json(run.segment, run.run))


def key_of(entry: Entry[Run]) -> str:
    """A run without a key of its own counts from when its document was created: it is newest."""
    return entry.value.key or names.landing_key(entry.created)


def runner(entry: Entry[Run]) -> Runner:
    run = entry.value
    return Runner(run.segment, run.run, key_of(entry), run.landing_key, run.mode)


def marker_name(entry: Entry[Run]) -> str:
    run = entry.value
    return names.open_json(run.target.account, run.target.audience, key_of(entry), run.segment, run.run)


def read_marker(ports: Ports, entry: Entry[Run]) -> Entry[Marker] | None:
    return ports.ledger.read(Marker, marker_name(entry))


def open_runs(ports: Ports, run: Run) -> Iterator[Waiting]:
    """The open runs of the run's audience; one list, no further reads."""
    for blob in ports.ledger.list(names.open_prefix(run.target.account, run.target.audience)):
        if parsed := names.parse_open(blob.name):
            ready, mode = blob.metadata.get("ready") == "1", blob.metadata.get("mode", "")
            yield Waiting(*parsed, ready=ready, mode=mode, opened=opened(blob))


def opened(blob: Blob) -> datetime:
    """When a marker's run was opened. A sweep that rewrites the marker renews its stamp, not the grace of a run that is slow."""
    return datetime.fromisoformat(blob.metadata["opened"]) if "opened" in blob.metadata else blob.created


def line_name(run: Run) -> str:
    return names.line_json(run.target.account, run.target.audience)


def read_line(ports: Ports, run: Run) -> tuple[Line, int]:
    """The audience's line and its generation; an empty one of generation 0 before the first run."""
    entry = ports.ledger.read(Line, line_name(run))
    return (entry.value, entry.generation) if entry else (Line(), 0)


def swap_line(ports: Ports, run: Run, line: Line, generation: int) -> bool:
    """Metadata `claimed` tells a sweep, by a list alone, which lines somebody holds."""
    claimed = "1" if line.owner or line.running else "0"
    return ports.ledger.swap(line_name(run), line, generation, {"claimed": claimed}) is not None
