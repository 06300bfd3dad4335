"""The whole product in process: the real handlers over the local cloud's engines, on one virtual clock.

Everything is carried out by the seed's order: notifications, pushes, task dispatches, requests to the destination, and each
process in between two of its effects. Nothing waits; what takes hours takes milliseconds. Of the product only the HTTP faces
and the clients of Google's libraries are not in it.
"""

import io
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path

from infra.load import load_topology
from infra.local.ads.engine import AdsEngine
from infra.local.ads.jobs import UserList
from infra.local.ads.timing import Timing
from infra.local.ads.traffic import Traffic
from infra.local.delivery import Answer
from infra.local.pubsub import settings as pubsub_settings
from infra.local.pubsub.engine import PubSubEngine, Pushed
from infra.local.pubsub.envelope import envelope
from infra.local.pubsub.message import Message
from infra.local.storage.engine import StorageEngine
from infra.local.tasks import settings as task_settings
from infra.local.tasks.engine import TasksEngine
from infra.local.tasks.queue import Dispatch
from infra.local.tasks.request import outgoing
from services.chunker import handler as chunker
from services.ingest import handler as ingest
from services.uploader import handler as uploader
from services.uploader.delivery import read_delivery
from shared import log, names
from shared.edge.answer import Ack, HttpAnswer, Nack, to_http
from shared.edge.push import read_push
from shared.errors import TransientError, UnusableMessage
from shared.ledger import Ledger
from shared.model.account import Account, Audience, Consent
from shared.model.codec import decode, encode
from shared.model.dead_letter import DeadLetter, Origin
from shared.model.events import Event
from shared.model.state import KnownList
from shared.model.task import Task
from shared.model.topology import Subscription, Topology
from shared.ops.announce import bury
from shared.ops.cancel import cancel_run
from shared.ops.letters import keep_letter
from shared.ops.pausing import pause_by_hand, resume_by_hand
from shared.ops.replay import carry_out, replay_of
from shared.ops.sweep import Swept, sweep_runs
from shared.ports import Blob, Blobs, Clock, Publisher, TaskQueues
from shared.replaying import Wish
from shared.settings import NAME_PATTERNS
from tests.support.effects import Died, Gate
from tests.support.engine_ads import EngineAds
from tests.support.engines import (
    LOCATION,
    EnginePublisher,
    EngineQueues,
    StoreBlobs,
    VirtualClock,
    queue_path,
    subscription_path,
    topic_path,
)
from tests.support.stage import Stage
from tests.support.stores import EngineStore, MemoryStore, Store
from tests.support.watch.mirror import Who
from tests.support.watch.records import Picks, takes_everybody
from tests.support.watch.watch import Watch

START = 1_795_420_800.0  # 2026-11-23T08:00:00Z
LANDING, PARTS, WORK = "landing", "parts", "work"
GRANTED = Consent("GRANTED", "GRANTED")
ACCOUNT, OTHER_ACCOUNT = "1234567890", "9876543210"
AUDIENCE, OTHER_AUDIENCE = "high-value", "lapsed"
ACCOUNTS = (
    Account(
        ACCOUNT,
        "Fjordmat",
        "NO",
        "0.05",
        GRANTED,
        {
            AUDIENCE: Audience("CONTACT_INFO", "7100000001"),
            OTHER_AUDIENCE: Audience("CONTACT_INFO", "7100000002"),
        },
    ),
    Account(
        OTHER_ACCOUNT, "Harbor", "US", "0.05", GRANTED, {AUDIENCE: Audience("CONTACT_INFO", "7200000001")}
    ),
)
_OBSERVED = ("completions", "dead-letters")


def with_audience(account: Account, key: str, audience: Audience) -> Account:
    return replace(account, audiences={**account.audiences, key: audience})


_DEPLOYED = load_topology()


def small_topology(**chunking: int) -> Topology:
    """The repository's own, with parts of a few people; more of `chunking` by name."""
    topology = _DEPLOYED
    small = {"part_records": 4, "frame_identifiers": 20, "stage_operations": 1000, **chunking}
    return replace(topology, chunking=replace(topology.chunking, **small))


