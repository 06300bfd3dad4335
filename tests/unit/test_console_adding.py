"""`sluice accounts add`: what it writes is read as it was meant, and nothing else in the file is touched."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS

from infra.load import ACCOUNTS, TOPOLOGY, load_accounts
from services.console.accounts.adding import Addition, NotWritten, plan, write
from services.console.accounts.entry import entry, with_entry, written
from services.console.accounts.wanted import BY_NAME, BY_NUMBER, CREATED, Form, Number
from shared.model.account import Account, Audience, Consent, Creation, unfit

NEW = "1112223334"
SWEDEN = Account(
    id=NEW,
    name="Fjord Sweden",
    default_region="SE",
    max_rejected_ratio="0.05",
    consent=Consent("GRANTED", "DENIED"),
    audiences={"high-value": Audience("CONTACT_INFO", "7300000001")},
)
OLD = """\
accounts:
  "0123456789":
    name: Fjordmat # as in the contract
    default_region: "NO"
    max_rejected_ratio: 0.05
    consent: {ad_user_data: GRANTED, ad_personalization: UNSPECIFIED}
    audiences:
      high-value: {list_id: 7100000001, upload_key_type: CONTACT_INFO}
"""
FILES = {
    "as most are": OLD,
    "with comments at the end": OLD + "\n  # the end of them\n# and of the file\n",
    "without a last line end": OLD.removesuffix("\n"),
    "with lines that end as on Windows": OLD.replace("\n", "\r\n"),
    "with a mark of bytes": "\ufeff" + OLD,
    "with wider steps": OLD.replace("  ", "    "),
    "as a document": f"---\n{OLD}...\n# what is below it\n",
    "wholly moved to the right": "".join(f"  {line}" for line in OLD.splitlines(keepends=True)),
    "with a key of its own sign": OLD.replace("accounts:\n", "? accounts\n:\n"),
    "with a quoted key": OLD.replace("accounts:", '"accounts":'),
    "the repository's own": ACCOUNTS.read_text(),
    "without an account": "# ours\naccounts:\n",
    "without an account or a line end": "accounts:",
    "without an account but with comments": "accounts: # ours\n  # none yet\n",
    "of comments only": "# ours\n",
    "empty": "",
}
"""Accounts come into each of them without a change to what is there."""

KEYS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True) | st.sampled_from(
    ["no", "y", "on", "true", "null", "2026", "1e3", "0x1f", "2026-01-01", "007", "0"]
)
DIGITS = st.from_regex(r"[0-9]{10}", fullmatch=True)
SIGNS = st.characters(codec="utf-8").filter(str.isprintable) | st.sampled_from("\"'\\:#,-{}[]&*!|>%@`? ")
NAMES = st.text(SIGNS, min_size=1, max_size=40).filter(lambda text: text == text.strip()) | st.sampled_from(
    [
        "NO",
        "2026",
        "0.5",
        "true",
        "~",
        "null",
        ".inf",
        "1_000",
        "12:30:45",
        "Fjord: #1",
        "a: b",
        "- a",
        "'",
        '"',
        "<<",
    ]
)
LIST_NAMES = NAMES.filter(lambda text: "\\" not in text)
KINDS = st.sampled_from(["CONTACT_INFO", "CRM_ID", "MOBILE_ADVERTISING_ID"])
LISTS = st.builds(Audience, KINDS, list_id=st.integers(1, 10**19 - 1).map(str)) | st.builds(
    Audience, KINDS, name=LIST_NAMES
)
CREATED_LISTS = st.builds(
    Audience,
    st.sampled_from(["CONTACT_INFO", "CRM_ID"]),
    name=LIST_NAMES,
    create=st.builds(Creation, st.integers(1, 540)),
)
STATES = st.sampled_from(["GRANTED", "DENIED", "UNSPECIFIED"])
VALID = st.builds(
    Account,
    id=DIGITS,
    name=NAMES,
    default_region=st.sampled_from(sorted(SUPPORTED_REGIONS)),
    max_rejected_ratio=st.from_regex(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?", fullmatch=True),
    consent=st.builds(Consent, STATES, STATES),
    audiences=st.dictionaries(KEYS, LISTS | CREATED_LISTS, min_size=1, max_size=4),
    destinations=st.lists(KEYS | NAMES, min_size=1, max_size=3, unique=True).map(tuple)
    | st.just(Account.destinations),
    login_customer_id=st.just("") | DIGITS,
    credential=st.just("") | KEYS,
    delimiter=st.sampled_from(["", "comma", "semicolon", "tab", "pipe"]),
    hashed=st.booleans(),
    deduplicate=st.booleans(),
).filter(lambda account: not unfit(account) and one_each(account) and account.id != "0123456789")


def one_each(account: Account) -> bool:
    """No two audiences are one list."""
    lists = [(audience.list_id, audience.name) for audience in account.audiences.values()]
    return len(set(lists)) == len(lists)


def read(text: str) -> tuple[Account, ...]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "accounts.yaml")
        file.write_bytes(text.encode())
        return load_accounts(file)


def accounts_before(name: str) -> tuple[Account, ...]:
    return read(FILES[name]) if "    name:" in FILES[name] else ()


@given(st.sampled_from(sorted(FILES)), VALID)
@example("as most are", replace(SWEDEN, name="a\u2028b\x85c\td", credential="no"))
@example("as most are", replace(SWEDEN, id="0012345678", login_customer_id="0987654321"))
def test_any_account_is_read_as_it_was_meant_and_the_rest_of_the_file_stays(
    name: str, account: Account
) -> None:
    old = FILES[name]
    text = with_entry(old, account)

    assert text is not None
    assert read(text) == (*accounts_before(name), account)
    body, marker, tail = old.partition("...\n")
    assert text.startswith(body)
    assert text.endswith(marker + tail)
    assert ("\r\n" in text) == ("\r\n" in old)
    assert text.count("\r\n") in (0, text.count("\n"))


@given(VALID, VALID)
def test_one_is_added_after_the_other(first: Account, second: Account) -> None:
    text = with_entry("accounts: {}\n", first)
    assert text is not None
    if first.id != second.id:
        assert read(with_entry(text, second) or "") == (first, second)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("accounts: {}", "accounts:\n"),
        ("accounts: {} # none\n", "accounts: # none\n"),
        ("# a {}\naccounts:   {}\n# b: {}\n", "# a {}\naccounts:\n# b: {}\n"),
        ("accounts:\n  {}\n", "accounts:\n\n"),
        ("accounts: {}\r\n", "accounts:\r\n"),
    ],
)
def test_where_braces_say_that_there_is_no_account_only_they_make_way(text: str, start: str) -> None:
    added = with_entry(text, SWEDEN) or ""

    assert added.startswith(f"{start}  {NEW}:")
    assert read(added) == (SWEDEN,)


@pytest.mark.parametrize(
    "text",
    [
        "{accounts: {}}\n",
        "accounts: {1234567890: {}}\n",
        "accounts: { }\n",
        "accounts: []\n",
        "accounts: 5\n",
        'accounts: ""\n',
        "accounts:\nmore: 1\n",
        "more: 1\naccounts:\n",
        "acounts:\n",
        "- 1\n",
        "---\n",
        "accounts: {\n",
        "accounts:\n---\naccounts:\n",
        "accounts: \x07\n",
    ],
)
def test_where_lines_have_no_place_none_are_added(text: str) -> None:
    assert with_entry(text, SWEDEN) is None


def test_an_entry_is_written_as_people_write_it() -> None:
    account = replace(
        SWEDEN,
        id="0012345678",
        name="Fjord: 7 & more",
        default_region="NO",
        destinations=("google_ads", "other"),
        login_customer_id="9998887776",
        credential="fjord",
        delimiter="semicolon",
        hashed=True,
        deduplicate=True,
        audiences={"no": Audience("CRM_ID", name="Best of 2026", create=Creation(30))},
    )

    assert entry(account) == [
        '  "0012345678":',
        '    name: "Fjord: 7 & more"',
        '    default_region: "NO"',
        "    max_rejected_ratio: 0.05",
        "    consent:",
        "      ad_user_data: GRANTED",
        "      ad_personalization: DENIED",
        "    destinations: [google_ads, other]",
        "    login_customer_id: 9998887776",
        "    credential: fjord",
        "    delimiter: semicolon",
        "    hashed: true",
        "    deduplicate: true",
        "    audiences:",
        '      "no":',
        "        name: Best of 2026",
        "        create: {membership_days: 30}",
        "        upload_key_type: CRM_ID",
    ]


@pytest.mark.parametrize(
    "text", ["NO", "2026", "true", "7-Eleven", "a: b", "a #b", "a, b", "", " a", "\u2028", "-"]
)
def test_what_could_be_something_else_is_quoted(text: str) -> None:
    assert written(text).startswith('"')


@pytest.mark.parametrize("text", ["Norway", "Fjordmat Norway", "Müller & Søn (AS)", "O'Hara", "a-b_c.d/e+f"])
def test_what_is_plain_stays_plain(text: str) -> None:
    assert written(text) == text


def planned(folder: Path, text: str, account: Account = SWEDEN) -> Addition:
    file = folder / "accounts.yaml"
    file.write_bytes(text.encode())
    return plan(account, file, TOPOLOGY)


def complaints(addition: Addition) -> list[tuple[int, str, str]]:
    """Line, path and words; the file is the real one, and nothing is there to be written."""
    assert {problem.file for problem in addition.problems} <= {str(addition.file)}
    assert (addition.after == b"") == bool(addition.problems)
    return [(problem.line, problem.path, problem.what) for problem in addition.problems]


@pytest.mark.parametrize(
    ("account", "line", "path", "what"),
    [
        (replace(SWEDEN, default_region="UK"), 12, "default_region", '"UK" is not a region'),
        (replace(SWEDEN, max_rejected_ratio="5%"), 13, "max_rejected_ratio", '"5%" is not a share'),
        (replace(SWEDEN, name=""), 11, "name", '"" is not a name'),
        (replace(SWEDEN, name="a" * 101), 11, "name", f'"{"a" * 101}" is not a name'),
        (replace(SWEDEN, name="a\nb"), 0, "name", "a character that cannot be printed"),
        (replace(SWEDEN, name="a\x1b[31mb"), 0, "name", "a character that cannot be printed"),
        (replace(SWEDEN, name="a\udc80b"), 0, "name", "a character that cannot be printed"),
        (replace(SWEDEN, credential="A_b"), 17, "credential", '"A_b" is not the name of a credential'),
        (replace(SWEDEN, destinations=("else",)), 17, "destinations.[0]", "no such destination"),
        (
            replace(SWEDEN, audiences={"High": Audience("CRM_ID", "1")}),
            18,
            "audiences.High",
            '"High" is not an audience key',
        ),
        (
            replace(SWEDEN, audiences={"a": Audience("CRM_ID", "list-7")}),
            19,
            "audiences.a.list_id",
            '"list-7" is not a user list',
        ),
        (
            replace(SWEDEN, audiences={"a": Audience("CRM_ID", name="b\udc80")}),
            19,
            "audiences.a.name",
            "not a user list's name",
        ),
        (
            replace(SWEDEN, audiences={"a": Audience("CRM_ID", name="b", create=Creation(541))}),
            20,
            "audiences.a.create.membership_days",
            "541 is not between 1 and 540",
        ),
        (
            replace(SWEDEN, audiences={"a": Audience("CRM_ID", "1"), "b": Audience("CRM_ID", "1")}),
            22,
            "audiences.b.list_id",
            "also the list of a",
        ),
    ],
)
def test_what_config_check_would_say_of_the_new_text_is_said_before(
    tmp_path: Path, account: Account, line: int, path: str, what: str
) -> None:
    addition = planned(tmp_path, OLD, account)

    assert complaints(addition) == [(line, f"accounts.{NEW}.{path}", what)]
    assert addition.file.read_bytes() == OLD.encode()


@pytest.mark.parametrize(
    ("text", "line", "path", "what"),
    [
        (OLD.replace('"NO"', "NO"), 4, "accounts.0123456789.default_region", "NO without quotes"),
        (OLD + "more: 1\n", 9, "more", "no such key"),
        (OLD + "\t# a tab\n", 9, "", "a tab"),
        ("accounts: 5\n", 1, "accounts", '"5" does not fit'),
        ("accounts: &a\n", 1, "", "an anchor (&)"),
        ("{accounts: {}}\n", 0, "accounts", "written in a form that has no place for lines"),
        ("accounts: { }\n", 0, "accounts", "written in a form that has no place for lines"),
    ],
)
def test_a_file_that_is_not_fit_is_not_added_to(
    tmp_path: Path, text: str, line: int, path: str, what: str
) -> None:
    assert complaints(planned(tmp_path, text)) == [(line, path, what)]


def test_a_file_that_is_not_utf_8_is_not_added_to(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_bytes(OLD.encode() + b"# \xff\n")

    assert complaints(plan(SWEDEN, file, TOPOLOGY)) == [(0, "", "not UTF-8")]


def test_a_mistake_of_the_topology_is_told_with_its_own_file(tmp_path: Path) -> None:
    file, topology = tmp_path / "accounts.yaml", tmp_path / "topology.yaml"
    file.write_text(OLD)

    (problem,) = plan(SWEDEN, file, topology).problems

    assert (problem.file, problem.what) == (str(topology), "no such file")


def test_an_account_that_is_there_is_not_added_again(tmp_path: Path) -> None:
    addition = planned(tmp_path, OLD, replace(SWEDEN, id="0123456789"))

    assert complaints(addition) == [(2, "accounts.0123456789", "already there")]


def test_a_list_or_credential_of_another_account_may_be_shared(tmp_path: Path) -> None:
    """A manager's grant serves many accounts; which lists an account may use, Google Ads knows."""
    first = replace(SWEDEN, credential="ours", audiences={"a": Audience("CRM_ID", "7100000001")})
    addition = planned(tmp_path, with_entry(OLD, first) or "", replace(first, id="1112223335"))

    assert complaints(addition) == []


