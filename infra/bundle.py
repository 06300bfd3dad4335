"""Stages what is deployed: {build}/{service}/ holds one service, shared/, its requirements and the topology.

    python -m infra.bundle [BUILD]

Each folder runs by itself: `functions-framework --source main.py` in it needs nothing else of the repository.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

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


def stage_all(build: Path, root: Path = _ROOT) -> None:
    for service in SERVICES:
        stage(bundle(service, root), build / service)


def _modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


if __name__ == "__main__":
    stage_all(Path(sys.argv[1] if len(sys.argv) > 1 else "build"))
