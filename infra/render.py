"""The documents that deployments are made of, from what was loaded. Pure: equal input gives equal bytes."""

from collections.abc import Iterable

from shared.model.account import Account
from shared.model.codec import encode
from shared.model.topology import Topology
from shared.names import account_json


def topology_json(topology: Topology) -> bytes:
    """`topology.json` of every bundle."""
    return encode(topology)


def account_documents(accounts: Iterable[Account]) -> dict[str, bytes]:
    """The objects of the work bucket that tell the services which accounts there are, by name."""
    return {account_json(account.id): encode(account) for account in accounts}
