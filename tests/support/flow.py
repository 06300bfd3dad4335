"""All of Sluice as processes of their own, for tests that let files land and watch what becomes of them.

`running` starts a deployment and ends it, however the tests end. What a test does to it goes through Google's
clients and the local cloud's control; what it learns comes from topics, buckets, queues and the record of calls.
A test brings accounts of its own, so that all tests share one deployment and none sees another's.
"""

import base64
import json
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event as Signal
from types import FrameType
from typing import Any, TypeVar
from urllib.request import urlopen

import pytest

from infra.provision import pull_subscription, queue
from infra.render import account_documents
from services.console import environment, programs
from services.console.deployment import Deployment, Service, bring_up
from services.console.processes import Supervisor
from services.console.programs import Options
from shared import names
from shared.model.account import Account, Audience, Consent
from shared.model.codec import decode
from shared.model.dead_letter import DeadLetter
from shared.model.events import OUTCOMES, Event
from shared.model.state import Line
from tests.support.crowd import REGION, People
from tests.support.taps import Message, Tap, tapped

T = TypeVar("T")

SPEED = 60.0
"""Simulated seconds in a real one: the ten minutes before a job is first asked about are ten seconds, and a
request that Google Ads may take five minutes for has five."""
JOB_SECONDS = 60
PATIENCE = 100.0
"""Real seconds: several times what anything takes on two idle cores."""

LOUD = {"SLUICE_LOG_LEVEL": "DEBUG", "GUNICORN_LOG_LEVEL": "debug"}
"""All that services and their libraries can be made to say: what must not be told must not be told by them either."""

ADD, CREATE, RUN = "AddOfflineUserDataJobOperations", "CreateOfflineUserDataJob", "RunOfflineUserDataJob"

Call = dict[str, Any]


@dataclass(frozen=True)
class Landed:
    """One generation of a landing object. The id of the segment that it names ends with `mark`."""

    bucket: str
    name: str
    generation: int

    @property
    def mark(self) -> str:
        return names.segment_id(self.bucket, self.name, self.generation, "")


@dataclass(frozen=True)
class Taps:
    """What is heard on the four topics."""

    notifications: Tap
    requests: Tap
    completions: Tap
    dead_letters: Tap


