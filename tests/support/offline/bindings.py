"""Reads a type's schema out of the JavaScript that was generated from it.

Before each argument the generator writes a comment that says whether it is computed, optional or required; the class of a nested block
is named in the code below; `synthesizeHclAttributes` and the `...ToHclTerraform` functions say which names are blocks, and whether lists
or sets; the declarations list the values that an argument may have.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_CLASS = re.compile(r"^class (\w+) extends cdktn\.(\w+) \{$(.*?)^\}$", re.M | re.S)
_ARGUMENT = re.compile(
    r"^    // ([\w-]+) - computed: (true|false), optional: (true|false), required: (true|false)\n(.*?)(?=^    // |\Z)",
    re.M | re.S,
)
_WRITTEN = re.compile(
    r"^ {8,12}(\w+): \{\n\s+value: .*?,\n\s+isBlock: (true|false),\n\s+type: \"(\w+)\",\n\s+storageClassType: \"(\w+)\"",
    re.M | re.S,
)
_MADE = re.compile(r"= new (?:cdktn\.)?(\w+)\(this, \"[^\"]+\"(?:, (true|false))?\)")
_INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", re.M | re.S)
_DECLARED = re.compile(r"/\*\*(.*?)\*/\s+readonly (\w+)\??:", re.S)
_VALUES = re.compile(r"Possible values: (\[[^\]]*\])")

_TOP = {"TerraformResource", "TerraformDataSource", "TerraformProvider"}
_MAPS = {
    "AnyMap": ["map", "string"],
    "BooleanMap": ["map", "bool"],
    "NumberMap": ["map", "number"],
    "StringMap": ["map", "string"],
    "StringMapList": ["list", ["map", "string"]],
}
_SIMPLE = {"Boolean": "bool", "Number": "number", "String": "string"}
_STORED = {
    "boolean": "bool",
    "number": "number",
    "stringList": ["list", "string"],
    "stringMap": ["map", "string"],
}
_OUTPUT = "OutputReference"


@dataclass(frozen=True)
class _Written:
    """How an argument is written in HCL."""

    is_block: bool
    form: str
    stored: str


class Bindings:
    """Of one type: `code` is its index.js, `declarations` its index.d.ts."""

    def __init__(self, code: str, declarations: str) -> None:
        self._code = code
        self._classes = {name: (base, body) for name, base, body in _CLASS.findall(code)}
        self._values = dict(_values_by_interface(declarations))

    def block(self) -> dict[str, Any]:
        name = next(name for name, (base, _) in self._classes.items() if base in _TOP)
        base, body = self._classes[name]
        written = _written(body[body.find("synthesizeHclAttributes() {") :])
        if base == "TerraformProvider":
            return _provider(written)
        return self._block(name, f"{name}Config", written)

    def _block(self, name: str, interface: str, written: Mapping[str, _Written]) -> dict[str, Any]:
        attributes, blocks = {}, {}
        for argument, computed, optional, required, code in _ARGUMENT.findall(self._classes[name][1]):
            flags = {"computed": computed, "optional": optional, "required": required}
            true = {flag: True for flag, said in flags.items() if said == "true"}
            how = written.get(argument, _Written(False, "", ""))
            if how.is_block and {"optional", "required"} & true.keys():
                blocks[argument] = self._nested(code, how, required == "true")
            else:
                attributes[argument] = self._attribute(argument, code, how, true, interface)
        return {"attributes": attributes, "blocks": blocks}

    def _nested(self, code: str, how: _Written, required: bool) -> dict[str, Any]:
        kind, is_set, many = self._made(code)
        bounds = ({"min": 1} if required else {}) | ({} if many else {"max": 1})
        if how.form == "struct":
            return {"nesting": "single", "block": self._below(kind)}
        nesting = "set" if is_set or how.form == "set" else "list"
        return {"nesting": nesting, **bounds, "block": self._below(kind)}

    def _attribute(
        self, argument: str, code: str, how: _Written, true: dict[str, bool], interface: str
    ) -> dict[str, Any]:
        values = self._values.get(interface, {}).get(_camel(argument))
        said = {"type": self._type(code, how), **true}
        said |= {"values": values} if values else {}
        return said | ({"write_only": True} if argument.endswith("_wo") and "optional" in true else {})

    def _type(self, code: str, how: _Written) -> Any:
        made = _MADE.search(code)
        if made and made[1] in _MAPS:
            return _MAPS[made[1]]
        if made:
            kind, is_set, _ = self._made(code)
            return ["set" if is_set else "list", _as_type(self._below(kind))]
        return _simple_type(code, how)

    def _made(self, code: str) -> tuple[str, bool, bool]:
        """The structure's name, whether it is in a set, and whether there may be many."""
        made = _MADE.search(code)
        if made is None:
            raise ValueError("a block without a class")
        many = self._classes[made[1]][0] == "ComplexList"
        return made[1].removesuffix("List" if many else _OUTPUT), made[2] == "true", many

    def _below(self, kind: str) -> dict[str, Any]:
        start = self._code.find(f"function {kind[0].lower()}{kind[1:]}ToHclTerraform(struct) {{")
        body = self._code[start : self._code.index("\n}\n", start)] if start >= 0 else ""
        return self._block(kind + _OUTPUT, kind, _written(body))


def _values_by_interface(declarations: str) -> Any:
    for interface, body in _INTERFACE.findall(declarations):
        found = {
            name: _VALUES.search(re.sub(r"\s*\n\s*\* ?", " ", said)) for said, name in _DECLARED.findall(body)
        }
        yield interface, {name: json.loads(each[1]) for name, each in found.items() if each}


def _written(body: str) -> dict[str, _Written]:
    return {
        name: _Written(block == "true", form, stored) for name, block, form, stored in _WRITTEN.findall(body)
    }


def _provider(written: Mapping[str, _Written]) -> dict[str, Any]:
    """Only its plain arguments: its blocks are for what nobody here sets."""
    plain = {name: how for name, how in written.items() if not how.is_block and name != "alias"}
    return {
        "attributes": {
            name: {"type": _STORED.get(how.stored, "string"), "optional": True} for name, how in plain.items()
        }
    }


def _simple_type(code: str, how: _Written) -> Any:
    found = re.search(r"return (.*?);", code, re.S)
    said = found[1] if found else ""
    collection = "set" if "tolist" in said else "list"
    if "getNumberListAttribute" in said:
        return [collection, "number"]
    if "getListAttribute" in said:
        return [collection, "string"]
    if "getStringMapAttribute" in said:
        return ["map", "string"]
    simple = re.search(r"this\.get(String|Number|Boolean)Attribute", said)
    return _SIMPLE[simple[1]] if simple else _STORED.get(how.stored, "string")


def _as_type(block: Mapping[str, Any]) -> Any:
    """A structure that only Google fills in is an attribute, whose type is an object."""
    fields = {name: attribute["type"] for name, attribute in block["attributes"].items()}
    nested = {name: ["list", _as_type(each["block"])] for name, each in block["blocks"].items()}
    return ["object", fields | nested]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(each.capitalize() for each in rest)
