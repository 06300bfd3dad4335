"""A release's schema, as it lies in a file, in the protocol's words. Data sources are named `data.TYPE`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.offline.protocol import MESSAGES

Block = Mapping[str, Any]
"""`attributes`: name to {type, required, optional, computed, write_only, values}; `blocks`: name to {nesting, min, max, block}."""

_NESTINGS = {"single": 1, "list": 2, "set": 3}
_FLAGS = ("required", "optional", "computed", "write_only")
DATA = "data."


class Schema:
    def __init__(self, file: Path) -> None:
        self._types: dict[str, Block] = json.loads(file.read_text("utf-8"))["types"]

    def block(self, kind: str) -> Block:
        """Of a resource, of a data source (`data.TYPE`), or of the `provider` itself."""
        return self._types[kind]

    def message(self) -> Any:
        told = MESSAGES["Schemas"](provider=MESSAGES["Schema"](block=_block(self._types["provider"])))
        for kind, block in self._types.items():
            if kind != "provider":
                named = told.data_source_schemas if kind.startswith(DATA) else told.resource_schemas
                named.add(key=kind.removeprefix(DATA), value=MESSAGES["Schema"](block=_block(block)))
        return told


def entries(nesting: str, value: Any) -> Iterator[dict[str, Any]]:
    """What stands in a nested block of a value: none, one or many."""
    found = [value] if nesting == "single" else value
    yield from (entry for entry in found if isinstance(entry, dict))


def _block(block: Block) -> Any:
    told = MESSAGES["Block"]()
    for name, attribute in sorted(block.get("attributes", {}).items()):
        flags = {flag: attribute.get(flag, False) for flag in _FLAGS}
        told.attributes.add(name=name, type=json.dumps(attribute["type"]).encode(), **flags)
    for name, nested in sorted(block.get("blocks", {}).items()):
        bounds = {"min_items": nested.get("min", 0), "max_items": nested.get("max", 0)}
        nesting = _NESTINGS[nested["nesting"]]
        told.block_types.add(type_name=name, block=_block(nested["block"]), nesting=nesting, **bounds)
    return told
