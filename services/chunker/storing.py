"""A passage: reading a run's sources and storing its parts and reject reports, one part in memory at a time. Everything is
created once: a twin writes the same names with the same bytes."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

import google_crc32c

from services.chunker import progress
from services.chunker.codes import ContentError
from services.chunker.cut import Cutter
from services.chunker.manifesting import describe, refuse, refuse_source
from services.chunker.parts import CutPart
from services.chunker.pinning import cut_settings, digest
from services.chunker.progress import Saved
from services.chunker.reuse import reused
from services.chunker.settings import CutSettings
from shared import names
from shared.errors import ConfigurationError, SourceGone, TransientError
from shared.model.manifest import Manifest, Part
from shared.model.run import Run
from shared.model.segment import Segment, Source
from shared.ops import runs
from shared.ports import Blob, Readings
from shared.world import Ports

_COUNTS = ("records", "identifiers", "frames", "rejected", "skipped", "fields_dropped")
"""Of a part, kept with its object too: who goes on where another stopped knows them from one list."""


class OutOfTime(TransientError):
    """The time of one push request does not suffice; the next delivery goes on."""


def cut_run(ports: Ports, run: Run, segment: Segment) -> Manifest:
    """Raises OutOfTime. A twin's manifest spares the rest of the cutting. Some parts are those that an earlier run has cut; so are
    all of them where the source is gone."""
    settings = cut_settings(run, ports.topology.chunking.max_record_bytes)
    mark = digest(settings)
    if run.mode != "remove" and "DENIED" in (run.target.ad_user_data, run.target.ad_personalization):
        return refuse_source(run, mark, "account_consent_denied")
    if run.parts:
        return reused(ports, run) or refuse_source(run, mark, "parts_unknown")
    return _cut(ports, run, segment, settings, mark)


def _cut(ports: Ports, run: Run, segment: Segment, settings: CutSettings, mark: str) -> Manifest:
    saved, known = _saved(ports, run, mark, go_on=not run.deduplicate)
    cutter = Cutter(settings, saved.progress)
    passage = _Passage(ports, run, mark, cutter, saved, known, ports.clock.readings())
    try:
        decided = passage.cut(segment.sources)
    except ContentError as error:
        return refuse(run, mark, error, cutter.totals)
    except SourceGone:
        stored = reused(ports, run) if run.run > 1 else None
        return stored or refuse_source(run, mark, _what_happened(ports, segment.sources))
    return decided or describe(run, mark, passage.parts, cutter.totals)


class _Passage:
    """`parts` are those of the whole run, from its first one on, as far as it has come."""

    def __init__(
        self,
        ports: Ports,
        run: Run,
        mark: str,
        cutter: Cutter,
        saved: Saved,
        known: Mapping[int, Part],
        started: Readings,
    ) -> None:
        self._ports, self._run, self._mark, self._started = ports, run, mark, started
        self._cutter, self._saved, self._known = cutter, saved, known
        self.parts = [known[number] for number in range(1, saved.parts + 1)]

    def cut(self, sources: Sequence[Source]) -> Manifest | None:
        """A manifest only if a twin has decided meanwhile."""
        try:
            for cut in self._cut_parts(sources):
                if decided := runs.read_manifest(self._ports, self._run):
                    return decided.value
                self.parts.append(self._store(cut))
                if progress.is_due(self._saved, self._cutter.progress):
                    self._save()
                self._look_at_the_time()
        except OutOfTime:
            self._save()
            raise
        return None

    def _cut_parts(self, sources: Sequence[Source]) -> Iterator[CutPart]:
        since = self._saved.progress
        if since:
            yield from self._cutter.resume(partial(self._open, sources[since.source - 1]))
        for source in sources[since.source if since else 0 :]:
            yield from self._cutter.feed(self._open(source, 0))
        yield from self._cutter.finish()

    def _open(self, source: Source, start: int) -> Iterator[bytes]:
        """A storage that is slow closes no part: the time is looked at with every chunk, too."""
        for chunk in self._ports.landing.stream(source.name, source.generation, start):
            self._look_at_the_time()
            yield chunk

    def _look_at_the_time(self) -> None:
        budget = self._ports.topology.services.chunker.budget_seconds
        if self._ports.clock.readings().since(self._started) > budget:
            raise OutOfTime("the segment could not be chunked within one push request; the next one goes on")

    def _save(self) -> None:
        self._saved = progress.save(self._ports, self._run, self._mark, self._saved, self._cutter.progress)

    def _store(self, cut: CutPart) -> Part:
        part = self._known.get(cut.number) or self._create(cut)
        if part.crc32c != crc32c_of(cut.body):
            raise ConfigurationError("a part of another version is in the way: raise CUT_VERSION")
        if cut.rejects_csv:
            name = names.rejects_csv(self._run.segment, self._run.run, cut.number)
            self._ports.ledger.write_once(name, cut.rejects_csv)
        return part

    def _create(self, cut: CutPart) -> Part:
        name = names.part_frames(self._run.segment, self._run.run, self._mark, cut.number)
        counts = {count: getattr(cut, count) for count in _COUNTS}
        metadata = {count: str(number) for count, number in counts.items()}
        blob = self._ports.parts.create(name, cut.body, metadata) or self._ports.parts.stat(name)
        if blob is None:
            raise TransientError("a part was deleted while it was being stored")
        return _part(cut.number, blob, counts)


def _saved(ports: Ports, run: Run, mark: str, *, go_on: bool) -> tuple[Saved, dict[int, Part]]:
    """What was saved, and the parts that are there already, by number. Without all that it speaks of it is worth nothing, and
    where one cannot `go_on`."""
    saved = progress.read(ports, run, mark)
    known = _stored_parts(ports, run, mark) if saved.generation else {}
    missing = any(number not in known for number in range(1, saved.parts + 1))
    return (saved if go_on and not missing else Saved(saved.generation)), known


def _stored_parts(ports: Ports, run: Run, mark: str) -> dict[int, Part]:
    blobs = ports.parts.list(names.parts_prefix(run.segment, run.run, mark))
    numbered = ((names.parse_part(blob.name), blob) for blob in blobs if blob.metadata.keys() >= {*_COUNTS})
    return {
        number: _part(number, blob, {count: int(blob.metadata[count]) for count in _COUNTS})
        for number, blob in numbered
        if number
    }


def _part(number: int, blob: Blob, counts: Mapping[str, int]) -> Part:
    return Part(
        number=number,
        name=blob.name,
        generation=blob.generation,
        crc32c=blob.crc32c,
        size=blob.size,
        **counts,
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
