"""`sluice`: the command line. It only gathers the commands and turns what they raise into words and exit codes.

0 done · 1 a negative answer · 2 wrong usage or configuration · 3 out of reach or not allowed · 130 interrupted
"""

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from services.console import environment
from services.console.profile import read_profile
from shared.errors import ConfigurationError, SluiceError

INTERRUPTED = 130
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_MODULES = {
    "local": "services.console.local",
    "demo": "services.console.demo.command",
    "check": "services.console.checking.command",
    "send": "services.console.sending.command",
    "segments": "services.console.segments.command",
    "show": "services.console.segments.show",
    "watch": "services.console.watching.command",
    "replay": "services.console.replaying.command",
    "cancel": "services.console.cancelling",
    "dead-letters": "services.console.letters.command",
    "audit": "services.console.audit.command",
    "accounts": "services.console.accounts.command",
    "sweep": "services.console.sweep",
    "config": "services.console.config",
}


class Commands(click.Group):
    """A command's module is imported when it is asked for: Google's libraries take seconds, and most need none."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(_MODULES[cmd_name]), name)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--profile",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of exports that names a deployment, like build/local/env.",
)
@click.option(
    "--project", default="", metavar="ID", help="The Google Cloud project, instead of GOOGLE_CLOUD_PROJECT."
)
@click.option("--region", default="", metavar="NAME", help="The queues' region, instead of SLUICE_REGION.")
def sluice(profile: Path | None, project: str, region: str) -> None:
    """Carries customer segments into Google Ads audiences, one request at a time per account."""
    told = {"GOOGLE_CLOUD_PROJECT": project, "SLUICE_REGION": region}
    words = {
        **(read_profile(profile) if profile else {}),
        **{name: text for name, text in told.items() if text},
    }
    if words:
        environment.become({**environment.inherited(), **words})


def main() -> NoReturn:
    for number in _ENDINGS:
        signal.signal(number, _interrupt)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code. Errors go to standard error, in words."""
    try:
        return int(sluice.main(arguments, "sluice", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except SluiceError as error:
        click.echo(f"sluice: {error}", err=True)
        return 2 if isinstance(error, ConfigurationError) else 3


def _interrupt(_: int, __: FrameType | None) -> None:
    """The first signal begins the end, which takes a few seconds and leaves nothing running. Another one must not
    cut it short."""
    for number in _ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
