"""Reading the configuration: every mistake is named with file, line, key and cure, and all come at once."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.load import ACCOUNTS, TOPOLOGY, ConfigurationProblems, check, load_accounts, load_topology
from infra.problem import Problem
from shared.model.account import Audience, Creation, unfit

ACCOUNT = """\
accounts:
  "0123456789":
    name: Fjordmat
    default_region: "NO"
    max_rejected_ratio: 0.05
    consent: {ad_user_data: GRANTED, ad_personalization: UNSPECIFIED}
    audiences:
      high-value: {list_id: 7100000001, upload_key_type: CONTACT_INFO}
"""

# Keys that the files know, so that made-up documents get past the first one.
KEYS = st.sampled_from(
    ["accounts", "0123456789", "audiences", "high-value", "list_id", "subscriptions", "retry"]
)
TEXTS = st.text(st.characters(codec="utf-8"))
DOCUMENTS = st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(KEYS | TEXTS, inner))


def problems_of_accounts(tmp_path: Path, text: str) -> list[tuple[int, str, str]]:
    """Line, path and words of all that is wrong with an accounts.yaml."""
    file = tmp_path / "accounts.yaml"
    file.write_bytes(text.encode())
    return [(problem.line, problem.path, problem.what) for problem in check(accounts=file)]


def problems_of_topology(tmp_path: Path, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    """Path and words of all that is wrong with the repository's topology.yaml after some changes."""
    text = TOPOLOGY.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "topology.yaml"
    file.write_text(text)
    return [(problem.path, problem.what) for problem in check(file)]


def test_the_repositorys_own_configuration_is_in_order() -> None:
    assert check() == ()


def test_a_region_stays_a_text_and_an_account_keeps_its_first_digit(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(ACCOUNT)

    (account,) = load_accounts(file)

    assert (account.id, account.default_region, account.max_rejected_ratio) == ("0123456789", "NO", "0.05")
    assert account.audiences["high-value"].list_id == "7100000001"
    assert account.consent.ad_personalization == "UNSPECIFIED"
    assert (account.destinations, account.login_customer_id) == (("google_ads",), "")
    assert account.credential == ""


def test_how_an_accounts_files_are_read_is_said_in_words(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    more = "    delimiter: semicolon\n    hashed: true\n    deduplicate: true\n    audiences:"
    file.write_text(ACCOUNT.replace("    audiences:", more))

    (account,) = load_accounts(file)

    assert (account.delimiter, account.hashed, account.deduplicate) == ("semicolon", True, True)


@pytest.mark.parametrize("mistake", ['delimiter: ";"', "hashed: yes", "deduplicate: 1"])
def test_it_is_said_in_these_words_only(tmp_path: Path, mistake: str) -> None:
    assert problems_of_accounts(tmp_path, ACCOUNT.replace("    audiences:", f"    {mistake}\n    audiences:"))


def test_a_label_is_a_word_and_there_once(tmp_path: Path) -> None:
    assert problems_of_topology(tmp_path, ("  - team", "  - Team"))
    assert problems_of_topology(tmp_path, ("  - team", "  - ticket")) == [
        ("labels", "too many, or one twice")
    ]


def test_numbers_of_the_topology_are_numbers() -> None:
    topology = load_topology()

    assert topology.queue.max_attempts == -1
    assert topology.subscriptions["dead-letters"].path == "dead-letters"
    assert topology.subscriptions["dead-letters"].retention_seconds >= 14 * 24 * 3600
    assert topology.destinations["google_ads"].follow.first_seconds == 600


def test_a_problem_is_one_line_with_file_line_key_and_cure() -> None:
    problem = Problem("accounts.yaml", 12, "accounts.1.name", "no such key", "Did you mean names?")

    assert str(problem) == "accounts.yaml:12: accounts.1.name: no such key. Did you mean names?"
    assert str(Problem("a.yaml", 0, "", "empty", "Write its keys")) == "a.yaml: empty. Write its keys."


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "what"),
    [
        ("NO", "UK", 4, "default_region", '"UK" is not a region'),
        ("0.05", "5%", 5, "max_rejected_ratio", '"5%" is not a share'),
        ("0.05", "1.5", 5, "max_rejected_ratio", '"1.5" is not a share'),
        ("0.05", "", 5, "max_rejected_ratio", "no value"),
        ("name: Fjordmat", "name: [a, b]", 3, "name", "this does not fit"),
        ("name:", "nmae:", 3, "nmae", "no such key"),
        ("GRANTED,", "yes,", 6, "consent.ad_user_data", '"yes" does not fit'),
        ("high-value", "High--Value", 8, "audiences.High--Value", '"High--Value" is not an audience key'),
        ("7100000001", "list-7", 8, "audiences.high-value.list_id", '"list-7" is not a user list'),
        ("CONTACT_INFO", "EMAIL", 8, "audiences.high-value.upload_key_type", '"EMAIL" does not fit'),
        (
            "    name: Fjordmat\n",
            "    name: F\n    credential: Fjordmat_AS\n",
            4,
            "credential",
            '"Fjordmat_AS" is not the name of a credential',
        ),
        ("    name: Fjordmat\n", "    id: 1\n    name: F\n", 3, "id", "no such key"),
        ("    name: Fjordmat\n", "    name: F\n    name: G\n", 4, "name", "also written in line 3"),
        ("    name: Fjordmat\n", "    name: F\n    destinations: []\n", 4, "destinations", "no destination"),
        (
            "    name: Fjordmat\n",
            "    name: F\n    login_customer_id: 1\n",
            4,
            "login_customer_id",
            '"1" is not a Google Ads account',
        ),
    ],
)
def test_a_mistake_in_an_account_is_named_with_its_key(
    tmp_path: Path, old: str, new: str, line: int, path: str, what: str
) -> None:
    assert (line, f"accounts.0123456789.{path}", what) in problems_of_accounts(
        tmp_path, ACCOUNT.replace(old, new)
    )


