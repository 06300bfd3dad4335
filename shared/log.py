"""Structured logs: one JSON object a line for Cloud Logging, readable lines on a terminal.

A log line names things by their ids and counts. What a record, a header cell or an error text of a parser holds never comes here.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog
from structlog.stdlib import BoundLogger

from shared.names import trace_id


def configure(form: str, service: str, stream: TextIO = sys.stderr) -> None:
    """`form`: json or console. google-ads is kept silent: at INFO it logs whole
    requests, hashes included, at WARNING Google's texts about them; the uploader logs the codes."""
    logging.getLogger("google.ads.googleads.client").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _named(service),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            *_rendering(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )


def get_logger() -> BoundLogger:
    return cast(BoundLogger, structlog.get_logger())


def _named(service: str) -> structlog.typing.Processor:
    def name(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    return name


def _rendering(form: str) -> list[structlog.typing.Processor]:
    if form == "console":
        return [structlog.processors.add_log_level, structlog.dev.ConsoleRenderer()]
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


def bind_account(account: str) -> None:
    structlog.contextvars.bind_contextvars(account=account)


def places(error: BaseException) -> list[str]:
    """Where an error came from: all of its trace that is safe to tell. Its text may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
