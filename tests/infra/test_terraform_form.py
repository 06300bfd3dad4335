"""The Terraform files as they are written."""

from infra.load import ACCOUNTS
from tests.support.terraform import run


def test_terraform_is_formatted_as_terraform_formats() -> None:
    told = run(ACCOUNTS.parent, "fmt", "-check", "-diff", "-recursive")

    assert (told.returncode, told.stdout) == (0, "")
