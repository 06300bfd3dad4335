"""Connections to Google Ads: one gRPC channel for each credential. That of the Application Default Credentials serves all accounts
that name none. `get_service` of the client library opens a channel each time: it is asked once, and its channel serves the others.
"""

from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Protocol

import google.auth
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.util import convert_upper_case_to_snake_case
from google.auth.credentials import Credentials
from google.auth.transport.requests import Request

from services.uploader.destinations.api import Api
from services.uploader.destinations.credentials import SCOPE
from services.uploader.destinations.grant import Grant
from shared.ports import Clock, Secrets
from shared.settings import Settings

_FIRST = "OfflineUserDataJobService"
TOKEN_SECONDS = 10
"""Real seconds for one answer of the token server. It is waited for under the account's lease; google-auth alone would give it 120."""


class Services(Protocol):
    def __call__(self, name: str, /) -> Any:
        """A client of the service, such as "UserListService"."""
        ...


@dataclass(frozen=True)
class Connection:
    """What requests under one credential are made with."""

    service: Services
    credentials: Credentials = field(repr=False)
    lock: Lock = field(default_factory=Lock, repr=False)

    def authorize(self) -> None:
        """The token is renewed before the call: inside it, gRPC would make a refused grant look like an unreachable server."""
        with self.lock:
            if not self.credentials.valid:
                self.credentials.refresh(partial(Request(), timeout=TOKEN_SECONDS))

    def renew(self) -> None:
        """Whatever its expiry says, the token is spent: the next request gets another, or hears why there is none."""
        with self.lock:
            self.credentials.token = None


class Connections(Protocol):
    def of(self, credential: str) -> Connection:
        """By its name, empty for the Application Default Credentials. An error of google-auth when there are none of those."""
        ...


@dataclass(frozen=True)
class CloudConnections:
    """Each is made when the first account needs it: a deployment may have no default credentials at all."""

    api: Api
    settings: Settings
    secrets: Secrets
    clock: Clock
    _lock: Lock = field(default_factory=Lock, repr=False)
    _made: dict[str, Connection] = field(default_factory=dict, repr=False)

    def of(self, credential: str) -> Connection:
        with self._lock:
            if credential not in self._made:
                self._made[credential] = self._connect(self._credentials(credential))
            return self._made[credential]

    def _credentials(self, credential: str) -> Credentials:
        if credential:
            return Grant(credential, self.secrets, self.clock)
        found: Credentials = google.auth.default(scopes=[SCOPE])[0]
        return found

    def _connect(self, credentials: Credentials) -> Connection:
        """A developer token only where one is set, never an empty one."""
        client = GoogleAdsClient(
            credentials=credentials,  # type: ignore[arg-type] # annotated as the dict that load_from_dict takes
            developer_token=self.settings.developer_token or None,
            endpoint=self.settings.emulators.google_ads or None,
            version=self.api.version,
            use_proto_plus=False,
        )
        first = client.get_service(_FIRST)
        return Connection(_OnOneChannel(self.api, first.transport.grpc_channel, {_FIRST: first}), credentials)


@dataclass(frozen=True)
class _OnOneChannel:
    api: Api
    channel: Any
    made: dict[str, Any]

    def __call__(self, name: str, /) -> Any:
        """Two threads may make one twice; both are good."""
        if name not in self.made:
            module = self.api.types(f"services.services.{convert_upper_case_to_snake_case(name)}")
            client = getattr(module, f"{name}Client")
            self.made[name] = client(transport=client.get_transport_class()(channel=self.channel))
        return self.made[name]
