"""The provider's answers: it agrees to whatever the schema and Google's rules allow, and makes up what Google would give."""

from collections.abc import Iterator
from typing import Any

from tests.support.offline.google import given, refusals
from tests.support.offline.protocol import MESSAGES
from tests.support.offline.schema import DATA, Block, Schema, entries
from tests.support.offline.values import UNKNOWN, is_unknown, pack, unpack

_ERROR = 1
_LEFT_TO_THE_PROVIDER = ("project", "region")


class Provider:
    """One method for each of the protocol's, by its name there."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._defaults: dict[str, str] = {}

    def GetProviderSchema(self, _: Any) -> Any:
        return self._schema.message()

    def ValidateProviderConfig(self, _: Any) -> Any:
        return MESSAGES["CheckedProvider"]()

    def ValidateResourceConfig(self, asked: Any) -> Any:
        return self._checked(asked.type_name, unpack(asked.config))

    def ValidateDataResourceConfig(self, asked: Any) -> Any:
        return self._checked(DATA + asked.type_name, unpack(asked.config))

    def ConfigureProvider(self, asked: Any) -> Any:
        config = unpack(asked.config) or {}
        self._defaults = {
            name: config[name] for name in _LEFT_TO_THE_PROVIDER if isinstance(config[name], str)
        }
        return MESSAGES["Checked"]()

    def UpgradeResourceState(self, asked: Any) -> Any:
        return MESSAGES["Upgraded"](state=MESSAGES["DynamicValue"](json=asked.raw_state.json))

    def ReadResource(self, asked: Any) -> Any:
        """It is as it was left."""
        return MESSAGES["ReadAnswer"](new_state=asked.current_state)

    def PlanResourceChange(self, asked: Any) -> Any:
        planned = self._filled(asked.type_name, unpack(asked.proposed_new_state), final=False)
        return MESSAGES["Planned"](planned_state=pack(planned), legacy_type_system=True)

    def ApplyResourceChange(self, asked: Any) -> Any:
        made = self._filled(asked.type_name, unpack(asked.planned_state), final=True)
        return MESSAGES["Applied"](new_state=pack(made), legacy_type_system=True)

    def ReadDataSource(self, asked: Any) -> Any:
        found = self._filled(DATA + asked.type_name, unpack(asked.config), final=True)
        return MESSAGES["DataAnswer"](state=pack(found))

    def StopProvider(self, _: Any) -> Any:
        return MESSAGES["Nothing"]()

    def _checked(self, kind: str, config: dict[str, Any]) -> Any:
        found = _problems(kind, self._schema.block(kind), config, "")
        told = [MESSAGES["Diagnostic"](severity=_ERROR, summary=f"{kind}: {each}") for each in found]
        return MESSAGES["Checked"](diagnostics=told)

    def _filled(self, kind: str, value: Any, *, final: bool) -> Any:
        """None is what will be destroyed."""
        if value is not None:
            self._fill(kind, self._schema.block(kind), value, "", value, final)
        return value

    def _fill(
        self, kind: str, block: Block, value: dict[str, Any], path: str, top: dict[str, Any], final: bool
    ) -> None:
        for name, attribute in block.get("attributes", {}).items():
            if _is_open(attribute, value.get(name), final):
                value[name] = self._given(kind, path + name, attribute["type"], top, final)
            if attribute.get("write_only"):
                value[name] = None
        for name, nested in block.get("blocks", {}).items():
            for entry in entries(nested["nesting"], value.get(name)):
                self._fill(kind, nested["block"], entry, f"{path}{name}.", top, final)

    def _given(self, kind: str, path: str, form: Any, top: dict[str, Any], final: bool) -> Any:
        if path in self._defaults:
            return self._defaults[path]
        known = given(kind, path, {**self._defaults, **_said(top)})
        if known is None:
            return _made_up(path, form) if final else UNKNOWN
        return known


def _problems(kind: str, block: Block, value: dict[str, Any], path: str) -> Iterator[str]:
    for name, attribute in block.get("attributes", {}).items():
        said = value.get(name)
        if said is not None and not is_unknown(said):
            yield from _argument_problems(kind, attribute, path + name, said)
    for name, nested in block.get("blocks", {}).items():
        said = value.get(name)
        for entry in entries(nested["nesting"], () if said is None or is_unknown(said) else said):
            yield from _problems(kind, nested["block"], entry, f"{path}{name}.")


def _argument_problems(kind: str, attribute: dict[str, Any], path: str, said: Any) -> Iterator[str]:
    values = attribute.get("values")
    if values and isinstance(said, str) and said and said not in values:
        yield f"{path} cannot be {said!r}: it is one of {', '.join(values)}"
    if attribute.get("computed") and not attribute.get("optional"):
        yield f"{path} is for Google to say"
    yield from refusals(kind, path, said)


def _is_open(attribute: dict[str, Any], value: Any, final: bool) -> bool:
    return bool(attribute.get("computed")) and (value is None or (final and is_unknown(value)))


def _said(arguments: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if isinstance(value, str)}


def _made_up(path: str, form: Any) -> Any:
    simple: dict[str, Any] = {"string": f"offline-{path}", "number": 0, "bool": False}
    if isinstance(form, str):
        return simple.get(form)
    return {} if form[0] == "map" else []
