"""Reading a file as the chunker would, and keeping nothing but the counts."""

from collections.abc import Callable, Iterable, Iterator

from services.chunker import formats, source
from services.chunker.codes import ContentError
from services.chunker.cut import Cutter
from services.chunker.formats import Format
from services.chunker.manifesting import describe, refuse, refuse_source
from services.chunker.parts import CutPart
from services.chunker.pinning import cut_settings
from services.chunker.settings import CutSettings
from services.console.checking.files import File
from services.console.checking.report import Cut, Look, Report
from services.console.checking.samples import samples
from shared.model.manifest import Part
from shared.model.run import Run
from shared.model.topology import Topology


def examine(file: File, run: Run, topology: Topology, read: Callable[[int], None]) -> Report:
    """`read` is told how many bytes more have been read."""
    how = cut_settings(run, topology.chunking.max_record_bytes)
    look = _look(file, how)
    if run.mode != "remove" and "DENIED" in (run.target.ad_user_data, run.target.ad_personalization):
        refused = refuse_source(run, "", "account_consent_denied")
        return Report(look, run, Cut(Cutter(how).totals, refused, 0, 0, 0, 0), ())
    return Report(look, run, _cut(_told(file.open_at(0), read), run, how), samples(file.open_at(0), how))


def _look(file: File, how: CutSettings) -> Look:
    packed = next(iter(file.open_at(0)), b"").startswith(source.GZIP_MAGIC)
    return Look(file.path, file.size, packed, _format(file, how))


def _format(file: File, how: CutSettings) -> Format | None:
    try:
        opening = formats.opening(source.lines(file.open_at(0), how.max_record_bytes))
        return formats.format_of(opening.first, how.delimiter) if opening else None
    except ContentError:
        return None


def _told(chunks: Iterable[bytes], read: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        read(len(chunk))


def _cut(chunks: Iterable[bytes], run: Run, how: CutSettings) -> Cut:
    cutter = Cutter(how)
    parts: list[Part] = []
    try:
        parts.extend(map(_counted, cutter.feed(chunks)))
        parts.extend(map(_counted, cutter.finish()))
    except ContentError as error:
        return Cut(cutter.totals, refuse(run, "", error, cutter.totals), 0, 0, 0, 0)
    manifest = describe(run, "", parts, cutter.totals)
    sent = manifest.parts
    requests, identifiers = sum(part.frames for part in sent), sum(part.identifiers for part in sent)
    return Cut(cutter.totals, manifest, requests, identifiers, len(sent), len(manifest.stages))


def _counted(cut: CutPart) -> Part:
    """Without its bytes, which nobody keeps."""
    return Part(
        number=cut.number,
        name="",
        generation=0,
        crc32c="",
        size=len(cut.body),
        records=cut.records,
        identifiers=cut.identifiers,
        frames=cut.frames,
        rejected=cut.rejected,
        fields_dropped=cut.fields_dropped,
        skipped=cut.skipped,
    )
