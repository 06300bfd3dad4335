"""The pages about deployment name what there is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
DECLARED = re.compile(r'^variable "(\w+)"', re.MULTILINE)
ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \|", re.MULTILINE)


def test_every_variable_of_terraform_is_told_and_no_other() -> None:
    declared = DECLARED.findall((ROOT / "infra/variables.tf").read_text(encoding="utf-8"))
    told = [name for row in ROW.findall(DEPLOY) for name in re.findall(r"\w+", row)]

    assert sorted(told) == sorted(declared)


def test_every_alert_is_told_in_words() -> None:
    words = (
        "Dead letters",
        "stuck",
        "paused accounts",
        "runs without an outcome",
        "many rejects",
        "missing sweep",
    )

    assert [each for each in words if each not in DEPLOY] == []


@pytest.mark.parametrize("page", ["deploy.md", "security.md"])
def test_what_it_links_to_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]

    assert links
    assert [link for link in links if not leads_somewhere(link, text)] == []


def leads_somewhere(link: str, text: str) -> bool:
    """A place in the same page is one of its headings."""
    name, _, place = link.partition("#")
    headings = {
        re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-")
        for each in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    return (ROOT / "docs" / name).exists() if name else place in headings


def test_the_files_that_it_names_are_there() -> None:
    named = set(re.findall(r"`((?:infra|tests|docs)/[\w/.*-]+)`", DEPLOY)) - {
        "infra/backend.tf",
        "infra/terraform.tfvars",
        "infra/.terraform.lock.hcl",
    }

    assert named
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []
