"""Labels: what an uploader writes on an object, and every event and log line of its segment then says. Pure.

Anybody may write anything there, a person's data too. So only keys that topology.yaml names travel, and only values that
have the form of Google Cloud's own labels.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_VALUE = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII)


@dataclass(frozen=True)
class Labels:
    """`refused` are keys of which the value is none."""

    kept: Mapping[str, str]
    refused: tuple[str, ...]


def labels_of(metadata: Mapping[str, str], allowed: Iterable[str]) -> Labels:
    asked = {key: metadata[key] for key in allowed if metadata.get(key)}
    kept = {key: value for key, value in asked.items() if _VALUE.fullmatch(value)}
    return Labels(kept, tuple(key for key in asked if key not in kept))
