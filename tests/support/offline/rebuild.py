"""Rebuilds the schema of a google provider's release, for the types that infra/*.tf uses, from the bindings generated from it.

    pip download --no-deps cdktn-provider-google==20.3.1
    python -m tests.support.offline.rebuild cdktn_provider_google-20.3.1-py3-none-any.whl

The package says in its description which release of the provider it was generated from; the file is named by that.
"""

import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.offline.bindings import Bindings
from tests.support.offline.schema import DATA

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "tests/infra/schemas"
FORBIDDEN = ("google_project_iam_binding", "google_secret_manager_secret_version")
"""Types that infra/ must not use: known, so that our own checks can say why."""

_USED = re.compile(r'^(resource|data) "(google_\w+)"', re.M)


def used_types(folder: Path = ROOT / "infra") -> frozenset[str]:
    """As the schema's file names them."""
    texts = (file.read_text("utf-8") for file in sorted(folder.glob("*.tf")))
    found = (match.groups() for text in texts for match in _USED.finditer(text))
    return frozenset((DATA if word == "data" else "") + name for word, name in found)


def rebuild(wheel: Path, types: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The release and its schema. KeyError names a type that the release does not have."""
    with zipfile.ZipFile(wheel) as package:
        release = _release(package)
        inner = next(name for name in package.namelist() if name.endswith(".jsii.tgz"))
        modules = dict(_modules(package.read(inner), {_folder(each): each for each in types | {"provider"}}))
    return release, {each: Bindings(*modules[each]).block() for each in sorted(types | {"provider"})}


def write(release: str, types: Mapping[str, Any]) -> Path:
    """A line for each type, so that a change of one is a change of one line."""
    lines = ",\n".join(f"  {json.dumps(each)}: {json.dumps(types[each], sort_keys=True)}" for each in types)
    file = SCHEMAS / f"google-{release}.json"
    file.write_text(f'{{"release": "{release}", "types": {{\n{lines}\n}}}}\n', "utf-8")
    return file


def _release(package: zipfile.ZipFile) -> str:
    described = next(name for name in package.namelist() if name.endswith("/METADATA"))
    found = re.search(r"provider version ([0-9.]+)", package.read(described).decode())
    if found is None:
        raise ValueError("the package does not say which provider it was made from")
    return found[1]


def _modules(archive: bytes, wanted: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Type to its code and its declarations."""
    found: dict[str, dict[str, str]] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as files:
        for member in files:
            *_, folder, name = ("", "", *member.name.split("/"))
            if (
                folder in wanted
                and name in {"index.js", "index.d.ts"}
                and (file := files.extractfile(member))
            ):
                found.setdefault(folder, {})[name] = file.read().decode()
    return ((wanted[each], (texts["index.js"], texts["index.d.ts"])) for each, texts in found.items())


def _folder(kind: str) -> str:
    name = kind.removeprefix(DATA).removeprefix("google_").replace("_", "-")
    return f"data-google-{name}" if kind.startswith(DATA) else name


if __name__ == "__main__":
    for each in sys.argv[1:]:
        sys.stdout.write(f"{write(*rebuild(Path(each), used_types().union(FORBIDDEN)))}\n")