def test_what_would_be_read_otherwise_is_not_written(tmp_path: Path) -> None:
    account = replace(SWEDEN, schema_version=cast(Any, 2))

    assert complaints(planned(tmp_path, OLD, account)) == [
        (0, f"accounts.{NEW}", "would not be read as it was meant")
    ]


def test_a_file_that_is_not_there_is_made_and_a_folder_is_not(tmp_path: Path) -> None:
    written_to = write(plan(SWEDEN, tmp_path / "accounts.yaml", TOPOLOGY))

    assert written_to.problems == ()
    assert load_accounts(written_to.file) == (SWEDEN,)
    assert complaints(plan(SWEDEN, tmp_path / "none/accounts.yaml", TOPOLOGY)) == [(0, "", "no such folder")]


def test_the_file_keeps_its_mode_and_a_link_to_it_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.yaml", tmp_path / "accounts.yaml"
    real.write_text(OLD)
    real.chmod(0o640)
    link.symlink_to(real)

    write(plan(SWEDEN, link, TOPOLOGY))

    assert real.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert [account.id for account in load_accounts(real)] == ["0123456789", NEW]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["accounts.yaml", "real.yaml"]


@pytest.mark.parametrize("now", [OLD + "# mine\n", None])
def test_what_somebody_wrote_meanwhile_is_not_overwritten(tmp_path: Path, now: str | None) -> None:
    addition = planned(tmp_path, OLD)
    addition.file.write_text(now) if now else addition.file.unlink()

    assert complaints(write(addition)) == [(0, "", "changed while it was being checked")]
    assert [path.read_text() for path in tmp_path.iterdir()] == ([now] if now else [])


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    addition = plan(SWEDEN, tmp_path / "accounts.yaml", TOPOLOGY)
    addition.file.write_text(OLD)

    assert complaints(write(addition)) == [(0, "", "changed while it was being checked")]
    assert addition.file.read_text() == OLD


