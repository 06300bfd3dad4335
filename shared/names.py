"""Every derived name, each by one pure function: segment ids, ledger paths, task names, event ids, queue and trace ids.

Names are built from configured keys, numbers and hashes only, so that no name can carry what a person's record holds.
"""

import hashlib
import re
from datetime import UTC, datetime

SWEEP_PATH = "sweep"
"""Below the uploader's address: where its schedule calls."""

DEAD_LETTERS_PATH = "dead-letters"
"""Below ingest's address: where dead letters are pushed."""

ENDED = "ended/"
"""Where every run that has its outcome is named once, in the order of their ends: the ledger itself is ordered by segment."""

DEAD_LETTERS = "dead-letters/"
"""Where what no machine will retry is kept, in the order of its coming."""

ACCOUNTS = "config/accounts/"
"""Where the accounts' configuration is, in the work bucket."""

MOST = 999_999
"""The largest number in a name: no run, stage, part or attempt comes near it, and no name grows beyond what storage takes."""

_SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_SEGMENT_LENGTH = 120
"""An account, the longest audience key, a mode and the hash are 99 characters."""
_ACCOUNT = re.compile(r"\d{10}", re.ASCII)
_AUDIENCE = re.compile(r"(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LIST = re.compile(r"[1-9]\d{0,18}", re.ASCII)
_LIST_NAME_LENGTH = 255
"""Google's reference names no limit; a longer one is taken for a mistake."""
_JOB = re.compile(r"customers/\d{1,20}/offlineUserDataJobs/\d{1,20}", re.ASCII)
_TASK = re.compile(
    r"[0-9a-f]{8}-(?P<segment>.+)-(?P<run>\d+)-(?P<kind>begin|upload|finish|finishnow|follow)"
    r"-(?P<stage>\d+)-(?P<part>\d+)-e(?P<epoch>\d+)-n(?P<n>\d+)",
    re.ASCII,
)
_RECEIPT = re.compile(r"(?P<part>\d{5,6})\.json", re.ASCII)
_PART = re.compile(r"(?P<part>\d{5,6})\.frames", re.ASCII)
_MARKER = re.compile(
    r"open/(?P<account>[^/]+)/(?P<audience>[^/]+)/(?P<key>[^_/]+)_(?P<segment>[^_/]+)_(?P<run>\d+)\.json",
    re.ASCII,
)


_ENDED = re.compile(r"ended/(?P<key>[^_/]+)_(?P<segment>[^_/]+)_(?P<run>\d+)", re.ASCII)
_DEAD_LETTER = re.compile(r"dead-letters/(?P<id>[0-9TZ.]{23}-[0-9a-f]{12})\.json", re.ASCII)


def is_segment_id(text: str) -> bool:
    """The one rule for ids that come from outside: nothing in them can leave the place in a name that is theirs."""
    return len(text) <= _SEGMENT_LENGTH and _SEGMENT.fullmatch(text) is not None


def is_account_id(text: str) -> bool:
    return _ACCOUNT.fullmatch(text) is not None


def is_audience_key(text: str) -> bool:
    return _AUDIENCE.fullmatch(text) is not None


def is_list_id(text: str) -> bool:
    """Google's number of a user list, a positive int64 in text."""
    return _LIST.fullmatch(text) is not None


def is_credential(text: str) -> bool:
    """Written as an audience key is."""
    return is_audience_key(text)


def is_list_name(text: str) -> bool:
    """A user list's name that a query can ask for: one line without spaces around it. What a backslash means inside a query's quotes,
    Google's grammar does not say: a name with one could be taken for another."""
    printed = text.isprintable() and text == text.strip() and "\\" not in text
    return printed and 0 < len(text) <= _LIST_NAME_LENGTH


def is_job(text: str) -> bool:
    """Google's resource name of a job: numbers between fixed words, so that it cannot end a query's quotes."""
    return _JOB.fullmatch(text) is not None


def segment_id(bucket: str, name: str, generation: int, prefix: str) -> str:
    """A readable prefix, then 16 hex digits that name one generation of one object."""
    digest = _digest("\n".join((bucket, name, str(generation))))
    return f"{prefix}-{digest[:16]}"


def segment_json(segment: str) -> str:
    return f"segments/{segment}/segment.json"


def run_prefix(segment: str, run: int) -> str:
    return f"segments/{segment}/runs/{run}"


def run_json(segment: str, run: int) -> str:
    return f"{run_prefix(segment, run)}/run.json"


def manifest_json(segment: str, run: int) -> str:
    return f"{run_prefix(segment, run)}/manifest.json"


def outcome_json(segment: str, run: int) -> str:
    return f"{run_prefix(segment, run)}/outcome.json"


def chunking_json(segment: str, run: int) -> str:
    return f"{run_prefix(segment, run)}/chunking.json"


def rejects_csv(segment: str, run: int, part: int) -> str:
    return f"{run_prefix(segment, run)}/rejects/{part:05d}.csv"


def parts_prefix(segment: str, run: int, digest: str) -> str:
    """In the parts bucket. The digest names settings and code, so that parts of two versions never mix."""
    return f"{segment}/{run}/{digest}/"


def part_frames(segment: str, run: int, digest: str, part: int) -> str:
    return f"{parts_prefix(segment, run, digest)}{part:05d}.frames"


def parse_part(name: str) -> int | None:
    """The number of a part file's name; None for a foreign object."""
    found = _PART.fullmatch(name.rpartition("/")[2])
    return int(found["part"]) if found else None


def stage_prefix(segment: str, run: int, stage: int) -> str:
    return f"{run_prefix(segment, run)}/stages/{stage}"


def job_json(segment: str, run: int, stage: int) -> str:
    return f"{stage_prefix(segment, run, stage)}/job.json"


def progress_json(segment: str, run: int, stage: int, part: int) -> str:
    return f"{stage_prefix(segment, run, stage)}/progress/{part:05d}.json"


def receipts_prefix(segment: str, run: int, stage: int) -> str:
    return f"{stage_prefix(segment, run, stage)}/receipts/"


def receipt_json(segment: str, run: int, stage: int, part: int) -> str:
    return f"{receipts_prefix(segment, run, stage)}{part:05d}.json"


def told_prefix(segment: str, run: int, stage: int) -> str:
    return f"{stage_prefix(segment, run, stage)}/told/"


def told_json(segment: str, run: int, stage: int, part: int) -> str:
    """Numbered like the receipt that was announced."""
    return f"{told_prefix(segment, run, stage)}{part:05d}.json"


def parse_receipt(name: str) -> int | None:
    """The part of the name of a receipt, or of a mark that it was told; None for a foreign object."""
    found = _RECEIPT.fullmatch(name.rpartition("/")[2])
    return int(found["part"]) if found else None


def result_json(segment: str, run: int, stage: int) -> str:
    return f"{stage_prefix(segment, run, stage)}/result.json"


def open_prefix(account: str, audience: str) -> str:
    return f"open/{account}/{audience}/"


def open_json(account: str, audience: str, key: str, segment: str, run: int) -> str:
    return f"{open_prefix(account, audience)}{key}_{segment}_{run}.json"


def parse_open(name: str) -> tuple[str, str, int] | None:
    """(key, segment, run) of an open marker's name; None for a foreign object."""
    found = _MARKER.fullmatch(name)
    return (found["key"], found["segment"], int(found["run"])) if found else None


def ended_json(key: str, segment: str, run: int) -> str:
    """`key`: when the outcome was stored, as landing_key writes it."""
    return f"{ENDED}{key}_{segment}_{run}"


def parse_ended(name: str) -> tuple[str, str, int] | None:
    """(key, segment, run) of such a name; None for a foreign object."""
    found = _ENDED.fullmatch(name)
    return (found["key"], found["segment"], int(found["run"])) if found else None


def dead_letter_id(at: datetime, source: bytes) -> str:
    """`source` names the letter however often it comes: what is written about it, or the message's own id."""
    return f"{landing_key(at)}-{hashlib.sha256(source).hexdigest()[:12]}"


def dead_letter_json(letter: str) -> str:
    return f"{DEAD_LETTERS}{letter}.json"


def parse_dead_letter(name: str) -> str:
    """The letter's id; "" for a foreign object."""
    found = _DEAD_LETTER.fullmatch(name)
    return found["id"] if found else ""


def line_json(account: str, audience: str) -> str:
    return f"lines/{account}/{audience}.json"


def lease_json(account: str) -> str:
    return f"accounts/{account}/lease.json"


def audience_json(account: str, audience: str) -> str:
    return f"audiences/{account}/{audience}.json"


def pause_json(account: str) -> str:
    return f"accounts/{account}/pause.json"


def parse_pause(name: str) -> str:
    """The account of a pause's name; "" for another object."""
    folder, _, rest = name.partition("/")
    account, _, file = rest.partition("/")
    return account if folder == "accounts" and file == "pause.json" and is_account_id(account) else ""


def account_json(account: str) -> str:
    return f"{ACCOUNTS}{account}.json"


def parse_account(name: str) -> str:
    """The account of its configuration's name; "" for another object."""
    account = name.removeprefix(ACCOUNTS).removesuffix(".json")
    return account if is_account_id(account) and name == account_json(account) else ""


def credential_secret(credential: str) -> str:
    """The id in Secret Manager of the secret that an account's credential names."""
    return f"sluice-credential-{credential}"


def queue_id(account: str) -> str:
    """One Cloud Tasks queue an account, so that a throttled account slows itself alone."""
    return f"account-{account}"


def task_name(segment: str, run: int, kind: str, stage: int, part: int, epoch: int, n: int) -> str:
    """Cloud Tasks advises against sequential ids: the hash in front spreads them."""
    rest = f"{segment}-{run}-{kind}-{stage}-{part}-e{epoch}-n{n}"
    return f"{_digest(rest)[:8]}-{rest}"


def parse_task(name: str) -> tuple[str, int, str, int, int, int, int] | None:
    """(segment, run, kind, stage, part, epoch, n) of a task's short name; None for a foreign task."""
    found = _TASK.fullmatch(name)
    if not found:
        return None
    numbers = (int(found[field]) for field in ("stage", "part", "epoch", "n"))
    stage, part, epoch, n = numbers
    return found["segment"], int(found["run"]), found["kind"], stage, part, epoch, n


def event_id(segment: str, run: int, step: str) -> str:
    """`step`: received, chunked, outcome, or a part's number."""
    return f"{segment}.{run}.{step}"


def account_event_id(account: str, episode: int, verb: str) -> str:
    """`verb`: paused or resumed."""
    return f"account.{account}.{episode}.{verb}"


def landing_key(created: datetime) -> str:
    """A landing object's timeCreated in fixed width, so that names sort in the order of landing."""
    utc = created.astimezone(UTC)
    return f"{utc.year:04d}{utc:%m%dT%H%M%S.%fZ}"  # strftime does not pad the years of a stranger's clock


def external_id(bucket: str, account: str, segment: str, run: int, stage: int, k: int) -> int:
    """The destination's idempotency handle, a positive int64. The bucket's name keeps two deployments on one account apart."""
    digest = hashlib.sha256(f"{bucket}|{account}|{segment}|{run}|{stage}|{k}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def trace_id(segment: str, run: int) -> str:
    """W3C trace id of a run: whoever knows segment and run can find its trace."""
    return _digest(f"{segment}|{run}")[:32]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