@dataclass(frozen=True)
class Process:
    """The ports of one process; it remembers nothing of earlier ones."""

    landing: Blobs
    parts: Blobs
    ledger: Ledger
    publisher: Publisher
    queues: TaskQueues
    clock: Clock
    random: random.Random
    topology: Topology


@dataclass(frozen=True)
class Published:
    """A message on a topic that the test observes."""

    topic: str
    data: bytes
    attributes: dict[str, str]


class World:
    """`in_memory`: parts and ledger in a dictionary, for the thousands of worlds of the simulation. `skew`: how many seconds the
    wall clocks of processes may be wrong, either way. `deaths` counts processes that ended in the middle; `logged` holds all log
    lines. `watch` asserts the invariants at every step. `warm`: how often a request finds a process that is idle and knows facts.
    `picks`: whom the destination refuses.
    """

    def __init__(
        self,
        directory: Path,
        *,
        seed: int = 0,
        skew: float = 0.0,
        topology: Topology | None = None,
        accounts: tuple[Account, ...] = ACCOUNTS,
        in_memory: bool = False,
        warm: float = 0.8,
        picks: Picks = takes_everybody,
    ) -> None:
        self.random = random.Random(seed)
        self.skew = skew
        self._warmth = warm
        self._picks = picks
        self.stage = Stage(START, self.random)
        self.gate = Gate(self.stage)
        self._outside = Gate(self.stage)
        self.topology = topology or small_topology()
        self.storage = StorageEngine(directory, self._now)
        self._stores: dict[str, Store] = {
            bucket: MemoryStore(bucket, self._now)
            if in_memory and bucket != LANDING
            else EngineStore(self.storage, bucket)
            for bucket in (LANDING, PARTS, WORK)
        }
        self.pubsub = PubSubEngine(self._now, self.random)
        self.tasks = TasksEngine(self._now, self.random)
        self.ads = AdsEngine(self._now, Timing())
        self.traffic = Traffic(self._now)
        self.watch = Watch(self.topology, self._knows, self._at_work, picks)
        self.deaths = 0
        self.swept: list[Swept] = []
        self.sweeps: list[float] = []
        self.logged = io.StringIO()
        self._open: dict[int, Dispatch] = {}
        self._idle: defaultdict[str, list[Process]] = defaultdict(list)
        self._stirred, self._pushes_due = True, inf
        self.pubsub.listen(self._stir)
        self._published: list[Published] = []
        self._letters: list[DeadLetter] = []
        log.configure("json", "test", self.logged)
        self._provision(accounts)

    # What a test does

    def land(self, name: str, content: bytes, notifications: int = 1) -> str:
        """Somebody uploads an object, Cloud Storage tells of it once or more often; the id that its segment gets."""
        self.stage.pause(1)
        before = self._landing.stat(name)
        blob = self._landing.replace(name, content, before.generation if before else 0)
        assert blob
        self._notify(notifications)
        account, audience, mode, *_ = [*name.split("/"), "", ""]
        return names.segment_id(LANDING, name, blob.generation, f"{account}-{audience}-{mode}")

    def deploy(self, account: Account) -> None:
        """Somebody changes accounts.yaml and deploys it."""
        blobs, name = self._blobs(WORK, self._outside), names.account_json(account.id)
        before = blobs.stat(name)
        self.stage.pause(1)
        assert blobs.replace(name, encode(account), before.generation if before else 0)

    def remove(self, name: str) -> None:
        blob = self._landing.stat(name)
        assert blob
        self._landing.delete(name, blob.generation)

    def publish(self, topic: str, data: bytes, **attributes: str) -> None:
        self.pubsub.publish(topic_path(topic), data, attributes)

    def sweep(self) -> None:
        """Begins a sweep, as the schedule does by a call of the uploader."""
        who = Who("sweep", self.stage.now)
        self.stage.spawn(who, lambda: self._answer("uploader", self._sweep, b"", "tasks"))

    def pause(self, account: str) -> None:
        """An operator does, by his command."""
        who = Who("operator", self.stage.now)
        self.stage.spawn(who, lambda: self._by_hand(pause_by_hand, account))

    def resume(self, account: str) -> None:
        who = Who("operator", self.stage.now)
        self.stage.spawn(who, lambda: self._by_hand(_resume_and_sweep, account))

    def cancel(self, segment: str, run: int = 1) -> None:
        """An operator does, unless he is too early: nobody has opened the run."""
        who = Who("operator", self.stage.now)
        self.stage.spawn(who, lambda: self._by_hand(partial(_cancel, run), segment))

    def replay(self, segment: str, wish: Wish) -> None:
        who = Who("operator", self.stage.now)
        self.stage.spawn(who, lambda: self._by_hand(partial(_replay, wish), segment))

    def look(self, account: str = "") -> list[Swept]:
        """What a sweep would do."""
        return list(sweep_runs(self.process(), account, act=False))

    def lose_tasks(self) -> None:
        """Everything in the queues is gone; the names stay taken for a day."""
        for queue in self.tasks.queues(LOCATION):
            self.tasks.purge_queue(queue)

    def lose_messages(self, *keep: str) -> None:
        """Everything that waits to be pushed is gone: somebody sought the subscriptions to now, but for those that are named."""
        for name, settings in _subscriptions(self.topology):
            if settings.push and name not in keep:
                self.pubsub.seek(subscription_path(name), self.stage.now + 1)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Until nothing is left to be done, or `until` is true."""
        while not until():
            self._begin_due()
            if not self.stage.turn() and not self._pass_time():
                return

    def close(self) -> None:
        self.stage.close()
        self.storage.close()

    # What a test looks at

    @property
    def ledger(self) -> Ledger:
        """As the test reads it: none of its calls is an effect of the product's."""
        return Ledger(self._blobs(WORK, self._outside))

    @property
    def events(self) -> list[Event]:
        return [decode(Event, each.data) for each in self.published("completions")]

    @property
    def letters(self) -> list[DeadLetter]:
        return [decode(DeadLetter, each.data) for each in self.published("dead-letters")]

    def published(self, topic: str) -> list[Published]:
        self._observe()
        return [each for each in self._published if each.topic == topic]

    def outcome(self, segment: str, run: int = 1) -> Event:
        entry = self.ledger.read(Event, names.outcome_json(segment, run))
        assert entry, f"run {run} of {segment} has no outcome"
        return entry.value

    def held(self) -> dict[str, bool]:
        """Whether each account's queue is."""
        queues = self.tasks.queues(LOCATION)
        return {name.rpartition("-")[2]: self.tasks.queue(name).paused for name in queues}

    def members(self, account: str, audience: str) -> set[int]:
        list_id = self._list_id(account, audience)
        return set(self.ads.members(account, int(list_id))) if list_id else set()

    def store(self, bucket: str) -> Store:
        """Below all ports: nobody is told what is done there."""
        return self._stores[bucket]

    def objects(self, prefix: str = "") -> list[str]:
        """Names in the work bucket."""
        return [blob.name for blob in self._blobs(WORK, self._outside).list(prefix)]

    def part(self, name: str) -> Blob:
        blob = self._blobs(PARTS, self._outside).get(name)
        assert blob
        return blob

    def process(self) -> Process:
        deadline = float(self.topology.queue.dispatch_deadline_seconds)
        return Process(
            landing=self._blobs(LANDING),
            parts=self._blobs(PARTS),
            ledger=Ledger(self._blobs(WORK)),
            publisher=EnginePublisher(self.pubsub, self.gate, self.watch),
            queues=EngineQueues(self.tasks, self.gate, self.stage, deadline),
            clock=self._clock(),
            random=self.random,
            topology=self.topology,
        )

    def destination(self) -> EngineAds:
        return EngineAds(self.ads, self.traffic, self.gate, self.stage, self.watch, self._picks)

    def _clock(self) -> VirtualClock:
        """Wrong from the start, and wrong in another way once somebody has set it."""
        if not self.skew:
            return VirtualClock(self.stage)
        before, after = (self.random.uniform(-self.skew, self.skew) for _ in range(2))
        return VirtualClock(self.stage, before, self.stage.now + self.random.expovariate(1 / 600), after)

    # How it goes

    def _by_hand(self, decide: Callable[[Process, str], object], about: str) -> None:
        with suppress(TransientError, UnusableMessage, Died):
            decide(self.process(), about)

    def _notify(self, times: int) -> None:
        for waiting in self.storage.outbox.due(self.stage.now, 1000):
            told = waiting.notification
            for _ in range(times):
                self.pubsub.publish(told.topic, told.data, told.attributes)
            self.storage.outbox.published(waiting)

    def _at_work(self, resource: str) -> bool:
        """Whether Google works on the job, which it then will do to the end."""
        _, account, _, number = resource.split("/") if resource else ("", ACCOUNT, "", "0")
        job = self.ads.customer(account).jobs.get(int(number))
        return job is not None and job.started is not None

    def _stir(self, _: str) -> None:
        self._stirred = True

    def _now(self) -> float:
        return self.stage.now

    def _begin_due(self) -> None:
        if self._stirred or self._pushes_due <= self.stage.now:
            self._begin_pushes()
        for dispatch in [each for each in self._open.values() if _deadline(each) <= self.stage.now]:
            self._end(dispatch, Answer(None, failure="DEADLINE_EXCEEDED"))
        for dispatch in self.tasks.take():
            self._begin_dispatch(dispatch)

    def _begin_pushes(self) -> None:
        for pushed in self.pubsub.pushes():
            service = pushed.push.endpoint.rpartition("/")[2]
            name = f"{service}-{pushed.received.message.id[-4:]}"
            for copy in self._copies(name):
                self.stage.spawn(Who(name, self.stage.now), partial(self._push, pushed, service, copy))
        self._stirred, self._pushes_due = False, self.pubsub.next_due()

    def _begin_dispatch(self, dispatch: Dispatch) -> None:
        self._open[id(dispatch)] = dispatch
        request = outgoing(dispatch, lambda *_: "")
        task, retries = read_delivery(request.body, dict(request.headers))
        given_up = self._given_up(task, task.tried + retries)
        for copy in self._copies(dispatch.task.id):
            who = Who(dispatch.task.id, self.stage.now, task, given_up)
            self.stage.spawn(who, partial(self._dispatch, dispatch, task, retries, copy))

    def _copies(self, name: str) -> range:
        """The first copy of a delivery is the one whose answer counts."""
        fault = self.gate.looks("deliver", name)
        return range(2 if fault and fault.action == "twice" else 1)

    def _pass_time(self) -> bool:
        deadlines = min(map(_deadline, self._open.values()), default=inf)
        due = min(self.stage.next_wake(), self._pushes_due, self.tasks.next_due(), deadlines)
        if due == inf:
            return False
        self.stage.now = max(self.stage.now, due)
        return True

    def _push(self, pushed: Pushed, service: str, copy: int) -> None:
        body = json.dumps(envelope(pushed.subscription, pushed.received)).encode()
        letters = len(self._letters)
        answer = self._answer(
            service, lambda process: self._pushed(process, service, body), body, _ORIGINS[service]
        )
        if copy:
            return
        ids = [pushed.received.ack_id]
        if answer.status == 204:
            self._check_push(service, body, buried=len(self._letters) > letters)
            self.pubsub.acknowledge(pushed.subscription, ids)
        else:
            self.pubsub.modify_ack_deadline(pushed.subscription, ids, 0)

    def _check_push(self, service: str, body: bytes, buried: bool) -> None:
        message = read_push(body)
        if service == "chunker" and not buried:
            self.watch.messages.chunker_acknowledged(chunker.read_request(message.data))
        elif service == "ingest":
            name, generation = message.attributes["objectId"], int(message.attributes["objectGeneration"])
            self.watch.messages.ingest_acknowledged(names.segment_id(LANDING, name, generation, ""))

    def _pushed(self, process: Process, service: str, body: bytes) -> Ack | Nack:
        message = read_push(body)
        if service == "ingest":
            return ingest.handle(process, message, NAME_PATTERNS)
        if service == names.DEAD_LETTERS_PATH:
            return Ack(keep_letter(process, message))
        return chunker.handle(process, chunker.read_request(message.data))

    def _dispatch(self, dispatch: Dispatch, task: Task, retries: int, copy: int) -> None:
        letters = len(self._letters)
        answer = self._answer("uploader", partial(self._dispatched, task, retries), encode(task), "tasks")
        if copy:
            return
        if answer.status == 204 and len(self._letters) == letters:
            self.watch.messages.task_acknowledged(task)
        self._end(dispatch, Answer(answer.status) if answer.status else Answer(None, failure="UNAVAILABLE"))

    def _given_up(self, task: Task, attempts: int) -> bool:
        """Beyond what clocks that are wrong can make of it."""
        account = self.watch.mirror.run((task.segment, task.run)).target.account
        since = max(task.first_at, self.watch.mirror.pause(account).at).timestamp()
        limits, age = self.topology.tasks, self.stage.now - since - 2 * self.skew - 1
        spent = attempts >= limits.max_attempts and age >= limits.max_retry_duration_seconds
        return task.kind == "upload" and spent

    def _dispatched(self, task: Task, retries: int, process: Process) -> Ack | Nack:
        return uploader.handle(process, self.destination(), task, retries)

    def _sweep(self, process: Process) -> Ack | Nack:
        found = list(sweep_runs(process))
        self.swept += found
        self.sweeps.append(self.stage.now)
        return Nack("sweep_failed") if any(swept.failed for swept in found) else Ack()

    def _answer(
        self, service: str, work: Callable[[Process], Ack | Nack], body: bytes, origin: Origin
    ) -> HttpAnswer:
        """As the face answers (shared/edge/face.py). Status 0: the process died, and its connection with it."""
        process = self._warm(service)
        try:
            answer = to_http(work(process))
        except Died:
            self.deaths += 1
            return HttpAnswer(0, "")
        except TransientError as error:
            answer = HttpAnswer(500, str(error))
        except UnusableMessage as error:
            letter = DeadLetter(origin, error.reason_code, error.detail, process.clock.now())
            self._letters.append(letter)
            answer = self._answer(service, lambda alive: _buried(alive, letter), body, origin)
        self._idle[service].append(process)
        return answer

    def _warm(self, service: str) -> Process:
        """A process that is idle and remembers its facts, or a new one. It serves one request at a time."""
        idle = self._idle[service]
        if idle and self.random.random() < self._warmth:
            return idle.pop()
        return self.process()

    def _end(self, dispatch: Dispatch, answer: Answer) -> None:
        """Once: what comes after the deadline nobody hears."""
        if self._open.pop(id(dispatch), None):
            self.tasks.finish(dispatch, answer)

    def _observe(self) -> None:
        for topic in _OBSERVED:
            name = subscription_path(f"observer-{topic}")
            while received := self.pubsub.pull(name, 1000):
                self.pubsub.acknowledge(name, [each.ack_id for each in received])
                self._published += [_published(topic, each.message) for each in received]

    @property
    def _landing(self) -> StoreBlobs:
        return self._blobs(LANDING, self._outside)

    def _blobs(self, bucket: str, gate: Gate | None = None) -> StoreBlobs:
        return StoreBlobs(self._stores[bucket], bucket, gate or self.gate, self.stage, self.watch)

    def _knows(self, account: str, task: str) -> bool:
        queue = self.tasks.queue(queue_path(names.queue_id(account)))
        return queue.get(task) is not None or queue.is_blocked(task, self.stage.now)

    def _list_id(self, account: str, audience: str) -> str:
        """ "" for one whose name nobody has looked up yet."""
        entry = self.ledger.read(Account, names.account_json(account))
        assert entry
        known = self.ledger.read(KnownList, names.audience_json(account, audience))
        return entry.value.audiences[audience].list_id or (known.value.list_id if known else "")

    # What is there at the start

    def _provision(self, accounts: tuple[Account, ...]) -> None:
        for bucket in (LANDING, PARTS, WORK):
            self.storage.buckets.insert(bucket, "sluice-test", {})
        self.storage.configs.insert(
            LANDING,
            {
                "topic": topic_path("landing-notifications"),
                "payload_format": "JSON_API_V1",
                "event_types": ["OBJECT_FINALIZE"],
            },
        )
        for topic in ("landing-notifications", "segment-requests", *_OBSERVED):
            self.pubsub.create_topic(topic_path(topic), pubsub_settings.TopicSettings())
        for name, settings in _subscriptions(self.topology):
            self.pubsub.create_subscription(subscription_path(name), settings)
        for account in accounts:
            self._add_account(account)
        self.stage.pause(10)

    def _add_account(self, account: Account) -> None:
        self._blobs(WORK, self._outside).create(names.account_json(account.id), encode(account))
        self.tasks.create_queue(queue_path(names.queue_id(account.id)), _queue(self.topology))
        """What lists there are by name, a test says itself."""
        numbered = ((key, each) for key, each in account.audiences.items() if each.list_id)
        lists = [UserList(int(each.list_id), key, each.upload_key_type) for key, each in numbered]
        self.ads.declare(account.id, lists)


