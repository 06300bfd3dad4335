"""Cloud Tasks on the wire: google.cloud.tasks.v2.CloudTasks for a grpc.aio server.

Translates, and nothing else: every rule is in the engine. Nothing is dispatched without dispatch.run beside
it. App Engine tasks, batches, CMEK, IAM and retry settings of single tasks answer UNIMPLEMENTED.
"""

from functools import partial
from typing import Any

import grpc
from google.cloud.tasks_v2 import types
from google.protobuf.empty_pb2 import Empty

from infra.local import rpc
from infra.local.control.control import Control
from infra.local.fields import masked
from infra.local.paging import MAX_PAGE, page
from infra.local.refused import invalid, unimplemented
from infra.local.tasks import names, wire
from infra.local.tasks.engine import TasksEngine
from infra.local.tasks.task import Task

Message = Any

ListQueuesResponse, ListTasksResponse = types.ListQueuesResponse.pb(), types.ListTasksResponse.pb()

IAM_METHODS = ("GetIamPolicy", "SetIamPolicy", "TestIamPermissions")
BATCH_METHODS = ("BatchCreateTasks", "BatchDeleteTasks")
CMEK_METHODS = ("UpdateCmekConfig", "GetCmekConfig")


def handlers(engine: TasksEngine, control: Control) -> list[grpc.GenericRpcHandler]:
    """The methods of CloudTasks; none of them waits."""
    methods = _methods(CloudTasks(engine))
    return [rpc.service("google.cloud.tasks.v2.CloudTasks", methods, partial(control.call, "cloudtasks"))]


class CloudTasks:
    def __init__(self, engine: TasksEngine) -> None:
        self._engine = engine

    def create_queue(self, request: Message) -> Message:
        name = request.queue.name
        if not name.startswith(f"{request.parent}/queues/"):
            raise invalid(f"{name!r} is not the name of a queue in {request.parent}")
        return wire.queue_message(self._engine.create_queue(name, wire.queue_settings(request.queue)))

    def get_queue(self, request: Message) -> Message:
        return self._queue(request.name)

    def list_queues(self, request: Message) -> Message:
        if request.filter:
            raise unimplemented("a filter for queues")
        found, token = page(self._engine.queues(request.parent), request.page_size, request.page_token)
        return ListQueuesResponse(queues=map(self._queue, found), next_page_token=token)

    def update_queue(self, request: Message) -> Message:
        """The mask's fields as in the request, all others as they are; no mask stands for all fields."""
        name, wanted = request.queue.name, request.queue
        if request.update_mask.paths:
            wanted = masked(self._queue(name), request.queue, request.update_mask)
        return wire.queue_message(self._engine.update_queue(name, wire.queue_settings(wanted)))

    def delete_queue(self, request: Message) -> Message:
        self._engine.delete_queue(request.name)
        return Empty()

    def purge_queue(self, request: Message) -> Message:
        return wire.queue_message(self._engine.purge_queue(request.name))

    def pause_queue(self, request: Message) -> Message:
        return wire.queue_message(self._engine.pause_queue(request.name))

    def resume_queue(self, request: Message) -> Message:
        return wire.queue_message(self._engine.resume_queue(request.name))

    def create_task(self, request: Message) -> Message:
        task = self._engine.create_task(request.parent, request.task.name, wire.new_task(request.task))
        return wire.task_message(request.parent, task, request.response_view)

    def get_task(self, request: Message) -> Message:
        return _message(request, self._engine.task(request.name))

    def list_tasks(self, request: Message) -> Message:
        """A page token is the last task's sequence number."""
        size = min(request.page_size, MAX_PAGE) if request.page_size > 0 else MAX_PAGE
        found = self._engine.tasks(request.parent, _sequence(request.page_token), size + 1)
        shown = found[:size]
        return ListTasksResponse(
            tasks=[wire.task_message(request.parent, task, request.response_view) for task in shown],
            next_page_token=str(shown[-1].sequence) if len(found) > size else "",
        )

    def delete_task(self, request: Message) -> Message:
        self._engine.delete_task(request.name)
        return Empty()

    def run_task(self, request: Message) -> Message:
        return _message(request, self._engine.run_task(request.name))

    def _queue(self, name: str) -> Message:
        return wire.queue_message(self._engine.queue(name))


_about = partial(rpc.about, subject=names.subject)


def _methods(face: CloudTasks) -> dict[str, rpc.Method]:
    about, in_queue = _about("name"), _about("parent")
    return {
        "CreateQueue": rpc.Unary(types.CreateQueueRequest.pb(), _about("queue.name"), face.create_queue),
        "GetQueue": rpc.Unary(types.GetQueueRequest.pb(), about, face.get_queue),
        "ListQueues": rpc.Unary(types.ListQueuesRequest.pb(), in_queue, face.list_queues),
        "UpdateQueue": rpc.Unary(types.UpdateQueueRequest.pb(), _about("queue.name"), face.update_queue),
        "DeleteQueue": rpc.Unary(types.DeleteQueueRequest.pb(), about, face.delete_queue),
        "PurgeQueue": rpc.Unary(types.PurgeQueueRequest.pb(), about, face.purge_queue),
        "PauseQueue": rpc.Unary(types.PauseQueueRequest.pb(), about, face.pause_queue),
        "ResumeQueue": rpc.Unary(types.ResumeQueueRequest.pb(), about, face.resume_queue),
        "CreateTask": rpc.Unary(types.CreateTaskRequest.pb(), _new_task, face.create_task),
        "GetTask": rpc.Unary(types.GetTaskRequest.pb(), about, face.get_task),
        "ListTasks": rpc.Unary(types.ListTasksRequest.pb(), in_queue, face.list_tasks),
        "DeleteTask": rpc.Unary(types.DeleteTaskRequest.pb(), about, face.delete_task),
        "RunTask": rpc.Unary(types.RunTaskRequest.pb(), about, face.run_task),
        **rpc.unsupported(BATCH_METHODS, "batches of tasks"),
        **rpc.unsupported(CMEK_METHODS, "encryption keys"),
        **rpc.unsupported(IAM_METHODS, "IAM"),
    }


def _new_task(request: Message) -> rpc.Subject:
    return names.subject(request.task.name or request.parent)


def _message(request: Message, task: Task) -> Message:
    return wire.task_message(names.split_task(request.name)[0], task, request.response_view)


def _sequence(page_token: str) -> int:
    if page_token and not page_token.isdecimal():
        raise invalid(f"{page_token!r} is not a page token")
    return int(page_token or 0)
