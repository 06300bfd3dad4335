"""What `sluice check` says of a file, before anything is sent."""

import gzip
import json
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from services.console.checking.aim import Aim, aim_of
from services.console.checking.files import file_of
from services.console.checking.samples import masked
from services.console.main import run
from services.console.ports import console_ports
from shared.settings import NAME_PATTERNS

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs/schemas/check.json").read_text(encoding="utf-8"))
)
PLACE = "1234567890/high-value/append"
FLAT = "1234567890--lapsed--replace--nightly.csv"
GOOD = "email,phone,notes\n" + "".join(f"quillan{number}@example.com,+4740612345,x\n" for number in range(40))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files lie here under the names that they would have; no deployment is named."""
    monkeypatch.delenv("SLUICE_WORK_BUCKET", raising=False)
    (tmp_path / PLACE).mkdir(parents=True)
    return tmp_path / PLACE


@pytest.fixture
def checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> "Checked":
    return Checked(folder, capsys)


class Checked:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys

    def text(self, content: str | bytes, *words: str, name: str = "people.csv") -> tuple[int, str]:
        path = self._folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = run(["check", str(path), *words])
        told = self._capsys.readouterr()
        return code, told.out + told.err

    def document(self, content: str | bytes, *words: str, name: str = "people.csv") -> dict[str, object]:
        _, told = self.text(content, "--json", *words, name=name)
        found: dict[str, object] = json.loads(told)
        SCHEMA.validate(found)
        return found


def test_a_good_file_would_be_sent_with_these_counts(checked: Checked) -> None:
    found = checked.document(GOOD)

    assert (found["verdict"], found["received"], found["accepted"], found["rejected"]) == ("ok", 40, 40, 0)
    assert (found["parts"], found["requests"], found["identifiers"], found["jobs"]) == (1, 1, 80, 1)
    assert found["columns"] == {"email": "email", "phone": "phone"}
    assert found["ignored_columns"] == ["notes"]
    assert found["warnings"] == []


def test_the_words_say_what_is_understood_what_is_dropped_and_what_it_costs(checked: Checked) -> None:
    code, told = checked.text(GOOD + "nobody,,\n")

    assert code == 0
    assert "email → email" in told
    assert "41 rows: 40 good, 1 rejected, 0 skipped; 1 field dropped" in told
    assert "email_invalid: The e-mail address has no name" in told
    assert "It would be sent: 1 part, 1 request with 80 identifiers, 1 job." in told


def test_no_value_and_no_hash_is_told(checked: Checked) -> None:
    for words in ((), ("--json",)):
        _, told = checked.text(GOOD, *words)
        assert "quillan" not in told.replace(str(checked._folder), "")
        assert "40612345" not in told
        assert "example.com" not in told


@pytest.mark.parametrize(
    ("content", "reason_code", "line"),
    [
        ("", "empty_file", 0),
        ("email\n", "header_only", 0),
        ("name\nAda\n", "no_usable_column", 1),
        (b"email\n\xff\n", "not_utf8", 2),
        ("email\n" + "nobody\n" * 3, "nothing_to_send", 0),
        (GOOD + "nobody,,\n" * 20, "too_many_rejects", 0),
        (gzip.compress(GOOD.encode())[:60], "gzip_truncated", 0),
        ("[]", "json_array", 0),
    ],
)
def test_a_file_that_would_be_rejected_says_why(
    checked: Checked, content: str | bytes, reason_code: str, line: int
) -> None:
    found = checked.document(content)

    assert (found["verdict"], found["reason_code"], found["line"]) == ("rejected", reason_code, line)
    assert (found["accepted"], found["requests"]) == (0, 0)
    assert found["received"] == found["rejected"]
    assert checked.text(content)[0] == 1


@pytest.mark.parametrize(
    ("words", "reason_code"),
    [
        (("--account", "1111111111"), "account_unknown"),
        (("--audience", "nobodys"), "audience_unknown"),
    ],
)
def test_what_ingest_would_refuse_is_refused_here(
    checked: Checked, words: tuple[str, ...], reason_code: str
) -> None:
    assert checked.document(GOOD, *words)["reason_code"] == reason_code


@pytest.mark.parametrize(
    ("name", "reason_code"), [("people.txt", "extension_unknown"), (".people.csv", "name_passed_over")]
)
def test_a_name_that_would_not_be_read_is_told(checked: Checked, name: str, reason_code: str) -> None:
    assert checked.document(GOOD, name=name)["reason_code"] == reason_code


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        ("phone\n" + "12\n" * 20 + "+4740612345\n" * 9, "people.csv", "region_doubtful"),
        (gzip.compress(GOOD.encode()), "people.csv", "name_and_content_differ"),
        ('{"email":"a@example.com"}\n', "people.csv", "name_and_content_differ"),
        (GOOD, "people.jsonl", "name_and_content_differ"),
        (GOOD + f"{'ab' * 32},,\n", "people.csv", "hashed_and_plain"),
    ],
)
def test_what_is_odd_is_warned_of(checked: Checked, content: str | bytes, name: str, code: str) -> None:
    warnings = checked.document(content, name=name)["warnings"]

    assert isinstance(warnings, list)
    assert [warning["code"] for warning in warnings] == [code]


def test_samples_say_what_becomes_of_the_first_rows(checked: Checked) -> None:
    found = checked.document('email,phone,consent\nada@example.com,12,\n,,\nb@example.com,,no\n"x"y\n')

    samples = found["samples"]
    assert isinstance(samples, list)
    assert [(sample["line"], sample["decision"], sample["reason_code"]) for sample in samples] == [
        (2, "sent", ""),
        (3, "rejected", "no_identifier"),
        (4, "skipped", "consent_denied"),
        (5, "rejected", "malformed_quotes"),
    ]
    assert samples[0]["fields"] == [
        {"column": "email", "value": "a…(15)", "reason_code": ""},
        {"column": "phone", "value": "1…(2)", "reason_code": "phone_invalid"},
    ]


def test_a_missing_file_and_a_missing_aim_are_usage(checked: Checked, folder: Path) -> None:
    assert run(["check", str(folder / "none.csv")]) == 2
    (folder.parents[2] / "people.csv").write_text(GOOD)
    assert run(["check", str(folder.parents[2] / "people.csv")]) == 2
    assert run(["check", "gs://bucket-without-object"]) == 2


def test_another_accounts_yaml_may_be_named(checked: Checked, folder: Path) -> None:
    accounts = folder / "accounts.yaml"
    accounts.write_text(
        'accounts:\n  1234567890:\n    name: Denied\n    default_region: "NO"\n    max_rejected_ratio: 0.05\n'
        "    consent: {ad_user_data: DENIED, ad_personalization: GRANTED}\n"
        "    audiences:\n      high-value: {list_id: 7, upload_key_type: CONTACT_INFO}\n"
    )
    assert checked.document(GOOD, "--accounts", str(accounts))["reason_code"] == "account_consent_denied"


@pytest.mark.parametrize(
    ("path", "aim"),
    [
        ("/data/1234567890/high-value/append/a/people.csv", Aim("1234567890", "high-value", "append", "people.csv")),
        ("gs://landing/1234567890/high-value/remove/people.csv", Aim("1234567890", "high-value", "remove", "people.csv")),
        (f"/data/{FLAT}", Aim("1234567890", "lapsed", "replace", FLAT)),
    ],
)  # fmt: skip
def test_a_path_says_for_whom_it_is_as_an_objects_name_does(path: str, aim: Aim) -> None:
    assert aim_of(path, "", "", "", NAME_PATTERNS) == aim


def test_what_is_said_counts_more_than_the_path() -> None:
    aim = aim_of(f"/data/{PLACE}/people.csv", "", "lapsed", "remove", NAME_PATTERNS)
    assert (aim.account, aim.audience, aim.mode) == ("1234567890", "lapsed", "remove")
    with pytest.raises(click.UsageError):
        aim_of("/data/people.csv", "1234567890", "", "append", NAME_PATTERNS)


@pytest.mark.parametrize(("value", "told"), [("ada@example.com", "a…(15)"), ("\x01", "…(1)"), ("é", "é…(1)")])
def test_a_masked_value_is_a_character_and_a_length(value: str, told: str) -> None:
    assert masked(value) == told


def test_what_is_written_behind_the_end_while_it_is_read_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"email\n" * 10)
    chunks = file_of(str(path), console_ports).open_at(6)
    with path.open("ab") as more:
        more.write(b"later\n" * 1_000)

    assert b"".join(chunks) == b"email\n" * 9
