"""The versions of the API that are served: all that the client library has. Whatever is asked in any of them is read, and answered, with
the messages of one. tests/unit/test_local_ads_versions.py compares those: no number means anything else in another version.
"""

import pkgutil
import re

from google.ads import googleads

OWN = "v26"
"""The version whose messages are used."""
_PACKAGE = f"{googleads.__name__}.{OWN}."


def served() -> tuple[str, ...]:
    names = (module.name for module in pkgutil.iter_modules(googleads.__path__))
    return tuple(sorted(name for name in names if re.fullmatch(r"v\d\d", name)))


def named(text: str, version: str) -> str:
    """A service, or a key of metadata, by its name in this version."""
    return text.replace(_PACKAGE, f"{googleads.__name__}.{version}.")


def written(payload: bytes, version: str) -> bytes:
    """A serialised answer whose type URLs name this version. All versions are three characters, so that no length in it changes."""
    return payload.replace(_PACKAGE.encode(), f"{googleads.__name__}.{version}.".encode())
