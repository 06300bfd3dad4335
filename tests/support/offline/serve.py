"""Serves the provider to Terraform: on a socket of its own in a folder of its own, for as long as the block lasts."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc

from tests.support.offline.protocol import MESSAGES, METHODS
from tests.support.offline.provider import Provider
from tests.support.offline.schema import Schema

_SOURCE = "registry.terraform.io/hashicorp/google"
_SERVICE = "tfplugin6.Provider"
_NO_LIMIT = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


@contextmanager
def offline_google(schema: Path) -> Iterator[Mapping[str, str]]:
    """The environment in which Terraform takes this for its google provider, and looks for no other."""
    with TemporaryDirectory(prefix="google-") as place:
        socket = Path(place, "socket")
        server = grpc.server(ThreadPoolExecutor(8), options=_NO_LIMIT)
        server.add_generic_rpc_handlers((_handler(Provider(Schema(schema))),))
        server.add_insecure_port(f"unix://{socket}")
        server.start()
        try:
            yield {"TF_REATTACH_PROVIDERS": json.dumps({_SOURCE: _attached(socket)})}
        finally:
            server.stop(None).wait()


def _attached(socket: Path) -> dict[str, Any]:
    """As Terraform wants to be told of a provider that somebody else has started."""
    address = {"Network": "unix", "String": str(socket)}
    return {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}


def _handler(provider: Provider) -> grpc.GenericRpcHandler:
    methods = {name: _method(getattr(provider, name), *kinds) for name, kinds in METHODS.items()}
    return grpc.method_handlers_generic_handler(_SERVICE, methods)


def _method(answer: Callable[[Any], Any], asked: str, told: str) -> "grpc.RpcMethodHandler[Any, Any]":
    return grpc.unary_unary_rpc_method_handler(
        lambda request, _: answer(request),
        request_deserializer=MESSAGES[asked].FromString,
        response_serializer=MESSAGES[told].SerializeToString,
    )
