"""The HTTP face of a service: who calls, what with, and which answer it gets. It knows no rules of the work itself."""

import base64
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import flask
import jwt
from werkzeug.exceptions import RequestEntityTooLarge

from shared.edge.answer import Ack, HttpAnswer, Nack, to_http
from shared.edge.token import Expected, verify
from shared.errors import ConfigurationError, NotAuthentic, TransientError, UnusableMessage
from shared.log import configure, forget_work, get_logger
from shared.model.codec import DocumentError
from shared.model.dead_letter import DeadLetter, Origin
from shared.ports import Clock
from shared.reasons import words
from shared.settings import Settings

BODY_LIMIT = 15 * 1024 * 1024
"""Pub/Sub messages hold 10 MB, a third more in base64; tasks hold 1 MB."""
_PAYLOAD_LIMIT = 4 * 1024 * 1024

Work = Callable[[bytes, Mapping[str, str]], Ack | Nack]


@dataclass(frozen=True)
class Face:
    """`key_of` finds the issuer's public key of a token; `bury` keeps what can never be worked on."""

    clock: Clock
    expected: Expected
    key_of: Callable[[str], Any]
    origin: Origin
    bury: Callable[[DeadLetter], None]

    def answer(self, request: flask.Request, work: Work) -> tuple[str, int]:
        """Nothing of the request is looked at before the caller is known."""
        forget_work()
        answer = self._refused(request) or self._worked(request, work)
        return answer.words, answer.status

    def _refused(self, request: flask.Request) -> HttpAnswer | None:
        if request.method != "POST":
            return HttpAnswer(405, "POST only")
        try:
            verify(request.headers.get("Authorization", ""), self.expected, self.key_of, self.clock.now())
        except NotAuthentic as error:
            get_logger().warning("caller_refused", why=str(error))
            return HttpAnswer(401, str(error))
        except TransientError as error:
            get_logger().warning("caller_not_checked", why=str(error))
            return HttpAnswer(503, str(error))
        return None

    def _worked(self, request: flask.Request, work: Work) -> HttpAnswer:
        request.max_content_length = BODY_LIMIT
        body = b""
        try:
            body = request.get_data(cache=False)
            return to_http(work(body, dict(request.headers)))
        except RequestEntityTooLarge:
            return HttpAnswer(413, "the body is too large")
        except UnusableMessage as error:
            return self._buried(body, error)
        except TransientError as error:
            get_logger().warning("transient", why=str(error))
            return HttpAnswer(500, "transient")
        except (ConfigurationError, DocumentError) as error:
            get_logger().error("configuration", why=str(error))
            return HttpAnswer(500, "the deployment needs an operator")
        except Exception as error:  # noqa: BLE001  a defect's text may quote a record: its type and its place are logged
            get_logger().error("defect", type=type(error).__name__, places=_places(error))
            return HttpAnswer(500, "a defect: see the log")

    def _buried(self, body: bytes, error: UnusableMessage) -> HttpAnswer:
        """Kept for a person to look at, and acknowledged: repeating it would change nothing."""
        get_logger().error("message_unusable", reason_code=error.reason_code, detail=error.detail)
        payload = base64.b64encode(body[:_PAYLOAD_LIMIT]).decode()
        reason = f"{words(error.reason_code)} {error.detail}"
        try:
            self.bury(DeadLetter(self.origin, error.reason_code, reason, self.clock.now(), payload))
        except TransientError:
            return HttpAnswer(500, "transient")
        return HttpAnswer(204, "")


def face_for(
    settings: Settings, service: str, origin: Origin, clock: Clock, bury: Callable[[DeadLetter], None]
) -> Face:
    configure(settings.log_format, service)
    if not (settings.token_audience and settings.token_email):
        raise ConfigurationError(
            "SLUICE_TOKEN_AUDIENCE and SLUICE_TOKEN_EMAIL are not set; see docs/settings.md"
        )
    keys = jwt.PyJWKClient(settings.token_keys, cache_keys=True, lifespan=300)
    expected = Expected(settings.token_issuer, settings.token_audience, settings.token_email)
    return Face(clock, expected, lambda token: keys.get_signing_key_from_jwt(token).key, origin, bury)


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
