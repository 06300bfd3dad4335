"""What the shell completes: accounts, audiences, segments and dead letters of the deployment. Out of reach it completes nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import click
from click.shell_completion import CompletionItem

from shared import names
from shared.errors import SluiceError
from shared.world import Ports

_RECENT = timedelta(days=31)


class Completed(click.ParamType[str]):
    """A text that `is_one` accepts; `known` lists those that there are."""

    def __init__(
        self, name: str, is_one: Callable[[str], bool], how: str, known: Callable[[Ports], Iterator[str]]
    ) -> None:
        self.name = name
        self._is_one, self._how, self._known = is_one, how, known

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value and not self._is_one(value):
            self.fail(self._how, param, ctx)
        return value

    def shell_complete(self, _: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from services.console.ports import console_ports

        try:
            known = set(self._known(console_ports()))
        except SluiceError:
            return []
        return [CompletionItem(each) for each in sorted(known) if each.startswith(incomplete)]


def _accounts(ports: Ports) -> Iterator[str]:
    found = (names.parse_account(blob.name) for blob in ports.ledger.list(names.ACCOUNTS))
    return (account for account in found if account)


def _audiences(ports: Ports) -> Iterator[str]:
    from shared.ops.accounts import read_account

    for account in _accounts(ports):
        found = read_account(ports, account)
        yield from found.audiences if found else ()


def _segments(ports: Ports) -> Iterator[str]:
    """Open, or ended in the last month."""
    opened = (names.parse_open(blob.name) for blob in ports.ledger.list("open/"))
    start = names.ENDED + names.landing_key(ports.clock.now() - _RECENT)
    ended = (names.parse_ended(blob.name) for blob in ports.ledger.list(names.ENDED, start))
    for parsed in (*opened, *ended):
        if parsed:
            yield parsed[1]


def _letters(ports: Ports) -> Iterator[str]:
    found = ports.ledger.list(names.DEAD_LETTERS)
    open_ones = (blob for blob in found if not blob.metadata.get("resolved"))
    return filter(None, (names.parse_dead_letter(blob.name) for blob in open_ones))


def _is_letter(text: str) -> bool:
    return bool(names.parse_dead_letter(names.dead_letter_json(text)))


ACCOUNT = Completed(
    "account", names.is_account_id, "an account is a number of ten digits, without hyphens", _accounts
)
AUDIENCE = Completed(
    "audience", names.is_audience_key, "an audience is named by its key in accounts.yaml", _audiences
)
SEGMENT = Completed(
    "segment", names.is_segment_id, "a segment is named as `sluice segments` shows it", _segments
)
LETTER = Completed(
    "letter", _is_letter, "a dead letter is named as `sluice dead-letters list` shows it", _letters
)
