"""What deployments are made of: documents that the services read back as they were loaded."""

from infra.load import load_accounts, load_topology
from infra.render import account_documents, topology_json
from shared.model.account import Account
from shared.model.codec import decode
from shared.model.topology import Topology


def test_services_read_the_topology_that_was_loaded() -> None:
    topology = load_topology()

    assert decode(Topology, topology_json(topology)) == topology


def test_each_account_is_one_object_under_its_id() -> None:
    accounts = load_accounts()

    documents = account_documents(accounts)

    assert list(documents) == [f"config/accounts/{account.id}.json" for account in accounts]
    assert tuple(decode(Account, document) for document in documents.values()) == accounts


def test_a_new_account_changes_no_other_accounts_document() -> None:
    first, second = load_accounts()

    assert account_documents((first, second)).items() > account_documents((first,)).items()
