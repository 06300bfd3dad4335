"""What a push endpoint gets, and which of its answers acknowledge. Pure.

Pub/Sub, "Push subscriptions": the body wraps the message in JSON, names given in both spellings; 102, 200,
201, 202 and 204 acknowledge, anything else is a nack.
"""

import json
from base64 import b64encode
from typing import Any

from infra.local.clock import rfc3339
from infra.local.delivery import Outgoing
from infra.local.pubsub.backlog import Received
from infra.local.pubsub.engine import Pushed
from infra.local.pubsub.message import Message

# An HTTP client never shows a 102 as the final answer; the rule is kept whole all the same.
ACKNOWLEDGING = frozenset({102, 200, 201, 202, 204})


def acknowledges(status: int | None) -> bool:
    return status in ACKNOWLEDGING


def outgoing(pushed: Pushed, token: str) -> Outgoing:
    """The request of one push; `token` "" sends none. The ack deadline is the request's limit."""
    headers = {"Content-Type": "application/json", "User-Agent": "CloudPubSub-Google"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps(envelope(pushed.subscription, pushed.received)).encode()
    return Outgoing("POST", pushed.push.endpoint, headers, body, pushed.ack_deadline)


def envelope(subscription: str, received: Received) -> dict[str, Any]:
    wrapped: dict[str, Any] = {"message": _message(received.message), "subscription": subscription}
    if received.attempt:
        wrapped["deliveryAttempt"] = received.attempt
    return wrapped


def _message(message: Message) -> dict[str, Any]:
    """As JSON writes protocol buffers, empty fields are left out."""
    published = rfc3339(message.published)
    optional = {
        "data": b64encode(message.data).decode(),
        "attributes": dict(message.attributes),
        "orderingKey": message.ordering_key,
    }
    return {
        **{key: value for key, value in optional.items() if value},
        "messageId": message.id,
        "message_id": message.id,
        "publishTime": published,
        "publish_time": published,
    }
