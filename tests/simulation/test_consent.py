"""Who must not be sent is counted as skipped, from the part to the outcome; what the account says of all comes before any reading."""

from dataclasses import replace

from shared.model.account import Consent
from tests.support.invariants import check
from tests.support.people import members
from tests.support.world import ACCOUNT, ACCOUNTS, AUDIENCE, World

NAME = f"{ACCOUNT}/{AUDIENCE}/append/people.csv"
ROWS = "email,consent\n" + "".join(
    f"person{number}@example.com,{'no' if number in (2, 5) else 'yes'}\n" for number in range(8)
)


def test_who_denies_is_skipped_in_part_and_outcome_and_nobody_is_refused_for_it(world: World) -> None:
    segment = world.land(NAME, ROWS.encode())
    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert outcome.type == "segment.completed"
    assert (outcome.records_received, outcome.records_accepted, outcome.records_skipped) == (8, 6, 2)
    assert world.members(ACCOUNT, AUDIENCE) == members({*range(8)} - {2, 5})
    parts = [event for event in world.events if event.type == "part.completed"]
    assert sum(part.records_skipped for part in parts) == 2
    assert sum(part.records_received for part in parts) == 8


def test_a_segment_of_nobody_who_may_be_sent_is_rejected_and_says_how_many_were_skipped(world: World) -> None:
    segment = world.land(NAME, b"email,consent\na@example.com,denied\nb@example.com,0\n")
    world.run()

    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code) == ("segment.rejected", "nothing_to_send")
    assert (outcome.records_received, outcome.records_rejected, outcome.records_skipped) == (2, 0, 2)


def test_an_account_whose_people_deny_sends_nobody_and_reads_nothing(world: World) -> None:
    world.deploy(replace(ACCOUNTS[0], consent=Consent("GRANTED", "DENIED")))
    segment = world.land(NAME, ROWS.encode())
    world.run()

    outcome = world.outcome(segment)
    assert (outcome.type, outcome.reason_code) == ("segment.rejected", "account_consent_denied")
    assert outcome.records_received == 0
    assert world.members(ACCOUNT, AUDIENCE) == set()


def test_people_are_taken_out_whatever_anybody_says_of_consent(world: World) -> None:
    world.land(NAME, ROWS.encode())
    world.run()
    world.deploy(replace(ACCOUNTS[0], consent=Consent("DENIED", "DENIED")))
    segment = world.land(f"{ACCOUNT}/{AUDIENCE}/remove/people.csv", ROWS.encode())
    world.run()

    check(world)
    assert world.outcome(segment).records_accepted == 8
    assert world.members(ACCOUNT, AUDIENCE) == set()


def test_who_is_in_a_segment_twice_is_sent_once_if_the_account_wants_it(world: World) -> None:
    world.deploy(replace(ACCOUNTS[0], deduplicate=True))
    segment = world.land(NAME, ROWS.encode() + ROWS.encode().partition(b"\n")[2])
    world.run()

    check(world)
    outcome = world.outcome(segment)
    assert (outcome.records_received, outcome.records_accepted, outcome.records_skipped) == (16, 6, 10)
