"""Reading a run's sources and storing its parts and reject reports, one part in memory at a time. Everything is created once:
a twin writes the same names with the same bytes."""

import base64
from collections.abc import Iterable, Iterator

import google_crc32c

from services.chunker.codes import ContentError
from services.chunker.cut import Cutter
from services.chunker.manifesting import describe, refuse, refuse_source
from services.chunker.parts import CutPart
from services.chunker.pinning import cut_settings, digest
from shared import names
from shared.errors import ConfigurationError, SourceGone, TransientError
from shared.model.manifest import Manifest, Part
from shared.model.run import Run
from shared.model.segment import Segment, Source
from shared.ops import runs
from shared.ports import Readings
from shared.world import Ports


def cut_run(ports: Ports, run: Run, segment: Segment) -> Manifest:
    """TransientError when the time of one push request does not suffice. A twin's manifest spares the rest of the cutting."""
    settings = cut_settings(run, ports.topology.chunking.max_record_bytes)
    cutter, mark = Cutter(settings), digest(settings)
    started = ports.clock.readings()
    parts: list[Part] = []
    try:
        for cut in _cut(ports, cutter, segment.sources, started):
            if decided := runs.read_manifest(ports, run):
                return decided.value
            parts.append(_store(ports, run, mark, cut))
    except ContentError as error:
        return refuse(run, mark, error, cutter.totals)
    except SourceGone:
        return refuse_source(run, mark, _what_happened(ports, segment.sources))
    return describe(run, mark, parts, cutter.totals)


def _cut(ports: Ports, cutter: Cutter, sources: Iterable[Source], started: Readings) -> Iterator[CutPart]:
    for source in sources:
        yield from cutter.feed(_in_time(ports, ports.landing.stream(source.name, source.generation), started))
    yield from cutter.finish()


def _in_time(ports: Ports, chunks: Iterable[bytes], started: Readings) -> Iterator[bytes]:
    """A file of bad rows alone closes no part: the time is looked at with every chunk."""
    for chunk in chunks:
        if ports.clock.readings().since(started) > ports.topology.services.chunker.budget_seconds:
            raise TransientError("the segment could not be chunked within one push request")
        yield chunk


def _store(ports: Ports, run: Run, mark: str, cut: CutPart) -> Part:
    name = names.part_frames(run.segment, run.run, mark, cut.number)
    blob = ports.parts.create(name, cut.body) or ports.parts.stat(name)
    if blob is None:
        raise TransientError("a part was deleted while it was being stored")
    if blob.crc32c != crc32c_of(cut.body):
        raise ConfigurationError("a part of another version is in the way: raise CUT_VERSION")
    if cut.rejects_csv:
        ports.ledger.write_once(names.rejects_csv(run.segment, run.run, cut.number), cut.rejects_csv)
    return Part(
        number=cut.number,
        name=name,
        generation=blob.generation,
        crc32c=blob.crc32c,
        size=blob.size,
        records=cut.records,
        identifiers=cut.identifiers,
        frames=cut.frames,
        rejected=cut.rejected,
        fields_dropped=cut.fields_dropped,
    )


def crc32c_of(body: bytes) -> str:
    """As Cloud Storage writes it: base64 of the big-endian number."""
    return base64.b64encode(google_crc32c.Checksum(body).digest()).decode()


def _what_happened(ports: Ports, sources: Iterable[Source]) -> str:
    """Deleted, or overwritten by a newer generation, which is a segment of its own."""
    newer = [ports.landing.stat(source.name) for source in sources]
    pairs = zip(sources, newer, strict=True)
    if any(blob is None for _, blob in pairs):
        return "source_gone"
    return "source_overwritten" if len(newer) == 1 else "shard_overwritten"
