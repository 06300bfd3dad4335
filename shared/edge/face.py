"""The HTTP face of a service: who calls, what with, and which answer it gets. It knows no rules of the work itself."""

import base64
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import flask
import jwt
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from shared.edge.answer import OK, Ack, HttpAnswer, Nack, to_http
from shared.edge.token import Expected, verify
from shared.errors import ConfigurationError, NotAuthentic, TransientError, UnusableMessage
from shared.log import configure, forget_work, get_logger, places
from shared.model.codec import DocumentError
from shared.model.dead_letter import DeadLetter, Origin
from shared.ports import Clock
from shared.reasons import words
from shared.settings import Settings
from shared.tracing import flush

BODY_LIMIT = 15 * 1024 * 1024
"""Pub/Sub messages hold 10 MB, a third more in base64; tasks hold 1 MB."""
_PAYLOAD_LIMIT = 4 * 1024 * 1024
_PIECE = 64 * 1024

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
        # One byte more than is taken: a body that does not say its length ends at what may be read, without a word.
        request.max_content_length = BODY_LIMIT + 1
        answer = self._refused(request) or self._worked(request, work)
        flush()
        _discard(request)
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
        try:
            return self._answered(_body(request), dict(request.headers), work)
        except RequestEntityTooLarge:
            return HttpAnswer(413, "the body is too large")
        except ClientDisconnected:
            return HttpAnswer(400, "the body broke off")
        except TransientError as error:
            get_logger().warning("transient", why=str(error))
            return HttpAnswer(500, "transient")
        except (ConfigurationError, DocumentError) as error:
            get_logger().error("configuration", why=str(error))
            return HttpAnswer(500, "the deployment needs an operator")
        except Exception as error:  # noqa: BLE001  a defect's text may quote a record: its type and its place are logged
            get_logger().error("defect", type=type(error).__name__, places=places(error))
            return HttpAnswer(500, "a defect: see the log")

    def _answered(self, body: bytes, headers: Mapping[str, str], work: Work) -> HttpAnswer:
        try:
            return to_http(work(body, headers))
        except UnusableMessage as error:
            self._keep(body, error)
            return OK

    def _keep(self, body: bytes, error: UnusableMessage) -> None:
        """For a person to look at; then acknowledged: repeating it would change nothing. The payload is the message as it came,
        so that whoever may read dead letters may read what a stranger wrote into one. Sluice's own messages name things by ids."""
        get_logger().error("message_unusable", reason_code=error.reason_code, detail=error.detail)
        payload = base64.b64encode(body[:_PAYLOAD_LIMIT]).decode()
        reason = f"{words(error.reason_code)} {error.detail}"
        self.bury(DeadLetter(self.origin, error.reason_code, reason, self.clock.now(), payload))


def _body(request: flask.Request) -> bytes:
    body = request.get_data(cache=False)
    if len(body) > BODY_LIMIT:
        raise RequestEntityTooLarge
    return body


def _discard(request: flask.Request) -> None:
    """A caller who is still sending does not hear the answer. What he sends is read up to the limit, a piece at a time:
    functions-framework would read all of it, however much, into memory."""
    with suppress(RequestEntityTooLarge, ClientDisconnected):
        while request.stream.read(_PIECE):
            pass
    request.stream = io.BytesIO()


def face_for(
    settings: Settings, service: str, origin: Origin, clock: Clock, bury: Callable[[DeadLetter], None]
) -> Face:
    configure(settings.log_format, service, level=settings.log_level, project=settings.project)
    if not (settings.token_audience and settings.token_email):
        raise ConfigurationError(
            "SLUICE_TOKEN_AUDIENCE and SLUICE_TOKEN_EMAIL are not set; see docs/settings.md"
        )
    keys = jwt.PyJWKClient(settings.token_keys, cache_keys=True, lifespan=300)
    expected = Expected(settings.token_issuer, settings.token_audience, settings.token_email)
    return Face(clock, expected, lambda token: keys.get_signing_key_from_jwt(token).key, origin, bury)
