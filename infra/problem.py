"""What is wrong in a configuration file, in words that a person can act on."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """`path` names the key, `accounts.1234567890.audiences.high-value.list_id`; "" is the whole file.
    `line` is 1-based, 0 when no line is to blame. `cure` says what to write instead."""

    file: str
    line: int
    path: str
    what: str
    cure: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        words = f"{self.what}. {self.cure}{'' if self.cure.endswith('?') else '.'}"
        return ": ".join(filter(None, (place, self.path, words)))


@dataclass(frozen=True)
class Place:
    """A key in a file: its line, and the keys and list positions that lead to it."""

    file: str
    line: int = 0
    steps: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return ".".join(self.steps)

    def below(self, step: str, line: int) -> "Place":
        return Place(self.file, line, (*self.steps, step))

    def problem(self, what: str, cure: str) -> Problem:
        return Problem(self.file, self.line, self.path, what, cure)
