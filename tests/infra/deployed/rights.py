"""Who may do what. The table in docs/security.md is all that may be granted; whoever grants more has to write it there first."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.support.stack import INFRA, NUMBER, PROJECT, Applied, Resource

_SECURITY = INFRA.parent / "docs/security.md"
_MADE_BY_GOOGLE = {
    f"service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com": "Pub/Sub's agent",
    f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com": "Cloud Storage's agent",
    f"bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com": "BigQuery's encryption agent",
    "ci@made-up-project.iam.gserviceaccount.com": "deployers",
    "data@example.com": "operators",
}
_PLACES: Mapping[str, tuple[str, str]] = {
    "google_bigquery_dataset_iam_member": ("dataset_id", "dataset"),
    "google_cloud_run_service_iam_member": ("service", "service"),
    "google_cloud_tasks_queue_iam_member": ("name", "queue"),
    "google_kms_crypto_key_iam_member": ("crypto_key_id", "key"),
    "google_project_iam_member": ("project", "project"),
    "google_pubsub_subscription_iam_member": ("subscription", "subscription"),
    "google_pubsub_topic_iam_member": ("topic", "topic"),
    "google_secret_manager_secret_iam_member": ("secret_id", "secret"),
    "google_service_account_iam_member": ("service_account_id", "service account"),
    "google_storage_bucket_iam_member": ("bucket", "bucket"),
}
"""The kinds that add one member and leave what others granted; the argument that says where, and what that is."""

_ROW = re.compile(r"^\| ([^|]+) \| `([^|`]+)` \| ([^|]+) \|$", re.M)
_BASIC = {"roles/owner", "roles/editor", "roles/viewer"}
_BROAD = re.compile(r"roles/(\w+\.)?(admin|\w*Admin)")
_PUBLIC = {"allUsers", "allAuthenticatedUsers"}


@dataclass(frozen=True, order=True)
class Grant:
    who: str
    role: str
    where: str

    def __str__(self) -> str:
        return f"| {self.who} | `{self.role}` | {self.where} |"


def grants(applied: Applied) -> set[Grant]:
    """In the words of the table: what is granted on each account's queue alike is one of them."""
    found = (each for each in applied.resources if each.kind in _PLACES)
    return {Grant(_who(each), _role(each), _where(each)) for each in found}


def written() -> set[Grant]:
    return {Grant(*row) for row in _ROW.findall(_SECURITY.read_text("utf-8"))}


def nothing_is_granted_that_is_not_written(applied: Applied) -> Iterator[str]:
    yield from (
        f"granted, but not in docs/security.md: {each}" for each in sorted(grants(applied) - written())
    )


def nobody_has_a_broad_role(applied: Applied) -> Iterator[str]:
    for each in applied.resources:
        role = str(each.values.get("role") or "")
        if role in _BASIC or _BROAD.fullmatch(role):
            yield f"{each.address}: {role} is wider than any use"


def nothing_is_public(applied: Applied) -> Iterator[str]:
    for each in applied.resources:
        if each.values.get("member") in _PUBLIC or _PUBLIC & set(each.values.get("members") or ()):
            yield f"{each.address}: everybody is let in"


def grants_leave_those_of_others(applied: Applied) -> Iterator[str]:
    """A binding or policy takes away what it does not name."""
    for each in applied.resources:
        if each.kind.endswith(("_iam_binding", "_iam_policy")):
            yield f"{each.address}: takes away what others were granted; use {each.kind.rpartition('_')[0]}_member"


def only_the_uploader_reads_secrets(applied: Applied) -> Iterator[str]:
    for each in applied.resources:
        if str(each.values.get("role")).startswith("roles/secretmanager.") and _who(each) != "uploader":
            yield f"{each.address}: {_who(each)} is let at a secret"


def no_secret_is_in_the_state(applied: Applied) -> Iterator[str]:
    for each in applied.of("google_secret_manager_secret_version"):
        yield f"{each.address}: its content would be in Terraform's state; add the version by hand"


def what_pubsub_gives_up_arrives(applied: Applied) -> Iterator[str]:
    """Each dead-letter topic is heard, and Pub/Sub's agent may publish to it and acknowledge at the source."""
    held = {(each.role, each.where) for each in grants(applied) if each.who == "Pub/Sub's agent"}
    heard = {_last(values["topic"]) for values in applied.all("google_pubsub_subscription")}
    for values in applied.all("google_pubsub_subscription"):
        for policy in values["dead_letter_policy"]:
            topic = _last(policy["dead_letter_topic"])
            if topic not in heard:
                yield f"nobody hears {topic}: what subscription {values['name']} gives up is lost"
            if ("roles/pubsub.publisher", f"topic {topic}") not in held:
                yield f"Pub/Sub may not publish to {topic}"
            if ("roles/pubsub.subscriber", f"subscription {values['name']}") not in held:
                yield f"Pub/Sub may not acknowledge at subscription {values['name']}"


def _who(each: Resource) -> str:
    member = str(each.values["member"])
    address = member.partition(":")[2] or member
    own = address.partition("@")
    if own[2] == f"{PROJECT}.iam.gserviceaccount.com" and own[0].startswith("sluice-"):
        return own[0].removeprefix("sluice-")
    return _MADE_BY_GOOGLE.get(address, address)


def _role(each: Resource) -> str:
    """A role of the project's own by its name."""
    return str(each.values["role"]).removeprefix(f"projects/{PROJECT}/roles/")


def _where(each: Resource) -> str:
    argument, what = _PLACES[each.kind]
    name = _last(each.values[argument])
    if what == "project":
        return "the project"
    if what == "queue" and name.startswith("account-"):
        return "each account's queue"
    if what == "secret" and name.startswith("sluice-credential-"):
        return "each account's secret"
    if what == "key":
        return "the key"
    below = "".join(
        f", below {condition['title'].removesuffix(' only')}/"
        for condition in each.values.get("condition") or ()
    )
    return f"{what} {name.removeprefix(f'{PROJECT}-sluice-').partition('@')[0]}{below}"


def _last(name: str) -> str:
    return name.rpartition("/")[2]
