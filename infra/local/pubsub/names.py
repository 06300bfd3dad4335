"""Resource names of Pub/Sub: `projects/P/topics/T` and `projects/P/subscriptions/S`."""

import re

from infra.local.refused import invalid

# An id has 3..255 characters, begins with a letter and not with "goog".
NAME = re.compile(r"projects/[^/]+/(topics|subscriptions)/(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,254}")
DELETED_TOPIC = "_deleted-topic_"


def checked(name: str, kind: str) -> str:
    """The name itself, if it is one of this kind ("topics" or "subscriptions"); else Refused."""
    match = NAME.fullmatch(name)
    if match is None or match[1] != kind:
        raise invalid(f"{name!r} is not of the form projects/PROJECT/{kind}/ID")
    return name


def short_id(name: str) -> str:
    return name.rpartition("/")[2]


def project_id(name: str) -> str:
    return name.split("/")[1]


def subject(name: str) -> tuple[str, str]:
    """What a call about this name is recorded under: (short id, ""), or ("", name) for a whole project."""
    return (short_id(name), "") if NAME.fullmatch(name) else ("", name)
