"""The ledger: facts are created once, states are swapped, and a lost answer is never taken for somebody else's write."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.storage.engine import StorageEngine
from shared.errors import TransientError
from shared.ledger import Ledger
from shared.model.codec import encode
from shared.model.state import Claim, Line, Result
from tests.support.effects import Fault, Gate, nth
from tests.support.engines import StoreBlobs
from tests.support.stage import Stage
from tests.support.stores import EngineStore

START = 1_795_420_800.0
NAME = "lines/1234567890/high-value.json"
SUCCESS, FAILED = Result("SUCCESS"), Result("FAILED")


@pytest.fixture
def stage() -> Stage:
    return Stage(START, random.Random(0))


@pytest.fixture
def gate(stage: Stage) -> Gate:
    return Gate(stage)


@pytest.fixture
def blobs(tmp_path: Path, stage: Stage, gate: Gate) -> Iterator[StoreBlobs]:
    store = StorageEngine(tmp_path, lambda: stage.now)
    store.buckets.insert("work", "sluice-test", {})
    yield StoreBlobs(EngineStore(store, "work"), "work", gate, stage)
    store.close()


@pytest.fixture
def ledger(blobs: StoreBlobs) -> Ledger:
    return Ledger(blobs)


def test_what_is_not_there_is_nothing(ledger: Ledger) -> None:
    assert ledger.read(Result, NAME) is None
    assert ledger.fact(Result, NAME) is None
    assert ledger.stat(NAME) is None


def test_the_first_fact_stays(ledger: Ledger) -> None:
    first = ledger.settle(NAME, SUCCESS, {"token": "mine"})
    second = ledger.settle(NAME, FAILED, {"token": "theirs"})

    assert first.value == second.value == SUCCESS
    assert second.metadata == {"token": "mine"}
    assert (first.generation, first.created, first.content) == (
        second.generation,
        second.created,
        second.content,
    )


def test_the_clients_own_repeat_of_a_lost_answer_is_no_other_writer(ledger: Ledger, gate: Gate) -> None:
    gate.plan = nth("create", 1, Fault("repeat"))

    assert ledger.settle(NAME, SUCCESS).value == SUCCESS


def test_a_fact_is_read_once_and_its_absence_again_and_again(ledger: Ledger, blobs: StoreBlobs) -> None:
    assert ledger.fact(Result, NAME) is None
    blobs.create(NAME, encode(SUCCESS))
    found = ledger.fact(Result, NAME)
    assert found
    blobs.delete(NAME, found.generation)

    assert ledger.fact(Result, NAME) is found


def test_many_facts_are_not_all_remembered(ledger: Ledger, blobs: StoreBlobs, stage: Stage) -> None:
    ledger.settle("0", SUCCESS)
    first = ledger.fact(Result, "0")
    for number in range(1, 300):
        ledger.settle(str(number), SUCCESS)
        ledger.fact(Result, str(number))

    assert ledger.fact(Result, "0") is not first


def test_a_state_is_swapped_on_the_generation_that_was_read(ledger: Ledger, stage: Stage) -> None:
    first = ledger.swap(NAME, Line(filling=1), 0)
    assert first
    stage.pause(1)

    second = ledger.swap(NAME, Line(filling=2), first.generation, {"ready": "1"})

    assert second
    assert second.generation > first.generation
    assert ledger.read(Line, NAME) == second


@pytest.mark.parametrize("generation", [0, 7])
def test_who_read_something_older_swaps_nothing(ledger: Ledger, stage: Stage, generation: int) -> None:
    ledger.swap(NAME, Line(filling=1), 0)
    stage.pause(1)

    assert ledger.swap(NAME, Line(owner=Claim("s", 1)), generation) is None
    assert ledger.read(Line, NAME) == ledger.swap(NAME, Line(filling=1), generation)


def test_a_swap_whose_answer_was_lost_is_found_to_be_ours(ledger: Ledger, gate: Gate) -> None:
    gate.plan = nth("replace", 1, Fault("repeat"))

    taken = ledger.swap(NAME, Line(filling=1), 0)

    assert taken
    assert taken == ledger.read(Line, NAME)


def test_a_swap_that_must_change_the_metadata_is_not_ours_when_they_differ(
    ledger: Ledger, stage: Stage
) -> None:
    """The open marker says `ready` in its metadata alone: its content is the same before and after."""
    made = ledger.swap(NAME, Line(), 0, {"ready": "0"})
    assert made
    stage.pause(1)

    assert ledger.swap(NAME, Line(), made.generation + 1, {"ready": "1"}) is None


def test_a_storage_that_is_away_is_said_to_be(ledger: Ledger, gate: Gate) -> None:
    gate.plan = nth("create", 1, Fault("refuse"))

    with pytest.raises(TransientError):
        ledger.settle(NAME, SUCCESS)


def test_lists_show_names_and_metadata_without_content(ledger: Ledger) -> None:
    for number in range(1_005):
        ledger.settle(f"receipts/{number:05d}.json", SUCCESS, {"k": str(number)})
    ledger.settle("receipt.json", SUCCESS)

    listed = list(ledger.list("receipts/"))

    assert [blob.metadata["k"] for blob in listed] == [str(number) for number in range(1_005)]
    assert {blob.content for blob in listed} == {b""}


def test_what_is_removed_is_gone_unless_somebody_wrote_it_anew(ledger: Ledger, stage: Stage) -> None:
    first = ledger.settle(NAME, SUCCESS)
    stage.pause(1)
    assert ledger.swap(NAME, replace(SUCCESS, job="job"), first.generation)
    stage.pause(1)

    assert not ledger.remove(NAME, first.generation)
    found = ledger.read(Result, NAME)
    assert found
    stage.pause(1)
    assert ledger.remove(NAME, found.generation)
    assert ledger.read(Result, NAME) is None
    assert not ledger.remove(NAME, found.generation)


def test_bytes_that_are_no_document_are_written_once(ledger: Ledger, blobs: StoreBlobs) -> None:
    ledger.write_once("rejects/1.csv", b"line\n1\n")
    ledger.write_once("rejects/1.csv", b"other")

    found = blobs.get("rejects/1.csv")
    assert found
    assert found.content == b"line\n1\n"


def test_a_ledger_knows_its_bucket(ledger: Ledger) -> None:
    assert ledger.bucket == "work"
