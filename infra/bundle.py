"""Stages what is deployed: {build}/{service}/ holds one service, shared/, its requirements and the topology;
{build}/{service}.zip holds the same files.

    python -m infra.bundle [BUILD]

Each folder runs by itself: `functions-framework --target SERVICE` in it needs nothing else of the repository.
"""

import shutil
import sys
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from infra.archive import archive
from infra.load import load_topology
from infra.render import topology_json

SERVICES = ("ingest", "chunker", "uploader")
_ROOT = Path(__file__).parents[1]


def bundle(service: str, root: Path = _ROOT) -> dict[str, bytes]:
    """Every file of one service's bundle by its path in it."""
    own = (f"services/{service}", "shared")
    modules = [
        root / "services/__init__.py",
        *(module for package in own for module in _modules(root / package)),
    ]
    return {
        # A copy of the service's own face: the platform wants it at the top, and its imports are absolute.
        "main.py": (root / f"services/{service}/main.py").read_bytes(),
        "requirements.txt": (root / f"requirements/{service}.txt").read_bytes(),
        "topology.json": topology_json(load_topology(root / "infra/topology.yaml")),
        **{module.relative_to(root).as_posix(): module.read_bytes() for module in modules},
    }


def stage(files: Mapping[str, bytes], folder: Path) -> None:
    """Replaces the folder: a module that is gone must not live on in a bundle."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def build(folder: Path, root: Path = _ROOT) -> Iterator[Path]:
    """The zip of each service, once it and its staged folder are there."""
    for service in SERVICES:
        files = bundle(service, root)
        stage(files, folder / service)
        zipped = folder / f"{service}.zip"
        zipped.write_bytes(archive(files))
        yield zipped


def _modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def _described(zipped: Path) -> str:
    content = zipped.read_bytes()
    return f"{zipped.as_posix():18} {len(content):>7,} bytes  sha256 {sha256(content).hexdigest()}\n"


if __name__ == "__main__":
    for each in build(Path(sys.argv[1] if len(sys.argv) > 1 else "build")):
        sys.stdout.write(_described(each))
