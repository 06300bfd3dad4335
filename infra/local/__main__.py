"""`python -m infra.local`: the local cloud as one process. See `--help`."""

import argparse
import asyncio
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.local.parts import PARTS, Options
from infra.local.server import Ready, serve

OPEN_FILES = 65_536


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    given = parser.parse_args(arguments)
    options = _options(given)
    if "pubsub" in options.without and "storage" not in options.without and not options.pubsub_host:
        parser.error(
            "storage has nobody to notify: --without pubsub needs --pubsub-host or --without storage"
        )
    if options.pubsub_host and "pubsub" not in options.without:
        parser.error("--pubsub-host takes the place of the own Pub/Sub: add --without pubsub")
    _raise_open_file_limit()
    asyncio.run(_serve_until_signalled(options, given.ready_file))


async def _serve_until_signalled(options: Options, ready_file: Path | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def announce(ready: Ready) -> None:
        if ready_file:
            ready.write(ready_file)
        sys.stdout.write(f"local cloud ready: {ready.http} grpc {ready.grpc or '-'} ads {ready.ads or '-'}\n")
        sys.stdout.flush()

    await serve(options, stop, announce)


def _options(given: argparse.Namespace) -> Options:
    return Options(
        state=given.state.resolve(),
        speed=given.speed,
        seed=given.seed,
        http_port=given.http_port,
        grpc_port=given.grpc_port,
        ads_port=given.ads_port,
        without=frozenset(given.without),
        pubsub_host=given.pubsub_host,
        ads_base_seconds=given.ads_base_seconds,
        ads_seconds_per_1000=given.ads_seconds_per_1000,
        ads_job_seconds=given.ads_job_seconds,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m infra.local", description="Google's services, on 127.0.0.1 only."
    )
    add = parser.add_argument
    add("--state", type=Path, required=True, metavar="DIR", help="objects, credentials and certificate")
    add("--speed", type=float, default=1.0, help="simulated seconds in a real one")
    add("--seed", type=int, default=0, help="of everything that is random but secret")
    for port in ("http", "grpc", "ads"):
        add(f"--{port}-port", type=int, default=0, metavar="PORT", help="0: any free one")
    add("--ready-file", type=Path, metavar="PATH", help="written, as JSON, when everything listens")
    add("--without", nargs="+", action="extend", choices=PARTS, default=[], help="parts not to serve")
    add("--pubsub-host", default="", metavar="HOST:PORT", help="the Pub/Sub server that storage notifies")
    add("--ads-base-seconds", type=float, default=2.0, help="of every Google Ads request, simulated")
    add("--ads-seconds-per-1000", type=float, default=1.5, help="more for each thousand identifiers")
    add("--ads-job-seconds", type=float, default=600.0, help="from the run of a job to its end")
    return parser


def _raise_open_file_limit() -> None:
    """Many usual limits are 1024, which a burst of connections and objects can reach."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
