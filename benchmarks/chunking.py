"""What cutting a segment costs, as ratios within one run: `python benchmarks/chunking.py [--rows N] [--memory]`.

The other side of the ratio is a plain loop over csv.DictReader that trims, lower-cases, hashes and writes CSV: no
validation, no phone numbers, no frames. Both get the same generated rows, in turn, five times; medians of CPU time
count. `--memory` cuts 1, 4 and 20 million rows, each in a process of its own, and compares their peaks; then 4 million of which
every one is remembered so that duplicates are found.
"""

import argparse
import csv
import io
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import phonenumbers

from services.chunker.cut import Cutter
from services.chunker.phones import e164
from services.chunker.settings import CutSettings

CHUNK = 256 * 1024
HEADER = "email,phone,first_name,last_name,country,postal_code,joined,notes\n"
FIRST_NAMES = ["Ada", "Grace", "Alan", "Barbara", "Edsger", "Zoë", "Jörg", "Anne-Marie", "Mary Ann", "Radia"]
LAST_NAMES = [
    "Lovelace",
    "Hopper",
    "Turing",
    "Liskov",
    "Dijkstra",
    "O'Brien",
    "Müller",
    "Nguyen",
    "Perlman",
    "King Jr.",
]
COUNTRIES = ["GB", "US", "NO", "de", "FR"]
SETTINGS = CutSettings("append", "CONTACT_INFO", default_region="GB")


MILLIONS = (1_000_000, 4_000_000, 20_000_000)


def digits(chance: random.Random, count: int) -> str:
    return str(chance.randrange(10 ** (count - 1), 10**count))


def phone(chance: random.Random) -> str:
    """Half of them E.164, the others as people write them, one in fifty no number at all."""
    kind = chance.randrange(50)
    if kind < 25:
        return f"+4479{digits(chance, 8)}"
    if kind < 35:
        return f"+1 ({chance.randint(201, 989)}) 555-{digits(chance, 4)}"
    if kind < 45:
        return f"+49 151 {digits(chance, 4)} {digits(chance, 4)}"
    return f"079{digits(chance, 2)} {digits(chance, 6)}" if kind < 49 else "unknown"


def row(chance: random.Random, number: int) -> str:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    email = (
        f"{first}.{number}@example.com".replace(" ", "")
        if chance.random() < 0.8
        else f"A.{number}+x@GMail.com"
    )
    if chance.random() < 0.05:
        email = sha256(email.encode()).hexdigest()
    if chance.random() < 0.01:
        email = "none"
    address = (
        f"{first},{last},{chance.choice(COUNTRIES)},{digits(chance, 5)}" if chance.random() < 0.4 else ",,,"
    )
    note = (
        '"a note, with a comma\nand a second line"'
        if chance.random() < 0.02
        else "came by the newsletter of the spring sale said the shop"
    )
    extra = ",too much" if chance.random() < 0.001 else ""
    return f"{email},{phone(chance)},{address},2026-11-23T08:00:00Z,{note}{extra}\n"


def chunks(rows: int) -> Iterator[bytes]:
    """A file of that many rows, in pieces, never whole in memory."""
    chance = random.Random(20261123)
    piece = bytearray(HEADER.encode())
    for number in range(rows):
        piece += row(chance, number).encode()
        if len(piece) >= CHUNK:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def cut(pieces: list[bytes]) -> None:
    cutter = Cutter(SETTINGS)
    for _ in cutter.feed(pieces):
        pass
    for _ in cutter.finish():
        pass


def plain_loop(pieces: list[bytes]) -> None:
    hashed = ("email", "phone", "first_name", "last_name")
    out = io.StringIO()
    writer = csv.writer(out)
    for cells in csv.DictReader(io.StringIO(b"".join(pieces).decode(), newline="")):
        values = [(cells[name] or "").strip().lower() for name in hashed]
        sent = [sha256(value.encode()).hexdigest() if value else "" for value in values]
        writer.writerow([*sent, cells["country"], cells["postal_code"]])


def cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def compare_loops(rows: int) -> None:
    pieces = list(chunks(rows))
    runs = [(cpu_seconds(lambda: plain_loop(pieces)), cpu_seconds(lambda: cut(pieces))) for _ in range(5)]
    plain, cutter = (median(times) / rows * 1e6 for times in zip(*runs, strict=True))
    print(f"{rows:,} rows of {sum(map(len, pieces)) / rows:.0f} bytes")
    print(f"  plain loop   {plain:6.2f} µs a row")
    print(f"  the cutter   {cutter:6.2f} µs a row   {cutter / plain:.2f} x the plain loop")
    print(f"  4,000,000 rows take {cutter * 4:.0f} s of one core")


def by_library(value: str, region: str) -> str:
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def random_number(chance: random.Random) -> str:
    start = chance.choice(["+", "+", "", "0", "00", "1"])
    code = str(chance.choice(list(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))) if start == "+" else ""
    number = start + code + chance.choice(["", "", "0", "(0)"]) + digits(chance, chance.randint(4, 12))
    return (
        number
        if chance.random() < 0.6
        else "".join(sign + chance.choice(["", "", " ", "-"]) for sign in number)
    )


def microseconds(read: Callable[[str, str], str], number: str) -> float:
    times = [cpu_seconds(lambda: [read(number, "GB") for _ in range(20_000)]) for _ in range(5)]
    return median(times) / 20_000 * 1e6


def compare_phones(count: int) -> None:
    chance = random.Random(20261123)
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    numbers = [(random_number(chance), chance.choice(regions)) for _ in range(count)]
    disagreements = sum(e164(*number) != by_library(*number) for number in numbers)
    print(f"{count:,} random numbers: {disagreements} disagreements with the library")
    for what, number in [("E.164", "+447911123456"), ("national", "020 7946 0018")]:
        ours, library = microseconds(e164, number), microseconds(by_library, number)
        print(f"  {what:9} {ours:5.2f} µs   the library {library:5.1f} µs   {library / ours:.0f} x")


def peak_after(rows: int, settings: CutSettings = SETTINGS) -> int:
    """Peak resident memory, in KiB, of this process when it has cut a file of that many rows.

    From Linux's VmHWM: getrusage() would hand down the peak of the process that started this one.
    """
    cutter = Cutter(settings)
    for _ in cutter.feed(chunks(rows)):
        pass
    for _ in cutter.finish():
        pass
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def compare_memory() -> None:
    remembered = replace(SETTINGS, deduplicate=True)
    for rows, settings in (*((rows, SETTINGS) for rows in MILLIONS), (4_000_000, remembered)):
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            peak = alone.submit(peak_after, rows, settings).result() / 1024
            print(
                f"{rows:,} rows{', deduplicated' if settings.deduplicate else ''}: peak {peak:.0f} MiB",
                flush=True,
            )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=200_000)
    arguments.add_argument("--numbers", type=int, default=300_000)
    arguments.add_argument("--memory", action="store_true")
    chosen = arguments.parse_args()
    compare_loops(chosen.rows)
    compare_phones(chosen.numbers)
    if chosen.memory:
        compare_memory()


if __name__ == "__main__":
    main()
