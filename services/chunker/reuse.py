"""Parts that an earlier run has cut, for a run that sends some of them again, or whose source is gone: the very objects, pinned by
name and generation, whatever settings or code have become since.
"""

from collections.abc import Sequence
from dataclasses import replace

from services.chunker.manifesting import refuse_source, stages_of
from shared.model.manifest import Manifest, ManifestVerdict, Part
from shared.model.run import Run
from shared.ops import runs
from shared.world import Ports


def reused(ports: Ports, run: Run) -> Manifest | None:
    """The manifest of the parts that `run` names (none: of all), from the last run before it that has cut the whole segment. None when
    no run has. A part that is no longer there rejects the run."""
    before = _cut_before(ports, run)
    if before is None:
        return None
    origin, cut = before
    wanted = set(run.parts) or {part.number for part in cut.parts}
    chosen = [part for part in cut.parts if part.number in wanted]
    if refusal := _refusal(run, origin, chosen, wanted):
        return refuse_source(run, cut.digest, refusal)
    if not _all_there(ports, chosen):
        return refuse_source(run, cut.digest, "parts_expired")
    return again(run, cut, chosen)


def again(run: Run, cut: Manifest, chosen: Sequence[Part]) -> Manifest:
    """Pure. All of them count as the whole segment did; some as the rows of their stretches, of which the reasons are not known."""
    whole = len(chosen) == len(cut.parts)
    verdict: ManifestVerdict = "validated" if run.validate_only else "ok"
    counted = cut if whole else _counted(cut, chosen)
    return replace(
        counted,
        run=run.run,
        verdict=verdict,
        reason_code="validate_only" if run.validate_only else "",
        stages=() if run.validate_only else stages_of(chosen, run),
    )


def _counted(cut: Manifest, chosen: Sequence[Part]) -> Manifest:
    rejected, skipped = sum(part.rejected for part in chosen), sum(part.skipped for part in chosen)
    return replace(
        cut,
        received=sum(part.records for part in chosen) + rejected + skipped,
        rejected=rejected,
        skipped=skipped,
        fields_dropped=sum(part.fields_dropped for part in chosen),
        reasons={},
    )


def _refusal(run: Run, origin: Run, chosen: Sequence[Part], wanted: set[int]) -> str:
    if run.mode == "replace" and run.parts:
        return "replace_is_whole"
    if {part.number for part in chosen} != wanted:
        return "parts_unknown"
    if origin.target.upload_key_type != run.target.upload_key_type:
        return "parts_of_another_kind"
    return ""


def _cut_before(ports: Ports, run: Run) -> tuple[Run, Manifest] | None:
    """Only a whole run gives parts their numbers."""
    for number in range(run.run - 1, 0, -1):
        origin = runs.read_run(ports, run.segment, number).value
        manifest = None if origin.parts else runs.read_manifest(ports, origin)
        if manifest and manifest.value.verdict == "ok":
            return origin, manifest.value
    return None


def _all_there(ports: Ports, chosen: Sequence[Part]) -> bool:
    """One list, whatever their number. Parts that were reused themselves are where their first run has put them."""
    folder = chosen[0].name.rpartition("/")[0] + "/"
    there = {(blob.name, blob.generation) for blob in ports.parts.list(folder)}
    return all((part.name, part.generation) in there for part in chosen)
