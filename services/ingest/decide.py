"""Which segment is this? One pure decision from an object's name and the account's configuration; no data is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import get_args

from services.ingest.pattern import Named, match
from shared import names
from shared.model.account import Account
from shared.model.segment import Mode, Segment, Source
from shared.reasons import words

SHARDS = ".shards"
SUCCESS = "_SUCCESS"

_MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
_READABLE = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz")
_TEMPORARY_FOLDERS = ("/_temporary/", "/gcloud/tmp/parallel_composite_uploads/")
_TEMPORARY_ENDINGS = (".tmp", ".part", ".partial", ".crdownload", ".gstmp", "~")


@dataclass(frozen=True)
class Ignored:
    """No segment and no mistake: a folder marker, a writer's temporary object, a shard before its `_SUCCESS`."""

    why: str


@dataclass(frozen=True)
class Single:
    """One object is one segment."""


@dataclass(frozen=True)
class Group:
    """All objects under `prefix` are one segment, named by `_SUCCESS`."""

    prefix: str


@dataclass(frozen=True)
class Identity:
    """What names a segment: the landing object, or the `_SUCCESS` of a group, and what the name says about it."""

    landing: Source
    named: Named | None


def classify(name: str) -> Ignored | Single | Group:
    folders, _, last = name.rpartition("/")
    if not last:
        return Ignored("folder marker")
    if any(piece.startswith(".") for piece in name.split("/")):
        return Ignored("dot file")
    if last.endswith(_TEMPORARY_ENDINGS) or _is_temporary(name):
        return Ignored("temporary object of an upload")
    if folders.endswith(SHARDS) and last.startswith(SUCCESS):
        return Group(f"{folders}/")
    if any(folder.endswith(SHARDS) for folder in folders.split("/")):
        return Ignored("shard: waits for _SUCCESS")
    return Ignored("success marker without shards") if last.startswith(SUCCESS) else Single()


def _is_temporary(name: str) -> bool:
    return any(folder in f"/{name}" for folder in _TEMPORARY_FOLDERS)


def identify(landing: Source, patterns: str) -> Identity:
    return Identity(landing, match(patterns, landing.name))


def is_shard(name: str) -> bool:
    """Which objects of a group are data: nothing hidden at any depth, no marker, no writer's leftovers."""
    inside = name.rpartition(f"{SHARDS}/")[2].split("/")
    hidden = any(not piece or piece.startswith(("_", ".")) for piece in inside)
    return not hidden and not name.endswith(_TEMPORARY_ENDINGS)


def decide(
    identity: Identity,
    sources: Sequence[Source],
    account: Account | None,
    validate_only: bool = False,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Segment:
    """Total: a name or configuration that does not fit gives a rejected segment with its reason code."""
    named, landing = identity.named, identity.landing
    reason_code = _refusal(named, sources, account)
    known = account is not None and named is not None and named.audience in account.audiences
    return Segment(
        segment=names.segment_id(landing.bucket, landing.name, landing.generation, _prefix(named, known)),
        verdict="rejected" if reason_code else "accepted",
        key=names.landing_key(landing.created),
        sources=tuple(sources) or (landing,),
        account=named.account if named and account else "",
        audience=named.audience if named and known else "",
        mode=_MODES.get(named.mode, "") if named else "",
        destination=_destination(named, account),
        reason_code=reason_code,
        reason=words(reason_code) if reason_code else "",
        validate_only=validate_only,
        labels=labels,
    )


def _refusal(named: Named | None, sources: Sequence[Source], account: Account | None) -> str:
    if named is None:
        return "name_unrecognised"
    if account is None:
        return "account_unknown"
    if named.audience not in account.audiences:
        return "audience_unknown"
    if named.mode not in _MODES:
        return "mode_unknown"
    if named.destination and named.destination not in account.destinations:
        return "destination_not_allowed"
    return _refusal_of_sources(sources)


def _refusal_of_sources(sources: Sequence[Source]) -> str:
    if not sources:
        return "shards_missing"
    readable = all(source.name.lower().endswith(_READABLE) for source in sources)
    return "" if readable else "extension_unknown"


def _destination(named: Named | None, account: Account | None) -> str:
    if account is None:
        return ""
    return (
        named.destination if named and named.destination in account.destinations else account.destinations[0]
    )


def _prefix(named: Named | None, known: bool) -> str:
    """Only configured keys become part of an id: what else stands in a name may be anything, a person's data too."""
    if named is None or not known:
        return "unknown"
    return f"{named.account}-{named.audience}-{_MODES.get(named.mode) or 'unknown'}"
