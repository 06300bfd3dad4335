"""`sluice accounts add` in words and documents. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from difflib import unified_diff
from typing import Literal

from infra.load import ACCOUNTS
from services.console.accounts.adding import Addition
from services.console.narrate import counted
from shared.names import credential_secret

Result = Literal["would", "done", "refused"]


def document(addition: Addition, result: Result) -> dict[str, object]:
    """docs/schemas/accounts.json, "added". `entry`: the lines that come into the file; none of what is refused."""
    return {
        "account": addition.account.id,
        "name": addition.account.name,
        "command": "add",
        "file": str(addition.file),
        "result": result,
        "entry": [line[1:] for line in list(_difference(addition))[2:] if line.startswith("+")],
        "problems": [asdict(problem) for problem in addition.problems],
    }


def foretold(addition: Addition) -> Iterator[str]:
    """Before anything is written."""
    yield f"{addition.account.id}  would be added to {addition.file}:"
    yield from _difference(addition)


def lines(addition: Addition) -> Iterator[str]:
    """Afterwards: what was written, and what is still to be done."""
    account = addition.account
    audiences = counted(len(account.audiences), "audience")
    yield f"{account.id}  {account.name} with {audiences}: written to {addition.file}"
    if addition.file.resolve() != ACCOUNTS.resolve():
        yield "  Terraform reads infra/accounts.yaml: put the file there first"
    yield "  Next: terraform -chdir=infra apply. It touches only this account's resources"
    if account.credential:
        secret = credential_secret(account.credential)
        yield f"  Then: gcloud secrets versions add {secret} --data-file=GRANT.json, unless the secret has a version"
    yield f"  Then: sluice accounts doctor {account.id}"


def _difference(addition: Addition) -> Iterator[str]:
    """As a unified diff; nothing of what is refused."""
    if addition.problems:
        return iter(())
    before, after = (text.decode("utf-8").splitlines() for text in (addition.before or b"", addition.after))
    file = str(addition.file)
    return unified_diff(before, after, file, file, lineterm="")
