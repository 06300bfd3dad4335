"""The account that the words of `sluice accounts add` describe. Whether accounts.yaml may say so is for its own rules (infra/)."""

import re
from collections.abc import Callable
from typing import TypeGuard, get_args
from unicodedata import normalize

import click

from shared.model.account import Account, Audience, Consent, Creation, Delimiter
from shared.model.run import ConsentState, UploadKeyType

Named = tuple[str, Audience]
"""An audience and its key."""

_SHOWN = re.compile(r"\d{3}-\d{3}-\d{4}|\d{10}", re.ASCII)
_DAYS = re.compile(r"\d{1,9}", re.ASCII)
_KINDS: tuple[str, ...] = get_args(UploadKeyType)


class Number(click.ParamType[str]):
    """A Google Ads account, also with the hyphens that Google Ads shows: as ten digits."""

    name = "number"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _SHOWN.fullmatch(value):
            self.fail("an account is a number of ten digits, 1112223334 or 111-222-3334", param, ctx)
        return value.replace("-", "")


class Form(click.ParamType[Named]):
    """An audience in one of the forms that name its list; nothing of it has a default."""

    def __init__(self, form: str, made: Callable[[str], Audience | None]) -> None:
        self.name = form
        self._made = made

    def convert(self, value: str | Named, param: click.Parameter | None, ctx: click.Context | None) -> Named:
        if not isinstance(value, str):
            return value
        key, _, words = _composed(value).partition("=")
        audience = self._made(words)
        if not key or audience is None:
            self.fail(f'"{value}" is not {self.name}; TYPE is {", ".join(_KINDS)}', param, ctx)
        return key, audience


def account_of(
    account: str,
    *,
    name: str,
    default_region: str,
    max_rejected_ratio: str,
    ad_user_data: ConsentState,
    ad_personalization: ConsentState,
    audiences: tuple[Named, ...],
    destinations: tuple[str, ...],
    login_customer_id: str | None,
    credential: str,
    delimiter: Delimiter | None,
    hashed: bool,
    deduplicate: bool,
) -> Account:
    """click.UsageError without an audience, or with two of one key."""
    return Account(
        id=account,
        name=_composed(name),
        default_region=default_region,
        max_rejected_ratio=max_rejected_ratio,
        consent=Consent(ad_user_data, ad_personalization),
        audiences=_by_key(audiences),
        destinations=destinations or Account.destinations,
        login_customer_id=login_customer_id or "",
        credential=credential,
        delimiter=delimiter or "",
        hashed=hashed,
        deduplicate=deduplicate,
    )


def _by_key(audiences: tuple[Named, ...]) -> dict[str, Audience]:
    if not audiences:
        raise click.UsageError("give it an audience: --audience, --named-audience or --create-audience")
    found = dict(audiences)
    if len(found) < len(audiences):
        raise click.UsageError("two audiences have one key; give each its own")
    return found


def _composed(text: str) -> str:
    """é as one character: Terraform deploys every text so (NFC), however a file writes it."""
    return normalize("NFC", text)


def _by_number(words: str) -> Audience | None:
    list_id, _, kind = words.rpartition(":")
    return Audience(kind, list_id=list_id) if list_id and _is_kind(kind) else None


def _by_name(words: str) -> Audience | None:
    """A name may hold colons."""
    name, _, kind = words.rpartition(":")
    return Audience(kind, name=name) if name and _is_kind(kind) else None


def _created(words: str) -> Audience | None:
    rest, _, kind = words.rpartition(":")
    name, _, days = rest.rpartition(":")
    if not (name and _DAYS.fullmatch(days) and _is_kind(kind)):
        return None
    return Audience(kind, name=name, create=Creation(int(days)))


def _is_kind(text: str) -> TypeGuard[UploadKeyType]:
    return text in _KINDS


BY_NUMBER = Form("KEY=LIST_ID:TYPE", _by_number)
BY_NAME = Form("KEY=NAME:TYPE", _by_name)
CREATED = Form("KEY=NAME:DAYS:TYPE", _created)
