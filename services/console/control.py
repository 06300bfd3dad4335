"""The local cloud's control questions and orders, from the console's side. JSON over HTTP."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from shared.errors import SluiceError
from shared.model.account import Account, Audience

_TIMEOUT = 30.0


class ControlRefused(SluiceError):
    """The local cloud does not understand an order: console and local cloud are of different versions."""


class ControlSilent(SluiceError):
    """The local cloud does not answer: its log says why."""


@dataclass(frozen=True)
class Control:
    """`url` is that of the local cloud's HTTP port."""

    url: str

    def register(self, name: str, pid: int) -> None:
        """Tells which process a fault's `process` means; the whole of its group is killed."""
        self._post("processes", {"name": name, "pid": pid})

    def declare(self, accounts: Iterable[Account]) -> None:
        """Makes the accounts and their user lists known to the local Google Ads, but for lists that Sluice may create itself."""
        for account in accounts:
            lists = [_list(key, each) for key, each in account.audiences.items() if each.create is None]
            self._post("ads/accounts", {"customer_id": account.id, "user_lists": lists})

    def put_secret(self, name: str, payload: str) -> None:
        """One more version of a secret; `name` is its full one, projects/P/secrets/S."""
        self._post("secrets", {"name": name, "payload": payload})

    def declare_grant(self, refresh_token: str, client_id: str, client_secret: str) -> None:
        """The local token server gives tokens for it from now on."""
        grant = {"refresh_token": refresh_token, "client_id": client_id, "client_secret": client_secret}
        self._post("grants", grant)

    def end_grant(self, refresh_token: str, state: Literal["expired", "revoked"]) -> None:
        """Its access tokens are spent before their time; revoked: there are no more."""
        self._post("grants/end", {"refresh_token": refresh_token, "state": state})

    def judge(self, account: str, standing: str) -> None:
        """How the local Google Ads thinks of the account from now on: good, not_allowlisted, terms_not_accepted or not_enabled."""
        self._post("ads/accounts", {"customer_id": account, "standing": standing})

    def schedule(self, name: str, url: str, audience: str, email: str, period: float) -> None:
        """A signed POST to `url` every `period` seconds of the local cloud's time."""
        job = {"name": name, "url": url, "audience": audience, "email": email, "period": period}
        self._post("schedules", job)

    def inject(self, faults: Iterable[Mapping[str, Any]]) -> None:
        self._post("faults", list(faults))

    def faults(self) -> list[dict[str, Any]]:
        """Every injected fault with `seen`, how often it was acted out."""
        return self._list("faults")

    def calls(self, **words: str) -> list[dict[str, Any]]:
        """The recorded calls that fit service, method and account, in the order of their starts."""
        return self._list(f"calls?{urlencode(words)}")

    def traffic(self) -> list[dict[str, Any]]:
        """What each Google Ads account has seen."""
        return self._list("ads/accounts")

    def save_members(self, account: str, audience: Audience, path: Path) -> None:
        """The 8-byte digests of all members of an audience, into a file."""
        self._save(account, audience, "members", path)

    def save_garbled(self, account: str, audience: Audience, path: Path) -> None:
        """The same of whom a fault kept out of its jobs, each as often as it did."""
        self._save(account, audience, "garbled", path)

    def _save(self, account: str, audience: Audience, which: str, path: Path) -> None:
        place = f"ads/audiences/{account}/{quote(audience.list_id or audience.name, safe='')}/{which}"
        with self._open(place) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)

    def _list(self, question: str) -> list[dict[str, Any]]:
        with self._open(question) as answer:
            return list(json.load(answer))

    def _post(self, order: str, body: Any) -> None:
        self._open(order, json.dumps(body).encode()).close()

    def _open(self, path: str, body: bytes | None = None) -> HTTPResponse:
        request = Request(f"{self.url}/control/{path}", body, {"Content-Type": "application/json"})
        try:
            answer: HTTPResponse = urlopen(request, timeout=_TIMEOUT)
        except HTTPError as error:
            raise ControlRefused(f"{path}: HTTP {error.code}: {error.read().decode()}") from error
        except URLError as error:
            raise ControlSilent(f"the local cloud at {self.url} does not answer; its log says why") from error
        return answer


def _list(key: str, audience: Audience) -> dict[str, str]:
    """One that is known by its name gets some number of the local Google Ads."""
    number = {"id": audience.list_id} if audience.list_id else {}
    return number | {"name": audience.name or key, "upload_key_type": audience.upload_key_type}
