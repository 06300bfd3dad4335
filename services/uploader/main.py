"""HTTP face of the uploader: the accounts' queues dispatch tasks here, and the schedule calls for a sweep."""

from collections.abc import Mapping
from functools import cache, partial

import flask
import functions_framework

from services.uploader.delivery import read_delivery
from services.uploader.destination import Destination
from services.uploader.handler import handle
from services.uploader.sweeping import handle_sweep
from shared.edge.answer import Ack, Nack
from shared.edge.face import Face, face_for
from shared.edge.spans import told
from shared.gcp.ports import ports_for
from shared.log import bind_work
from shared.names import SWEEP_PATH
from shared.ops.announce import bury
from shared.settings import from_environment
from shared.trace import REQUEST
from shared.tracing import Work, install, working
from shared.world import Ports


@functions_framework.http
def uploader(request: flask.Request) -> tuple[str, int]:
    ports, face = _service()

    def work(body: bytes, headers: Mapping[str, str]) -> Ack | Nack:
        if request.path == f"/{SWEEP_PATH}":
            return handle_sweep(ports)
        task, retries = read_delivery(body, headers)
        attempt = task.tried + retries + 1
        bind_work(task.segment, task.run, attempt, kind=task.kind, stage=task.stage, part=task.part)
        step = f"{task.kind}-{task.stage}-{task.part}"
        work = Work(task.kind, task.segment, task.run, step, REQUEST, attempt + task.epoch + task.n)
        with working(work, stage=task.stage, part=task.part) as span:
            return told(span, handle(ports, _destination(), task, retries))

    return face.answer(request, work)


@cache
def _service() -> tuple[Ports, Face]:
    settings = from_environment()
    ports = ports_for(settings)
    install(settings.traces, settings.project)
    return ports, face_for(settings, "uploader", "tasks", ports.clock, partial(bury, ports))


@cache
def _destination() -> Destination:
    """Google's library costs a second of one core: only work that may reach Google Ads pays for it."""
    from services.uploader.destinations.google_ads import GoogleAds

    settings = from_environment()
    ports = ports_for(settings)
    return GoogleAds.connect(settings, ports.secrets, ports.clock)
