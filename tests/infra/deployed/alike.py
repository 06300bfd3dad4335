"""What Terraform makes and what the local cloud starts with are compared as the messages of Google's own clients."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from google.cloud.tasks_v2 import types as tasks
from google.pubsub_v1 import types as pubsub

from infra.load import load_accounts, load_topology
from infra.provision import Site, queue, subscription
from infra.render import account_documents
from tests.support.stack import NUMBER, PROJECT, REGION, Applied

_TOPOLOGY = load_topology()
_SERVICES = ("ingest", "chunker", "uploader")


def url(service: str) -> str:
    return f"https://sluice-{service}-{NUMBER}.{REGION}.run.app"


def email(name: str) -> str:
    return f"sluice-{name}@{PROJECT}.iam.gserviceaccount.com"


SITE = Site(
    project=PROJECT,
    region=REGION,
    landing=f"{PROJECT}-sluice-landing",
    parts=f"{PROJECT}-sluice-parts",
    work=f"{PROJECT}-sluice-work",
    endpoints={service: url(service) + "/" for service in _SERVICES},
    push_invoker=email("push-invoker"),
    task_invoker=email("task-invoker"),
)
"""As the local cloud's own: its endpoints end with a slash."""


def topics_are_those_of_the_local_cloud(applied: Applied) -> Iterator[str]:
    found, wanted = applied.by("google_pubsub_topic").keys(), set(vars(_TOPOLOGY.topics).values())
    if found != wanted:
        yield f"topics {sorted(found)}, not {sorted(wanted)}"


def subscriptions_are_those_of_the_local_cloud(applied: Applied) -> Iterator[str]:
    """Topic, push, token, deadline, retention, retries, dead letters, filter, order, expiry: the whole message. Only the audience of a
    token ends without the slash here. BigQuery's is the deployment's own: the local cloud has DuckDB."""
    found = {
        values["name"]: _subscription(values)
        for values in applied.all("google_pubsub_subscription")
        if not values["bigquery_config"]
    }
    wanted = {name: _bare(subscription(SITE, name, each)) for name, each in _TOPOLOGY.subscriptions.items()}
    if found.keys() != wanted.keys():
        yield f"subscriptions {sorted(found)}, not {sorted(wanted)}"
    for name in found.keys() & wanted.keys():
        if found[name] != wanted[name]:
            yield f"subscription {name} is {found[name]}, not {wanted[name]}"


def queues_are_those_of_the_local_cloud(applied: Applied) -> Iterator[str]:
    found = {each["name"]: _queue(each) for each in applied.all("google_cloud_tasks_queue")}
    made = (queue(SITE, _TOPOLOGY.queue, account.id) for account in load_accounts())
    wanted = {each.name.rpartition("/")[2]: _bare_queue(each) for each in made}
    if found.keys() != wanted.keys():
        yield f"queues {sorted(found)}, not {sorted(wanted)}"
    for name in found.keys() & wanted.keys():
        if found[name] != wanted[name]:
            yield f"{name} is {found[name]}, not {wanted[name]}"


def accounts_are_those_of_the_local_cloud(applied: Applied) -> Iterator[str]:
    objects = applied.all("google_storage_bucket_object")
    found = {
        each["name"]: json.loads(each["content"]) for each in objects if each["bucket"].endswith("-work")
    }
    wanted = {name: json.loads(content) for name, content in account_documents(load_accounts()).items()}
    if found != wanted:
        yield f"accounts are {found}, not {wanted}"


def _subscription(values: Mapping[str, Any]) -> pubsub.Subscription:
    made = pubsub.Subscription(
        name=f"projects/{PROJECT}/subscriptions/{values['name']}",
        topic=values["topic"],
        ack_deadline_seconds=values["ack_deadline_seconds"],
        message_retention_duration=_seconds(values["message_retention_duration"]),
        retain_acked_messages=values["retain_acked_messages"] or False,
        filter=values["filter"] or "",
        enable_message_ordering=values["enable_message_ordering"] or False,
        enable_exactly_once_delivery=values["enable_exactly_once_delivery"] or False,
    )
    for each in values["expiration_policy"]:
        made.expiration_policy = pubsub.ExpirationPolicy(ttl=_seconds(each["ttl"]) if each["ttl"] else None)
    for each in values["push_config"]:
        token = pubsub.PushConfig.OidcToken(
            **_only(each["oidc_token"][0], "service_account_email", "audience")
        )
        made.push_config = pubsub.PushConfig(push_endpoint=each["push_endpoint"], oidc_token=token)
    for each in values["retry_policy"]:
        made.retry_policy = pubsub.RetryPolicy(
            minimum_backoff=_seconds(each["minimum_backoff"]),
            maximum_backoff=_seconds(each["maximum_backoff"]),
        )
    for each in values["dead_letter_policy"]:
        made.dead_letter_policy = pubsub.DeadLetterPolicy(
            **_only(each, "dead_letter_topic", "max_delivery_attempts")
        )
    return made


def _bare(wanted: pubsub.Subscription) -> pubsub.Subscription:
    if wanted.push_config.push_endpoint:
        token = wanted.push_config.oidc_token
        token.audience = token.audience.removesuffix("/")
    return wanted


def _queue(values: Mapping[str, Any]) -> tasks.Queue:
    (limits,), (retries,), (target,) = values["rate_limits"], values["retry_config"], values["http_target"]
    (override,), (token,) = target["uri_override"], target["oidc_token"]
    return tasks.Queue(
        name=f"{SITE.location}/queues/{values['name']}",
        rate_limits=tasks.RateLimits(
            **_only(limits, "max_dispatches_per_second", "max_concurrent_dispatches")
        ),
        retry_config=tasks.RetryConfig(
            **_only(retries, "max_attempts", "max_doublings"),
            min_backoff=_seconds(retries["min_backoff"]),
            max_backoff=_seconds(retries["max_backoff"]),
            max_retry_duration=_seconds(retries["max_retry_duration"]) or None,
        ),
        http_target=tasks.HttpTarget(
            http_method=tasks.HttpMethod[target["http_method"]],
            uri_override=tasks.UriOverride(
                scheme=tasks.UriOverride.Scheme[override["scheme"]],
                host=override["host"],
                port=int(override["port"]) if override["port"] else None,
                path_override=tasks.PathOverride(path=override["path_override"][0]["path"]),
                uri_override_enforce_mode=override["uri_override_enforce_mode"],
            ),
            oidc_token=tasks.OidcToken(**_only(token, "service_account_email", "audience")),
        ),
    )


def _bare_queue(wanted: tasks.Queue) -> tasks.Queue:
    token = wanted.http_target.oidc_token
    token.audience = token.audience.removesuffix("/")
    return wanted


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=float(text.removesuffix("s")))


def _only(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}
