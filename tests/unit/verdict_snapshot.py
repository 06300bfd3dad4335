"""Every value of every error enum that the installed packages know, and every gRPC status, with the verdict about it as it comes alone.

A package's new version changes the table: read what it brings, then write it again.

    python -m tests.unit.verdict_snapshot > tests/unit/golden/verdicts.txt
"""

import pkgutil
import sys
from dataclasses import astuple
from importlib import import_module
from typing import Any

import grpc
import proto
from google.ads.datamanager_v1 import ErrorReason
from google.ads.googleads.v26.errors import types

from shared.verdict import (
    FailPart,
    FailRecord,
    Failure,
    JobExists,
    JobGone,
    JobStarted,
    NameTaken,
    PauseAccount,
    Retry,
    Snooze,
    Split,
    Verdict,
    judge,
)

STATUSES = tuple(status.name for status in grpc.StatusCode)
_WORDS: dict[type, str] = {
    FailPart: "fail part",
    FailRecord: "fail record",
    JobExists: "job exists",
    JobGone: "job gone",
    JobStarted: "job started",
    NameTaken: "name taken",
    PauseAccount: "pause account",
    Retry: "retry",
    Snooze: "snooze",
    Split: "split",
}


def enums() -> dict[str, Any]:
    """The error enums by name: Google Ads keeps each in a module and in a message of its own."""
    modules = (
        import_module(f"{types.__name__}.{each.name}") for each in pkgutil.iter_modules(types.__path__)
    )
    holders = (holder for module in modules for holder in vars(module).values() if _is_message(holder))
    members = (member for holder in holders for member in vars(holder).values())
    found = {member.__name__: member for member in members if _is_error_enum(member)}
    return {**found, ErrorReason.__name__: ErrorReason}


def codes() -> list[str]:
    return sorted(f"{name}.{value.name}" for name, enum in enums().items() for value in enum)


def table() -> str:
    lines = [f"{code} | {said(judge(Failure('', (code,))))}" for code in codes()]
    lines += [f"gRPC {status} | {said(judge(Failure(status)))}" for status in sorted(STATUSES)]
    return "\n".join(lines) + "\n"


def said(verdict: Verdict) -> str:
    """Like "retry | concurrent_modification, quiet"."""
    match verdict:
        case Retry(reason, quiet):
            details = f"{reason}, quiet" if quiet else reason
        case Snooze(reason, seconds) | PauseAccount(reason, seconds):
            details = f"{reason}, {seconds:g} s" if seconds else reason
        case _:
            details = ", ".join(map(str, astuple(verdict)))
    return f"{_WORDS[type(verdict)]} | {details}".removesuffix(" | ")


def _is_message(member: object) -> bool:
    return isinstance(member, type) and issubclass(member, proto.Message)


def _is_error_enum(member: object) -> bool:
    return isinstance(member, type) and issubclass(member, proto.Enum) and member.__name__.endswith("Error")


if __name__ == "__main__":
    sys.stdout.write(table())
