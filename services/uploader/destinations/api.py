"""One version of the Google Ads API: the only place that imports any. The client library holds several, each with classes of its own.

A version is imported when it is asked for, and no other is: each costs 0.9 s of one core and 39 MiB.
"""

import pkgutil
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import Any

from google.ads import googleads

from shared.errors import ConfigurationError

_VERSION = re.compile(r"v\d+", re.ASCII)
_WORDS = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True)
class Api:
    """`version` is like "v26". What is reached through it are the version's own classes."""

    version: str

    def types(self, path: str) -> Any:
        """A module by its path below the version, such as "services.types.user_list_service"."""
        return import_module(f"{googleads.__name__}.{self.version}.{path}")

    def enum(self, name: str) -> Any:
        """An enum by its name, such as "ConsentStatus": a class of members, callable with a number."""
        module = self.types(f"enums.types.{_WORDS.sub('_', name).lower()}")
        return getattr(getattr(module, f"{name}Enum"), name)

    @cached_property
    def jobs(self) -> Any:
        """Requests and responses of OfflineUserDataJobService."""
        return self.types("services.types.offline_user_data_job_service")

    @cached_property
    def search(self) -> Any:
        """Requests and responses of GoogleAdsService."""
        return self.types("services.types.google_ads_service")

    @cached_property
    def failure(self) -> Any:
        """GoogleAdsFailure: what a refused call, and each refused operation, is described with."""
        return self.types("errors.types.errors").GoogleAdsFailure

    @property
    def failure_key(self) -> str:
        """Under which the failure of a refused call stands in its trailing metadata (Google Ads API, "API errors")."""
        return f"{googleads.__name__}.{self.version}.errors.googleadsfailure-bin"


def installed() -> tuple[str, ...]:
    """The versions that the client library has, the oldest first."""
    names = (module.name for module in pkgutil.iter_modules(googleads.__path__))
    return tuple(sorted(filter(_VERSION.fullmatch, names), key=lambda name: int(name[1:])))


@cache
def api(version: str) -> Api:
    """All of the version is imported here: later it would be waited for under an account's lease. ConfigurationError for one that the
    client library does not have."""
    known = installed()
    if version not in known:
        raise ConfigurationError(
            f"this deployment does not have the version of the Google Ads API that GOOGLE_ADS_API_VERSION names: "
            f"set it to one of {', '.join(known)}, or leave it out"
        )
    import_module(f"{googleads.__name__}.{version}")
    return Api(version)
