"""What `sluice accounts list`, `pause` and `resume` find, and what they say of it, for people and for programs."""

import json
from dataclasses import replace

import pytest

from services.console.accounts import deciding, listing
from services.console.accounts.deciding import Done, intention
from services.console.accounts.survey import Seen, index, look
from services.console.main import run
from shared import names
from shared.model.codec import encode
from shared.ops.pausing import pause_by_hand
from shared.ops.sweep import Swept
from shared.pausing import NOT_PAUSED, paused, resumed
from shared.sweeping import AskAgain, Close
from tests.support.documents import ACCOUNT, NOON, RUN
from tests.support.recording import Recording

ID, OTHER = ACCOUNT.id, "9876543210"
CLOSED = paused(NOT_PAUSED, "sluice", NOON, "customer_not_enabled")
SPENT = paused(NOT_PAUSED, "sluice", NOON, "quota_day", seconds=3600)
BY_HAND = paused(NOT_PAUSED, "operator", NOON, "paused_by_operator")
WORKING = Seen(ID, ACCOUNT, open_runs={"newsletter": 1, "high-value": 2})
RESTING = replace(WORKING, pause=CLOSED)
BROKEN = Seen(OTHER, None, unconfigured="config/accounts/9876543210.json: name: expected a text")


def configure(ports: Recording, *accounts: str) -> None:
    for account in accounts:
        ports.work.put(names.account_json(account), encode(replace(ACCOUNT, id=account)))


def open_run(ports: Recording, account: str, audience: str, number: int) -> None:
    ports.work.put(names.open_json(account, audience, RUN.key, RUN.segment, number), b"never read")


def survey(ports: Recording) -> dict[str, Seen]:
    found = index(ports)
    return {account: look(ports, found, account) for account in found.known}


def test_an_account_is_seen_with_its_open_runs_by_audience() -> None:
    ports = Recording()
    configure(ports, ID, OTHER)
    open_run(ports, ID, "high-value", 1)
    open_run(ports, ID, "high-value", 2)
    open_run(ports, ID, "newsletter", 1)

    seen = survey(ports)

    assert seen[ID].open_runs == {"high-value": 2, "newsletter": 1}
    assert (seen[OTHER].open_runs, seen[OTHER].rests, seen[OTHER].name) == ({}, False, "Fjordmat")


def test_three_lists_a_read_for_each_account_and_one_more_for_each_that_rests_is_all_that_is_asked() -> None:
    ports = Recording()
    accounts = [f"{number:010d}" for number in range(40)]
    configure(ports, *accounts)
    for account in accounts:
        open_run(ports, account, "high-value", 1)
    for account in accounts[:3]:
        pause_by_hand(ports, account)
    ports.calls.clear()

    seen = survey(ports)

    assert sum(each.rests for each in seen.values()) == 3
    assert (ports.calls.count("work.list"), ports.calls.count("work.get")) == (3, 40 + 3)
    assert len(ports.calls) == 3 + 40 + 3


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "expected one JSON value"),
        (encode(replace(ACCOUNT, id="1111111111")), "it is another account's"),
        (encode(replace(ACCOUNT, id=OTHER, default_region="Norway")), "a region has two letters"),
    ],
)
def test_a_broken_document_is_a_problem_of_its_account_alone(content: bytes, problem: str) -> None:
    ports = Recording()
    configure(ports, ID)
    ports.work.put(names.account_json(OTHER), content)

    seen = survey(ports)

    assert problem in seen[OTHER].problem
    assert "deploy accounts.yaml again" in seen[OTHER].problem
    assert seen[ID].problem == ""


def test_a_pause_that_cannot_be_read_is_a_problem_too() -> None:
    ports = Recording()
    configure(ports, ID)
    pause_by_hand(ports, ID)
    name = names.pause_json(ID)
    ports.work.objects[name] = replace(ports.work.objects[name], content=b"nonsense")

    seen = survey(ports)[ID]

    assert seen.pause is None
    assert names.pause_json(ID) in seen.problem
    assert listing.document(seen)["state"] == "broken"


def test_an_account_that_nobody_configures_any_more_is_seen_while_it_rests_or_has_runs() -> None:
    ports = Recording()
    pause_by_hand(ports, ID)
    open_run(ports, OTHER, "high-value", 1)

    seen = survey(ports)

    assert [each.problem.partition(";")[0] for each in seen.values()] == [
        "config/accounts/1234567890.json is not there",
        "config/accounts/9876543210.json is not there",
    ]
    assert (seen[ID].rests, listing.document(seen[OTHER])["state"]) == (True, "broken")


