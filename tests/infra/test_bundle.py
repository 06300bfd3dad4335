"""Bundles: what is staged for a service is all that it needs, and nothing of another."""

from pathlib import Path

import pytest

from infra.bundle import SERVICES, bundle, stage

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


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
