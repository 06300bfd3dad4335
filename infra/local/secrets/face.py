"""Secret Manager on the wire: google.cloud.secretmanager.v1.SecretManagerService for a grpc.aio server, AccessSecretVersion alone.

Secrets are put by POST /control/secrets; whatever else the real service does answers UNIMPLEMENTED.
"""

from functools import partial
from typing import Any

import google_crc32c
import grpc
from aiohttp import web
from google.cloud.secretmanager_v1 import types

from infra.local import rpc
from infra.local.control.control import Control
from infra.local.control.face import order
from infra.local.secrets.engine import SecretsEngine

Message = Any

AccessResponse = types.AccessSecretVersionResponse.pb()

OTHERS = (
    "ListSecrets",
    "CreateSecret",
    "AddSecretVersion",
    "GetSecret",
    "UpdateSecret",
    "DeleteSecret",
    "ListSecretVersions",
    "GetSecretVersion",
    "DisableSecretVersion",
    "EnableSecretVersion",
    "DestroySecretVersion",
    "RotateSecret",
    "EnableManagedRotation",
    "SetIamPolicy",
    "GetIamPolicy",
    "TestIamPermissions",
)


def handlers(engine: SecretsEngine, control: Control) -> list[grpc.GenericRpcHandler]:
    methods: dict[str, rpc.Method] = {
        "AccessSecretVersion": rpc.Unary(
            types.AccessSecretVersionRequest.pb(), rpc.about("name", subject), partial(_access, engine)
        ),
        **rpc.unsupported(OTHERS, "managing secrets"),
    }
    name = "google.cloud.secretmanager.v1.SecretManagerService"
    return [rpc.service(name, methods, partial(control.call, "secretmanager"))]


def routes(engine: SecretsEngine) -> list[web.AbstractRouteDef]:
    """POST /control/secrets {"name": "projects/P/secrets/S", "payload": text}: one more version of it."""
    return [
        web.post("/control/secrets", order(lambda body: engine.put(body["name"], body["payload"].encode())))
    ]


def subject(name: str) -> rpc.Subject:
    """What a call about this name is recorded under: the secret's id, and the whole name."""
    parts = name.split("/")
    return (parts[3] if len(parts) > 3 else "", name)


def _access(engine: SecretsEngine, request: Message) -> Message:
    version = engine.access(request.name)
    answer = AccessResponse(name=version.name)
    answer.payload.data = version.payload
    answer.payload.data_crc32c = google_crc32c.value(version.payload)
    return answer
