"""The demo's faults: seeded, carried out as written, early enough for the smallest demo."""

from hypothesis import given
from hypothesis import strategies as st

from services.console.demo.faults import faults
from services.console.site import SERVICES

SEEDS = st.integers(0, 10_000)
FIELDS = {"id", "service", "method", "account", "action", "nth", "times", "code", "reason", "process"} | {
    "every",
    "standing",
}


@given(seed=SEEDS)
def test_the_same_seed_means_the_same_troubles(seed: int) -> None:
    assert faults(seed, "1", "2") == faults(seed, "1", "2")


def test_another_seed_means_other_troubles() -> None:
    assert len({str(faults(seed, "1", "2")) for seed in range(20)}) == 20


@given(seed=SEEDS)
def test_each_fault_is_one_that_the_local_cloud_can_carry_out(seed: int) -> None:
    planned = faults(seed, "1", "2")

    assert len({fault["id"] for fault in planned}) == len(planned)
    for fault in planned:
        assert fault.keys() <= FIELDS
        assert ("process" in fault) == fault["action"].startswith("kill")
        assert fault.get("process", "uploader") in SERVICES


@given(seed=SEEDS)
def test_each_adding_of_people_goes_wrong_in_one_way_only(seed: int) -> None:
    adds = [fault for fault in faults(seed, "1", "2") if fault["method"].startswith("Add")]
    moments = [(fault["account"], fault["nth"]) for fault in adds]

    assert len(set(moments)) == len(moments)
    # Four segments go to the first account and three to the second; each trouble makes one more request.
    assert all(nth <= 5 for _, nth in moments)


@given(seed=SEEDS)
def test_people_are_refused_by_the_first_request_that_brings_them(seed: int) -> None:
    """A later one may bring again whom an earlier one brought whole."""
    adds = [fault for fault in faults(seed, "1", "2") if fault["method"].startswith("Add")]
    (garble,) = (fault for fault in adds if fault["action"] == "garble")

    assert garble["nth"] < min(
        fault["nth"] for fault in adds if fault["account"] == garble["account"] and fault is not garble
    )


@given(seed=SEEDS)
def test_one_account_falls_into_bad_standing_and_the_other_stays_in_good(seed: int) -> None:
    planned = faults(seed, "1", "2")

    assert [(fault["account"], fault["standing"]) for fault in planned if "standing" in fault] == [
        ("2", "terms_not_accepted")
    ]
