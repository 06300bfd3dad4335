"""Terraform makes the deployment, the same again changes nothing, and it can be taken away; whichever options are taken."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.load import load_topology
from services.console.programs import Options, service
from tests.infra.conftest import Stacks
from tests.infra.deployed.checks import CHECKS, Check, complaints
from tests.infra.deployed.rights import grants, written
from tests.support.stack import EVERYTHING, Applied, Stack

PLAIN: Mapping[str, Any] = {}
CHANGES = 2
"""What `plan -detailed-exitcode` ends with where something would change; 0 where nothing would."""


def applied(stacks: Stacks, settings: Mapping[str, Any]) -> Stack:
    stack = stacks(settings)
    told = stack.apply()
    assert told.returncode == 0, told.stderr
    return stack


@pytest.mark.parametrize("settings", [PLAIN, EVERYTHING], ids=["as shipped", "every option"])
def test_applied_again_it_changes_nothing_and_destroyed_it_leaves_nothing(
    stacks: Stacks, settings: Mapping[str, Any]
) -> None:
    stack = stacks(settings)
    first = [stack.terraform(word) for word in ("init", "validate")]
    made = stack.apply()
    found = complaints(stack.applied())

    again = stack.terraform("plan", "-detailed-exitcode")
    end = stack.terraform("destroy", "-auto-approve")

    assert [each.returncode for each in (*first, made)] == [0, 0, 0], made.stderr
    assert found == {}
    assert (again.returncode, end.returncode) == (0, 0), again.stdout + end.stderr
    assert stack.applied().resources == ()


def test_every_check_has_something_to_look_at(stacks: Stacks) -> None:
    """On a deployment without anything it complains, or breaks; or it forbids what nobody has made."""
    nothing = Applied({"resources": [], "outputs": {"profile": {"value": ""}}})

    assert {check.__name__ for check in CHECKS if not complains(check, nothing)} == FORBIDDING


def complains(check: Check, deployment: Applied) -> bool:
    try:
        return bool(list(check(deployment)))
    except (KeyError, ValueError):
        return True


FORBIDDING = {
    "alerts_look_at_metrics_that_there_are",
    "buckets_are_private",
    "callers_are_let_in_and_nobody_else",
    "everything_is_in_one_region",
    "grants_leave_those_of_others",
    "metrics_describe_their_labels",
    "metrics_hear_what_services_say",
    "no_secret_is_in_the_state",
    "nobody_has_a_broad_role",
    "nothing_is_granted_that_is_not_written",
    "nothing_is_public",
    "only_the_uploader_reads_secrets",
    "services_are_told_what_their_settings_read",
    "services_are_told_what_those_of_the_local_cloud_are",
    "sizes_and_times_are_those_of_the_topology",
    "the_dashboard_shows_metrics_that_there_are",
    "the_service_of_every_kind_is_switched_on",
    "thresholds_are_those_of_the_topology",
    "what_pubsub_gives_up_arrives",
}


def test_all_that_docs_say_is_granted_and_no_more(stacks: Stacks) -> None:
    stack = stacks(EVERYTHING)
    with_credential(stack)
    assert stack.apply().returncode == 0

    found = grants(stack.applied())

    assert found == written(), "\n".join(["docs/security.md should say:", *map(str, sorted(found))])


def with_credential(stack: Stack) -> None:
    file = stack.infra / "accounts.yaml"
    file.write_text(
        file.read_text().replace("    name: Fjordmat", "    credential: partner\n    name: Fjordmat", 1)
    )


NEW = """
  "0123456789":
    name: Third
    default_region: SE
    max_rejected_ratio: 0.05
    credential: third
    consent: {ad_user_data: GRANTED, ad_personalization: GRANTED}
    audiences:
      only: {list_id: 7300000001, upload_key_type: CONTACT_INFO}
