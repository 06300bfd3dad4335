"""What the fake Google Ads finds wrong with a request; failure.py puts it on the wire.

A problem's text and path never hold a value of the request: values may be somebody's address.
"""

from dataclasses import dataclass

# Steps from the request down to the field at fault: a field's name and, in a repeated field, the index.
Path = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Problem:
    """One error. `error` is "Enum.VALUE" of the package's errors, as "RequestError.RESOURCE_NOT_FOUND"."""

    error: str
    message: str
    path: Path = ()


class Refused(Exception):
    """The request is answered with these problems and has no effect."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.error for problem in problems))
        self.problems = problems


class BadOperation(Exception):
    """One operation cannot be taken. `value` is one of OfflineUserDataJobError, `path` leads to the field."""

    def __init__(self, value: str, message: str, *path: str) -> None:
        super().__init__(value)
        self.value = value
        self.message = message
        self.path: Path = tuple((name, None) for name in path)


class Unsupported(Exception):
    """Google Ads can do it, the local cloud cannot: answered with UNIMPLEMENTED and these words."""


def refused(error: str, message: str, *path: str) -> Refused:
    """A refusal for one error; `path` are names of fields that are not repeated."""
    return Refused(Problem(error, message, tuple((name, None) for name in path)))


def query_error(value: str) -> Refused:
    return refused(f"QueryError.{value}", f"Error in query: {value.lower().replace('_', ' ')}.")


def concurrent_modification() -> Refused:
    words = "Multiple requests were attempting to modify the same resource at once. Retry the request."
    return refused("DatabaseError.CONCURRENT_MODIFICATION", words)
