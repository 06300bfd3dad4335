"""Pub/Sub's values to and from Google's own messages (google.pubsub.v1). Translation only: limits are in
settings.py."""

from typing import Any

from google.pubsub_v1 import types

from infra.local.fields import refuse_others, seconds, set_time
from infra.local.pubsub.backlog import Received
from infra.local.pubsub.message import Message
from infra.local.pubsub.settings import (
    DeadLetterPolicy,
    Push,
    RetryPolicy,
    SubscriptionSettings,
    TopicSettings,
)

Topic, Subscription = types.Topic.pb(), types.Subscription.pb()
PubsubMessage, ReceivedMessage = types.PubsubMessage.pb(), types.ReceivedMessage.pb()

TOPIC_FIELDS = {"name", "labels", "message_retention_duration", "state"}
PUSH_FIELDS = {"push_endpoint", "oidc_token", "pubsub_wrapper"}
SUBSCRIPTION_FIELDS = {
    "name",
    "topic",
    "push_config",
    "ack_deadline_seconds",
    "retain_acked_messages",
    "message_retention_duration",
    "labels",
    "expiration_policy",
    "filter",
    "dead_letter_policy",
    "retry_policy",
    # Set by the server only, and ignored in requests:
    "state",
    "topic_message_retention_duration",
}


def topic_settings(topic: Any) -> TopicSettings:
    refuse_others(topic, TOPIC_FIELDS)
    retention = seconds(topic, "message_retention_duration", 0.0)
    return TopicSettings(retention or None, dict(topic.labels))


def topic_message(name: str, settings: TopicSettings) -> Any:
    topic = Topic(name=name, labels=settings.labels, state="ACTIVE")
    if settings.retention is not None:
        set_time(topic.message_retention_duration, settings.retention)
    return topic


def subscription_settings(subscription: Any) -> SubscriptionSettings:
    """Unset fields take the service's defaults. Ordering and exactly-once delivery are refused."""
    refuse_others(subscription, SUBSCRIPTION_FIELDS)
    defaults, has = SubscriptionSettings(subscription.topic), subscription.HasField
    return SubscriptionSettings(
        topic=subscription.topic,
        ack_deadline=subscription.ack_deadline_seconds or defaults.ack_deadline,
        retention=seconds(subscription, "message_retention_duration", defaults.retention),
        retain_acked=subscription.retain_acked_messages,
        filter=subscription.filter,
        push=push(subscription.push_config),
        retry=_retry(subscription.retry_policy) if has("retry_policy") else None,
        dead_letter=_dead_letter(subscription.dead_letter_policy) if has("dead_letter_policy") else None,
        idle_life=_idle_life(subscription) if has("expiration_policy") else defaults.idle_life,
        labels=dict(subscription.labels),
    )


def push(config: Any) -> Push | None:
    """None for an empty configuration: the subscription is pulled."""
    refuse_others(config, PUSH_FIELDS)
    if not config.push_endpoint:
        return None
    return Push(config.push_endpoint, config.oidc_token.service_account_email, config.oidc_token.audience)


def subscription_message(name: str, settings: SubscriptionSettings) -> Any:
    message = Subscription(
        name=name,
        topic=settings.topic,
        ack_deadline_seconds=settings.ack_deadline,
        retain_acked_messages=settings.retain_acked,
        filter=settings.filter,
        labels=settings.labels,
        state="ACTIVE",
    )
    set_time(message.message_retention_duration, settings.retention)
    message.expiration_policy.SetInParent()
    if settings.idle_life is not None:
        set_time(message.expiration_policy.ttl, settings.idle_life)
    _write_policies(message, settings)
    return message


def pubsub_message(message: Message) -> Any:
    written = PubsubMessage(
        data=message.data,
        attributes=message.attributes,
        message_id=message.id,
        ordering_key=message.ordering_key,
    )
    set_time(written.publish_time, message.published)
    return written


def received_message(received: Received) -> Any:
    return ReceivedMessage(
        ack_id=received.ack_id, message=pubsub_message(received.message), delivery_attempt=received.attempt
    )


def _retry(policy: Any) -> RetryPolicy:
    defaults = RetryPolicy()
    return RetryPolicy(
        seconds(policy, "minimum_backoff", defaults.minimum),
        seconds(policy, "maximum_backoff", defaults.maximum),
    )


def _dead_letter(policy: Any) -> DeadLetterPolicy:
    return DeadLetterPolicy(policy.dead_letter_topic, policy.max_delivery_attempts or 5)


def _idle_life(subscription: Any) -> float | None:
    """A policy without a time: the subscription never expires."""
    return seconds(subscription.expiration_policy, "ttl", 0.0) or None


def _write_policies(message: Any, settings: SubscriptionSettings) -> None:
    message.push_config.SetInParent()
    if settings.push:
        message.push_config.push_endpoint = settings.push.endpoint
        if settings.push.email:
            message.push_config.oidc_token.service_account_email = settings.push.email
            message.push_config.oidc_token.audience = settings.push.audience
    if settings.retry:
        set_time(message.retry_policy.minimum_backoff, settings.retry.minimum)
        set_time(message.retry_policy.maximum_backoff, settings.retry.maximum)
    if settings.dead_letter:
        message.dead_letter_policy.dead_letter_topic = settings.dead_letter.topic
        message.dead_letter_policy.max_delivery_attempts = settings.dead_letter.attempts
