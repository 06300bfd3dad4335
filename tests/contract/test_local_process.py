"""The local cloud as a process: how it starts, what it opens, and how it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.pubsub_v1 import PublisherClient, PullRequest, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from infra.local.parts import PARTS
from tests.support.localcloud import ROOT, LocalCloud, running

TOPIC = "projects/demo/topics/landing-notifications"
SUBSCRIPTION = "projects/demo/subscriptions/seen"
PULL = "/google.pubsub.v1.Subscriber/Pull"
ONE = {"subscription": SUBSCRIPTION, "max_messages": 1}


def test_it_opens_ports_on_the_loopback_address_only(local_cloud: LocalCloud) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(local_cloud.pid).net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]

    # gRPC's sockets are of IPv6 and name the address in its form
    assert [address.removeprefix("::ffff:") for address in listening] == ["127.0.0.1"] * 3


def test_it_raises_its_own_open_file_limit(tmp_path: Path) -> None:
    with running(tmp_path, "--without", *PARTS) as cloud:
        soft, hard = psutil.Process(cloud.pid).rlimit(psutil.RLIMIT_NOFILE)

    assert soft == min(hard, 65_536)


def test_parts_that_are_not_wanted_are_not_served(tmp_path: Path) -> None:
    with running(tmp_path, "--without", *PARTS) as cloud:
        assert (cloud.grpc, cloud.ads, cloud.certificate) == ("", "", "")
        assert cloud.ask("/healthz") == {"ok": True}
        with pytest.raises(OSError, match="404"):
            cloud.raw("/storage/v1/b?project=demo")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_at_once_whatever_is_going_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running(tmp_path) as cloud, grpc.insecure_channel(cloud.grpc) as channel:
        PublisherClient(transport=PublisherGrpcTransport(channel=channel)).create_topic(name=TOPIC)
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC)
        waiting: Any = channel.unary_unary(PULL, PullRequest.serialize).future(PullRequest(ONE))
        in_flight(cloud, "pubsub", "Pull")

        os.kill(cloud.pid, number)

        assert psutil.Process(cloud.pid).wait(timeout=2) == 0
        assert waiting.exception(timeout=2)


def in_flight(cloud: LocalCloud, service: str, method: str) -> None:
    """Until such a call is in flight."""
    path = f"/control/calls?service={service}&method={method}"
    while all(call["ended"] is not None for call in cloud.ask(path)):
        pass


def test_its_clock_is_the_one_that_it_announces(local_cloud: LocalCloud) -> None:
    assert local_cloud.ask("/control/clock")["clock"] == local_cloud.clock


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--without", "pubsub"], "nobody to notify"),
        (["--pubsub-host", "127.0.0.1:1"], "add --without pubsub"),
        (["--without", "weather"], "invalid choice"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    command = [sys.executable, "-m", "infra.local", "--state", str(tmp_path), *arguments]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert complaint in ended.stderr


def test_storage_notifies_another_pubsub_server_when_it_has_none_of_its_own(tmp_path: Path) -> None:
    pubsub_home, storage_home = tmp_path / "pubsub", tmp_path / "storage"
    with (
        running(pubsub_home, "--without", "storage", "tasks", "ads") as pubsub,
        running(storage_home, "--without", "pubsub", "tasks", "ads", "--pubsub-host", pubsub.grpc) as objects,
        grpc.insecure_channel(pubsub.grpc) as channel,
    ):
        PublisherClient(transport=PublisherGrpcTransport(channel=channel)).create_topic(name=TOPIC)
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        subscriber.create_subscription(name=SUBSCRIPTION, topic=TOPIC)

        upload(objects, "landed.csv")

        (received,) = subscriber.pull(subscription=SUBSCRIPTION, max_messages=1, timeout=20).received_messages
        assert received.message.attributes["objectId"] == "landed.csv"


def upload(cloud: LocalCloud, name: str) -> None:
    client = storage.Client(
        project="demo", credentials=AnonymousCredentials(), client_options={"api_endpoint": cloud.http}
    )
    bucket = client.create_bucket("landing")
    bucket.notification(topic_name=TOPIC.rpartition("/")[2], topic_project="demo").create()
    bucket.blob(name).upload_from_string("email\n")
    client.close()


def test_a_call_beyond_the_assembly_is_unimplemented(local_cloud: LocalCloud) -> None:
    with grpc.insecure_channel(local_cloud.grpc) as channel:
        list_schemas: Any = channel.unary_unary("/google.pubsub.v1.SchemaService/ListSchemas")

        refused = list_schemas.future(b"", timeout=20).exception()

    assert refused.code() is grpc.StatusCode.UNIMPLEMENTED