@dataclass(frozen=True)
class Flow:
    """`folder` holds the processes' logs. `people` are all who were ever written into a file."""

    deployment: Deployment
    supervisor: Supervisor
    taps: Taps
    folder: Path
    people: People = field(default_factory=People)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # Doing

    def account(self, *audiences: str) -> Account:
        """A new account with audiences of these keys, deployed."""
        numbers = (7_000_000_000 + next(self._numbers) for _ in audiences)
        return self.deploy(
            {key: Audience("CONTACT_INFO", str(each)) for key, each in zip(audiences, numbers, strict=True)}
        )

    def deploy(self, lists: Mapping[str, Audience]) -> Account:
        """A new account with these audiences. One row in five may be bad."""
        consent = Consent("GRANTED", "GRANTED")
        account = Account(f"{5_000_000_000 + next(self._numbers)}", "Flow", REGION, "0.2", consent, lists)
        site, admin = self.deployment.site, self.deployment.admin
        wanted = queue(site, self.deployment.topology.queue, account.id)
        admin.tasks.create_queue(parent=site.location, queue=wanted)
        self.configure(account)
        self.deployment.control.declare([account])
        return account

    def configure(self, account: Account) -> None:
        """What services read of it from now on."""
        bucket = self.deployment.admin.storage.bucket(self.deployment.site.work)
        for name, content in account_documents([account]).items():
            bucket.blob(name).upload_from_string(content)

    def land(self, name: str, content: bytes = b"", metadata: Mapping[str, str] | None = None) -> Landed:
        blob = self.deployment.admin.storage.bucket(self.deployment.site.landing).blob(name)
        blob.metadata = dict(metadata) if metadata else None
        blob.upload_from_string(content, content_type="text/csv")
        assert blob.generation
        return Landed(self.deployment.site.landing, name, blob.generation)

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None) -> str:
        """The message's id."""
        full = self.deployment.site.topic(topic)
        sent = self.deployment.admin.publisher.publish(full, data, **dict[str, Any](attributes or {}))
        return str(sent.result(PATIENCE))

    def fault(self, **fault: Any) -> str:
        """Orders one, and gives its id."""
        name = f"flow-{next(self._numbers)}"
        self.deployment.control.inject([{"id": name, **fault}])
        return name

    def judge(self, account: str, standing: str) -> None:
        """What Google Ads thinks of an account, known or new, from now on."""
        self.tell_ads(account, standing=standing)

    def tell_ads(self, account: str, **words: Any) -> None:
        """Orders how Google Ads is to treat an account from now on: docs/local-cloud.md, POST /control/ads/accounts."""
        body = json.dumps({"customer_id": account, **words}).encode()
        urlopen(f"{self.deployment.control.url}/control/ads/accounts", body, PATIENCE).close()

    def enlist(self, account: Account, audience: str, members: Iterable[bytes]) -> None:
        """They are in the audience, beside the others, without a segment of theirs."""
        place = f"{account.id}/{account.audiences[audience].list_id}/members"
        url = f"{self.deployment.control.url}/control/ads/audiences/{place}"
        urlopen(url, b"".join(members), PATIENCE).close()

    # Waiting

    def until(self, look: Callable[[], T | None], what: str) -> T:
        """What `look` finds once it finds something. Meanwhile processes that died are started again."""
        deadline = time.monotonic() + PATIENCE
        while not (found := look()):
            if time.monotonic() > deadline:
                pytest.fail(f"not within {PATIENCE:.0f} s: {what}; logs are in {self.folder / 'logs'}")
            self.taps.completions.news.wait(0.1)
            self.taps.completions.news.clear()
            self.supervisor.tend()
        return found

    def outcome(self, landed: Landed) -> Event:
        def look() -> Event | None:
            return next((event for event in self.events(landed) if event.type in OUTCOMES), None)

        return self.until(look, f"the outcome of {landed.name}")

    def notification(self, landed: Landed) -> Message:
        wanted = {"objectId": landed.name, "objectGeneration": str(landed.generation)}

        def look() -> Message | None:
            heard = self.taps.notifications.messages
            return next((each for each in heard if wanted.items() <= each.attributes.items()), None)

        return self.until(look, f"the notification of {landed.name}")

    def request(self, landed: Landed) -> Message:
        def look() -> Message | None:
            heard = self.taps.requests.messages
            return next((each for each in heard if landed.mark in each.attributes.get("segment", "")), None)

        return self.until(look, f"the request for {landed.name}")

    def pushed(self, subscription: str, message: str) -> list[Call]:
        """The pushes of a message, once one of them was acknowledged."""

        def look() -> list[Call]:
            pushes = self.calls("pubsub", "push", subscription, message)
            return pushes if any(done(push) for push in pushes) else []

        return self.until(look, f"{subscription} to acknowledge {message}")

    def letter(self, fits: Callable[[bytes], bool]) -> DeadLetter:
        """The dead letter with such a payload."""

        def look() -> DeadLetter | None:
            letters = (decode(DeadLetter, each.data) for each in self.taps.dead_letters.messages)
            return next((each for each in letters if fits(base64.b64decode(each.payload))), None)

        return self.until(look, "a dead letter")

    def struck(self, fault: str) -> None:
        """Waits until the fault was acted out as often as it was ordered."""

        def look() -> bool:
            (found,) = (each for each in self.deployment.control.faults() if each["id"] == fault)
            return bool(found["seen"] == found["times"])

        self.until(look, f"{fault} to strike")

    def settled(self, account: Account) -> None:
        """Waits until the account's runs have left nothing behind: no marker, no claim, no task."""
        self.until(lambda: not self.left_behind(account), f"an end of {account.id}'s runs")

    # Looking

    def events(self, landed: Landed) -> list[Event]:
        """What was told about the segment, each event once, in the order of their first arrival."""
        heard = (each for each in self.taps.completions.messages if landed.mark in each.attributes["segment"])
        return list(
            {event.event_id: event for event in (decode(Event, each.data) for each in heard)}.values()
        )

    def account_events(self, account: str) -> list[Event]:
        """What was told about the account itself, in the same way."""
        heard = (each for each in self.taps.completions.messages if each.attributes["account"] == account)
        told = (decode(Event, each.data) for each in heard if each.attributes["type"].startswith("account."))
        return list({event.event_id: event for event in told}.values())

    def members(self, account: Account, audience: str) -> set[bytes]:
        path = self.folder / "members"
        self.deployment.control.save_members(account.id, account.audiences[audience], path)
        content = path.read_bytes()
        return {content[start : start + 8] for start in range(0, len(content), 8)}

    def calls(self, service: str, method: str = "", account: str = "", resource: str = "") -> list[Call]:
        """The recorded calls, in the order of their starts. `resource` is a part of theirs."""
        found = self.deployment.control.calls(service=service, method=method, account=account)
        return [call for call in found if resource in call["resource"]]

    def most_in_flight(self, account: Account) -> int:
        (found,) = (each for each in self.deployment.control.traffic() if each["account"] == account.id)
        return int(found["max_in_flight"])

    def now(self) -> float:
        """Seconds, as the record of calls has them."""
        with urlopen(f"{self.deployment.control.url}/control/clock") as answer:
            return float(json.load(answer)["now"])

    def ledger(self, prefix: str) -> dict[str, int]:
        """The generation of every object below."""
        blobs = self.deployment.admin.storage.list_blobs(self.deployment.site.work, prefix=prefix)
        return {blob.name: blob.generation for blob in blobs}

    def document(self, name: str) -> bytes:
        bucket = self.deployment.admin.storage.bucket(self.deployment.site.work)
        return bytes(bucket.blob(name).download_as_bytes())

    def tasks(self, account: Account) -> list[str]:
        tasks = self.deployment.admin.tasks.list_tasks(parent=self.deployment.site.queue(account.id))
        return [task.name for task in tasks]

    def left_behind(self, account: Account) -> list[str]:
        markers = list(self.ledger(f"open/{account.id}/"))
        lines = {name: decode(Line, self.document(name)) for name in self.ledger(f"lines/{account.id}/")}
        claims = [name for name, line in lines.items() if line.owner or line.filling or line.running]
        return markers + claims + self.tasks(account)