def test_an_account_with_hyphens_is_told_to_drop_them(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(ACCOUNT.replace("0123456789", "123-456-7890"))

    (problem,) = check(accounts=file)

    assert problem.path == "accounts.123-456-7890"
    assert problem.cure == "Write its ten digits, without hyphens"


def test_an_unknown_key_is_told_what_was_probably_meant(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(ACCOUNT.replace("max_rejected_ratio", "max_reject_ratio"))

    cures = [problem.cure for problem in check(accounts=file)]

    assert cures == ["Add max_rejected_ratio here", "Did you mean max_rejected_ratio?"]


def test_an_unknown_destination_is_found_by_comparing_the_two_files(tmp_path: Path) -> None:
    text = ACCOUNT.replace("    name", "    destinations: [google_ads, data_manager]\n    name")

    assert problems_of_accounts(tmp_path, text) == [
        (3, "accounts.0123456789.destinations.[1]", "no such destination")
    ]


def by_name(words: str) -> str:
    """The account with an audience that has these words in place of its number."""
    return ACCOUNT.replace("list_id: 7100000001", words)


def test_an_audience_may_be_known_by_its_lists_name_and_created(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(by_name("name: Fjordmat's best, create: {membership_days: 540}"))

    (account,) = load_accounts(file)

    assert account.audiences["high-value"] == Audience(
        "CONTACT_INFO", name="Fjordmat's best", create=Creation(540)
    )
    assert unfit(account) == ""


@pytest.mark.parametrize(
    ("words", "path", "what"),
    [
        ("list_id: 7100000001, name: best", ".name", "beside list_id"),
        ("list_id: 7100000001, create: {membership_days: 9}", ".create", "a list with a number exists"),
        ("create: {membership_days: 9}", "", "neither list_id nor name"),
        ("name: best, create: {membership_days: 0}", ".create.membership_days", "0 is not between 1 and 540"),
        (
            "name: best, create: {membership_days: 541}",
            ".create.membership_days",
            "541 is not between 1 and 540",
        ),
        ("name: best, create: {membership_days: long}", ".create.membership_days", '"long" does not fit'),
        ("name: best, create: {days: 9}", ".create.days", "no such key"),
        ("name: best, create: yes", ".create", '"yes" does not fit'),
        ("name: a\\b", ".name", "not a user list's name"),
        (f"name: {'a' * 256}", ".name", "not a user list's name"),
    ],
)
def test_a_list_is_known_by_number_or_name_and_only_a_name_is_created(
    tmp_path: Path, words: str, path: str, what: str
) -> None:
    found = problems_of_accounts(tmp_path, by_name(words))

    assert (8, f"accounts.0123456789.audiences.high-value{path}", what) in found


def test_a_list_of_mobile_ids_is_created_by_people(tmp_path: Path) -> None:
    text = by_name("name: apps, create: {membership_days: 9}").replace(
        "CONTACT_INFO", "MOBILE_ADVERTISING_ID"
    )

    assert problems_of_accounts(tmp_path, text) == [
        (8, "accounts.0123456789.audiences.high-value.create", "a list of mobile ids")
    ]


def test_two_audiences_may_not_share_one_name(tmp_path: Path) -> None:
    text = by_name("name: best") + "      lapsed: {name: best, upload_key_type: CRM_ID}\n"

    assert problems_of_accounts(tmp_path, text) == [
        (9, "accounts.0123456789.audiences.lapsed.name", "also the list of high-value")
    ]


def test_two_audiences_may_not_share_one_list(tmp_path: Path) -> None:
    text = ACCOUNT + "      lapsed: {list_id: 7100000001, upload_key_type: CONTACT_INFO}\n"

    assert problems_of_accounts(tmp_path, text) == [
        (9, "accounts.0123456789.audiences.lapsed.list_id", "also the list of high-value")
    ]


@pytest.mark.parametrize(
    ("text", "line", "path", "what"),
    [
        ("", 0, "", "empty"),
        ("# only a comment\n", 0, "", "empty"),
        ("[1, 2]\n", 0, "", "this does not fit"),
        ("acounts: {}\n", 1, "acounts", "no such key"),
        ("accounts: 5\n", 1, "accounts", '"5" does not fit'),
        ("accounts: {}\naccounts: {}\n", 2, "accounts", "also written in line 1"),
        ("accounts:\n\t1: 2\n", 2, "", "a tab"),
        ("accounts: &a {}\n", 1, "", "an anchor (&)"),
        ("accounts: *a\n", 1, "", "an alias (*)"),
        ("accounts: !!map {}\n", 1, "", "a tag (!)"),
        ("%YAML 1.2\n---\naccounts: {}\n", 1, "", "a directive (%)"),
        ("---\naccounts: {}\n---\naccounts: {}\n", 3, "", "not YAML: but found another document"),
        ("accounts: {\n", 2, "", "not YAML: expected the node content, but found '<stream end>'"),
        ("accounts: \x07\n", 0, "", "not YAML: a character that cannot be printed"),
        ("accounts: {<<: {}}\n", 1, "accounts.<<", '"<<" is not a Google Ads account'),
        ("accounts: {? [a] : {}}\n", 1, "accounts.?", '"?" is not a Google Ads account'),
    ],
)
def test_yaml_that_could_mean_something_else_is_refused(
    tmp_path: Path, text: str, line: int, path: str, what: str
) -> None:
    assert (line, path, what) in problems_of_accounts(tmp_path, text)


def test_all_mistakes_of_both_files_come_at_once(tmp_path: Path) -> None:
    topology, accounts = tmp_path / "topology.yaml", tmp_path / "accounts.yaml"
    topology.write_text(TOPOLOGY.read_text().replace("max_doublings: 4", "max_doublings: 99"))
    accounts.write_text(ACCOUNTS.read_text().replace('"NO"\n', "UK\n").replace("0.05", "5%"))

    assert [problem.path for problem in check(topology, accounts)] == [
        "accounts.1234567890.default_region",
        "accounts.1234567890.max_rejected_ratio",
        "accounts.9876543210.max_rejected_ratio",
        "queue.max_doublings",
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "what"),
    [
        ("max_doublings: 4", "max_doublings: four", "queue.max_doublings", '"four" does not fit'),
        ("max_doublings: 4", "max_doublings: 04", "queue.max_doublings", '"04" does not fit'),
        ("max_attempts: -1", "max_attempts: 5", "queue.max_attempts", "5 is not -1"),
        ("topic: segment-requests", "topic: segment-request", "subscriptions.chunker.topic", "no such topic"),
        ("push: chunker", "push: uploader", "subscriptions.chunker.push", '"uploader" does not fit'),
        ("days: 40", "days: 31", "buckets.parts.lifetime_days", "31 is not between 32 and 36500"),
        (
            "[segments/, ",
            "[lines/, ",
            "buckets.work.lifetime_prefixes.[0]",
            '"lines/" is not what may be deleted',
        ),
        (
            "lifetime_prefixes: [segments/, ended/, dead-letters/]",
            "lifetime_prefixes: []",
            "buckets.work.lifetime_prefixes",
            "everything would be deleted",
        ),
        (
            "path: dead-letters",
            "path: letters",
            "subscriptions.dead-letters.path",
            '"letters" is not a path that a service knows',
        ),
        (
            "dead_letters: dead-letters",
            "dead_letters: completions",
            "topics",
            "two of them have one name",
        ),
        (
            "budget_seconds: 540",
            "budget_seconds: 600",
            "services.chunker.budget_seconds",
            "600 is not below services.chunker.timeout_seconds",
        ),
        (
            "ack_deadline_seconds: 60\n",
            "ack_deadline_seconds: 50\n",
            "services.ingest.timeout_seconds",
            "60 is above subscriptions.ingest.ack_deadline_seconds",
        ),
        (
            "timeout_seconds: 1740",
            "timeout_seconds: 1800",
            "services.uploader.timeout_seconds",
            "1800 is not below queue.dispatch_deadline_seconds",
        ),
        (
            "call_timeout_seconds: 300",
            "call_timeout_seconds: 1700",
            "destinations.google_ads.call_timeout_seconds",
            "1700 is not below services.uploader.budget_seconds",
        ),
        (
            "minimum_backoff_seconds: 10",
            "minimum_backoff_seconds: 601",
            "subscriptions.ingest.retry.minimum_backoff_seconds",
            "601 is above subscriptions.ingest.retry.maximum_backoff_seconds",
        ),
    ],
)
def test_numbers_that_do_not_work_are_named(tmp_path: Path, old: str, new: str, path: str, what: str) -> None:
    assert (path, what) in problems_of_topology(tmp_path, (old, new))


def test_a_dead_letter_topic_that_nobody_reads_is_refused(tmp_path: Path) -> None:
    text = TOPOLOGY.read_text()
    reader = text[text.index("  dead-letters:\n") : text.index("\nbuckets:")]
    unread = "no subscription reads this topic, so that it loses everything"

    assert problems_of_topology(tmp_path, (reader, "")) == [
        ("subscriptions.ingest.dead_letter.topic", unread),
        ("subscriptions.chunker.dead_letter.topic", unread),
    ]


@given(TEXTS | DOCUMENTS.map(yaml.safe_dump))
def test_no_text_raises_anything(text: str) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "any.yaml")
        file.write_text(text, "utf-8", newline="")

        assert check(file, file)


def test_a_file_that_cannot_be_read_is_a_problem_not_a_crash(tmp_path: Path) -> None:
    latin = tmp_path / "accounts.yaml"
    latin.write_bytes(ACCOUNT.replace("Fjordmat", "Bjørn").encode("latin-1"))

    assert [problem.what for problem in check(tmp_path / "none.yaml", latin)] == ["not UTF-8", "no such file"]


def test_loading_raises_all_problems_at_once(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text(ACCOUNT.replace("NO", "UK").replace("0.05", "5%"))

    with pytest.raises(ConfigurationProblems) as caught:
        load_accounts(file)

    assert len(caught.value.problems) == len(str(caught.value).splitlines()) == 2
    with pytest.raises(ConfigurationProblems):
        load_topology(file)
