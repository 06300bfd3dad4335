"""Everything that a deployment has said or written where nobody's data belongs, by source and name.

Not in it: the landing bucket, the part files and the audiences, where people and hashes have their place.
"""

import json
from collections.abc import Iterable, Mapping

from google.cloud.tasks_v2 import ListTasksRequest, Task

from infra.bundle import SERVICES, bundle
from tests.support.flow import Flow
from tests.support.taps import Message

Gathered = dict[str, Mapping[str, bytes]]
REJECTS = "/rejects/"


def gathered(flow: Flow, bodies: Mapping[str, bytes]) -> Gathered:
    """`bodies` are those of tasks that are gone by now."""
    taps, documents = flow.taps, {name: flow.document(name) for name in flow.ledger("")}
    return {
        "log lines": {log.stem: log.read_bytes() for log in (flow.folder / "logs").glob("*.log")},
        "notifications": messages(taps.notifications.messages),
        "requests": messages(taps.requests.messages),
        "events": messages(taps.completions.messages),
        "dead letters": messages(taps.dead_letters.messages),
        "task names": {call["resource"]: call["resource"].encode() for call in _created(flow)},
        "task bodies": {**bodies, **waiting(flow)},
        "object names": {name: name.encode() for name in (*documents, *part_files(flow))},
        "reject reports": {name: content for name, content in documents.items() if REJECTS in name},
        "documents": {name: content for name, content in documents.items() if REJECTS not in name},
        "access log of the cloud": {"calls": json.dumps(flow.calls("")).encode()},
        "bundles": {
            f"{service}/{name}": content for service in SERVICES for name, content in bundle(service).items()
        },
    }


def messages(heard: Iterable[Message]) -> dict[str, bytes]:
    """Data and attributes."""
    return {each.id: each.data + b"\n" + json.dumps(dict(each.attributes)).encode() for each in heard}


def part_files(flow: Flow) -> list[str]:
    return [blob.name for blob in flow.deployment.admin.storage.list_blobs(flow.deployment.site.parts)]


def waiting(flow: Flow) -> dict[str, bytes]:
    """The bodies of all tasks that are in a queue now."""
    tasks, location = flow.deployment.admin.tasks, flow.deployment.site.location
    queues = [queue.name for queue in tasks.list_queues(parent=location)]
    asked = [ListTasksRequest(parent=queue, response_view=Task.View.FULL) for queue in queues]
    found = [task for request in asked for task in tasks.list_tasks(request=request)]
    return {task.name: bytes(task.http_request.body) for task in found}


def _created(flow: Flow) -> list[dict[str, str]]:
    return flow.calls("cloudtasks", "CreateTask")
