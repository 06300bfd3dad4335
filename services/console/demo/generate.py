"""Writes the files of the demo's segments, and beside each its truth, without holding a file in memory.

Every file has its own randomness, so that two processes may write two files, and the bytes depend on the seed
alone.
"""

import csv
import gzip
import io
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import BinaryIO

from services.console.demo.mess import COLUMNS, Row, digest, messy, tidy
from services.console.demo.people import person
from services.console.demo.segments import Dialect, File
from services.console.demo.truth import Counted

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Generated:
    """A written file: what to upload, the digests of its good rows, the lines at which these start, and its counts."""

    file: File
    content: Path
    digests: Path
    lines: Path
    counted: Counted


def generate_all(files: Iterable[File], folder: Path, seed: int, processes: int) -> Iterator[Generated]:
    """Each as it is finished. The largest first, so that no process is left alone with it at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    ordered = sorted(files, key=lambda file: file.rows, reverse=True)
    # Fresh interpreters: a fork would copy whatever threads and channels the caller has.
    with get_context("spawn").Pool(processes, _ignore_interrupts) as pool:
        yield from pool.imap_unordered(partial(generate, folder=folder, seed=seed), ordered)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches the whole terminal; the process that waits for these ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def generate(file: File, folder: Path, seed: int) -> Generated:
    stem = folder / file.name.replace("/", "--")
    digests, lines = (stem.with_name(f"{stem.name}.{ending}") for ending in ("digests", "lines"))
    with _text(stem, file.dialect) as text, digests.open("wb") as members, lines.open("wb") as starts:
        rejected = _write(file, seed, text, members, starts)
    return Generated(file, stem, digests, lines, Counted(file.rows, rejected))


def _write(file: File, seed: int, text: io.TextIOBase, members: BinaryIO, starts: BinaryIO) -> int:
    chosen = itemgetter(*(COLUMNS.index(column) for column in file.dialect.columns))
    writer = csv.writer(text, lineterminator=file.dialect.newline)
    writer.writerow(chosen(COLUMNS))
    rejected, line = 0, 2
    for row in rows(file, seed):
        fields = chosen(row.fields)
        writer.writerow(fields)
        if row.identifiers:
            members.write(digest(row.identifiers))
            starts.write(line.to_bytes(8, "big"))
        else:
            rejected += 1
        line += 1 + sum(field.count("\n") for field in fields)
    return rejected


def rows(file: File, seed: int) -> Iterator[Row]:
    """The file's rows in order. Once as many are bad as may be, a bad one is written anew as a tidy one."""
    random = Random(f"{seed}:{file.name}")
    bad = 0
    for number in range(file.first, file.first + file.rows):
        each = person(seed, number, file.region)
        row = messy(each, random)
        if not row.identifiers:
            bad += 1
            row = row if bad <= file.bad else tidy(each, random)
        yield row


@contextmanager
def _text(path: Path, dialect: Dialect) -> Iterator[io.TextIOBase]:
    """Opened without the time and name that gzip would note: the same seed gives the same bytes."""
    with path.open("wb") as raw:
        packed = gzip.GzipFile("", "wb", 5, raw, mtime=0) if dialect.gzip else raw
        packed.write(_BOM if dialect.bom else b"")
        text = io.TextIOWrapper(packed, "utf-8", newline="")
        yield text
        text.flush()
        if dialect.gzip:
            packed.close()