def test_what_is_no_account_in_the_folder_is_passed_over() -> None:
    ports = Recording()
    for name in ("config/accounts/", "config/accounts/notes.txt", "config/accounts/1234567890.json.old"):
        ports.work.put(name, b"")
    ports.work.put(f"open/{ID}/high-value/notes.txt", b"")

    assert index(ports).known == ()


@pytest.mark.parametrize(
    ("seen", "state", "words"),
    [
        (WORKING, "works", "works"),
        (replace(WORKING, pause=resumed(CLOSED, "operator", NOON)), "works", "works"),
        (RESTING, "rests", f"Open it again in Google Ads. Then: sluice accounts resume {ID}"),
        (replace(WORKING, pause=SPENT), "rests", "by itself, soon after 2026-11-23T13:00:00Z"),
        (replace(WORKING, pause=BY_HAND), "rests", "An operator paused the account."),
        (BROKEN, "broken", "broken: config/accounts/9876543210.json: name: expected a text"),
        (replace(BROKEN, pause=CLOSED), "rests", "; broken: config/accounts/9876543210.json"),
    ],
)
def test_every_state_of_an_account_has_words_and_a_document(seen: Seen, state: str, words: str) -> None:
    assert listing.document(seen)["state"] == state
    assert words in listing.table([seen])[-1]


def test_a_resting_account_tells_since_when_until_when_and_by_whom() -> None:
    told = listing.document(replace(WORKING, pause=SPENT))

    assert (told["since"], told["until"]) == ("2026-11-23T12:00:00Z", "2026-11-23T13:00:00Z")
    assert (told["cause"], told["by"]) == ("quota_day", "sluice")


def test_the_columns_of_the_table_stand_below_their_heads() -> None:
    head, *rows = listing.table([WORKING, RESTING, BROKEN])

    place = head.index("open runs")
    assert rows[0][place:].startswith("high-value 2, newsletter 1  ")
    assert rows[2][place:].startswith("-  ")


def test_an_intention_names_the_runs_that_it_concerns() -> None:
    assert intention(WORKING, "pause").startswith(
        f"{ID}  will rest until it is resumed (open runs: high-value 2, newsletter 1)"
    )
    assert "customer" not in intention(WORKING, "pause")
    assert intention(RESTING, "resume").startswith(f"{ID}  will be resumed and swept")
    assert "not open" in intention(RESTING, "resume")


def test_what_is_so_already_is_said_before_and_after() -> None:
    assert intention(RESTING, "pause").startswith(f"{ID}  rests already: The Google Ads account is not open")
    assert intention(WORKING, "resume") == f"{ID}  does not rest"
    assert list(deciding.lines(Done(RESTING, "pause", "nothing"))) == [f"{ID}  rested already"]
    assert list(deciding.lines(Done(WORKING, "resume", "nothing"))) == [
        f"{ID}  was not paused",
        "  No run is open.",
    ]


def test_a_resumption_tells_what_its_sweep_did() -> None:
    swept = (Swept(ID, RUN.segment, 1, Close()), Swept(ID, RUN.segment, 2, AskAgain()))

    said = list(deciding.lines(Done(RESTING, "resume", "done", swept)))

    assert said[0] == f"{ID}  works again"
    assert said[1].startswith(f"  {RUN.segment}  run 1  announce the outcome")
    assert len(said) == 3
    assert (
        json.loads(json.dumps(deciding.document(Done(RESTING, "resume", "done", swept))))["swept"][0]["step"]
        == "Close"
    )


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_what_went_wrong_is_told_in_the_place_of_what_was_done(verb: deciding.Verb) -> None:
    done = Done(WORKING, verb, "failed", failed="Cloud Tasks pause account-1234567890: NotFound")

    assert list(deciding.lines(done)) == [f"{ID}  failed: Cloud Tasks pause account-1234567890: NotFound"]
    assert done.went_wrong


def test_a_sweep_that_fails_for_one_run_is_a_resumption_that_went_wrong() -> None:
    failed = Swept(ID, RUN.segment, 1, AskAgain(), "Pub/Sub publish to segment-requests: NotFound")

    assert Done(RESTING, "resume", "done", (failed,)).went_wrong
    assert not Done(RESTING, "resume", "done", (replace(failed, failed=""),)).went_wrong


@pytest.mark.parametrize(
    "words",
    [
        ["accounts", "pause"],
        ["accounts", "resume"],
        ["accounts", "resume", ID, "--all"],
        ["accounts", "list", ID],
        ["accounts", "nonsense"],
    ],
)
def test_wrong_usage_is_said_before_anything_is_asked(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert "Error: " in capsys.readouterr().err
