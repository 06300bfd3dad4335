"""What every delivered segment must show, whatever happened on its way: docs/protocol.md, "What is promised"."""

from dataclasses import dataclass

from shared.model.account import Account
from shared.model.events import OUTCOMES, Event
from shared.names import outcome_json
from tests.support.crowd import Row, members, packed, table
from tests.support.flow import Flow, Landed


@dataclass(frozen=True)
class Sent:
    """A segment on its way to an audience of its own account."""

    account: Account
    audience: str
    landed: Landed
    rows: list[Row]


def send(
    flow: Flow, account: Account, audience: str, title: str, rows: list[Row], mode: str = "append"
) -> Sent:
    """`title` is the last part of the object's name; what it ends in says how the rows are written."""
    content = packed(table(rows)) if title.endswith(".gz") else table(rows)
    return Sent(account, audience, flow.land(f"{account.id}/{audience}/{mode}/{title}", content), rows)


def delivered(flow: Flow, sent: Sent, in_flight: int = 1) -> Event:
    """Waits for the outcome: completed, exact to the record, told once, and nothing is left to do. `in_flight`: how many
    requests were on their way on the account at most."""
    outcome = flow.outcome(sent.landed)
    good = sum(1 for row in sent.rows if row.identifiers)
    assert outcome.type == "segment.completed", outcome.reason_code
    assert counts(outcome) == (len(sent.rows), good, len(sent.rows) - good, 0, 0)
    flow.settled(sent.account)
    told_once(flow, sent.landed, [outcome])
    assert flow.most_in_flight(sent.account) == in_flight
    return outcome


def holds(flow: Flow, account: Account, audience: str, rows: list[Row]) -> None:
    """Exactly the people of these rows are in the audience."""
    found, wanted = flow.members(account, audience), members(rows)
    assert (len(found - wanted), len(wanted - found)) == (0, 0), "foreign and missing members"


def counts(event: Event) -> tuple[int, int, int, int, int]:
    """received, accepted, rejected, skipped, failed."""
    return (
        event.records_received,
        event.records_accepted,
        event.records_rejected,
        event.records_skipped,
        event.records_failed,
    )


def told_once(flow: Flow, landed: Landed, outcomes: list[Event]) -> None:
    """However often it is published, an event id has one body, and each run's outcome is the one in the ledger."""
    segment = outcomes[0].segment
    heard = [each for each in flow.taps.completions.messages if each.attributes["segment"] == segment]
    stored = {flow.document(outcome_json(segment, each.run)) for each in outcomes}
    assert {each.data for each in heard if each.attributes["type"] in OUTCOMES} == stored
    assert len({each.data for each in heard}) == len(flow.events(landed))
