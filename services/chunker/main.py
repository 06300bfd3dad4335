"""HTTP face of the chunker: Pub/Sub pushes segment requests here."""

from collections.abc import Mapping
from functools import cache, partial

import flask
import functions_framework

from services.chunker.handler import handle, read_request
from shared.edge.answer import Ack, Nack
from shared.edge.face import Face, face_for
from shared.edge.push import read_push
from shared.edge.spans import told
from shared.gcp.ports import ports_for
from shared.log import bind_work
from shared.ops.announce import bury
from shared.settings import from_environment
from shared.trace import LANDING, REQUEST
from shared.tracing import Work, install, working
from shared.world import Ports


@functions_framework.http
def chunker(request: flask.Request) -> tuple[str, int]:
    ports, face = _service()

    def work(body: bytes, _: Mapping[str, str]) -> Ack | Nack:
        message = read_push(body)
        request = read_request(message.data)
        bind_work(segment=request.segment, run=request.run, attempt=message.attempt)
        work = Work("chunk", request.segment, request.run, REQUEST, LANDING, max(message.attempt, 1))
        with working(work) as span:
            return told(span, handle(ports, request))

    return face.answer(request, work)


@cache
def _service() -> tuple[Ports, Face]:
    settings = from_environment()
    ports = ports_for(settings)
    install(settings.traces, settings.project)
    return ports, face_for(settings, "chunker", "segment-requests", ports.clock, partial(bury, ports))
