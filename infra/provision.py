"""Creates in a local deployment, through Google's own clients, what Terraform creates in a real one.

Topics, subscriptions, buckets, the landing notification, a queue for each account, and the accounts'
configuration objects. Carried out again it brings what is there up to date.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from google.api_core.exceptions import AlreadyExists, Conflict
from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
from google.cloud.storage import Bucket
from google.cloud.storage import Client as StorageClient
from google.cloud.tasks_v2 import CloudTasksClient
from google.cloud.tasks_v2 import types as tasks
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import types as pubsub

from infra.render import account_documents
from shared.gcp.clients import Clients
from shared.model.account import Account
from shared.model.topology import DeadLetter, Queue, Subscription, Topology
from shared.names import queue_id
from shared.settings import Settings

_CHANGEABLE = (
    "push_config",
    "ack_deadline_seconds",
    "message_retention_duration",
    "retain_acked_messages",
    "retry_policy",
    "dead_letter_policy",
)


@dataclass(frozen=True)
class Site:
    """What is named by the place and not by the topology. `endpoints` are the services' URLs by their names;
    the invokers are the service accounts whose tokens come with pushes and tasks."""

    project: str
    region: str
    landing: str
    parts: str
    work: str
    endpoints: Mapping[str, str]
    push_invoker: str
    task_invoker: str

    def topic(self, name: str) -> str:
        return f"projects/{self.project}/topics/{name}"

    def subscription(self, name: str) -> str:
        return f"projects/{self.project}/subscriptions/{name}"

    def queue(self, account: str) -> str:
        return f"{self.location}/queues/{queue_id(account)}"

    @property
    def location(self) -> str:
        return f"projects/{self.project}/locations/{self.region}"


@dataclass(frozen=True)
class Admin:
    """The four clients that provisioning needs; each finds an emulator by its own variable."""

    storage: StorageClient
    publisher: PublisherClient
    subscriber: SubscriberClient
    tasks: CloudTasksClient

    @classmethod
    def connect(cls, settings: Settings) -> Self:
        clients = Clients(settings)
        return cls(clients.storage, clients.publisher, SubscriberClient(), clients.tasks)


def provision(admin: Admin, site: Site, topology: Topology, accounts: Iterable[Account]) -> None:
    """In the order of their needs: a notification wants its topic, a subscription its topics."""
    known = tuple(accounts)
    _topics(admin.publisher, site, topology)
    _subscriptions(admin.subscriber, site, topology)
    _buckets(admin.storage, site, topology)
    _queues(admin.tasks, site, topology.queue, known)
    _account_documents(admin.storage.bucket(site.work), known)


def pull_subscription(admin: Admin, site: Site, name: str, topic: str) -> str:
    """One more subscription, to be pulled by who makes it; its full name."""
    settings = pubsub.Subscription(name=site.subscription(name), topic=site.topic(topic))
    with suppress(AlreadyExists):
        admin.subscriber.create_subscription(request=settings)
    return site.subscription(name)


def _topics(client: PublisherClient, site: Site, topology: Topology) -> None:
    names = topology.topics
    for name in (names.landing_notifications, names.segment_requests, names.completions, names.dead_letters):
        with suppress(AlreadyExists):
            client.create_topic(name=site.topic(name))


def _subscriptions(client: SubscriberClient, site: Site, topology: Topology) -> None:
    for name, settings in topology.subscriptions.items():
        wanted = subscription(site, name, settings)
        try:
            client.create_subscription(request=wanted)
        except AlreadyExists:
            changed = FieldMask(paths=_CHANGEABLE)
            client.update_subscription(request={"subscription": wanted, "update_mask": changed})


def subscription(site: Site, name: str, settings: Subscription) -> pubsub.Subscription:
    return pubsub.Subscription(
        name=site.subscription(name),
        topic=site.topic(settings.topic),
        ack_deadline_seconds=settings.ack_deadline_seconds,
        message_retention_duration=timedelta(seconds=settings.retention_seconds),
        retain_acked_messages=settings.retain_acked,
        expiration_policy=pubsub.ExpirationPolicy(),  # without a time: it never expires
        push_config=_push(site, settings.push, settings.path) if settings.push else None,
        retry_policy=_retry(settings),
        dead_letter_policy=_dead_letters(site, settings.dead_letter) if settings.dead_letter else None,
    )


def _push(site: Site, service: str, path: str) -> pubsub.PushConfig:
    """The token is for the service, whichever of its paths is called."""
    endpoint = site.endpoints[service]
    token = pubsub.PushConfig.OidcToken(service_account_email=site.push_invoker, audience=endpoint)
    return pubsub.PushConfig(push_endpoint=endpoint + path, oidc_token=token)


def _retry(settings: Subscription) -> pubsub.RetryPolicy | None:
    if settings.retry is None:
        return None
    return pubsub.RetryPolicy(
        minimum_backoff=timedelta(seconds=settings.retry.minimum_backoff_seconds),
        maximum_backoff=timedelta(seconds=settings.retry.maximum_backoff_seconds),
    )


def _dead_letters(site: Site, settings: DeadLetter) -> pubsub.DeadLetterPolicy:
    return pubsub.DeadLetterPolicy(
        dead_letter_topic=site.topic(settings.topic), max_delivery_attempts=settings.max_delivery_attempts
    )


def _buckets(client: StorageClient, site: Site, topology: Topology) -> None:
    """Without their lifetimes: a laptop's deployment does not live for days."""
    for name in (site.landing, site.parts, site.work):
        with suppress(Conflict):
            client.create_bucket(name, location=site.region)
    _notify(client.bucket(site.landing), site.project, topology.topics.landing_notifications)


