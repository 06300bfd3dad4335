"""The command lines and environments of the local cloud and the three services. Pure."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.console.processes import Program
from services.console.site import token_variables

ROOT = Path(__file__).parents[2]

# gunicorn's workers and threads. The chunker computes: one segment at a time on each core. The uploader waits
# for the destination: a thread for each of many queues. Ingest looks at names only.
_WORKERS = {"ingest": (1, 4), "chunker": (2, 1), "uploader": (1, 16)}


@dataclass(frozen=True)
class Options:
    """`folder` takes logs and what is written down for people, `state` what the local cloud keeps. `inherited` is
    the console's own environment. `foreign` are servers that the local cloud leaves to others, with their addresses;
    `words` are more words for its command line."""

    folder: Path
    state: Path
    speed: float
    seed: int
    inherited: Mapping[str, str]
    foreign: Mapping[str, str]
    words: tuple[str, ...] = ()

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"


def cloud(options: Options, ready_file: Path) -> Program:
    """Not lasting: what the local Pub/Sub and Cloud Tasks hold would be gone with it."""
    command = (sys.executable, "-m", "infra.local", *_cloud_words(options, ready_file))
    return Program("cloud", command, options.inherited, ROOT, options.log("cloud"), lasting=False)


def service(
    options: Options, name: str, port: int, variables: Mapping[str, str], announce: Callable[[int], None]
) -> Program:
    """Run as Cloud Run functions runs it, from the tree that it stands in."""
    source = f"services/{name}/main.py"
    words = ("--target", name, "--source", source, "--host", "127.0.0.1", "--port", str(port))
    command = (sys.executable, "-m", "functions_framework", *words)
    workers, threads = _WORKERS[name]
    own = {"WORKERS": str(workers), "THREADS": str(threads), "SLUICE_LOG_FORMAT": "json"}
    environment = {**options.inherited, **variables, **token_variables(name, port), **own}
    return Program(name, command, environment, ROOT, options.log(name), announce=announce)


def _cloud_words(options: Options, ready_file: Path) -> Iterator[str]:
    yield from ("--state", str(options.state), "--ready-file", str(ready_file))
    yield from ("--speed", f"{options.speed:g}", "--seed", str(options.seed), *options.words)
    if options.foreign:
        yield from ("--without", *options.foreign)
    if "pubsub" in options.foreign and "storage" not in options.foreign:
        yield from ("--pubsub-host", options.foreign["pubsub"])
