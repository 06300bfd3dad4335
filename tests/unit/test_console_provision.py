"""What the local deployment's subscriptions and queues are made of: the topology's numbers, the site's names."""

from datetime import timedelta

import pytest

from infra.load import load_topology
from infra.provision import queue, subscription
from services.console.site import site

TOPOLOGY = load_topology()
SITE = site({"ingest": 8001, "chunker": 8002, "uploader": 8003})


@pytest.mark.parametrize("name", list(TOPOLOGY.subscriptions))
def test_a_subscription_has_the_topologys_numbers(name: str) -> None:
    settings = TOPOLOGY.subscriptions[name]

    made = subscription(SITE, name, settings)

    assert made.name == f"projects/sluice-local/subscriptions/{name}"
    assert made.topic == f"projects/sluice-local/topics/{settings.topic}"
    assert made.ack_deadline_seconds == settings.ack_deadline_seconds
    assert made.message_retention_duration == timedelta(seconds=settings.retention_seconds)
    assert bool(made.push_config.push_endpoint) == bool(settings.push)
    assert ("expiration_policy" in made, "ttl" in made.expiration_policy) == (True, False)


def test_a_push_carries_a_token_for_the_address_that_it_goes_to() -> None:
    made = subscription(SITE, "chunker", TOPOLOGY.subscriptions["chunker"])

    assert made.push_config.push_endpoint == "http://127.0.0.1:8002/"
    assert made.push_config.oidc_token.audience == "http://127.0.0.1:8002/"
    assert made.push_config.oidc_token.service_account_email == SITE.push_invoker
    assert made.dead_letter_policy.dead_letter_topic == "projects/sluice-local/topics/dead-letters"


def test_a_queue_sends_all_its_tasks_to_the_uploader_one_at_a_time() -> None:
    made = queue(SITE, TOPOLOGY.queue, "1234567890")
    override = made.http_target.uri_override

    assert made.name == "projects/sluice-local/locations/europe-west1/queues/account-1234567890"
    assert made.rate_limits.max_concurrent_dispatches == 1
    assert made.retry_config.max_attempts == -1
    assert made.retry_config.max_backoff == timedelta(seconds=TOPOLOGY.queue.max_backoff_seconds)
    assert (override.scheme.name, override.host, override.port) == ("HTTP", "127.0.0.1", 8003)
    assert override.uri_override_enforce_mode.name == "ALWAYS"
    assert made.http_target.oidc_token.audience == "http://127.0.0.1:8003/"
    assert made.http_target.oidc_token.service_account_email == SITE.task_invoker
