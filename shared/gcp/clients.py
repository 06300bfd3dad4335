"""Google's clients, made on first use; the only module that knows emulators. Application Default Credentials everywhere else."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.settings import Settings

if TYPE_CHECKING:
    from google.cloud.pubsub_v1 import PublisherClient
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
        SecretManagerServiceGrpcTransport,
    )
    from google.cloud.storage import Client as StorageClient
    from google.cloud.tasks_v2 import CloudTasksClient
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport


@dataclass(frozen=True)
class Clients:
    """Imports wait until a client is wanted: a service pays for those that it uses."""

    settings: Settings

    @cached_property
    def storage(self) -> "StorageClient":
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage

        host = self.settings.emulators.storage
        if not host:
            return storage.Client(project=self.settings.project)
        return storage.Client(
            project=self.settings.project,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": host},
        )

    @cached_property
    def publisher(self) -> "PublisherClient":
        """The client reads PUBSUB_EMULATOR_HOST by itself. Batches of one: each message is waited for."""
        from google.cloud import pubsub_v1

        return pubsub_v1.PublisherClient(pubsub_v1.types.BatchSettings(max_messages=1))

    @cached_property
    def tasks(self) -> "CloudTasksClient":
        """Cloud Tasks' client has no emulator variable: the channel is made here."""
        from google.cloud import tasks_v2

        host = self.settings.emulators.tasks
        if not host:
            return tasks_v2.CloudTasksClient()
        return tasks_v2.CloudTasksClient(transport=_insecure_transport(host))

    @cached_property
    def secrets(self) -> "SecretManagerServiceClient":
        """Secret Manager's client has no emulator variable either."""
        from google.cloud import secretmanager_v1

        host = self.settings.emulators.secrets
        if not host:
            return secretmanager_v1.SecretManagerServiceClient()
        return secretmanager_v1.SecretManagerServiceClient(transport=_insecure_secrets(host))


def _insecure_transport(host: str) -> "CloudTasksGrpcTransport":
    import grpc
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

    return CloudTasksGrpcTransport(channel=grpc.insecure_channel(host))


def _insecure_secrets(host: str) -> "SecretManagerServiceGrpcTransport":
    import grpc
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
        SecretManagerServiceGrpcTransport,
    )

    return SecretManagerServiceGrpcTransport(channel=grpc.insecure_channel(host))