def _notify(landing: Bucket, project: str, topic: str) -> None:
    if topic in {each.topic_name for each in landing.list_notifications()}:
        return
    landing.notification(
        topic_name=topic,
        topic_project=project,
        event_types=["OBJECT_FINALIZE"],
        payload_format="JSON_API_V1",
    ).create()


def _queues(client: CloudTasksClient, site: Site, settings: Queue, accounts: Iterable[Account]) -> None:
    for account in accounts:
        wanted = queue(site, settings, account.id)
        try:
            client.create_queue(parent=site.location, queue=wanted)
        except AlreadyExists:
            client.update_queue(queue=wanted)


def queue(site: Site, settings: Queue, account: str) -> tasks.Queue:
    return tasks.Queue(
        name=site.queue(account),
        rate_limits=tasks.RateLimits(
            max_dispatches_per_second=settings.max_dispatches_per_second,
            max_concurrent_dispatches=settings.max_concurrent_dispatches,
        ),
        retry_config=tasks.RetryConfig(
            max_attempts=settings.max_attempts,
            min_backoff=timedelta(seconds=settings.min_backoff_seconds),
            max_backoff=timedelta(seconds=settings.max_backoff_seconds),
            max_doublings=settings.max_doublings,
        ),
        http_target=_uploader(site),
    )


def _uploader(site: Site) -> tasks.HttpTarget:
    """The queue decides address and identity; whatever a task names is replaced."""
    endpoint = site.endpoints["uploader"]
    url = urlsplit(endpoint)
    return tasks.HttpTarget(
        http_method=tasks.HttpMethod.POST,
        uri_override=tasks.UriOverride(
            scheme=tasks.UriOverride.Scheme[url.scheme.upper()],
            host=url.hostname,
            port=url.port,
            path_override=tasks.PathOverride(path=url.path),
            uri_override_enforce_mode=tasks.UriOverride.UriOverrideEnforceMode.ALWAYS,
        ),
        oidc_token=tasks.OidcToken(service_account_email=site.task_invoker, audience=endpoint),
    )


def _account_documents(work: Bucket, accounts: Iterable[Account]) -> None:
    """One that is equal is not written again."""
    for name, content in account_documents(accounts).items():
        blob = work.get_blob(name)
        if blob is None or blob.download_as_bytes() != content:
            work.blob(name).upload_from_string(content, content_type="application/json")
