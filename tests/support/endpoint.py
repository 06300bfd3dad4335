"""An HTTP endpoint that tests let the local cloud deliver to, and a way to wait for what others do."""

import itertools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeVar

PATIENCE = 20.0  # real seconds, far more than anything here takes
T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """One request that an endpoint received."""

    method: str
    path: str
    headers: "Headers[str, str]"
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Endpoint:
    """An HTTP server that keeps what it is sent and answers what `reply` says; `reply` may take its time."""

    def __init__(self, reply: Callable[[Seen], Reply], port: int = 0) -> None:
        self.seen: list[Seen] = []
        self._arrival = threading.Condition()
        self._reply = reply
        self._server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"endpoint": self}))
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, seen: Seen) -> Reply:
        with self._arrival:
            self.seen.append(seen)
            self._arrival.notify_all()
        return self._reply(seen)

    def wait_for(self, count: int) -> list[Seen]:
        """The first `count` requests, once they have arrived."""
        with self._arrival:
            arrived = self._arrival.wait_for(lambda: len(self.seen) >= count, PATIENCE)
            assert arrived, f"{len(self.seen)} of {count} requests arrived"
            return self.seen[:count]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


class _Handler(BaseHTTPRequestHandler):
    endpoint: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        reply = self.endpoint.answer(Seen(self.command, self.path, self.headers, body))
        try:
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()
        except ConnectionError:  # the sender's time limit was over
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Tests read `seen`."""


def always(status: int) -> Callable[[Seen], Reply]:
    return lambda _: Reply(status)


def in_turn(*statuses: int) -> Callable[[Seen], Reply]:
    """These answers one after the other, then 200."""
    left = itertools.chain(statuses, itertools.repeat(200))
    return lambda _: Reply(next(left))


def eventually(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Asks again until the answer is the wanted one; each question is a call that takes its time."""
    end = time.monotonic() + PATIENCE
    while not wanted(answer := look()):
        assert time.monotonic() < end, f"never came: {answer}"
    return answer
