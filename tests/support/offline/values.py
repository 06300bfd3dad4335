"""Values as Terraform and a provider write them to each other: MessagePack, where one that is not known yet has a mark of its own."""

import json
from typing import Any

import msgpack

from tests.support.offline.protocol import MESSAGES

UNKNOWN = msgpack.ExtType(0, b"")


def unpack(written: Any) -> Any:
    if written.msgpack:
        return msgpack.unpackb(written.msgpack, raw=False, strict_map_key=False)
    return json.loads(written.json) if written.json else None


def pack(value: Any) -> Any:
    return MESSAGES["DynamicValue"](msgpack=msgpack.packb(value))


def is_unknown(value: Any) -> bool:
    return isinstance(value, msgpack.ExtType)
