"""Where a task's request goes: its own URL under the queue's override (Cloud Tasks, UriOverride). Pure."""

from urllib.parse import urlsplit, urlunsplit

from infra.local.tasks.settings import UriOverride


def is_complete(url: str) -> bool:
    """Whether something can be called there: http or https, a host, and no impossible port."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without end, a port that is none
        return False


def resolved(url: str, override: UriOverride) -> str:
    """The URL that is called. A part that neither side names is left out; the scheme is then https."""
    own = urlsplit(url)
    scheme = _chosen(own.scheme, override.scheme, override.always) or "https"
    host = _chosen(own.hostname or "", override.host, override.always)
    port = _chosen(_text(own.port) or "", _text(override.port), override.always)
    path = _chosen(own.path, override.path, override.always)
    query = _chosen(own.query, override.query, override.always)
    return urlunsplit((scheme, _authority(host, port), f"/{path.removeprefix('/')}", query, ""))


def _chosen(own: str, override: str | None, always: bool) -> str:
    return override if override is not None and (always or not own) else own


def _text(port: int | None) -> str | None:
    """0 stands for no port: the scheme's own."""
    return None if port is None else str(port or "")


def _authority(host: str, port: str) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{port}" if port else name
