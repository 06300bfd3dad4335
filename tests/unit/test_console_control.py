"""The console's side of the control questions, against a server that repeats what it is asked."""

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from infra.load import load_accounts
from services.console.control import Control, ControlRefused, ControlSilent
from shared.model.account import Audience, Creation


class Repeater(BaseHTTPRequestHandler):
    """A GET answers a list with its own path, a POST goes into the server's notes; /control/faults is refused."""

    notes: list[tuple[str, object]]

    def do_GET(self) -> None:
        self._answer(200, json.dumps([{"path": self.path}]).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.notes.append((self.path, body))
        refused = self.path.endswith("faults")
        self._answer(400 if refused else 200, b'{"error": "nth counts from 1"}' if refused else b"{}")

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def control() -> Iterator[Control]:
    Repeater.notes = []
    with HTTPServer(("127.0.0.1", 0), Repeater) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Control(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_a_process_is_registered_by_name(control: Control) -> None:
    control.register("uploader", 4711)

    assert Repeater.notes == [("/control/processes", {"name": "uploader", "pid": 4711})]


def test_accounts_are_declared_with_their_lists(control: Control) -> None:
    control.declare(load_accounts()[:1])

    (path, body), *_ = Repeater.notes
    assert path == "/control/ads/accounts"
    assert isinstance(body, dict)
    assert body["customer_id"] == "1234567890"
    assert {"id": "7100000001", "name": "high-value", "upload_key_type": "CONTACT_INFO"} in body["user_lists"]


def test_a_secret_is_put_and_a_grant_declared_and_ended(control: Control) -> None:
    control.put_secret("projects/p/secrets/s", "payload")
    control.declare_grant("1//r", "client", "hush")
    control.end_grant("1//r", "revoked")

    assert Repeater.notes == [
        ("/control/secrets", {"name": "projects/p/secrets/s", "payload": "payload"}),
        ("/control/grants", {"refresh_token": "1//r", "client_id": "client", "client_secret": "hush"}),
        ("/control/grants/end", {"refresh_token": "1//r", "state": "revoked"}),
    ]


def test_a_list_by_name_is_declared_unless_sluice_may_create_it(control: Control) -> None:
    audiences = {
        "named": Audience("CRM_ID", name="Best"),
        "created": Audience("CRM_ID", name="New", create=Creation(9)),
    }
    control.declare([replace(load_accounts()[0], audiences=audiences)])

    ((_, body),) = Repeater.notes
    assert body == {
        "customer_id": "1234567890",
        "user_lists": [{"name": "Best", "upload_key_type": "CRM_ID"}],
    }


def test_members_are_asked_for_by_name_where_there_is_no_number(control: Control, tmp_path: Path) -> None:
    control.save_members("1", Audience("CRM_ID", name="our best / 7"), tmp_path / "members")

    assert b"/audiences/1/our%20best%20%2F%207/members" in (tmp_path / "members").read_bytes()


def test_calls_are_asked_for_by_words(control: Control) -> None:
    assert control.calls(service="google_ads", account="1") == [
        {"path": "/control/calls?service=google_ads&account=1"}
    ]


def test_members_go_to_a_file(control: Control, tmp_path: Path) -> None:
    control.save_members("1", Audience("CRM_ID", "2"), tmp_path / "members")

    assert b"/control/ads/audiences/1/2/members" in (tmp_path / "members").read_bytes()


def test_whom_a_fault_kept_out_goes_to_a_file(control: Control, tmp_path: Path) -> None:
    control.save_garbled("1", Audience("CRM_ID", "2"), tmp_path / "garbled")

    assert b"/control/ads/audiences/1/2/garbled" in (tmp_path / "garbled").read_bytes()


def test_an_account_is_judged(control: Control) -> None:
    control.judge("1", "good")

    assert Repeater.notes == [("/control/ads/accounts", {"customer_id": "1", "standing": "good"})]


def test_a_refused_order_says_why(control: Control) -> None:
    with pytest.raises(ControlRefused, match="nth counts from 1"):
        control.inject([{"id": "x"}])


def test_a_silent_local_cloud_is_called_silent() -> None:
    with HTTPServer(("127.0.0.1", 0), Repeater) as server:
        port = server.server_port

    with pytest.raises(ControlSilent, match="does not answer"):
        Control(f"http://127.0.0.1:{port}").faults()
