"""The lines of a new account in accounts.yaml, and the place where they go: what is there stays as it is. Pure.

Words that a reader could take for something else are quoted. Whether the new text says what was meant is not decided here: adding.py
reads it back.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Union

import yaml

from infra.plain_words import read_alike
from shared.model.account import Account, Audience

_STEP = 2
"""Columns from a key to what is below it, where the file has no account yet that shows its own."""

_WORDS = re.compile(r"[^\W\d_][\w .'/&+()-]*")
"""Nothing that YAML reads as a sign, in a flow list either. A comma or a digit in front costs quotes, which do no harm."""

_DESTINATIONS = Account.destinations
"""Those of Account; what differs from them is written."""

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)

Tree = Mapping[str, Union[str, "Tree"]]
"""Keys and values as they are written."""


@dataclass(frozen=True)
class Spot:
    """Where an entry goes: in front of character `index`, its key at `column`, what is below it `step` further in. `head`: lines that
    must come first. `apart`: an empty line separates it from what is before. `cut`: the braces of `accounts: {}`, from and to which
    character; they are all that ever makes way."""

    index: int
    column: int
    step: int = _STEP
    head: tuple[str, ...] = ()
    apart: bool = False
    cut: tuple[int, int] = (0, 0)


def entry(account: Account, column: int = _STEP, step: int = _STEP) -> list[str]:
    """Its lines, in the order that the comments of accounts.yaml tell. What has its default is left out."""
    return list(_lines({_number(account.id): _tree(account)}, column, step))


def with_entry(text: str, account: Account) -> str | None:
    """The text with the account as its last, in the file's own line ends. None where there is no place for lines: accounts are written
    in braces, or `accounts` is not the only key."""
    spot = spot_of(text)
    if spot is None:
        return None
    end = "\r\n" if "\r\n" in text else "\n"
    before = text[: spot.cut[0]] + text[spot.cut[1] : spot.index]
    lines = [*spot.head, *entry(account, spot.column, spot.step)]
    added = "".join(line + end for line in lines)
    return before + _gap(before, end, spot) + added + text[spot.index :]


def is_vacant(text: str) -> bool:
    """It lacks only accounts: an empty file, or `accounts:` with nothing below it."""
    spot = spot_of(text)
    return spot is not None and (bool(spot.head) or not spot.apart)


def spot_of(text: str) -> Spot | None:
    """None for what is no YAML, too."""
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None
    match root:
        case None:
            return Spot(len(text), _STEP, head=("accounts:",), apart=True)
        case yaml.MappingNode(flow_style=False, value=[(yaml.ScalarNode(value="accounts"), held)]):
            # Behind the comments at the end, in front of a line `...`.
            return _below(root.start_mark.column, held, text, root.end_mark.index)
    return None


def written(text: str) -> str:
    """A value or a key that is a text, in quotes unless every reader takes it for one."""
    plain = _WORDS.fullmatch(text) and text == text.strip() and text.lower() not in ("true", "false")
    return text if plain and read_alike(text) else f'"{"".join(map(_escaped, text))}"'


def _below(column: int, held: yaml.Node, text: str, index: int) -> Spot | None:
    start, stop = held.start_mark.index, held.end_mark.index
    match held:
        case yaml.ScalarNode(value="", style=None):
            return Spot(index, column + _STEP)
        case yaml.MappingNode(flow_style=True, value=[]) if text[start:stop] == "{}":
            return Spot(index, column + _STEP, cut=(len(text[:start].rstrip(" ")), stop))
        case yaml.MappingNode(flow_style=False, value=[(_, first), *_]):
            return Spot(index, held.start_mark.column, _step(held, first), apart=True)
    return None


def _step(accounts: yaml.Node, first: yaml.Node) -> int:
    """As the file's first account is written."""
    block = isinstance(first, yaml.MappingNode) and not first.flow_style
    return first.start_mark.column - accounts.start_mark.column if block else _STEP


def _gap(before: str, end: str, spot: Spot) -> str:
    """Ends the last line, and leaves one empty."""
    unended = end if before and not before.endswith(("\n", "\r")) else ""
    close = before.strip() and not (before + unended).endswith(end * 2)
    return unended + (end if spot.apart and close else "")


def _tree(account: Account) -> Tree:
    return {
        "name": written(account.name),
        "default_region": written(account.default_region),
        "max_rejected_ratio": _number(account.max_rejected_ratio),
        "consent": {
            "ad_user_data": written(account.consent.ad_user_data),
            "ad_personalization": written(account.consent.ad_personalization),
        },
        **_chosen(account),
        "audiences": {written(key): _audience(audience) for key, audience in account.audiences.items()},
    }


def _chosen(account: Account) -> Tree:
    """What an account may leave out."""
    values = {
        "destinations": _destinations(account.destinations),
        "login_customer_id": account.login_customer_id and _number(account.login_customer_id),
        "credential": account.credential and written(account.credential),
        "delimiter": account.delimiter and written(account.delimiter),
        "hashed": "true" if account.hashed else "",
        "deduplicate": "true" if account.deduplicate else "",
    }
    return {key: value for key, value in values.items() if value}


def _destinations(names: tuple[str, ...]) -> str:
    return "" if names == _DESTINATIONS else f"[{', '.join(map(written, names))}]"


def _audience(audience: Audience) -> Tree:
    values = {
        "list_id": audience.list_id and _number(audience.list_id),
        "name": audience.name and written(audience.name),
        "create": f"{{membership_days: {audience.create.membership_days}}}" if audience.create else "",
        "upload_key_type": written(audience.upload_key_type),
    }
    return {key: value for key, value in values.items() if value}


def _lines(tree: Tree, column: int, step: int) -> Iterator[str]:
    for key, value in tree.items():
        if isinstance(value, str):
            yield f"{' ' * column}{key}: {value}"
        else:
            yield f"{' ' * column}{key}:"
            yield from _lines(value, column + step, step)


def _number(text: str) -> str:
    """A number that every reader writes back as it was stays without quotes, as people write it."""
    return text if _DECIMAL.fullmatch(text) and read_alike(text) else written(text)


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"
