"""The account's lease between instances: real processes that die, freeze, and read wrong clocks in the middle of a request.

Their queues let many tasks pass at once, so that nothing but the lease stands between two requests. What was on its way when is
told by the local cloud's record of calls, in its own time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.lease import SLACK
from shared.names import queue_id
from tests.support.crowd import short, written
from tests.support.flow import ADD, CREATE, RUN, Call, Flow
from tests.support.instances import Instance, Instances, instances, resume, run_by_hand, waiting
from tests.support.promises import Sent, delivered, holds, send
from tests.support.scenes import (
    Scene,
    adds,
    call_limit,
    dispatches,
    ended,
    in_flight,
    landed,
    leases,
    reserved,
    running,
    sending,
    served,
    slow_adds,
    uploads,
)

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

LONG = 240.0
"""Seconds that a request takes longer; its sender would wait for 300."""
HELD_UP = 500.0
"""Seconds that a token or a write of the ledger takes longer; it comes before a successor may work."""
QUARTER = 900.0
"""Seconds that a clock is wrong: more than a lease and the silence after it."""
TWO_FRAMES = 12_000
CONCURRENT = "INVALID_ARGUMENT"
"""The gRPC status that comes with CONCURRENT_MODIFICATION here."""

FROZEN = {
    "fetching a token": ([], [CREATE, ADD, RUN]),
    "between requests": ([CREATE], [ADD, RUN]),
    "in a request": ([CREATE, ADD], [ADD, ADD, RUN]),
}
"""Where an instance froze, the requests that it had made, and those that are made after it, by others."""


@dataclass(frozen=True)
class Cast:
    """Instances by what becomes of them. `ahead` and `behind` have wrong clocks. `dreamer`, `writer` and `sleeper` are frozen, each
    the moment it is where it should be: what one of them waits for would go on while the next is brought to its place."""

    crew: Instances
    north: Instance
    south: Instance
    doomed: Instance
    dreamer: Instance
    writer: Instance
    sleeper: Instance
    ahead: Instance
    behind: Instance


@pytest.fixture(scope="module")
def cast(flow: Flow) -> Iterator[Cast]:
    with instances(flow) as crew:
        still = dict.fromkeys(("dreamer", "writer", "sleeper"), 0)
        started = crew.start(north=0, south=0, doomed=0, **still, ahead=QUARTER, behind=-QUARTER)
        yield Cast(crew, *started)


@pytest.fixture(scope="module")
def scenes(flow: Flow, cast: Cast) -> dict[str, Scene]:
    """All that are held up somewhere, cut and ready to be sent."""
    first = {
        "crossed one way": cast.north,
        "crossed the other way": cast.south,
        "killed": cast.doomed,
        "fetching a token": cast.dreamer,
        "between requests": cast.writer,
        "in a request": cast.sleeper,
        "stolen": cast.north,
        "refused": cast.behind,
    }
    large = ("in a request", "stolen")
    return {
        name: landed(cast.crew, server, rows=short(flow.people.take(TWO_FRAMES)) if name in large else None)
        for name, server in first.items()
    }


@pytest.fixture(scope="module")
def killed(flow: Flow, cast: Cast, scenes: dict[str, Scene]) -> Scene:
    """Its holder dies in the middle of an Add."""
    scene = scenes["killed"]
    slow_adds(flow, scene, LONG)
    sending(flow, scene)
    served(scene.front, cast.north, cast.south)
    resume(flow, scene.sent.account)
    cast.doomed.kill()
    return scene


@pytest.fixture(scope="module")
def fetching(flow: Flow, cast: Cast, scenes: dict[str, Scene]) -> Scene:
    """Its holder froze before it had the access token with which it wants to create the job: its first, so that it has to ask."""
    scene = scenes["fetching a token"]
    before = len(flow.calls("identity", "token"))
    flow.fault(service="identity", method="token", action="delay", seconds=HELD_UP)
    run_by_hand(flow, scene.sent.account)
    flow.until(lambda: running(flow.calls("identity", "token")[before:]), "a token that is fetched")
    cast.dreamer.freeze()
    return scene


@pytest.fixture(scope="module")
def writing(flow: Flow, cast: Cast, fetching: Scene, scenes: dict[str, Scene]) -> Scene:
    """Its holder has created the job, and froze while it waited for Cloud Storage to write that down."""
    scene = scenes["between requests"]
    work, name = flow.deployment.site.work, f"^segments/{scene.id}-.*/job.json"
    write = {"service": "storage", "method": "objects.insert", "account": work, "resource": name}
    flow.fault(**write, nth=2, action="delay", seconds=HELD_UP)
    run_by_hand(flow, scene.sent.account)
    flow.until(lambda: running(job_writes(flow, scene)[1:]), "the second write of a job")
    cast.writer.freeze()
    return scene


@pytest.fixture(scope="module")
def adding(flow: Flow, cast: Cast, fetching: Scene, scenes: dict[str, Scene]) -> Scene:
    """Its holder froze while the first of its two frames was on the way."""
    scene = scenes["in a request"]
    slow_adds(flow, scene, LONG)
    sending(flow, scene)
    cast.sleeper.freeze()
    return scene


@pytest.fixture(scope="module")
def frozen(flow: Flow, cast: Cast, fetching: Scene, writing: Scene, adding: Scene) -> dict[str, Scene]:
    """All are held by instances that stand still; their tasks go to others from now on."""
    found = {"fetching a token": fetching, "between requests": writing, "in a request": adding}
    for scene in found.values():
        served(scene.front, cast.north, cast.south)
        run_by_hand(flow, scene.sent.account)
        resume(flow, scene.sent.account)
    return found


@pytest.fixture(scope="module")
def stolen(flow: Flow, cast: Cast, scenes: dict[str, Scene]) -> Scene:
    """While its two frames are sent, an instance whose clock is ahead gets the same task."""
    scene = scenes["stolen"]
    slow_adds(flow, scene, LONG, times=2)
    served(scene.front, cast.ahead)
    run_by_hand(flow, scene.sent.account, "finish")  # so that it has loaded all by the time that counts
    flow.until(lambda: ended(dispatches(flow, scene, "finish")), "an answer that parts are missing")
    served(scene.front, cast.north)
    sending(flow, scene)
    served(scene.front, cast.ahead)
    run_by_hand(flow, scene.sent.account)
    flow.until(lambda: len(leases(flow, scene)) > 1, "a lease that is taken by time")
    served(scene.front, cast.north, cast.south)  # a clock that is ahead would put off what comes next
    resume(flow, scene.sent.account)
    return scene


@pytest.fixture(scope="module")
def crossed(flow: Flow, cast: Cast, scenes: dict[str, Scene]) -> list[Scene]:
    """Of two accounts each instance sends for one, and gets the task of the other at the same time."""
    first, second = scenes["crossed one way"], scenes["crossed the other way"]
    for scene in (first, second):
        slow_adds(flow, scene, LONG)
        run_by_hand(flow, scene.sent.account)
    for scene, other in ((first, cast.south), (second, cast.north)):
        in_flight(flow, scene)
        served(scene.front, other)
        run_by_hand(flow, scene.sent.account)
    return [first, second]


@pytest.fixture(scope="module")
def waits(flow: Flow, cast: Cast, crossed: list[Scene]) -> list[float]:
    """Seconds after which those who found an account held will ask again; from then on both instances serve both."""
    found = [waiting(flow, scene.sent.account) for scene in crossed]
    for scene in crossed:
        served(scene.front, cast.north, cast.south)
        resume(flow, scene.sent.account)
    return found


@pytest.fixture(scope="module")
def refused(flow: Flow, cast: Cast, scenes: dict[str, Scene]) -> Scene:
    """Its task goes to an instance whose clock is behind, and then to another."""
    scene = scenes["refused"]
    run_by_hand(flow, scene.sent.account)
    flow.until(lambda: ended(uploads(flow, scene)), "a dispatch that is answered")
    served(scene.front, cast.south)
    resume(flow, scene.sent.account)
    return scene


@pytest.fixture(scope="module")
def outlived(flow: Flow, cast: Cast) -> dict[str, Scene]:
    """Google works on a request for so long after its sender has given it up."""
    settle = flow.deployment.topology.lease.settle_seconds
    after = {"shorter than the silence": settle / 2, "longer than the silence": settle * 2.5}
    found = {name: landed(cast.crew, cast.north, cast.south) for name in after}
    for name, scene in found.items():
        slow_adds(flow, scene, call_limit(flow) + after[name])
        resume(flow, scene.sent.account)
    return found


@pytest.fixture(scope="module")
def doubled(flow: Flow, cast: Cast) -> list[Sent]:
    """Three audiences of one account; each of its tasks goes to two instances at the same moment."""
    account, front = cast.crew.account("buyers", "sellers", "lapsed")
    served(front, cast.north, cast.south)
    queue = queue_id(account.id)
    flow.fault(service="cloudtasks", method="dispatch", account=queue, action="duplicate", times=999)
    sent = [
        send(flow, account, audience, "people.csv", written(flow.people.take(50)))
        for audience in account.audiences
    ]
    resume(flow, account)
    return sent


@pytest.fixture(scope="module")
def thawed(flow: Flow, cast: Cast, frozen: dict[str, Scene]) -> dict[str, Scene]:
    """They wake when others have sent what they had begun to send, and have answered their dispatches."""
    flow.until(lambda: all(taken(flow, scene) for scene in frozen.values()), "parts sent by others")
    for each in (cast.dreamer, cast.writer, cast.sleeper):
        each.thaw()
    flow.until(lambda: all(ended(uploads(flow, scene)[:1]) for scene in frozen.values()), "their answers")
    return frozen


@pytest.fixture(scope="module", autouse=True)
def _all_on_their_way(
    scenes: dict[str, Scene],
    killed: Scene,
    frozen: dict[str, Scene],
    stolen: Scene,
    waits: list[float],
    refused: Scene,
    outlived: dict[str, Scene],
    doubled: list[Sent],
    thawed: dict[str, Scene],
) -> None:
    """Together, so that the minutes in which leases end are the same minutes."""


@pytest.mark.parametrize("place", [0, 1])
def test_an_instance_that_gets_a_task_while_another_sends_waits_for_it(
    flow: Flow, crossed: list[Scene], place: int
) -> None:
    scene = crossed[place]

    delivered(flow, scene.sent)

    holds(flow, scene.sent.account, "buyers", scene.sent.rows)
    (add,) = adds(flow, scene)
    _, beside = uploads(flow, scene)[:2]
    assert add["started"] < beside["started"] < beside["ended"] < add["ended"]


def test_who_waits_for_an_account_asks_again_within_a_minute(waits: list[float]) -> None:
    cut_to_the_second = 1.0
    assert all(0 < wait <= 60 + cut_to_the_second for wait in waits)


def test_tasks_that_come_to_two_instances_at_once_send_each_request_alone(
    flow: Flow, doubled: list[Sent]
) -> None:
    for sent in doubled:
        delivered(flow, sent)

    for sent in doubled:
        holds(flow, sent.account, sent.audience, sent.rows)


def test_a_killed_holder_is_succeeded_when_its_lease_and_the_silence_after_it_are_over(
    flow: Flow, killed: Scene
) -> None:
    delivered(flow, killed.sent)

    holds(flow, killed.sent.account, "buyers", killed.sent.rows)
    first, second = adds(flow, killed)
    take, next_take = leases(flow, killed)[:2]
    assert first["started"] > take["ended"]
    assert second["started"] > next_take["started"] > take["started"] + reserved(flow)


def test_the_first_who_asks_after_that_succeeds_the_killed_holder(flow: Flow, killed: Scene) -> None:
    delivered(flow, killed.sent)

    take, next_take = leases(flow, killed)[:2]
    over = take["ended"] + reserved(flow) + SLACK
    askers = [each for each in uploads(flow, killed) if each["ended"] and each["started"] > over]
    assert all(next_take["started"] < each["ended"] for each in askers)


@pytest.mark.parametrize("where", FROZEN)
def test_a_holder_that_was_frozen_for_longer_than_its_lease_makes_no_further_request(
    flow: Flow, thawed: dict[str, Scene], where: str
) -> None:
    scene = thawed[where]

    delivered(flow, scene.sent)

    holds(flow, scene.sent.account, "buyers", scene.sent.rows)
    take, next_take = leases(flow, scene)[:2]
    own, others = split(flow.calls("google_ads", account=scene.id), next_take["started"])
    assert next_take["started"] > take["started"] + reserved(flow)
    assert (changes(own), changes(others)) == FROZEN[where]


def test_a_clock_that_is_ahead_takes_the_lease_at_once_and_waits_all_the_same(
    flow: Flow, stolen: Scene
) -> None:
    delivered(flow, stolen.sent)

    holds(flow, stolen.sent.account, "buyers", stolen.sent.rows)
    take, theft = leases(flow, stolen)[:2]
    first, second = adds(flow, stolen)
    (run,) = flow.calls("google_ads", RUN, stolen.id)
    assert first["started"] < theft["started"] < second["ended"]
    assert second["ended"] - take["started"] > 2 * LONG
    assert run["started"] > take["started"] + reserved(flow)


def test_an_instance_whose_clock_is_behind_hears_nobody(flow: Flow, refused: Scene) -> None:
    """A token looks to it as if it were of the future: the task is another instance's."""
    delivered(flow, refused.sent)

    holds(flow, refused.sent.account, "buyers", refused.sent.rows)
    unheard, *others = uploads(flow, refused)
    assert unheard["status"] == "HTTP 401"
    assert flow.calls("google_ads", account=refused.id)[0]["started"] > others[0]["started"]


