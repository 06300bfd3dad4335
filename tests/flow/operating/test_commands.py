"""What people do every day with a running pipeline, by the real command: look, replay, cancel, and deal with dead letters."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from services.console.site import exports
from shared.model.account import Account
from shared.model.codec import decode, encode
from shared.model.events import Event
from shared.model.segment import SegmentRequest
from shared.model.state import Job
from shared.names import job_json, outcome_json
from tests.support.command import OUT_OF_REACH, documents, on_a_terminal, sluice
from tests.support.crowd import members, table, written
from tests.support.flow import ADD, RUN, Flow, Landed

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]


STAYS_AWAY = {"service": "google_ads", "method": ADD, "action": "error", "code": "UNAVAILABLE", "times": 1000}
"""A request that is tried again and again: its run stays where it is until somebody does something about it."""


def land(
    flow: Flow, account: Account, mode: str = "append", rows: int = 60
) -> tuple[str, Landed, list[bytes]]:
    """The segment's id, what has landed, and who is in it."""
    people = written(flow.people.take(rows))
    landed = flow.land(f"{account.id}/buyers/{mode}/people.csv", table(people))
    return f"{account.id}-buyers-{mode}{landed.mark}", landed, sorted(members(people))


def ended(flow: Flow, segment: str, run: int) -> None:
    flow.until(lambda: flow.ledger(outcome_json(segment, run)), f"the end of run {run}")


def job_of(flow: Flow, segment: str) -> Job:
    return decode(Job, flow.document(job_json(segment, 1, 1)))


@pytest.fixture(scope="module")
def account(flow: Flow) -> Account:
    return flow.account("buyers")


@pytest.fixture(scope="module")
def delivered(flow: Flow, account: Account) -> str:
    segment, landed, _ = land(flow, account)
    assert flow.outcome(landed).type == "segment.completed"
    flow.settled(account)
    return segment


def test_segments_lists_what_has_ended_with_its_counts(flow: Flow, account: Account, delivered: str) -> None:
    (found,) = documents("segments", sluice("segments", "--account", account.id, "--json"))

    assert (found["segment"], found["run"], found["state"]) == (delivered, 1, "completed")
    assert found["records_received"] == 60
    assert found["source"].endswith("/people.csv")
    told = sluice("segments", "--account", account.id)
    assert told.returncode == 0
    assert f"{delivered}  1    " in told.stdout
    assert "completed: " in told.stdout
    assert sluice("segments", "--account", account.id, "--state", "failed").stdout.startswith(
        "No run is open"
    )


def test_show_tells_a_segment_from_its_landing_to_its_outcome(flow: Flow, delivered: str) -> None:
    (found,) = documents("show", sluice("show", delivered, "--json"))

    (run,) = found["runs"]
    assert run["state"] == "completed"
    assert run["counts"]["received"] == 60
    (stage,) = run["stages"]
    assert (stage["received"], stage["job_state"], stage["result"]) == (1, "running", "SUCCESS")
    assert stage["job"].startswith("customers/")
    whats = [each["what"] for each in run["timeline"]]
    assert (whats[0], whats[1], whats[-1]) == ("opened", "chunked: 1 parts", "completed")
    assert [each["at"] for each in run["timeline"]] == sorted(each["at"] for each in run["timeline"])
    told = sluice("show", delivered)
    assert told.stdout.splitlines()[0] == delivered
    assert "run 1  completed" in told.stdout
    rejects = [line for line in told.stdout.splitlines() if "rejects  gs://" in line]
    assert [line.split()[1] for line in rejects] == run["rejects"]


UNKNOWN = {
    ("show", "nobodys-0123456789abcdef"): 1,
    ("show", "NOT AN ID"): 2,
    ("cancel", "nobodys-0123456789abcdef"): 1,
    ("replay", "nobodys-0123456789abcdef"): 1,
    ("replay",): 2,
    ("dead-letters", "show", "20261123T140512.000000Z-0123456789ab"): 1,
}


def test_what_nobody_knows_is_said_to_be_unknown(flow: Flow) -> None:
    with ThreadPoolExecutor() as pool:
        told = dict(zip(UNKNOWN, pool.map(lambda words: sluice(*words), UNKNOWN), strict=True))

    assert {words: each.returncode for words, each in told.items()} == UNKNOWN
    assert all(each.stderr or "refused" in each.stdout for each in told.values())
    assert "sluice segments" in told["show", "nobodys-0123456789abcdef"].stderr


