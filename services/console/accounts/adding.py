"""Adds an account to accounts.yaml: what the file would then say is checked and read back before a byte of it is written."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.load import check, load_accounts
from infra.problem import Problem
from infra.strict_yaml import read, walk
from services.console.accounts.entry import is_vacant, with_entry
from shared.errors import SluiceError
from shared.model.account import Account


class NotWritten(SluiceError):
    """The file may not be read or written, or somebody else writes it: its text says what to do."""


@dataclass(frozen=True)
class Addition:
    """`before`: what the file holds, None where there is none. `after`: what it would hold, empty where `problems` say why not."""

    file: Path
    account: Account
    before: bytes | None
    after: bytes = b""
    problems: tuple[Problem, ...] = ()

    def refused(self, *problems: Problem) -> "Addition":
        return replace(self, after=b"", problems=problems)


def plan(account: Account, file: Path, topology: Path) -> Addition:
    """Reads and checks; writes nothing. NotWritten where the file cannot be read."""
    asked = Addition(file, account, _content(file))
    before = asked.before or b""
    if found := _unplaceable(asked) or _unfit(before, file, topology):
        return asked.refused(*found)
    text = before.decode("utf-8")
    if found := _twice(text, asked):
        return asked.refused(*found)
    added = with_entry(text, account)
    if added is None:
        what, cure = "written in a form that has no place for lines", "Write each account in lines of its own"
        return asked.refused(Problem(str(file), 0, "accounts", what, cure))
    return _read_back(replace(asked, after=added.encode("utf-8")), topology)


def write(addition: Addition) -> Addition:
    """Puts the new file in the old one's place, whole and with its mode. Refused, and nothing is written, where the file is no longer
    what was read: of two that add at a time, one finds the other's draft or its account. NotWritten where it may not be."""
    target = addition.file.resolve()
    draft = target.with_name(f".{target.name}.new")
    try:
        placed = _put(addition, target, draft)
    except FileExistsError as error:
        cure = f"wait for it, or remove {draft} if there is none"
        raise NotWritten(f"another sluice writes {addition.file}; {cure}") from error
    except OSError as error:
        raise NotWritten(f"{addition.file} cannot be written: {error.strerror}") from error
    what, cure = "changed while it was being checked", "Run the command again"
    return addition if placed else addition.refused(Problem(str(addition.file), 0, "", what, cure))


def _put(addition: Addition, target: Path, draft: Path) -> bool:
    placed = False
    with draft.open("xb") as out:
        try:
            out.write(addition.after)
            out.flush()
            os.fsync(out.fileno())
            placed = _replaced(addition, target, draft)
        finally:
            if not placed:
                draft.unlink(missing_ok=True)
    return placed


def _replaced(addition: Addition, target: Path, draft: Path) -> bool:
    if _content(target) != addition.before:
        return False
    if addition.before is not None:
        shutil.copymode(target, draft)
    draft.replace(target)
    return True


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotWritten(f"{file} cannot be read: {error.strerror}") from error


def _unplaceable(asked: Addition) -> tuple[Problem, ...]:
    """What the checks of a file cannot see."""
    if not asked.file.parent.is_dir():
        return (Problem(str(asked.file), 0, "", "no such folder", "Create it, or name another file"),)
    if not asked.account.name.isprintable():
        path, what = f"accounts.{asked.account.id}.name", "a character that cannot be printed"
        return (Problem(str(asked.file), 0, path, what, "Write 1 to 100 characters in one line"),)
    return ()


def _unfit(before: bytes, file: Path, topology: Path) -> tuple[Problem, ...]:
    """What is wrong with the file as it is; that it has no account is not."""
    try:
        vacant = is_vacant(before.decode("utf-8"))
    except UnicodeDecodeError:
        vacant = False
    return () if vacant else _checked(before, file, topology)


def _twice(text: str, asked: Addition) -> tuple[Problem, ...]:
    path = f"accounts.{asked.account.id}"
    root, _ = read(text, str(asked.file))
    lines = [node.place.line for node in walk(root) if node.place.path == path] if root else []
    cure = "Change it there, or remove it and add it again"
    return tuple(Problem(str(asked.file), line, path, "already there", cure) for line in lines)


def _read_back(made: Addition, topology: Path) -> Addition:
    """Nothing but the account may have come into it."""
    if found := _checked(made.after, made.file, topology):
        return made.refused(*found)
    if _accounts(made.after) == (*_accounts(made.before or b""), made.account):
        return made
    what, cure = "would not be read as it was meant", "Write it into the file by hand"
    return made.refused(Problem(str(made.file), 0, f"accounts.{made.account.id}", what, cure))


def _checked(text: bytes, file: Path, topology: Path) -> tuple[Problem, ...]:
    """As `sluice config check` would with this text in the file."""
    with _draft(text) as draft:
        found = check(topology, draft)
    here = str(draft)
    return tuple(replace(each, file=str(file)) if each.file == here else each for each in found)


def _accounts(text: bytes) -> tuple[Account, ...]:
    """Of a text that was checked, or has no account."""
    if is_vacant(text.decode("utf-8")):
        return ()
    with _draft(text) as draft:
        return load_accounts(draft)


@contextmanager
def _draft(text: bytes) -> Iterator[Path]:
    """Elsewhere, so that a dry run leaves nothing beside the file, not for a moment."""
    with TemporaryDirectory() as folder:
        draft = Path(folder, "accounts.yaml")
        draft.write_bytes(text)
        yield draft
