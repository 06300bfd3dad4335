"""Bundles: what is staged for a service is all that it needs, and nothing of another."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.archive import archive
from infra.bundle import SERVICES, build, bundle, stage

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small repository with one module for each thing that a bundle is made of."""
    for service in SERVICES:
        _write(tmp_path / f"services/{service}/__init__.py", "")
        _write(tmp_path / f"services/{service}/main.py", f"# face of {service}")
        _write(tmp_path / f"requirements/{service}.txt", f"# pinned for {service}")
    _write(tmp_path / "services/__init__.py", "")
    _write(tmp_path / "services/console/main.py", "# the command")
    _write(tmp_path / "services/ingest/ruff.toml", "")
    _write(tmp_path / "services/ingest/__pycache__/main.cpython-311.pyc", "")
    _write(tmp_path / "shared/model/task.py", "# tasks")
    _write(tmp_path / "infra/topology.yaml", (ROOT / "infra/topology.yaml").read_text())
    return tmp_path


def test_a_bundle_holds_its_own_service_shared_and_the_topology(repository: Path) -> None:
    files = bundle("ingest", repository)

    assert sorted(files) == [
        "main.py",
        "requirements.txt",
        "services/__init__.py",
        "services/ingest/__init__.py",
        "services/ingest/main.py",
        "shared/model/task.py",
        "topology.json",
    ]
    assert files["main.py"] == b"# face of ingest"
    assert files["requirements.txt"] == b"# pinned for ingest"


def test_staging_again_leaves_nothing_of_the_last_time(repository: Path) -> None:
    folder = repository / "build/ingest"
    stage(bundle("ingest", repository), folder)
    (repository / "shared/model/task.py").unlink()

    stage(bundle("ingest", repository), folder)

    assert not (folder / "shared/model").exists()
    assert (folder / "topology.json").read_bytes() == bundle("ingest", repository)["topology.json"]


def test_trees_of_other_dates_orders_and_permissions_give_the_same_bytes(
    repository: Path, tmp_path: Path, umask: Callable[[int], int]
) -> None:
    umask(0o077)
    other = _copied_backwards(repository, tmp_path / "other")

    assert _zipped(other) == _zipped(repository)


def test_files_in_another_order_give_the_same_bytes() -> None:
    files = {"b.py": b"second", "a.py": b"first", "a/b.py": b"third"}

    assert archive(files) == archive(dict(reversed(files.items())))


def test_another_content_gives_other_bytes() -> None:
    assert archive({"a.py": b"1"}) != archive({"a.py": b"2"})


@pytest.mark.parametrize("service", SERVICES)
def test_a_zip_holds_exactly_the_staged_files(repository: Path, service: str) -> None:
    folder = repository / "build" / service
    *_, last = build(folder.parent, repository)

    with ZipFile(last.with_name(f"{service}.zip")) as zipped:
        held = {name: zipped.read(name) for name in zipped.namelist()}

    assert held == {name.relative_to(folder).as_posix(): name.read_bytes() for name in _files(folder)}


def test_everybody_may_read_what_a_zip_holds_and_only_its_owner_may_write_it(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(archive({"a.py": b""}))

    with ZipFile(tmp_path / "a.zip") as zipped:
        (mode,) = (entry.external_attr >> 16 for entry in zipped.infolist())

    assert stat.filemode(mode) == "-rw-r--r--"


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def _zipped(root: Path) -> dict[str, bytes]:
    return {zipped.name: zipped.read_bytes() for zipped in build(root / "build", root)}


def _copied_backwards(tree: Path, copy: Path) -> Path:
    """The last file first, so that folders list them in another order, and of other dates."""
    for number, file in enumerate(reversed(_files(tree))):
        target = copy / file.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        os.utime(target, (number, number))
    return copy


def _files(tree: Path) -> list[Path]:
    return sorted(path for path in tree.rglob("*") if path.is_file())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
