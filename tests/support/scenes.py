"""A segment on an account whose tasks go to the instances that somebody names, and what the local cloud's record tells about it."""

from dataclasses import dataclass

from shared.names import lease_json, queue_id
from tests.support.crowd import Row, written
from tests.support.flow import ADD, Call, Flow
from tests.support.front import Front
from tests.support.instances import Instance, Instances, run_by_hand
from tests.support.promises import Sent, send


@dataclass(frozen=True)
class Scene:
    """A segment whose account's tasks go through the front."""

    sent: Sent
    front: Front

    @property
    def id(self) -> str:
        return self.sent.account.id


def landed(crew: Instances, *by: Instance, rows: list[Row] | None = None) -> Scene:
    """Of a new account, whose queue is paused."""
    account, front = crew.account("buyers")
    served(front, *by)
    some = rows or written(crew.flow.people.take(50))
    return Scene(send(crew.flow, account, "buyers", "people.csv", some), front)


def served(front: Front, *by: Instance) -> None:
    front.ports = tuple(each.port for each in by)


def slow_adds(flow: Flow, scene: Scene, seconds: float, times: int = 1) -> None:
    """The next so many take so much longer."""
    flow.fault(
        service="google_ads", method=ADD, account=scene.id, action="delay", seconds=seconds, times=times
    )


def sending(flow: Flow, scene: Scene) -> None:
    """Its part is on the way to Google."""
    run_by_hand(flow, scene.sent.account)
    in_flight(flow, scene)


def in_flight(flow: Flow, scene: Scene) -> None:
    flow.until(lambda: running(adds(flow, scene)), "an Add in flight")


def call_limit(flow: Flow) -> int:
    return flow.deployment.topology.destinations["google_ads"].call_timeout_seconds


def reserved(flow: Flow) -> int:
    """Seconds that a lease lasts, and the silence after it."""
    times = flow.deployment.topology.lease
    return 2 * (call_limit(flow) + times.margin_seconds) + times.settle_seconds


def adds(flow: Flow, scene: Scene) -> list[Call]:
    return flow.calls("google_ads", ADD, scene.id)


def uploads(flow: Flow, scene: Scene) -> list[Call]:
    return dispatches(flow, scene, "upload")


def dispatches(flow: Flow, scene: Scene, kind: str) -> list[Call]:
    """Of the tasks of that kind, and of their successors."""
    return flow.calls("cloudtasks", "dispatch", queue_id(scene.id), f"-{kind}-1-")


def leases(flow: Flow, scene: Scene) -> list[Call]:
    """Every write of the account's lease."""
    return flow.calls("storage", "objects.insert", flow.deployment.site.work, lease_json(scene.id))


def running(calls: list[Call]) -> bool:
    return any(call["ended"] is None for call in calls)


def ended(calls: list[Call]) -> bool:
    return bool(calls) and not running(calls)
