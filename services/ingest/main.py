"""HTTP face of ingest: Pub/Sub pushes Cloud Storage notifications here, and dead letters, to be recorded."""

from collections.abc import Mapping
from functools import cache, partial

import flask
import functions_framework

from services.ingest.handler import handle
from shared.edge.answer import Ack, Nack
from shared.edge.face import Face, face_for
from shared.edge.push import read_push
from shared.gcp.ports import ports_for
from shared.names import DEAD_LETTERS_PATH
from shared.ops.announce import bury
from shared.ops.letters import keep_letter
from shared.settings import Settings, from_environment
from shared.tracing import install
from shared.world import Ports


@functions_framework.http
def ingest(request: flask.Request) -> tuple[str, int]:
    ports, face, settings = _service()

    def work(body: bytes, _: Mapping[str, str]) -> Ack | Nack:
        if request.path == f"/{DEAD_LETTERS_PATH}":
            return Ack(keep_letter(ports, read_push(body)))
        return handle(ports, read_push(body), settings.name_pattern)

    return face.answer(request, work)


@cache
def _service() -> tuple[Ports, Face, Settings]:
    settings = from_environment()
    ports = ports_for(settings)
    install(settings.traces, settings.project)
    face = face_for(settings, "ingest", "landing-notifications", ports.clock, partial(bury, ports))
    return ports, face, settings
