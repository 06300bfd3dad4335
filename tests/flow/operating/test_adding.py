"""An account is added by the real command, which knows no deployment: it has no environment at all."""

import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.load import ACCOUNTS, check, load_accounts
from shared.model.account import Account, Audience, Consent, Creation
from tests.support.command import SLUICE, documents

pytestmark = pytest.mark.flow

NEEDED = (
    "--name 'Fjord Sweden' --default-region SE --max-rejected-ratio 0.05 --ad-user-data GRANTED"
    " --ad-personalization DENIED --audience high-value=7300000001:CONTACT_INFO"
)
EVERYTHING = (
    "--named-audience 'newsletter=News: weekly:CRM_ID' --create-audience 'no=Best of 2026:30:CONTACT_INFO'"
    " --destination google_ads --login-customer-id 999-888-7776 --credential fjord --delimiter semicolon --hashed --deduplicate"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    found = tmp_path / "accounts.yaml"
    found.write_bytes(ACCOUNTS.read_bytes())
    return found


def add(file: Path, words: str) -> subprocess.CompletedProcess[str]:
    command = [str(SLUICE), "accounts", "add", *shlex.split(words), "--accounts", str(file)]
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env={},
        check=False,
        timeout=60,
    )


def test_a_dry_run_shows_the_lines_and_leaves_everything_as_it_is(file: Path) -> None:
    told = add(file, f"111-222-3334 {NEEDED} --dry-run")

    assert (told.returncode, told.stderr) == (0, "")
    first, *lines = told.stdout.splitlines()
    assert first == f"1112223334  would be added to {file}:"
    assert "+  1112223334:" in lines
    assert [line for line in lines[2:] if line.startswith("-")] == []
    assert file.read_bytes() == ACCOUNTS.read_bytes()
    assert list(file.parent.iterdir()) == [file]


def test_every_key_of_an_account_can_be_given(file: Path) -> None:
    told = add(file, f"0112223334 {NEEDED} {EVERYTHING}")

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"0112223334  Fjord Sweden with 3 audiences: written to {file}\n")
    assert "Terraform reads infra/accounts.yaml" in told.stdout
    assert "terraform -chdir=infra apply" in told.stdout
    assert "gcloud secrets versions add sluice-credential-fjord " in told.stdout
    assert file.read_bytes().startswith(ACCOUNTS.read_bytes())
    assert check(accounts=file) == ()
    assert load_accounts(file) == (
        *load_accounts(),
        Account(
            id="0112223334",
            name="Fjord Sweden",
            default_region="SE",
            max_rejected_ratio="0.05",
            consent=Consent("GRANTED", "DENIED"),
            audiences={
                "high-value": Audience("CONTACT_INFO", "7300000001"),
                "newsletter": Audience("CRM_ID", name="News: weekly"),
                "no": Audience("CONTACT_INFO", name="Best of 2026", create=Creation(30)),
            },
            destinations=("google_ads",),
            login_customer_id="9998887776",
            credential="fjord",
            delimiter="semicolon",
            hashed=True,
            deduplicate=True,
        ),
    )


def test_a_program_is_told_in_one_form_what_would_be_was_and_was_not_done(file: Path) -> None:
    words = f"1112223334 {NEEDED} --json"
    runs = [add(file, f"{words} --dry-run"), add(file, words), add(file, words)]
    (would,), (done,), (refused,) = (documents("accounts", run) for run in runs)

    assert [run.returncode for run in runs] == [0, 0, 1]
    assert [run.stderr for run in runs] == ["", "", ""]
    assert (would["result"], done["result"], refused["result"]) == ("would", "done", "refused")
    assert would["entry"] == done["entry"]
    assert file.read_text() == ACCOUNTS.read_text() + "".join(f"{line}\n" for line in done["entry"])
    assert refused["entry"] == []
    assert [problem["what"] for problem in refused["problems"]] == ["already there"]


REFUSED = {
    "1112223334 --default-region UK": ('accounts.1112223334.default_region: "UK" is not a region', 1),
    "1234567890": ("accounts.1234567890: already there. Change it there, or remove it and add it again.", 1),
    "1112223334 --destination data": ("destinations.[0]: no such destination. Known are google_ads.", 1),
    "1112223334 --topology none.yaml": ("none.yaml: no such file. Create it, or name another.", 1),
    "111222333": ("an account is a number of ten digits, 1112223334 or 111-222-3334", 2),
    "1112223334 --audience lapsed=7300000002": ("is not KEY=LIST_ID:TYPE; TYPE is CONTACT_INFO", 2),
    "1112223334 --audience high-value=1:CRM_ID": ("two audiences have one key; give each its own", 2),
    "1112223334 --ad-user-data YES": ("'YES' is not one of 'GRANTED', 'DENIED', 'UNSPECIFIED'", 2),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_wrong_is_said_with_its_cure_and_nothing_is_written(file: Path, words: str) -> None:
    told = add(file, f"{NEEDED} {words}")

    what, code = REFUSED[words]
    assert told.returncode == code
    assert told.stdout == ""
    assert what in told.stderr
    assert file.read_bytes() == ACCOUNTS.read_bytes()
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize(
    "option", ["--ad-user-data", "--ad-personalization", "--default-region", "--name", "--max-rejected-ratio"]
)
def test_nothing_is_assumed(file: Path, option: str) -> None:
    words = shlex.split(NEEDED)
    place = words.index(option)

    told = add(file, shlex.join(["1112223334", *words[:place], *words[place + 2 :]]))

    assert (told.returncode, f"Missing option '{option}'" in told.stderr) == (2, True)


def test_an_account_without_an_audience_is_no_account(file: Path) -> None:
    told = add(file, f"1112223334 {NEEDED.partition(' --audience')[0]}")

    assert (told.returncode, "give it an audience" in told.stderr) == (2, True)


def test_of_accounts_that_are_added_at_once_each_is_there_or_was_refused(file: Path) -> None:
    numbers = [f"{number:010d}" for number in range(6)]

    with ThreadPoolExecutor() as pool:
        told = dict(zip(numbers, pool.map(lambda each: add(file, f"{each} {NEEDED}"), numbers), strict=True))

    there = {account.id for account in load_accounts(file)}
    assert {number for number, each in told.items() if each.returncode == 0} == there & set(numbers) != set()
    assert {each.returncode for each in told.values()} <= {0, 1, 3}
    assert list(file.parent.iterdir()) == [file]
    assert all(add(file, f"{each} {NEEDED}").returncode == 0 for each in numbers if each not in there)
    assert file.read_bytes().startswith(ACCOUNTS.read_bytes())