def test_a_cloud_that_is_out_of_reach_is_said_so(flow: Flow) -> None:
    words = [("segments",), ("dead-letters", "list"), ("show", "nobodys-0123456789abcdef"), ("watch",)]
    away = {**OUT_OF_REACH, "PUBSUB_EMULATOR_HOST": "127.0.0.1:9"}

    with ThreadPoolExecutor() as pool:
        told = list(pool.map(lambda each: sluice(*each, **away), words))

    assert [each.returncode for each in told] == [3] * len(words)
    assert all(each.stderr.startswith(("sluice: Cloud Storage", "sluice: Pub/Sub")) for each in told)


def test_what_was_delivered_is_not_sent_again_unless_somebody_asks(
    flow: Flow, account: Account, delivered: str
) -> None:
    (nothing,) = documents("replay", sluice("replay", delivered, "--json"))
    (would,) = documents("replay", sluice("replay", delivered, "--all", "--dry-run", "--json"))
    before = len(flow.calls("google_ads", ADD, account.id))

    assert nothing["action"] == "nothing"
    assert (would["action"], would["run"], would["from"]) == ("would", 2, "source")
    assert len(flow.calls("google_ads", ADD, account.id)) == before
    told = sluice("replay", delivered, "--all")
    assert told.returncode == 0
    assert told.stdout == f"{delivered}: asked for run 2: the whole segment, from its source\n"
    ended(flow, delivered, 2)
    assert len(flow.calls("google_ads", ADD, account.id)) == before + 1


def test_a_part_that_failed_is_a_dead_letter_and_its_replay_delivers_it(flow: Flow) -> None:
    account = flow.account("buyers")
    flow.fault(
        service="google_ads",
        method=ADD,
        account=account.id,
        action="error",
        code="INVALID_ARGUMENT",
        reason="INVALID_USER_LIST_ID",
    )
    segment, landed, people = land(flow, account)
    assert flow.outcome(landed).type == "segment.failed"
    flow.settled(account)

    def letters() -> list[dict[str, object]]:
        return documents("dead-letters", sluice("dead-letters", "list", "--segment", segment, "--json"))

    flow.until(letters, "the part's dead letter")
    (letter,) = letters()
    assert (letter["origin"], letter["part"], letter["resolved"]) == ("tasks", 1, "")
    assert letter["cure"]
    name = str(letter["letter"])
    (would,) = documents("dead-letters", sluice("dead-letters", "replay", name, "--dry-run", "--json"))
    assert would["action"] == "would"
    assert letters() == [letter]

    assert sluice("dead-letters", "replay", name).returncode == 0

    ended(flow, segment, 2)
    assert flow.members(account, "buyers") == set(people)
    assert letters() == []
    (shown,) = documents("dead-letters", sluice("dead-letters", "show", name, "--json"))
    assert shown["resolution"]["action"] == "replayed"
    assert shown["resolution"]["by"]
    again = sluice("dead-letters", "replay", name)
    assert (again.returncode, "replayed by" in again.stdout) == (1, True)


def test_what_a_stranger_writes_is_kept_shown_and_discarded_with_a_reason(flow: Flow) -> None:
    marks = [b"\x1b[2J no JSON \xff", json.dumps({"schema_version": 99}).encode()]
    for mark in marks:
        flow.publish(flow.deployment.topology.topics.dead_letters, mark, {"who": "a stranger"})

    def foreign() -> list[dict[str, object]]:
        told = documents(
            "dead-letters", sluice("dead-letters", "list", "--reason", "letter_foreign", "--json")
        )
        return told if len(told) == 2 else []

    first, second = flow.until(foreign, "two letters of a stranger")
    payloads = set()
    for letter in (first, second):
        (shown,) = documents("dead-letters", sluice("dead-letters", "show", str(letter["letter"]), "--json"))
        payloads.add(base64.b64decode(shown["payload"]))
        assert shown["attributes"] == {"who": "a stranger"}
    assert payloads == set(marks)
    plain = "".join(sluice("dead-letters", "show", str(each["letter"])).stdout for each in (first, second))
    assert "\x1b" not in plain
    names = [str(first["letter"]), str(second["letter"])]
    assert sluice("dead-letters", "replay", names[0]).returncode == 1
    assert (
        sluice("dead-letters", "discard", names[0], "--why", "noise").returncode == 2
    )  # nobody can be asked
    assert on_a_terminal(b"n\n", "dead-letters", "discard", names[0], "--why", "noise")[0] == 1
    assert on_a_terminal(b"y\n", "dead-letters", "discard", names[0], "--why", "noise")[0] == 0
    assert sluice("dead-letters", "discard", names[1], "--why", "noise", "--yes").returncode == 0
    (kept, _) = documents(
        "dead-letters", sluice("dead-letters", "list", "--reason", "letter_foreign", "--all", "--json")
    )
    assert kept["resolved"] == "discarded"
    told = sluice("dead-letters", "show", names[0]).stdout
    assert "discarded by" in told
    assert told.rstrip().endswith(": noise")


