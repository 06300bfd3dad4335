"""What the doctor found of an account, in words and documents. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from services.console.accounts.checks import Check
from services.console.narrate import counted


@dataclass(frozen=True)
class Diagnosis:
    account: str
    name: str
    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Nothing failed. What was skipped is not known to be well."""
        return all(check.state != "failure" for check in self.checks)


def document(found: Diagnosis) -> dict[str, object]:
    return {
        "account": found.account,
        "name": found.name,
        "healthy": found.healthy,
        "checks": [asdict(check) for check in found.checks],
    }


def lines(found: Diagnosis) -> Iterator[str]:
    width = max((len(check.name) for check in found.checks), default=0)
    yield f"{found.account}  {found.name}".rstrip()
    for check in found.checks:
        yield f"  {check.state:<7}  {check.name:<{width}}  {check.words}"
        if check.cure:
            yield f"  {'':<7}  {'':<{width}}  -> {check.cure}"


def summary(found: Iterable[Diagnosis]) -> str:
    """Like "2 accounts: 17 ok, 1 warning, 1 failure"."""
    every = list(found)
    states = Counter(check.state for each in every for check in each.checks)
    told = ", ".join(
        f"{states[state]} {state}" for state in ("ok", "warning", "failure", "skipped") if states[state]
    )
    return f"{counted(len(every), 'account')}: {told}"
