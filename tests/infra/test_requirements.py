"""Requirements: what was tested is what is deployed, from any package index, byte by byte."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from infra.bundle import SERVICES, bundle

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
PINNED = sorted(REQUIREMENTS.glob("*.txt"))

_PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ;[^\\]*)? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Versions by distribution."""
    return dict(_PIN.findall((REQUIREMENTS / f"{name}.txt").read_text()))


def named(name: str) -> set[str]:
    """The distributions that are asked for, not those that come along."""
    lines = re.findall(r"^[A-Za-z][A-Za-z0-9-]*", (REQUIREMENTS / f"{name}.in").read_text(), re.MULTILINE)
    return {line.lower() for line in lines}


def imports(service: str) -> set[str]:
    """The top-level packages from elsewhere that a bundle imports."""
    modules = (ast.parse(text) for path, text in bundle(service).items() if path.endswith(".py"))
    nodes = [node for module in modules for node in ast.walk(module)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"services", "shared"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_deployed_with_the_versions_that_were_tested(service: str) -> None:
    assert pins(service)
    assert pins(service).items() <= pins("dev").items()


@pytest.mark.parametrize("file", PINNED, ids=lambda file: str(file.name))
def test_every_requirement_has_hashes_and_none_names_a_host(file: Path) -> None:
    requirements = re.split(r"\n(?=[a-z])", file.read_text())[1:]

    assert all("--hash=sha256:" in requirement for requirement in requirements)
    assert "://" not in file.read_text()


def test_every_requirement_that_is_named_is_pinned() -> None:
    for file in REQUIREMENTS.glob("*.in"):
        assert named(file.stem) <= pins(file.stem).keys()


@pytest.mark.parametrize("service", SERVICES)
def test_a_bundle_names_every_library_that_it_imports(service: str) -> None:
    distributions = packages_distributions()

    libraries = {package: {name.lower() for name in distributions[package]} for package in imports(service)}

    assert {package for package, names in libraries.items() if not names & named(service)} == set()


@pytest.mark.parametrize("tool", ["pytest", "mypy", "rich", "hypothesis", "import-linter"])
def test_no_tool_is_deployed(tool: str) -> None:
    assert not [service for service in SERVICES if tool in pins(service)]