def test_an_unusable_request_is_a_dead_letter_with_its_payload(flow: Flow) -> None:
    request = encode(SegmentRequest("nobodys-0123456789abcdef"))
    flow.publish(flow.deployment.topology.topics.segment_requests, request, {})

    def found() -> list[dict[str, object]]:
        return documents(
            "dead-letters", sluice("dead-letters", "list", "--reason", "segment_unknown", "--json")
        )

    (letter, *_) = flow.until(found, "a dead letter of the chunker's")
    (would,) = documents(
        "dead-letters", sluice("dead-letters", "replay", str(letter["letter"]), "--dry-run", "--json")
    )
    assert (letter["origin"], would["what"]) == ("segment-requests", "publish it on segment-requests again")


def test_a_run_is_cancelled_before_its_job_runs(flow: Flow) -> None:
    account = flow.account("buyers")
    flow.fault(**STAYS_AWAY, account=account.id)
    segment, landed, _ = land(flow, account)
    flow.until(lambda: flow.calls("google_ads", ADD, account.id), "a request")

    (would,) = documents("cancel", sluice("cancel", segment, "--dry-run", "--json"))
    told = sluice("cancel", segment)

    assert (would["action"], would["cancelled_stages"]) == ("would", [1])
    assert (told.returncode, told.stdout) == (0, f"cancelled run 1 of {segment}: 1 stage.\n")
    outcome = flow.outcome(landed)
    assert (outcome.type, outcome.reason_code, outcome.records_accepted) == (
        "segment.cancelled",
        "cancelled",
        0,
    )
    assert outcome.records_received == outcome.records_skipped + outcome.records_rejected == 60
    flow.settled(account)
    assert flow.calls("google_ads", RUN, account.id) == []
    assert flow.members(account, "buyers") == set()
    again = sluice("cancel", segment, "--json")
    assert (again.returncode, documents("cancel", again)[0]["outcome"]) == (1, "segment.cancelled")


def test_a_job_that_google_runs_is_let_end(flow: Flow) -> None:
    account = flow.account("buyers")
    segment, landed, people = land(flow, account)
    flow.until(lambda: flow.calls("google_ads", RUN, account.id), "a job that runs")
    flow.until(lambda: job_of(flow, segment).state == "running", "a job that runs")

    told = sluice("cancel", segment)

    assert told.returncode == 1
    assert "cannot be cancelled any more" in told.stdout
    assert flow.outcome(landed).type == "segment.completed"
    assert flow.members(account, "buyers") == set(people)


def test_replays_are_chosen_by_account_reason_and_time(flow: Flow) -> None:
    account = flow.account("buyers")
    segment = flow.land(f"{account.id}/buyers/append/bad.csv", b"email\nnobody\n")
    assert flow.outcome(segment).reason_code == "nothing_to_send"

    words = ("replay", "--account", account.id, "--dry-run", "--json")
    (found,) = documents("replay", sluice(*words, "--reason", "nothing_to_send", "--since", "2h"))
    assert (found["action"], found["run"]) == ("would", 2)
    assert documents("replay", sluice(*words, "--reason", "job_lost")) == []
    assert documents("replay", sluice(*words, "--since", "0m")) == []
    assert sluice(*words, "--since", "yesterday").returncode == 2


def watching(flow: Flow) -> list[str]:
    """The subscriptions of those who watch."""
    project = f"projects/{flow.deployment.site.project}"
    found = flow.deployment.admin.subscriber.list_subscriptions(project=project)
    return [each.name for each in found if "sluice-watch" in each.name]


def goes_on_when_watched(flow: Flow, account: Account, by: int = 1) -> Thread:
    """Lets the account's queue go on as soon as so many watch."""

    def resume() -> None:
        flow.until(lambda: len(watching(flow)) >= by, "somebody who watches")
        flow.deployment.admin.tasks.resume_queue(name=flow.deployment.site.queue(account.id))

    thread = Thread(target=resume)
    thread.start()
    return thread