_ORIGINS: dict[str, Origin] = {
    "ingest": "landing-notifications",
    "dead-letters": "landing-notifications",
    "chunker": "segment-requests",
}


def _buried(process: Process, letter: DeadLetter) -> Ack:
    bury(process, letter)
    return Ack()


def _deadline(dispatch: Dispatch) -> float:
    return dispatch.attempt.dispatched + dispatch.task.deadline


def _published(topic: str, message: Message) -> Published:
    return Published(topic, message.data, dict(message.attributes))


def _subscriptions(topology: Topology) -> Iterator[tuple[str, pubsub_settings.SubscriptionSettings]]:
    for name, given in topology.subscriptions.items():
        if given.push:
            yield name, _pushing(given.topic, topology, name)
    for topic in _OBSERVED:
        yield (
            f"observer-{topic}",
            pubsub_settings.SubscriptionSettings(topic_path(topic), 600, idle_life=None),
        )


def _dead_letters(given: Subscription) -> pubsub_settings.DeadLetterPolicy | None:
    letters = given.dead_letter
    if letters is None:
        return None
    return pubsub_settings.DeadLetterPolicy(topic_path(letters.topic), letters.max_delivery_attempts)


def _pushing(topic: str, topology: Topology, name: str) -> pubsub_settings.SubscriptionSettings:
    given = topology.subscriptions[name]
    assert given.push
    assert given.retry
    return pubsub_settings.SubscriptionSettings(
        topic_path(topic),
        given.ack_deadline_seconds,
        retention=float(given.retention_seconds),
        push=pubsub_settings.Push(f"https://services.invalid/{given.path or given.push}"),
        retry=pubsub_settings.RetryPolicy(
            given.retry.minimum_backoff_seconds, given.retry.maximum_backoff_seconds
        ),
        dead_letter=_dead_letters(given),
        idle_life=None,
    )


def _queue(topology: Topology) -> task_settings.QueueSettings:
    given = topology.queue
    return task_settings.QueueSettings(
        task_settings.RateLimits(given.max_dispatches_per_second, given.max_concurrent_dispatches),
        task_settings.RetryConfig(
            given.max_attempts,
            0.0,
            given.min_backoff_seconds,
            given.max_backoff_seconds,
            given.max_doublings,
        ),
        task_settings.HttpTarget(),
    )


def _cancel(run: int, process: Process, segment: str) -> None:
    cancel_run(process, segment, run)


def _replay(wish: Wish, process: Process, segment: str) -> None:
    carry_out(process, replay_of(process, segment, wish), "asked")


def _resume_and_sweep(process: Process, account: str) -> bool:
    """As the command does: what was lost while the account rested is made anew at once."""
    resumed = resume_by_hand(process, account)
    list(sweep_runs(process, account))
    return resumed
