"""The faces as they are deployed: `functions-framework` serves each service's own main.py, which is told everything by its environment.

All of Google's servers are one listener to whom nobody must ever talk: a caller who is refused has caused no call.
"""

import base64
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import functions_framework
import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from shared.edge.face import BODY_LIMIT
from tests.support.garbage import ANYTHING, DEEP
from tests.support.recording import EXPECTED, KEY, NOW, bearer

ROOT = Path(__file__).parents[2]
KID = "published"
JWKS = {
    "keys": [{**json.loads(RSAAlgorithm.to_jwk(KEY.public_key())), "kid": KID, "use": "sig", "alg": "RS256"}]
}
HEADER = {"alg": "RS256", "typ": "JWT", "kid": KID}
CLAIMS = jwt.decode(bearer().removeprefix("Bearer "), options={"verify_signature": False})


class Keys(BaseHTTPRequestHandler):
    """The issuer's published keys."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(JWKS).encode())

    def log_message(self, *_: object) -> None:
        pass


class Endless(io.RawIOBase):
    """A body that never ends; asked for everything at once, it fails the test."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.read_bytes += len(buffer)
        assert self.read_bytes < 2 * BODY_LIMIT, "read without end"
        return len(buffer)


class BreaksOff(io.RawIOBase):
    """A body whose sender is gone, or whose chunks are none: gunicorn says so by an OSError."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise OSError("Invalid chunk size")


@dataclass(frozen=True)
class Deployed:
    """`cloud` listens where all of Google's servers should be."""

    client: FlaskClient
    cloud: socket.socket

    def post(self, body: bytes, authorization: str, method: str = "POST", path: str = "/") -> int:
        headers = {"Authorization": authorization} if authorization else {}
        return self.client.open(path, method=method, data=body, headers=headers).status_code

    def untouched(self) -> bool:
        try:
            self.cloud.accept()
        except BlockingIOError:
            return True
        return False


@pytest.fixture(scope="module", params=["ingest", "chunker", "uploader"])
def deployed(request: pytest.FixtureRequest) -> Iterator[Deployed]:
    with (
        published() as keys,
        socket.create_server(("127.0.0.1", 0)) as cloud,
        pytest.MonkeyPatch.context() as patch,
    ):
        cloud.setblocking(False)
        for name, value in environment(keys, f"127.0.0.1:{cloud.getsockname()[1]}").items():
            patch.setenv(name, value)
        source = str(ROOT / f"services/{request.param}/main.py")
        app = functions_framework.create_app(request.param, source)  # type: ignore[no-untyped-call]
        yield Deployed(app.test_client(), cloud)


@contextmanager
def published() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def environment(keys: str, cloud: str) -> dict[str, str]:
    return {
        "GOOGLE_CLOUD_PROJECT": "sluice-test",
        "SLUICE_REGION": "europe-west1",
        "SLUICE_LANDING_BUCKET": "landing",
        "SLUICE_PARTS_BUCKET": "parts",
        "SLUICE_WORK_BUCKET": "work",
        "SLUICE_TOKEN_AUDIENCE": EXPECTED.audience,
        "SLUICE_TOKEN_EMAIL": EXPECTED.email,
        "SLUICE_TOKEN_ISSUER": EXPECTED.issuer,
        "SLUICE_TOKEN_KEYS": keys,
        "SLUICE_CLOCK": f"1,{NOW.timestamp()},{time.monotonic()}",
        "STORAGE_EMULATOR_HOST": f"http://{cloud}",
        "PUBSUB_EMULATOR_HOST": cloud,
        "CLOUD_TASKS_EMULATOR_HOST": cloud,
        "GOOGLE_ADS_ENDPOINT": cloud,
    }


def signed(header: Any = HEADER, claims: Any = CLAIMS) -> str:
    """A token whose signature is right, whatever it says."""
    text = f"{_base64(json.dumps(header).encode())}.{_base64(json.dumps(claims).encode())}"
    signature = KEY.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"Bearer {text}.{_base64(signature)}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def test_a_body_that_is_too_large_is_refused_before_any_work(deployed: Deployed) -> None:
    """The only one who gets as far as this is the right caller."""
    assert deployed.post(bytes(BODY_LIMIT + 1), signed()) == 413
    assert deployed.untouched()


@pytest.mark.parametrize("authorization", ["", signed(claims={**CLAIMS, "aud": "another"}), signed()])
def test_a_body_without_end_is_not_read_to_its_end(deployed: Deployed, authorization: str) -> None:
    body = Endless()

    answer = deployed.client.post(
        "/",
        headers={"Authorization": authorization},
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True},
    )

    assert answer.status_code == (413 if authorization == signed() else 401)
    assert body.read_bytes <= BODY_LIMIT + 1
    assert deployed.untouched()


@pytest.mark.parametrize(("authorization", "status"), [("Bearer x", 401), (signed(), 400)])
def test_a_body_that_breaks_off_is_nobodys_work(deployed: Deployed, authorization: str, status: int) -> None:
    answer = deployed.client.post(
        "/",
        headers={"Authorization": authorization},
        environ_overrides={"wsgi.input": BreaksOff(), "wsgi.input_terminated": True},
    )

    assert answer.status_code == status
    assert deployed.untouched()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_no_other_method_does_anything(deployed: Deployed, method: str) -> None:
    assert deployed.post(b"{}", signed(), method) == 405
    assert deployed.untouched()


@pytest.mark.parametrize("path", ["/", "/a", "/a/../..", "/%2e%2e/config", "/%00", "/é"])
def test_no_path_leads_past_the_door(deployed: Deployed, path: str) -> None:
    assert deployed.post(b"{}", "", path=path) == 401
    assert deployed.untouched()


@pytest.mark.parametrize("kid", ["unknown", "", "../../keys", None, 7, [], {}, "k" * 5000])
def test_a_key_that_is_not_published_opens_nothing(deployed: Deployed, kid: object) -> None:
    assert deployed.post(b"{}", signed({**HEADER, "kid": kid})) == 401
    assert deployed.untouched()


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "PS256", "ES256", "rs256", "", None, 7, [], {}]
)
def test_no_other_algorithm_opens_anything(deployed: Deployed, algorithm: object) -> None:
    assert deployed.post(b"{}", signed({**HEADER, "alg": algorithm})) == 401
    assert deployed.untouched()


_SAME_FACE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_SAME_FACE
@given(part=st.sampled_from(sorted({*HEADER, "crit", "b64", "jwk", "jku", "x5c", "zip"})), value=ANYTHING)
@example(part="crit", value=["b64"])
def test_no_header_of_a_token_breaks_the_door(deployed: Deployed, part: str, value: object) -> None:
    """Some headers change nothing; a body that is too large ends also the work of those who are let in."""
    assert deployed.post(bytes(BODY_LIMIT + 1), signed({**HEADER, part: value})) in (401, 413)
    assert deployed.untouched()


@_SAME_FACE
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=255))
    | ANYTHING.map(signed)
    | st.builds(signed, claims=ANYTHING)
)
@example("Bearer " + _base64(DEEP.encode()) + ".e30.e30")
@example("Bearer " + _base64(json.dumps(HEADER).encode()) + "." + _base64(DEEP.encode()) + ".AA")
def test_no_token_breaks_the_door(deployed: Deployed, authorization: str) -> None:
    assert deployed.post(b"{}", authorization) == 401
    assert deployed.untouched()
