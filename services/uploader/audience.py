"""Which user list an audience is: the one of its number, or the one that the destination has under its name.

What was found for a name is kept in the ledger, so that it costs a request only once. A list that is missing is created where that is
allowed. Names are unique at the destination: of two creates one is refused, and whoever is refused looks for the other's list.
"""

from dataclasses import dataclass, replace
from typing import NoReturn

from services.uploader.destination import FoundList
from services.uploader.sending import Refusal, Sending
from shared import names
from shared.log import get_logger
from shared.model.run import Target
from shared.model.state import KnownList
from shared.ops.accounts import read_account
from shared.verdict import FailPart, Failure, NameTaken

_UNSAID = Failure("")
"""The destination has refused nothing: what it shows is not what the configuration says."""


@dataclass(frozen=True)
class Resolved:
    """`target` has its list's number. `remembered`: it was found earlier, so that the list may be gone meanwhile."""

    target: Target
    remembered: bool = False


def resolve(sending: Sending, target: Target) -> Resolved:
    """Refusal with the reason where no list can be used. A target with its list's number asks nobody."""
    if target.list_id:
        return Resolved(target)
    name = names.audience_json(target.account, target.audience)
    known = sending.ports.ledger.read(KnownList, name)
    if known and _means(known.value, target):
        return Resolved(replace(target, list_id=known.value.list_id), remembered=True)
    list_id = _found(sending, target) or _created(sending, target)
    found = KnownList(list_id, target.list_name, target.upload_key_type)
    # A lost swap is a twin's, who found the same or goes by another configuration: the next one to ask compares again.
    sending.ports.ledger.swap(name, found, known.generation if known else 0)
    return Resolved(replace(target, list_id=list_id))


def forget(sending: Sending, target: Target) -> None:
    """The list that was remembered is gone: the name is looked up again."""
    ledger, name = sending.ports.ledger, names.audience_json(target.account, target.audience)
    if known := ledger.read(KnownList, name):
        ledger.remove(name, known.generation)
    get_logger().warning("list_gone", audience=target.audience)


def choose(found: tuple[FoundList, ...], target: Target) -> FoundList | FailPart | None:
    """Of the lists of one name or number the one that takes the target's records; None: there is none. Pure.

    Google Ads API, UserList.name: unique among the lists that an account owns, while a list that is shared with it may have the same."""
    own = [each for each in found if not each.read_only]
    if len(own) > 1:
        return FailPart("audience_ambiguous")
    if not own:
        return FailPart("audience_unfit") if found else None
    wanted = ("CRM_BASED", "OPEN", target.upload_key_type)
    fits = (own[0].kind, own[0].membership, own[0].upload_key_type) == wanted
    return own[0] if fits else FailPart("audience_unfit")


def _means(known: KnownList, target: Target) -> bool:
    return (known.name, known.upload_key_type) == (target.list_name, target.upload_key_type)


def _found(sending: Sending, target: Target) -> str | None:
    """The number of the list of this name; None: there is none."""
    lists = sending.call(lambda seconds: sending.destination.find_list(target, seconds))
    chosen = choose(lists, target)
    if isinstance(chosen, FailPart):
        _refuse(chosen, _UNSAID)
    if chosen and _is_anothers(sending, target, chosen.list_id):
        _refuse(FailPart("audience_shared"), _UNSAID)
    return chosen.list_id if chosen else None


def _is_anothers(sending: Sending, target: Target, list_id: str) -> bool:
    """Two audiences on one list would send jobs side by side, each waiting only in its own line. That a name and a number mean the same
    list, accounts.yaml cannot show."""
    account = read_account(sending.ports, target.account)
    audiences = account.audiences.items() if account else ()
    return any(each.list_id == list_id for key, each in audiences if key != target.audience)


def _created(sending: Sending, target: Target) -> str:
    """An answer that leaves it open is the next attempt's to look for: it searches first."""
    if not target.membership_days:
        _refuse(FailPart("audience_missing"), _UNSAID)
    try:
        list_id = sending.call(lambda seconds: sending.destination.create_list(target, seconds))
    except Refusal as refusal:
        if not isinstance(refusal.verdict, NameTaken):
            raise
        failure = refusal.failure
        return _found(sending, target) or _refuse(FailPart("audience_name_refused"), failure)
    get_logger().info("list_created", audience=target.audience, list_id=list_id)
    return list_id


def _refuse(verdict: FailPart, failure: Failure) -> NoReturn:
    get_logger().error("audience_refused", reason_code=verdict.reason_code)
    raise Refusal(verdict, failure)
