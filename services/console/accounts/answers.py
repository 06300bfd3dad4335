"""What a destination's answers say about an account: credentials, reach, access, and each audience's user list. Pure."""

from collections.abc import Iterator
from typing import Literal

from services.console.accounts.checks import Check, Trouble
from services.uploader.destination import FoundList
from services.uploader.examining import Examined, Lists, Unasked, Upload, Why
from shared.model.account import Account, Audience
from shared.reasons import CATALOGUE, Reason
from shared.verdict import Failure, PauseAccount, Retry, Snooze, judge

Kind = Literal["credentials", "reach", "access", "moment", "list"]

_GRANT = "grant_refused"
_LOOK_AT_TOKENS = "Look whether Google's token server and Secret Manager may be reached, then ask again."
_CONFIGURE = "Give the audience the right list in accounts.yaml, and deploy."
_NOT_ASKED: dict[Why, tuple[str, str]] = {
    "lease_busy": ("the account is sending, its lease was not free within a minute", "Ask again."),
    "lease_lost": ("somebody else took the account's lease", "Ask again."),
    "out_of_time": ("the answers before took too long", "Ask again."),
    "pause_changed": ("somebody paused or resumed the account meanwhile", "Ask again."),
    "ended": ("not asked after the answer before", ""),
    "no_list": ("there is no user list to ask about", "Mend the audiences, then ask again."),
}


def answered(account: Account, destination: str, examined: Examined | Trouble) -> Iterator[Check]:
    if isinstance(examined, Trouble):
        yield Check("destination", "failure", examined.words, "Mend that, then ask again.")
        return
    yield _credentials(examined)
    yield _reach(destination, examined)
    yield _access(examined)
    for key, audience in account.audiences.items():
        yield audience_check(key, audience, examined.lists[key])


def kind_of(failure: Failure) -> Kind:
    """What the failure is about. Total."""
    verdict = judge(failure)
    if any(code.startswith("CredentialError.") for code in failure.codes):
        return "credentials"
    match verdict:
        case PauseAccount(reason):
            return "credentials" if reason == _GRANT else "access"
        case Retry(quiet=True) if not failure.codes:
            return "reach"
        case Retry() | Snooze():
            return "moment"
        case _:
            return "list"


def _credentials(examined: Examined) -> Check:
    """Whose they are is not told."""
    failure = _first(examined, "credentials")
    if failure and isinstance(judge(failure), Retry):
        words = f"nobody gave a token {_coded(failure)}"
        return Check("credentials", "failure", words, _LOOK_AT_TOKENS)
    if failure:
        return _refusal("credentials", failure)
    if unasked := _nobody_asked(examined):
        return _skipped("credentials", unasked)
    return Check("credentials", "ok", "a token was given")


def _reach(destination: str, examined: Examined) -> Check:
    if failure := _first(examined, "reach"):
        words = f"{destination} does not answer: {failure.status}"
        return Check(
            "destination", "failure", words, "Look at the network and GOOGLE_ADS_ENDPOINT, then ask again."
        )
    unasked = _nobody_asked(examined)
    if unasked:
        return _skipped("destination", unasked)
    refused = _first(examined, "credentials")
    if refused and not any(code.startswith("AuthenticationError.") for code in refused.codes):
        return Check("destination", "skipped", "nobody is asked without credentials")
    return Check("destination", "ok", f"{destination} answers")


def _access(examined: Examined) -> Check:
    """Access, allow-listing and terms together: would a job be taken?"""
    if failure := _first(examined, "access"):
        return _refusal("access", failure)
    if failure := _first(examined, "moment"):
        words = f"{_reason(failure).words} {_coded(failure)}"
        return Check("access", "warning", words, "Ask again later.")
    match examined.upload:
        case "welcome":
            return Check("access", "ok", "a job would be taken")
        case Failure() as failure if kind_of(failure) == "list":
            words = f"a job would not be taken: {_coded(failure)}"
            return Check("access", "failure", words, "Mend the audiences, then ask again.")
        case Unasked() as unasked:
            return _skipped("access", unasked)
        case _:
            return _skipped("access", Unasked("ended"))


def audience_check(key: str, audience: Audience, said: Lists) -> Check:
    name = f"audience {key}"
    match said:
        case Unasked():
            return _skipped(name, said)
        case Failure() if kind_of(said) == "list":
            return Check(name, "failure", f"it cannot be looked up: {_coded(said)}", _CONFIGURE)
        case Failure():
            return _skipped(name, Unasked("ended"))
        case _:
            return _list(name, audience, [each for each in said if not each.read_only], found=bool(said))


def _list(name: str, audience: Audience, own: list[FoundList], *, found: bool) -> Check:
    """`own`: the lists that are not another account's or Google's. `found`: there are any."""
    called = f"user list {audience.list_id or repr(audience.name)}"
    if not own and not found and audience.create:
        return Check(name, "ok", f"there is no {called} yet: the first segment creates it")
    if not own:
        words = f"{called} belongs to somebody else" if found else f"there is no {called}"
        return Check(name, "failure", words, _CONFIGURE)
    if len(own) > 1:
        return Check(name, "failure", f"{len(own)} user lists are meant by {called}", _CONFIGURE)
    return _unfit(name, called, audience, own[0]) or Check(
        name, "ok", f"{called} is open and takes {audience.upload_key_type}"
    )


def _unfit(name: str, called: str, audience: Audience, found: FoundList) -> Check | None:
    if found.kind != "CRM_BASED":
        return Check(name, "failure", f"{called} is no list of Customer Match ({found.kind})", _CONFIGURE)
    if found.upload_key_type != audience.upload_key_type:
        words = (
            f"{called} takes {found.upload_key_type or 'nothing'}, configured is {audience.upload_key_type}"
        )
        return Check(
            name,
            "failure",
            words,
            "Mend its upload_key_type, or name another list, in accounts.yaml; deploy.",
        )
    if found.membership != "OPEN":
        return Check(name, "failure", f"{called} is closed", "Open it in Google Ads.")
    return None


def _first(examined: Examined, kind: Kind) -> Failure | None:
    failures = (each for each in _said(examined) if isinstance(each, Failure))
    return next((each for each in failures if kind_of(each) == kind), None)


def _nobody_asked(examined: Examined) -> Unasked | None:
    """Why, where no answer came at all."""
    said = _said(examined)
    silent = [each for each in said if isinstance(each, Unasked)]
    return silent[0] if len(silent) == len(said) else None


def _said(examined: Examined) -> list[Lists | Upload]:
    return [*examined.lists.values(), examined.upload]


def _skipped(name: str, unasked: Unasked) -> Check:
    return Check(name, "skipped", *_NOT_ASKED[unasked.why])


def _refusal(name: str, failure: Failure) -> Check:
    reason = _reason(failure)
    return Check(name, "failure", f"{reason.words} {_coded(failure)}", reason.cure)


def _reason(failure: Failure) -> Reason:
    return CATALOGUE[getattr(judge(failure), "reason_code", "request_refused")]


def _coded(failure: Failure) -> str:
    """The destination's own names of it: enough to look it up, and no text that might quote anything."""
    return f"({', '.join(failure.codes) or failure.status})"
