"""The uploader's real adapter for Google Ads, against a local cloud: through Google's clients, Secret Manager included."""

from dataclasses import replace
from itertools import count

from services.uploader.destinations.google_ads import GoogleAds
from shared.clock import SystemClock
from shared.gcp.clients import Clients
from shared.gcp.secrets import CloudSecrets
from shared.model.run import Target
from shared.names import credential_secret
from shared.settings import GOOGLE_ADS_VERSION, from_environment
from tests.support.documents import TARGET
from tests.support.localcloud import LocalCloud

PROJECT = "demo"
PATIENCE = 20.0
_ACCOUNTS = "/control/ads/accounts"
_numbers = count(1)


def adapter(cloud: LocalCloud, version: str = GOOGLE_ADS_VERSION) -> GoogleAds:
    """As a new process of the uploader makes it. Time is real: nothing that is kept gets old in a test."""
    settings = from_environment(
        {
            "GOOGLE_CLOUD_PROJECT": PROJECT,
            "SLUICE_REGION": "europe-west1",
            **dict.fromkeys(("SLUICE_LANDING_BUCKET", "SLUICE_PARTS_BUCKET", "SLUICE_WORK_BUCKET"), "none"),
            "GOOGLE_ADS_ENDPOINT": cloud.ads,
            "GOOGLE_ADS_API_VERSION": version,
            "SECRET_MANAGER_EMULATOR_HOST": cloud.grpc,
        }
    )
    return GoogleAds.connect(settings, CloudSecrets(Clients(settings), PROJECT), SystemClock())


def account(cloud: LocalCloud, credential: str, *, lists: bool = True) -> Target:
    """An account of its own with one audience, under this credential; its list is there already, or is not."""
    number = next(_numbers)
    target = replace(
        TARGET, account=f"{8_100_000_000 + number}", list_id=str(7_000 + number), credential=credential
    )
    row = {"id": target.list_id, "name": "all", "upload_key_type": target.upload_key_type}
    cloud.order(_ACCOUNTS, {"customer_id": target.account, "user_lists": [row] if lists else []})
    return target


def judge(cloud: LocalCloud, target: Target, standing: str) -> None:
    """What Google Ads thinks of the account from now on."""
    cloud.order(_ACCOUNTS, {"customer_id": target.account, "standing": standing})


def new_name(kind: str) -> str:
    return f"{kind}-{next(_numbers)}"


def store(cloud: LocalCloud, credential: str, payload: str) -> None:
    """One more version of the credential's secret."""
    name = f"projects/{PROJECT}/secrets/{credential_secret(credential)}"
    cloud.order("/control/secrets", {"name": name, "payload": payload})
