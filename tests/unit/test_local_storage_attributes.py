"""What clients may set on an object, and what PATCH and PUT make of it."""

from typing import Any

import pytest

from infra.local.storage.attributes import accepted, patched, replaced
from infra.local.storage.refusal import Reason, Refused

OLD = {"storageClass": "STANDARD", "contentType": "text/csv", "metadata": {"run": "1", "note": "n"}}


def test_what_only_the_service_sets_is_ignored() -> None:
    assert accepted({"name": "a", "size": "5", "etag": "x", "contentType": "text/csv"}) == {
        "contentType": "text/csv"
    }


@pytest.mark.parametrize("field", ["acl", "retention", "temporaryHold", "contexts", "kmsKeyName"])
def test_a_setting_that_would_do_nothing_is_refused_unless_it_is_off(field: str) -> None:
    assert accepted({field: None}) == accepted({field: []}) == accepted({field: False}) == {}
    with pytest.raises(Refused) as refused:
        accepted({field: ["something"]})
    assert refused.value.reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("wrong", [{"contentType": 5}, {"metadata": "text"}, {"metadata": {"a": 1}}])
def test_values_of_the_wrong_kind_are_invalid(wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        accepted(wrong)
    assert refused.value.reason is Reason.INVALID


@pytest.mark.parametrize(
    ("patch", "changed"),
    [
        ({}, OLD),
        ({"contentType": "text/plain"}, {**OLD, "contentType": "text/plain"}),
        ({"contentType": None}, {"storageClass": "STANDARD", "metadata": OLD["metadata"]}),
        ({"metadata": {"run": "2"}}, {**OLD, "metadata": {"run": "2", "note": "n"}}),
        ({"metadata": {"note": None}}, {**OLD, "metadata": {"run": "1"}}),
        ({"metadata": None}, {"storageClass": "STANDARD", "contentType": "text/csv"}),
        ({"storageClass": "STANDARD"}, OLD),
    ],
)
def test_a_patch_changes_what_it_names(patch: dict[str, Any], changed: dict[str, Any]) -> None:
    assert patched(OLD, patch) == changed


def test_a_put_keeps_only_what_it_names() -> None:
    assert replaced(OLD, {"metadata": {"x": "y"}}) == {"storageClass": "STANDARD", "metadata": {"x": "y"}}


@pytest.mark.parametrize("change", [patched, replaced])
def test_a_storage_class_is_not_patched(change: Any) -> None:
    with pytest.raises(Refused):
        change(OLD, {"storageClass": "COLDLINE"})
