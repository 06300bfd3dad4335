"""Pub/Sub as the ports' Publisher."""

from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from google.api_core.exceptions import GoogleAPICallError, RetryError
from google.cloud.pubsub_v1 import PublisherClient

from shared.errors import TransientError

_TIMEOUT = 60


class CloudPublisher:
    def __init__(self, client: PublisherClient, project: str) -> None:
        self._client = client
        self._project = project

    def publish(self, topic: str, data: bytes, attributes: Mapping[str, str]) -> None:
        path = f"projects/{self._project}/topics/{topic}"
        try:
            self._client.publish(path, data, **dict[str, Any](attributes)).result(timeout=_TIMEOUT)
        except (GoogleAPICallError, RetryError, FutureTimeout) as error:
            raise TransientError(f"Pub/Sub publish to {topic}: {type(error).__name__}") from error
