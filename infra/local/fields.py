"""Reading and writing the fields of Google's own messages: times, field masks, and what the local cloud
leaves out.

Nothing is accepted in silence: a field that would have no effect here is answered UNIMPLEMENTED.
"""

from collections.abc import Collection
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask

from infra.local.refused import invalid, unimplemented


def seconds(message: Any, field: str, default: float) -> float:
    """A Duration in seconds or a Timestamp in epoch seconds, to the microsecond; if unset, `default`."""
    return getattr(message, field).ToMicroseconds() / 1e6 if message.HasField(field) else default


def set_time(field: Any, value: float) -> None:
    """Writes epoch seconds into a Timestamp, or seconds into a Duration."""
    field.FromMicroseconds(round(value * 1e6))


def refuse_others(message: Any, supported: Collection[str]) -> None:
    """Refuses a message in which any other field than the supported ones is set."""
    for field, _ in message.ListFields():
        if field.name not in supported:
            raise unimplemented(f"{message.DESCRIPTOR.name}.{field.name}")


def masked(current: Any, update: Any, mask: FieldMask) -> Any:
    """A copy of `current` with the mask's fields as in `update`, where what is not set is cleared."""
    if not mask.IsValidForDescriptor(current.DESCRIPTOR):
        raise invalid(f"update_mask names fields that {current.DESCRIPTOR.name} does not have: {mask.paths}")
    merged = type(current)()
    merged.CopyFrom(current)
    mask.MergeMessage(update, merged, replace_message_field=True, replace_repeated_field=True)
    return merged
