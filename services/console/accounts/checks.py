"""What is looked at of an account by itself: its document, pause, queue and lease, and the version of the API. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.console.accounts.listing import moment
from services.console.accounts.survey import Seen
from shared import names
from shared.lease import Free, Terms, judge
from shared.model.topology import Queue
from shared.ops.leasing import Standing
from shared.pausing import is_over
from shared.ports import QueueSettings
from shared.reasons import CATALOGUE

State = Literal["ok", "warning", "failure", "skipped"]


@dataclass(frozen=True)
class Check:
    """`words`: what was found. `cure`: what to do about it, "" where there is nothing to be done."""

    name: str
    state: State
    words: str
    cure: str = ""


@dataclass(frozen=True)
class Trouble:
    """What keeps the command from looking: our own cloud, in words."""

    words: str


def configuration(seen: Seen) -> Check:
    if seen.unconfigured:
        return Check("configuration", "failure", *_with_cure(seen.unconfigured, "; "))
    return Check("configuration", "ok", names.account_json(seen.id))


def pause(seen: Seen, now: datetime) -> Check:
    """A failure is one that waits for somebody to mend its cause; what an operator wanted, or what ends by itself, is a warning."""
    found = seen.pause
    if found is None:
        return Check("pause", "failure", *_with_cure(seen.unread, "; "))
    if not found.paused:
        return Check("pause", "ok", "the account works")
    reason = CATALOGUE.get(found.cause)
    words = f"rests since {moment(found.at)}, {found.cause}: {reason.words if reason else found.cause}"
    if is_over(found, now):
        return Check("pause", "warning", words, "None needed: the next sweep resumes it.")
    if found.until:
        cure = f"None needed: it resumes by itself, soon after {moment(found.until)}."
        return Check("pause", "warning", words, cure)
    cure = f"{reason.cure if reason else ''} Then: sluice accounts resume {seen.id}".lstrip()
    return Check("pause", "warning" if found.by == "operator" else "failure", words, cure)


def queue(seen: Seen, found: QueueSettings | Trouble | None, wanted: Queue) -> Iterator[Check]:
    name = names.queue_id(seen.id)
    match found:
        case Trouble(words):
            yield Check("queue", "failure", words, "Look whether Cloud Tasks may be reached, then ask again.")
        case None:
            yield Check("queue", "failure", f"there is no queue {name}", "Deploy: every account has one.")
        case QueueSettings():
            yield _dispatching(seen, name, found)
            yield _settings(name, found, wanted)


def lease(found: Standing | Trouble | None, terms: Terms, now: datetime) -> Check:
    """By this machine's clock, which is only a hint."""
    if isinstance(found, Trouble):
        return Check("lease", "failure", found.words, "Put the lease's last good generation back.")
    if found is None or found.lease.state == "free" or found.released:
        return Check("lease", "ok", "nobody holds it")
    since, gone = moment(found.stamped), isinstance(_judged(found, terms, now), Free)
    if found.lease.state == "quiet":
        until = moment(found.stamped + timedelta(seconds=found.lease.quiet))
        return Check(
            "lease", "ok", "nobody holds it" if gone else f"silent until {until}: an answer was missed"
        )
    if not gone:
        return Check("lease", "ok", f"held since {since}")
    cure = "None needed: whoever sends next takes it over. Why the holder went, the uploader's log says."
    return Check("lease", "warning", f"held since {since} by one that is long gone", cure)


def version(words: str) -> Check:
    """`words`: what is to be said of the version's end, "" while that is far."""
    if words:
        return Check("api version", "warning", *_with_cure(words, ": "))
    return Check("api version", "ok", "its end is far")


def _dispatching(seen: Seen, name: str, found: QueueSettings) -> Check:
    """pause.json is the truth. A pause that was not announced is being carried out, or the sweep will."""
    if seen.pause is None:
        return Check("queue", "skipped", "the pause cannot be read")
    if found.dispatches != seen.pause.paused:
        return Check(
            "queue", "ok", f"{name} {'is held, as the account rests' if seen.rests else 'dispatches'}"
        )
    says = "dispatches although the account rests" if seen.rests else "is held although the account works"
    if not seen.pause.announced:
        return Check("queue", "warning", f"{name} {says}", "None needed: the next sweep sets it.")
    return Check("queue", "failure", f"{name} {says}", _set_right(seen, name))


def _set_right(seen: Seen, name: str) -> str:
    """The sweep looks at the queue of an account that was paused at least once."""
    if seen.pause and seen.pause.episode:
        return f"sluice sweep --account {seen.id}"
    return f"Somebody held it by hand: gcloud tasks queues resume {name}"


def _settings(name: str, found: QueueSettings, wanted: Queue) -> Check:
    wrong = list(_deviations(found, wanted))
    if wrong:
        return Check("queue settings", "failure", f"{name}: {'; '.join(wrong)}", "Deploy the queues again.")
    limits = (
        "one task at a time, none is ever given up"
        if wanted.max_concurrent_dispatches == 1
        else "as deployed"
    )
    return Check("queue settings", "ok", limits)


def _deviations(found: QueueSettings, wanted: Queue) -> Iterator[str]:
    concurrent, attempts = wanted.max_concurrent_dispatches, wanted.max_attempts
    if found.max_concurrent_dispatches != concurrent:
        yield f"max_concurrent_dispatches is {found.max_concurrent_dispatches}, not {concurrent}"
    if found.max_attempts != attempts:
        yield f"max_attempts is {found.max_attempts}, not {attempts}"
    if found.max_retry_seconds:
        yield f"max_retry_duration is {found.max_retry_seconds:.0f} s, not unlimited"


def _judged(found: Standing, terms: Terms, now: datetime) -> object:
    return judge(found.lease, found.stamped, now, found.released, terms)


def _with_cure(problem: str, between: str) -> tuple[str, str]:
    """What is wrong and what to do, of a sentence that says both."""
    what, _, cure = problem.rpartition(between)
    return what, f"{cure[:1].upper()}{cure[1:]}."