def test_a_request_that_outlives_its_sender_by_less_than_the_silence_is_alone(
    flow: Flow, outlived: dict[str, Scene]
) -> None:
    scene = outlived["shorter than the silence"]

    delivered(flow, scene.sent)

    holds(flow, scene.sent.account, "buyers", scene.sent.rows)
    given_up, again = adds(flow, scene)
    assert given_up["ended"] - given_up["started"] > call_limit(flow)
    assert again["started"] > given_up["ended"]


def test_a_request_that_outlives_its_sender_by_more_meets_another_and_neither_changes_the_audience(
    flow: Flow, outlived: dict[str, Scene]
) -> None:
    """Here the promise ends: docs/protocol.md, "What is promised", 1."""
    scene = outlived["longer than the silence"]

    delivered(flow, scene.sent, in_flight=2)

    holds(flow, scene.sent.account, "buyers", scene.sent.rows)
    given_up, *spoilt, last = adds(flow, scene)
    settle = flow.deployment.topology.lease.settle_seconds
    assert {call["status"] for call in (given_up, *spoilt)} == {CONCURRENT}
    assert spoilt[0]["started"] > given_up["started"] + call_limit(flow) + settle
    assert last["started"] > given_up["ended"]


def job_writes(flow: Flow, scene: Scene) -> list[Call]:
    writes = flow.calls("storage", "objects.insert", flow.deployment.site.work, f"segments/{scene.id}-")
    return [call for call in writes if call["resource"].endswith("/job.json")]


def taken(flow: Flow, scene: Scene) -> bool:
    """Its part has a receipt."""
    return any(event.type == "part.completed" for event in flow.events(scene.sent.landed))


def changes(calls: list[Call]) -> list[str]:
    """Without the questions how a job is."""
    return [call["method"] for call in calls if call["method"] in (CREATE, ADD, RUN)]


def split(calls: list[Call], moment: float) -> tuple[list[Call], list[Call]]:
    """Those that started before the moment, and those after."""
    before = [call for call in calls if call["started"] < moment]
    return before, calls[len(before) :]
