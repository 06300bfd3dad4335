"""What the network may bring: texts that are JSON and say anything, and what is almost right but for one place."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

HUGE = "9" * 400
"""A number that JSON can write and no float can hold."""
DEEP = "[" * 100_000
MISSING = object()
NUMBERS = st.sampled_from(
    [0, -1, 1, 2, 999_999, 1_000_000, 2**31, 2**63 - 1, 2**63, 10**40, int(HUGE), 0.0, -0.0, 1.5, 1e308]
) | st.sampled_from([float("nan"), float("inf"), float("-inf"), True, False])
TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "",
        ".",
        "..",
        "/",
        "a/../../config",
        "../config/accounts/1234567890",
        "\0",
        "a\r\nb",
        "\ud800",
        "\udfff.csv",
        "é" * 512,
        "a" * 1024,
        "a" * 2000,
        "١",
        "-1",
        "1e9",
        "' OR 1 = 1",
        HUGE,
    ]
)
SCALARS = st.none() | NUMBERS | TEXTS
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def changed(document: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The document with one or two fields replaced, left out (MISSING) or added."""
    known = st.sampled_from(sorted(document))
    return st.builds(
        lambda changes: {
            name: value for name, value in {**document, **changes}.items() if value is not MISSING
        },
        st.dictionaries(known, SCALARS | ANYTHING | st.just(MISSING), min_size=1, max_size=2)
        | st.dictionaries(TEXTS, SCALARS, min_size=1, max_size=1),
    )


def push(data: bytes, attributes: Mapping[str, Any] | None = None, **more: Any) -> bytes:
    message = {
        "messageId": "1",
        "data": base64.b64encode(data).decode(),
        "attributes": dict(attributes or {}),
    }
    return json.dumps({"message": message, "subscription": "s", **more}).encode()