"""


def planned(stack: Stack) -> dict[str, str]:
    """Address to what would be done, of everything that would change."""
    assert stack.terraform("plan", "-out=planned").returncode == 0
    told = json.loads(stack.terraform("show", "-json", "planned").stdout)
    actions = {each["address"]: "+".join(each["change"]["actions"]) for each in told["resource_changes"]}
    return {address: action for address, action in actions.items() if action not in {"no-op", "read"}}


def test_an_account_more_touches_only_what_is_its_own_and_so_does_one_less(stacks: Stacks) -> None:
    stack = applied(stacks, EVERYTHING)
    accounts = stack.infra / "accounts.yaml"
    before = accounts.read_text()
    accounts.write_text(before.rstrip("\n") + "\n" + NEW)
    more = planned(stack)
    assert stack.apply().returncode == 0
    accounts.write_text(before)
    less = planned(stack)

    assert set(more.values()) == {"create"}
    assert set(less.values()) == {"delete"}
    assert more.keys() == less.keys()
    assert sorted(more) == sorted(OWN)


OWN = (
    'google_cloud_tasks_queue.account["0123456789"]',
    'google_cloud_tasks_queue_iam_member.enqueues["0123456789-chunker"]',
    'google_cloud_tasks_queue_iam_member.enqueues["0123456789-uploader"]',
    'google_cloud_tasks_queue_iam_member.keeps["0123456789"]',
    'google_cloud_tasks_queue_iam_member.operators_enqueue["group:data@example.com-0123456789"]',
    'google_cloud_tasks_queue_iam_member.operators_keep["group:data@example.com-0123456789"]',
    'google_secret_manager_secret.credential["third"]',
    'google_secret_manager_secret_iam_member.uploader_reads["third"]',
    'google_storage_bucket_object.account["0123456789"]',
)


def test_an_account_that_rests_stays_so_through_an_apply(stacks: Stacks) -> None:
    stack = applied(stacks, PLAIN)
    file = stack.infra / "terraform.tfstate"
    state = json.loads(file.read_text())
    for each in state["resources"]:
        if each["type"] == "google_cloud_tasks_queue":
            each["instances"][0]["attributes"]["desired_state"] = "PAUSED"
    file.write_text(json.dumps(state))

    assert stack.terraform("plan", "-detailed-exitcode").returncode == 0


def test_other_code_deploys_its_service_alone(stacks: Stacks) -> None:
    stack = applied(stacks, PLAIN)
    (stack.infra.parent / "build/chunker.zip").write_bytes(b"other code")

    changes = planned(stack)

    assert changes.keys() == {
        'google_cloudfunctions2_function.service["chunker"]',
        'google_storage_bucket_object.source["chunker"]',
    }


def test_an_existing_landing_bucket_is_used_and_left_as_it_is(stacks: Stacks) -> None:
    stack = applied(stacks, {"landing_bucket": "their-exports"})

    found = stack.applied()

    assert {name.rpartition("-")[2] for name in found.by("google_storage_bucket")} == {
        "parts",
        "source",
        "work",
    }
    assert [each["bucket"] for each in found.all("google_storage_notification")] == ["their-exports"]
    readers = [
        each for each in found.all("google_storage_bucket_iam_member") if each["bucket"] == "their-exports"
    ]
    assert {(each["member"].partition("@")[0], each["role"]) for each in readers} == {
        ("serviceAccount:sluice-ingest", "roles/storage.objectViewer"),
        ("serviceAccount:sluice-chunker", "roles/storage.objectViewer"),
    }


def test_terraforms_own_tests_pass(stacks: Stacks) -> None:
    told = stacks().terraform("test")

    assert told.returncode == 0, told.stdout
    assert "0 failed" in told.stdout


@pytest.mark.parametrize("name", ["ingest", "chunker", "uploader"])
def test_the_local_cloud_lets_a_process_work_on_as_many_requests_at_a_time(name: str, tmp_path: Path) -> None:
    options = Options(tmp_path, tmp_path, 1.0, 0, {}, {})

    started = service(options, name, 8080, {}, lambda _: None)

    assert int(started.environment["THREADS"]) == getattr(load_topology().services, name).concurrency
