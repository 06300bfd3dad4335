"""One address before several instances of a service, as Cloud Run has it: whoever calls does not choose who answers.

Every connection goes to the next instance in service. What a connection carries is not looked at; it ends when either
side ends, so that a call to an instance that dies breaks off as it would there.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from socketserver import BaseRequestHandler, ThreadingTCPServer

_PIECE = 65_536


@dataclass
class Front:
    """`ports` are those of the instances in service, on 127.0.0.1; who changes them changes who hears the next call."""

    port: int
    ports: tuple[int, ...] = ()
    _turn: Iterator[int] = field(default_factory=count)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def next(self) -> int:
        return self.ports[next(self._turn) % len(self.ports)]


@contextmanager
def opened() -> Iterator[Front]:
    with _Server(("127.0.0.1", 0), _Connection) as server:
        server.front = Front(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.front
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingTCPServer):
    front: Front
    daemon_threads = True
    """A connection to an instance that stands still ends with the instance, which may be after the test."""


class _Connection(BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.front.next())) as instance:
            answers = threading.Thread(target=_carry, args=(instance, self.request), daemon=True)
            answers.start()
            _carry(self.request, instance)
            answers.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """To the end of what `source` says; then `target` is told so, and may still answer."""
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