def test_two_do_not_write_at_a_time(tmp_path: Path) -> None:
    addition = planned(tmp_path, OLD)
    others = tmp_path / ".accounts.yaml.new"
    others.write_text("half")

    with pytest.raises(NotWritten, match=r"remove .*\.accounts\.yaml\.new if there is none"):
        write(addition)
    assert addition.file.read_text() == OLD
    assert others.read_text() == "half"


def test_what_cannot_be_read_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(NotWritten, match="cannot be read"):
        plan(SWEDEN, tmp_path, TOPOLOGY)


@pytest.mark.parametrize(
    ("form", "words", "named"),
    [
        (BY_NUMBER, "a=73:CRM_ID", ("a", Audience("CRM_ID", "73"))),
        (BY_NAME, "a=Best: of = all:CRM_ID", ("a", Audience("CRM_ID", name="Best: of = all"))),
        (BY_NAME, "a=Cafe\u0301:CRM_ID", ("a", Audience("CRM_ID", name="Caf\u00e9"))),
        (CREATED, "a=B: 1:30:CRM_ID", ("a", Audience("CRM_ID", name="B: 1", create=Creation(30)))),
    ],
)
def test_an_audience_is_told_by_key_list_and_type(
    form: Form, words: str, named: tuple[str, Audience]
) -> None:
    assert form(words) == named


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (BY_NUMBER, "a=73"),
        (BY_NUMBER, "73:CRM_ID"),
        (BY_NUMBER, "=73:CRM_ID"),
        (BY_NUMBER, "a=:CRM_ID"),
        (BY_NUMBER, "a=73:EMAIL"),
        (BY_NAME, "a=Best: of all"),
        (CREATED, "a=Best:CRM_ID"),
        (CREATED, "a=Best:long:CRM_ID"),
        (CREATED, "a=Best:-1:CRM_ID"),
        (CREATED, "a=:30:CRM_ID"),
    ],
)
def test_an_audience_in_another_form_is_refused_with_the_form(form: Form, words: str) -> None:
    with pytest.raises(click.BadParameter, match=f"is not {form.name}; TYPE is CONTACT_INFO, CRM_ID"):
        form(words)


@pytest.mark.parametrize("words", ["1112223334", "111-222-3334"])
def test_an_account_is_told_as_google_ads_shows_it_too(words: str) -> None:
    assert Number()(words) == NEW


@pytest.mark.parametrize(
    "words", ["", "111-2223334", "11122233345", "111222333x", "１１１２２２３３３４", "1112223334\n"]
)
def test_nothing_else_is_an_account(words: str) -> None:
    with pytest.raises(click.BadParameter, match="ten digits"):
        Number()(words)
