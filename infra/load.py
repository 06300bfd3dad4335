"""Reads topology.yaml and accounts.yaml strictly, and names every mistake of both at once, with its cure.

Nothing is read but these files; nothing is written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra import account_rules, topology_rules
from infra.fit import fit, fit_record
from infra.problem import Place, Problem
from infra.rules import broken_keys, broken_orders, broken_values
from infra.strict_yaml import Node, Section, read, walk
from shared.errors import ConfigurationError
from shared.model.account import Account
from shared.model.topology import Topology

TOPOLOGY = Path(__file__).with_name("topology.yaml")
ACCOUNTS = Path(__file__).with_name("accounts.yaml")


class ConfigurationProblems(ConfigurationError):
    """A file that cannot be used; its text is one line for each problem."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def check(topology: Path = TOPOLOGY, accounts: Path = ACCOUNTS) -> tuple[Problem, ...]:
    """All that is wrong in the two files, alone and together; empty: they can be deployed."""
    deployed, problems = _topology(topology)
    _, more = _accounts(accounts, deployed)
    return tuple(sorted(problems + more))


def load_topology(path: Path = TOPOLOGY) -> Topology:
    topology, problems = _topology(path)
    if topology is None or problems:
        raise ConfigurationProblems(tuple(problems))
    return topology


def load_accounts(path: Path = ACCOUNTS) -> tuple[Account, ...]:
    """In the order of the file. Whether their destinations are deployed is for `check` to say."""
    accounts, problems = _accounts(path, None)
    if problems:
        raise ConfigurationProblems(tuple(problems))
    return accounts


@dataclass(frozen=True)
class _File:
    """accounts.yaml. An account's id is its key, so that the sections are fitted one by one."""

    accounts: Mapping[str, Section]


def _topology(path: Path) -> tuple[Topology | None, list[Problem]]:
    root, problems = _read(path)
    if root is None:
        return None, problems
    topology: Topology | None = fit(Topology, root, problems)
    problems += broken_keys(root, topology_rules.KEYS)
    problems += broken_values(root, topology_rules.VALUES)
    problems += broken_orders(root, topology_rules.ORDERS)
    if topology is not None:
        problems += _placed(topology_rules.clashes(topology), root)
    return topology, problems


def _accounts(path: Path, deployed: Topology | None) -> tuple[tuple[Account, ...], list[Problem]]:
    root, problems = _read(path)
    if root is None:
        return (), problems
    accounts = tuple(_each_account(root, problems))
    problems += broken_keys(root, account_rules.KEYS)
    problems += broken_values(root, account_rules.VALUES)
    for account in accounts:
        problems += _placed(account_rules.clashes(account), root)
        if deployed is not None:
            known = frozenset(deployed.destinations)
            problems += _placed(account_rules.unknown_destinations(account, known), root)
    return accounts, problems


def _each_account(root: Node, problems: list[Problem]) -> Iterator[Account]:
    file: _File | None = fit(_File, root, problems)
    for key, node in file.accounts.items() if file else ():
        account: Account | None = fit_record(Account, node, problems, id=key)
        if account is not None:
            yield account


def _read(path: Path) -> tuple[Node | None, list[Problem]]:
    """The document, or None with the reason."""
    file = str(path)
    try:
        root, problems = read(path.read_text("utf-8"), file)
    except FileNotFoundError:
        return None, [Place(file).problem("no such file", "Create it, or name another")]
    except UnicodeDecodeError:
        return None, [Place(file).problem("not UTF-8", "Save it as UTF-8")]
    return root, list(problems)


def _placed(clashes: Iterable[tuple[str, str, str]], root: Node) -> Iterator[Problem]:
    """Clashes with the lines of the keys that they name."""
    found = tuple(clashes)
    places = {node.place.path: node.place for node in walk(root)} if found else {}
    for path, what, cure in found:
        yield Problem(root.place.file, _nearest(path, places).line, path, what, cure)


def _nearest(path: str, places: Mapping[str, Place]) -> Place:
    """Where this key stands, or what it would stand below: a default is written nowhere."""
    return places[path] if path in places else _nearest(path.rpartition(".")[0], places)
