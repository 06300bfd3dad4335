"""Structured logs: one JSON object a line for Cloud Logging, readable lines on a terminal.

A log line names things by their ids and counts. What a record, a header cell or an error text of a parser holds never comes here.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog
from structlog.stdlib import BoundLogger

from shared.names import trace_id

_ADS = "google.ads.googleads.client"
_ADS_SUMMARY = re.compile(
    r"Request made: ClientCustomerId: (?P<account>\d{10}|None), Host: [\w.:-]+, Method: (?P<method>[\w./]+), "
    r"RequestId: (?P<request_id>[\w-]+), IsFault: (?P<fault>True|False), ",
    re.ASCII,
)


def configure(
    form: str,
    service: str,
    stream: TextIO = sys.stderr,
    level: str = "INFO",
    *,
    colours: bool = True,
    project: str = "",
) -> None:
    """`form`: json, which names traces as Cloud Logging does where the `project` is known, or console, whose lines have colours on a
    terminal unless `colours` is false. `level`: DEBUG, INFO, WARNING or ERROR; at
    DEBUG libraries are heard too."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _named(service),
            _traced(project if form == "json" else ""),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _without_texts_of_errors,
            *_rendering(form, colours=colours and stream.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(stream),  # a line is one write: threads do not mix theirs
        cache_logger_on_first_use=True,
    )
    _hear_libraries(level)


def get_logger() -> BoundLogger:
    return cast(BoundLogger, structlog.get_logger())


def _hear_libraries(level: str) -> None:
    """Their warnings always, everything at DEBUG. google-ads speaks at DEBUG only and through its filter: it writes out the whole
    of each request before anybody can say no. Google's other clients would cut themselves off, were their logger left as it is."""
    loud = level == "DEBUG"
    _replace_handler(logging.getLogger())
    for name, quiet in (("", logging.WARNING), ("google", logging.WARNING), (_ADS, logging.ERROR)):
        logging.getLogger(name).setLevel(logging.DEBUG if loud else quiet)
    logging.getLogger("google").propagate = True
    ads = logging.getLogger(_ADS)
    if not any(isinstance(each, _AdsWithoutBodies) for each in ads.filters):
        ads.addFilter(_AdsWithoutBodies())


def _replace_handler(root: logging.Logger) -> None:
    """Ours, once; what others hung there stays."""
    for handler in [each for each in root.handlers if isinstance(each, _Libraries)]:
        root.removeHandler(handler)
    root.addHandler(_Libraries())


class _AdsWithoutBodies(logging.Filter):
    """google-ads logs whole requests, hashes included, and Google's texts about them. Of its summaries the account, method,
    request id and whether it failed are passed on; nothing else is, whatever a later version says."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = _ADS_SUMMARY.match(record.getMessage())
        if found is None:
            return False
        said = found.groupdict()
        record.msg, record.args, record.exc_info = "google_ads_request", (), None
        record.__dict__["said"] = said
        return True


class _Libraries(logging.Handler):
    """What libraries say becomes a line like ours. Their extra fields are left out, where Google's clients put whole requests and
    credentials, and so are the texts of their errors."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)
        said: dict[str, Any] = record.__dict__.get("said", {})
        get_logger().log(level, _message(record), logger=record.name, exc_info=record.exc_info, **said)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return "a message that does not fit its values"


def _without_texts_of_errors(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of an error, its type and where it came from: its text may quote a record."""
    error = _error(event.pop("exc_info", None))
    if error is not None:
        event["type"], event["places"] = type(error).__name__, places(error)
    return event


def _error(given: object) -> BaseException | None:
    """As logging libraries take it: an exception, what sys.exc_info() gives, or true for the one at hand."""
    if given and not isinstance(given, BaseException | tuple):
        given = sys.exc_info()
    found = given[1] if isinstance(given, tuple) else given
    return found if isinstance(found, BaseException) else None


def _named(service: str) -> structlog.typing.Processor:
    def name(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return name


def _traced(project: str) -> structlog.typing.Processor:
    """Cloud Logging shows a trace's lines beside its spans by this key."""

    def trace(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if project and event.get("trace"):
            event["logging.googleapis.com/trace"] = f"projects/{project}/traces/{event['trace']}"
        return event

    return trace


def _rendering(form: str, *, colours: bool) -> list[structlog.typing.Processor]:
    if form == "console":
        return [structlog.processors.add_log_level, structlog.dev.ConsoleRenderer(colors=colours)]
    return [_severity, structlog.processors.EventRenamer("message"), structlog.processors.JSONRenderer()]


def _severity(_: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cloud Logging's name and words for the level."""
    event["severity"] = {"warn": "WARNING", "exception": "ERROR"}.get(method, method.upper())
    return event


def forget_work() -> None:
    """A new request: what the thread's last one was about is no longer true."""
    structlog.contextvars.clear_contextvars()


def bind_work(segment: str, run: int, attempt: int, **more: str | int) -> None:
    """Every further line of this request names the work; whoever knows segment and run finds its trace."""
    structlog.contextvars.bind_contextvars(
        segment=segment, run=run, attempt=attempt, trace=trace_id(segment, run), **more
    )


def bind_account(account: str, labels: Mapping[str, str]) -> None:
    """`labels`: those of the segment that the work is for."""
    structlog.contextvars.bind_contextvars(account=account)
    if labels:
        structlog.contextvars.bind_contextvars(labels=dict(labels))


def places(error: BaseException) -> list[str]:
    """Where an error came from: all of its trace that is safe to tell. Its text may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
