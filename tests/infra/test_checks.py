"""`make check` finds what it is there to find: each rule is broken once on purpose."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = str(Path(sys.executable).parent)

# importer, imported: one for each import contract, in the contracts' order
FORBIDDEN = [
    ("services.ingest", "services.chunker"),
    ("services.uploader", "infra"),
    ("shared.ops", "services"),
    ("infra", "services"),
    ("infra.local", "shared"),
    ("services.console", "infra.local"),
    ("services.console", "services.uploader.destinations"),
    ("shared.model", "shared.ops"),
    ("shared.wire", "shared.model"),
    ("shared.ops", "yaml"),
    ("services.chunker", "google"),
]

BANNED = """\
import datetime, mock, os, time, unittest.mock
datetime.date.today()
datetime.datetime.now(datetime.UTC)
datetime.datetime.today()
datetime.datetime.utcnow()
os.environ["HOME"]
os.getenv("HOME")
time.sleep(1)
time.time()
time.time_ns()
"""


@pytest.fixture(scope="module")
def broken_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages with a module `planted` in each importer, which imports what it must not."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", tree)
    for package in ("services", "shared", "infra"):
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for importer, imported in FORBIDDEN:
        with (tree / importer.replace(".", "/") / "planted.py").open("a") as module:
            module.write(f"import {imported}\n")
    return tree


def test_every_import_contract_can_break(broken_tree: Path) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    report = subprocess.run(
        [f"{TOOLS}/lint-imports", "--no-logo", "--no-cache"],
        cwd=broken_tree,
        env={"COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    assert f"Contracts: 0 kept, {len(contracts)} broken." in report
    assert len(contracts) == len(FORBIDDEN)


def test_every_banned_name_is_refused() -> None:
    assert banned_lines("services/ingest/handler.py") == [1, 1, *range(2, 11)]


@pytest.mark.parametrize("file", ["shared/clock.py", "shared/settings.py", "infra/local/clock.py"])
def test_a_banned_name_has_the_homes_that_are_listed(file: str) -> None:
    assert banned_lines(file) == []


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("shared/gcp/blobs.py", "from google.ads.googleads.client import GoogleAdsClient"),
        ("services/uploader/destinations/google_ads.py", "from google.cloud import storage"),
    ],
)
def test_clients_of_the_cloud_and_destinations_keep_apart(file: str, statement: str) -> None:
    assert banned_lines(file, statement) == [1]


def banned_lines(file: str, text: str = BANNED) -> list[int]:
    """The lines at which TID251 is reported for this text in this file."""
    command = [
        f"{TOOLS}/ruff",
        "check",
        "--select=TID251",
        "--output-format=json",
        "--stdin-filename",
        file,
        "-",
    ]
    found = subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True, check=False).stdout
    return sorted(each["location"]["row"] for each in json.loads(found))
