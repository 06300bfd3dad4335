"""The local Google Ads reads and writes every version with the messages of one: what is served means the same in all."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from google.ads.googleads.client import GoogleAdsClient
from google.protobuf import descriptor_pool

from infra.local.ads import failure, steps, versions
from infra.local.ads.problems import Problem

OTHERS = [version for version in versions.served() if version != versions.OWN]


def test_the_version_that_is_used_is_the_client_librarys_newest() -> None:
    assert versions.served()[-1] == versions.OWN == GoogleAdsClient({}).enums._version


def test_names_of_a_version_are_those_of_its_package() -> None:
    own = "google.ads.googleads.v26.errors.googleadsfailure-bin"

    assert versions.named(own, "v24") == "google.ads.googleads.v24.errors.googleadsfailure-bin"
    assert versions.named(own, versions.OWN) == own
    assert versions.named("request-id", "v24") == "request-id"


def test_an_answer_names_the_version_that_was_asked() -> None:
    problem = Problem("OfflineUserDataJobError.INVALID_SHA256_FORMAT", "no hash")
    answer = steps.ADDED(partial_failure_error=failure.partial([problem], "r1"))

    read = steps.ADDED.FromString(versions.written(answer.SerializeToString(), "v24"))

    (detail,) = read.partial_failure_error.details
    assert detail.type_url == "type.googleapis.com/google.ads.googleads.v24.errors.GoogleAdsFailure"


@pytest.mark.parametrize("version", OTHERS)
def test_no_number_of_a_message_that_is_served_means_anything_else(version: str) -> None:
    import_module(f"google.ads.googleads.{version}")
    pool, seen = descriptor_pool.Default(), set[str]()

    pairs = [(own, pool.FindMessageTypeByName(versions.named(own.full_name, version))) for own in SERVED]
    differing = [each for own, other in pairs for each in _differences(own, other, seen)]

    assert differing == []
    assert len(seen) > 500


def messages() -> Iterator[Any]:
    """All that the face reads and writes, and the failure that answers may hold."""
    yield from (method.request for method in steps.METHODS)
    yield from (steps.CREATED, steps.ADDED, steps.PAGE, steps.BATCH, steps.JOB_METADATA, failure.FAILURE)


SERVED = [each.DESCRIPTOR for each in messages()]


def _differences(own: Any, other: Any, seen: set[str]) -> Iterator[str]:
    if own.full_name in seen:
        return
    seen.add(own.full_name)
    for number, field in own.fields_by_number.items():
        its = other.fields_by_number.get(number)
        if its is None:
            continue
        if (field.name, field.type, field.is_repeated) != (its.name, its.type, its.is_repeated):
            yield f"{own.full_name}.{field.name}"
        elif field.message_type:
            yield from _differences(field.message_type, its.message_type, seen)
        elif field.enum_type:
            yield from _other_names(field.enum_type, its.enum_type)


def _other_names(own: Any, other: Any) -> Iterator[str]:
    for number, value in own.values_by_number.items():
        its = other.values_by_number.get(number)
        if its is not None and its.name != value.name:
            yield f"{own.full_name}.{value.name}"