def test_watching_off_a_terminal_tells_each_event_once_and_ends_when_nothing_is_open(flow: Flow) -> None:
    account = flow.account("buyers")
    flow.deployment.admin.tasks.pause_queue(name=flow.deployment.site.queue(account.id))
    segment, landed, _ = land(flow, account)
    flow.until(lambda: any(event.type == "segment.chunked" for event in flow.events(landed)), "its parts")
    thread = goes_on_when_watched(flow, account, by=2)

    words = ("watch", "--account", account.id, "--until-idle")
    with ThreadPoolExecutor() as pool:
        told, as_json = pool.map(lambda more: sluice(*words, *more), ((), ("--json",)))

    thread.join()
    assert told.returncode == 0, told.stderr
    types = [line.split()[1] for line in told.stdout.splitlines()]
    assert types == ["part.completed", "segment.completed"]
    assert all(segment in line for line in told.stdout.splitlines())
    assert [each["type"] for each in documents("event", as_json)] == types
    assert flow.outcome(landed).type == "segment.completed"
    assert watching(flow) == []


def test_watching_on_a_terminal_draws_a_bar(flow: Flow) -> None:
    account = flow.account("buyers")
    flow.deployment.admin.tasks.pause_queue(name=flow.deployment.site.queue(account.id))
    segment, landed, _ = land(flow, account)
    flow.until(lambda: any(event.type == "segment.chunked" for event in flow.events(landed)), "its parts")
    thread = goes_on_when_watched(flow, account)

    status, told = on_a_terminal(b"", "watch", "--account", account.id, "--until-idle", whole=True)

    thread.join()
    assert status == 0
    assert segment in told
    assert "1 open" in told
    assert "segment.completed" in told


def test_seeking_back_re_drives_and_never_doubles(flow: Flow, account: Account, delivered: str) -> None:
    """What was acknowledged is delivered again: outcomes come again as they are stored, nothing is sent."""
    before = len(flow.calls("google_ads", ADD, account.id))
    heard = len(flow.taps.completions.messages)
    subscriber, site = flow.deployment.admin.subscriber, flow.deployment.site
    for name in ("ingest", "chunker"):
        long_ago = Timestamp(seconds=int(flow.now()) - 24 * 3600)
        subscriber.seek(request={"subscription": site.subscription(name), "time": long_ago})

    def again() -> bool:
        news = flow.taps.completions.messages[heard:]
        return any(decode(Event, each.data).event_id == f"{delivered}.1.outcome" for each in news)

    flow.until(again, "the outcome once more")
    told = {
        each.data
        for each in flow.taps.completions.messages
        if delivered.encode() in each.data and b".1.outcome" in each.data
    }
    assert len(told) == 1
    assert len(flow.calls("google_ads", ADD, account.id)) == before


def test_ids_complete_in_the_shell(flow: Flow, account: Account, delivered: str) -> None:
    words = {
        "_SLUICE_COMPLETE": "bash_complete",
        "COMP_WORDS": f"sluice show {account.id}",
        "COMP_CWORD": "2",
    }

    told = sluice(**words)

    assert f"plain,{delivered}" in told.stdout.splitlines()
    away = sluice(**words, **OUT_OF_REACH)
    assert (away.stdout.strip(), "Traceback" in away.stderr) == ("", False)


def test_a_profile_names_the_deployment(flow: Flow, delivered: str, tmp_path: Path) -> None:
    profile = tmp_path / "env"
    profile.write_text(exports(flow.deployment.variables))
    empty = {name: "" for name in flow.deployment.variables if name != "SLUICE_CLOCK"}

    assert sluice("show", delivered, **empty).returncode == 2
    assert sluice("--profile", profile, "show", delivered, **empty).returncode == 0
    profile.write_text("rm -rf /")
    assert sluice("--profile", profile, "segments").returncode == 2


def test_a_subscription_that_is_not_there_is_said_so(flow: Flow) -> None:
    told = sluice("watch", "--subscription", "nobodys")

    assert told.returncode == 2
    assert told.stderr.startswith("sluice: Pub/Sub streaming pull: NotFound")


def test_a_discard_can_be_tried(flow: Flow) -> None:
    flow.publish(flow.deployment.topology.topics.dead_letters, b"tried", {})

    def found() -> list[dict[str, object]]:
        told = sluice("dead-letters", "list", "--reason", "letter_foreign", "--json")
        return documents("dead-letters", told)

    *_, letter = flow.until(found, "a letter")
    name = str(letter["letter"])
    (would,) = documents(
        "dead-letters", sluice("dead-letters", "discard", name, "--why", "x", "--dry-run", "--json")
    )
    assert would["action"] == "would"
    assert letter in found()
    assert sluice("dead-letters", "discard", name, "--why", "x", "--yes").returncode == 0
