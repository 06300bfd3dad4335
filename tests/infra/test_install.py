"""Installing a bundle: what is not byte for byte what was pinned stays out, and a missing network is told apart from that."""

from pathlib import Path

import pytest

from infra.archive import archive
from infra.install import IndexOutOfReach, NotInstalled, install
from tests.support.reach import package_index

NOBODY = "http://127.0.0.1:9/simple"  # the discard port: nothing listens there


def test_a_requirement_with_another_hash_is_refused(tmp_path: Path) -> None:
    zipped = bundle(tmp_path, f"idna==3.10 --hash=sha256:{'0' * 64}\n")

    with package_index(), pytest.raises(NotInstalled, match=r"(?i)hash"):
        install(zipped, tmp_path)


def test_a_requirement_without_a_hash_is_refused(tmp_path: Path) -> None:
    zipped = bundle(tmp_path, "idna==3.10\n")

    with package_index(), pytest.raises(NotInstalled, match=r"(?i)hash"):
        install(zipped, tmp_path)


def test_an_index_that_does_not_answer_is_no_fault_of_the_requirements(tmp_path: Path) -> None:
    zipped = bundle(tmp_path, f"idna==3.10 --hash=sha256:{'0' * 64}\n")

    with pytest.raises(IndexOutOfReach):
        install(zipped, tmp_path, "--no-cache", "--index-url", NOBODY)


def bundle(folder: Path, requirements: str) -> Path:
    zipped = folder / "bundle.zip"
    zipped.write_bytes(archive({"requirements.txt": requirements.encode()}))
    return zipped
