"""The page about files says what the chunker does."""

import re
from pathlib import Path

from services.chunker.columns import ALIASES, SEVERAL
from services.chunker.consent import WORDS
from services.chunker.formats import DELIMITERS
from services.chunker.json_lines import UNREADABLE
from services.chunker.source import GROWTH_BYTES, GROWTH_MAX
from shared.wire.google_ads import IDENTIFIERS_PER_USER_DATA_MAX

PAGE = (Path(__file__).parents[2] / "docs/files.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of each row below the head."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    found = [line.strip("| \n").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return found[2:]


def test_every_column_is_there_with_its_names_in_their_order() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("Columns")}
    assert told == {column: "; ".join(", ".join(rank) for rank in ranks) for column, ranks in ALIASES.items()}


def test_what_may_be_several_is_said() -> None:
    assert {row[0].strip("`") for row in rows("Columns") if row[2] == "yes"} == SEVERAL


def test_every_word_of_consent_is_there() -> None:
    told = {word for row in rows("Consent")[:3] for word in row[0].split(", ")}
    assert told == {word for word in WORDS if not word.startswith(UNREADABLE)}


def test_bounds_and_delimiters_are_the_codes() -> None:
    assert f"more than {GROWTH_MAX} times its size, and to more than {GROWTH_BYTES >> 20} MiB" in PAGE
    assert f"Google takes {IDENTIFIERS_PER_USER_DATA_MAX} of one person" in PAGE
    words = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
    assert re.search(", ".join(words[sign] for sign in DELIMITERS[:3]) + f" or {words[DELIMITERS[3]]}", PAGE)