def done(call: Call) -> bool:
    return call["ended"] is not None and call["status"] == "OK"


@contextmanager
def running(folder: Path, service: Service = programs.service, *, speed: float = SPEED) -> Iterator[Flow]:
    """A deployment in `folder`, from its start to its end. Its processes end with it, whatever happens."""
    words = ("--ads-job-seconds", str(JOB_SECONDS))
    with _own_environment(), _interruptible(), Supervisor() as supervisor, ExitStack() as stack:
        inherited = environment.inherited() | LOUD
        options = Options(folder, folder / "state", speed, 0, inherited, {}, words)
        deployment = bring_up(options, supervisor, service)
        stack.callback(_close, deployment)
        yield Flow(deployment, supervisor, _listen(deployment, stack), folder)


def _listen(deployment: Deployment, stack: ExitStack) -> Taps:
    site, topics, news = deployment.site, deployment.topology.topics, Signal()

    def tap(subscription: str) -> Tap:
        return stack.enter_context(tapped(deployment.admin.subscriber, subscription, news))

    def listener(topic: str) -> Tap:
        return tap(pull_subscription(deployment.admin, site, f"flow-{topic}", topic))

    return Taps(
        notifications=listener(topics.landing_notifications),
        requests=listener(topics.segment_requests),
        completions=listener(topics.completions),
        dead_letters=listener(topics.dead_letters),
    )


def _close(deployment: Deployment) -> None:
    deployment.admin.subscriber.close()
    deployment.admin.publisher.stop()
    deployment.admin.tasks.transport.close()
    deployment.admin.storage.close()


@contextmanager
def _own_environment() -> Iterator[None]:
    """`bring_up` makes this process a client of its deployment; the tests that follow must not be one."""
    before = environment.inherited()
    try:
        yield
    finally:
        for added in environment.inherited().keys() - before.keys():
            pytest.MonkeyPatch().delenv(added)
        environment.become(before)


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM, as `timeout` sends it, would end this process alone and leave the deployment behind."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, _: FrameType | None) -> None:
    """Once: a second signal must not disturb the end."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
