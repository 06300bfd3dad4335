"""The fake Google Ads through Google's own client: a test is a rule of the API or of the owner."""

import hashlib
import itertools
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.ads.googleads.client import GoogleAdsClient
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.v26.errors.types import errors
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.oauth2 import service_account

from tests.support.localcloud import LocalCloud

SCOPE = "https://www.googleapis.com/auth/adwords"
FAILURE_KEY = "google.ads.googleads.v26.errors.googleadsfailure-bin"
PATIENCE = 20  # real seconds, far more than any request here takes
ADD = "AddOfflineUserDataJobOperations"
customers = itertools.count(5_000_000_000)


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def email(text: str) -> dict[str, Any]:
    return {"create": {"user_identifiers": [{"hashed_email": hashed(text)}]}}


@dataclass(frozen=True)
class Account:
    """One declared customer with one audience, and the three services of the client."""

    cloud: LocalCloud
    jobs: Any
    queries: Any
    lists: Any
    id: str
    list_id: int = 77

    @property
    def user_list(self) -> str:
        return f"customers/{self.id}/userLists/{self.list_id}"

    def create(self, *, preview: bool = False, **job: Any) -> str:
        metadata = {"user_list": self.user_list, **job.pop("metadata", {})}
        body = {"type_": "CUSTOMER_MATCH_USER_LIST", "customer_match_user_list_metadata": metadata, **job}
        request = {"customer_id": self.id, "job": body, "enable_match_rate_range_preview": preview}
        name: str = self.jobs.create_offline_user_data_job(request=request, timeout=PATIENCE).resource_name
        return name

    def add(self, job: str, *operations: dict[str, Any], timeout: float = PATIENCE, **more: Any) -> Any:
        request = {"resource_name": job, "operations": operations, **more}
        return self.jobs.add_offline_user_data_job_operations(request=request, timeout=timeout)

    def run(self, job: str, **more: Any) -> None:
        self.jobs.run_offline_user_data_job(request={"resource_name": job, **more}, timeout=PATIENCE)

    def search(self, query: str, **more: Any) -> list[Any]:
        request = {"customer_id": self.id, "query": query, **more}
        return list(self.queries.search(request=request, timeout=PATIENCE))

    def status(self, job: str) -> str:
        words = f"offline_user_data_job.resource_name = '{job}'"
        (row,) = self.search(f"SELECT offline_user_data_job.status FROM offline_user_data_job WHERE {words}")
        name: str = row.offline_user_data_job.status.name
        return name

    def finish(self, job: str) -> str:
        """Follows a started job to its end."""
        while (status := self.status(job)) in ("PENDING", "RUNNING"):
            pass
        return status

    def order(self, **words: Any) -> None:
        """Changes what the fake thinks of this account."""
        self.cloud.order("/control/ads/accounts", {"customer_id": self.id, **words})

    def new_list(self, name: str, **more: Any) -> list[str]:
        """Creates a list of contact data; the resource names in the answer."""
        crm = {"crm_based_user_list": {"upload_key_type": "CONTACT_INFO"}}
        return self.mutate({"create": {"name": name, **crm, **more.pop("changes", {})}}, **more)

    def mutate(self, *operations: dict[str, Any], **more: Any) -> list[str]:
        request = {"customer_id": self.id, "operations": operations, **more}
        answer = self.lists.mutate_user_lists(request=request, timeout=PATIENCE)
        return [result.resource_name for result in answer.results]

    def names(self) -> list[str]:
        return [row.user_list.name for row in self.search("SELECT user_list.name FROM user_list")]

    def members(self, user_list: str = "", which: str = "members") -> list[int]:
        content = self.cloud.raw(f"/control/ads/audiences/{self.id}/{user_list or self.list_id}/{which}")
        return [number for (number,) in struct.iter_unpack(">Q", content)]

    def enlist(self, *members: int) -> None:
        path = f"/control/ads/audiences/{self.id}/{self.list_id}/members"
        self.cloud.send(path, struct.pack(f">{len(members)}Q", *members))

    def garble(self, every: int, nth: int = 1) -> None:
        """Lets this account's nth Add from now on lose the identifiers of every so manyth operation."""
        words = {"action": "garble", "every": every, "nth": nth}
        self.cloud.fault(service="google_ads", method=ADD, account=self.id, **words)

    def traffic(self) -> dict[str, Any]:
        rows = self.cloud.ask("/control/ads/accounts")
        (row,) = [each for each in rows if each["account"] == self.id]
        found: dict[str, Any] = row
        return found

    def hold(self, method: str, seconds: float = 120) -> None:
        """Keeps this account's next request of that method in flight for so long, simulated."""
        self.cloud.fault(
            service="google_ads", method=method, account=self.id, action="delay", seconds=seconds
        )

    def wait_for_flight(self, method: str) -> None:
        """Until the fake has such a request of this account in flight."""
        path = f"/control/calls?service=google_ads&method={method}&account={self.id}"
        while all(call["ended"] is not None for call in self.cloud.ask(path)):
            pass


@pytest.fixture(scope="module")
def client(local_cloud: LocalCloud) -> GoogleAdsClient:
    credentials = service_account.Credentials.from_service_account_file(
        local_cloud.credentials, scopes=[SCOPE]
    )
    return GoogleAdsClient(
        credentials=credentials, endpoint=local_cloud.ads, version="v26", use_proto_plus=True
    )


@pytest.fixture(scope="module")
def declare(local_cloud: LocalCloud, client: GoogleAdsClient) -> Callable[..., Account]:
    jobs, queries = client.get_service("OfflineUserDataJobService"), client.get_service("GoogleAdsService")
    user_lists = client.get_service("UserListService")

    def declared(key_type: str = "CONTACT_INFO") -> Account:
        account = Account(local_cloud, jobs, queries, user_lists, str(next(customers)))
        lists = [{"id": account.list_id, "name": "high-value", "upload_key_type": key_type}]
        account.order(user_lists=lists)
        return account

    return declared


@pytest.fixture
def account(declare: Callable[..., Account]) -> Account:
    return declare()


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """Makes a request beside the test's own ones."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


def code(error: Any) -> str:
    """An error's code as "database_error.CONCURRENT_MODIFICATION"."""
    raw = errors.ErrorCode.pb(error.error_code)
    field = raw.WhichOneof("error_code")
    values = raw.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    return f"{field}.{values[getattr(raw, field)].name}"


def refusal(call: Callable[[], Any]) -> tuple[str, ...]:
    """The codes of the errors that a call is refused with."""
    with pytest.raises(GoogleAdsException) as refused:
        call()
    assert refused.value.request_id
    return tuple(code(error) for error in refused.value.failure.errors)


def failure_of(error: exceptions.GoogleAPICallError) -> Any:
    """The failure that the client library leaves in the trailing metadata."""
    metadata = dict(error.errors[0].trailing_metadata())
    assert metadata["request-id"]
    return errors.GoogleAdsFailure.deserialize(metadata[FAILURE_KEY])


CONCURRENT = ("database_error.CONCURRENT_MODIFICATION",)


# The way of a job


def test_a_job_that_succeeds_puts_its_people_in_the_audience(account: Account) -> None:
    job = account.create()
    account.add(job, email("a@example.com"), email("b@example.com"))
    account.add(job, email("b@example.com"))
    account.run(job)

    assert account.finish(job) == "SUCCESS"
    assert len(account.members()) == 2


def test_a_job_that_was_not_run_changes_no_audience(account: Account) -> None:
    account.add(account.create(), email("a@example.com"))

    assert account.members() == []


def test_a_person_is_one_member_however_many_identifiers_he_has(account: Account) -> None:
    first, last, mail, phone = (hashed(word) for word in ("jo", "doe", "jo@example.com", "+15550100"))
    address = {
        "hashed_first_name": first,
        "hashed_last_name": last,
        "country_code": "NO",
        "postal_code": "0150",
    }
    person = [{"hashed_phone_number": phone}, {"address_info": address}, {"hashed_email": mail}]
    job = account.create()
    account.add(job, {"create": {"user_identifiers": person}})
    account.run(job)
    account.finish(job)

    words = f"address:{first}:{last}:NO:0150\nemail:{mail}\nphone:{phone}"
    assert account.members() == [int.from_bytes(hashlib.sha256(words.encode()).digest()[:8], "big")]


def test_a_removing_job_takes_its_people_out_of_the_audience(account: Account) -> None:
    joining, leaving = account.create(), account.create()
    account.add(joining, email("a@example.com"), email("b@example.com"))
    account.run(joining)
    account.finish(joining)

    account.add(leaving, {"remove": email("a@example.com")["create"]})
    account.run(leaving)
    account.finish(leaving)

    assert len(account.members()) == 1


def test_remove_all_empties_the_audience_before_the_same_job_fills_it(account: Account) -> None:
    old, new = account.create(), account.create()
    account.add(old, email("a@example.com"), email("b@example.com"))
    account.run(old)
    account.finish(old)

    account.add(new, {"remove_all": True}, email("c@example.com"))
    account.run(new)
    account.finish(new)

    assert len(account.members()) == 1


def test_a_job_with_denied_consent_fails_and_changes_nothing(account: Account) -> None:
    job = account.create(metadata={"consent": {"ad_user_data": "DENIED"}})
    account.add(job, email("a@example.com"))
    account.run(job)

    assert account.finish(job) == "FAILED"
    assert account.members() == []


def test_a_job_is_pending_then_running_then_over(account: Account) -> None:
    job = account.create()
    seen = [account.status(job)]
    account.run(job)
    while seen[-1] != "SUCCESS":
        seen.append(account.status(job))

    assert list(dict.fromkeys(seen)) == ["PENDING", "RUNNING", "SUCCESS"]


def test_a_job_without_word_of_consent_succeeds(account: Account) -> None:
    job = account.create(metadata={"consent": {"ad_user_data": "UNSPECIFIED"}})
    account.add(job, email("a@example.com"))
    account.run(job)

    assert account.finish(job) == "SUCCESS"


@pytest.mark.parametrize("preview", [False, True])
def test_a_running_job_tells_its_match_rate_only_if_its_creation_asked(
    account: Account, preview: bool
) -> None:
    job = account.create(preview=preview)
    account.run(job)
    while account.status(job) == "PENDING":
        pass

    fields = "offline_user_data_job.status, offline_user_data_job.operation_metadata.match_rate_range"
    (row,) = account.search(f"SELECT {fields} FROM offline_user_data_job")
    told = row.offline_user_data_job.operation_metadata.match_rate_range.name
    assert row.offline_user_data_job.status.name == "RUNNING"
    assert (told != "UNSPECIFIED") is preview


def test_a_successful_job_tells_its_match_rate(account: Account) -> None:
    job = account.create()
    account.add(job, email("a@example.com"))
    account.run(job)
    account.finish(job)

    (row,) = account.search(
        "SELECT offline_user_data_job.operation_metadata.match_rate_range FROM offline_user_data_job"
    )
    assert row.offline_user_data_job.operation_metadata.match_rate_range.name.startswith("MATCH_RANGE")


def test_run_answers_a_long_running_operation(account: Account) -> None:
    job = account.create()

    operation = account.jobs.run_offline_user_data_job(resource_name=job, timeout=PATIENCE)

    assert operation.operation.name.startswith(f"customers/{account.id}/operations/")


def test_a_job_is_followed_by_search_as_there_is_no_get(account: Account) -> None:
    assert not hasattr(account.jobs, "get_offline_user_data_job")


def test_the_long_running_operation_cannot_be_asked_here(account: Account) -> None:
    running = account.jobs.run_offline_user_data_job(resource_name=account.create(), timeout=PATIENCE)

    with pytest.raises(exceptions.MethodNotImplemented):
        running.done()


# The owner's restrictions


def test_a_second_request_on_an_account_makes_both_fail_without_effect(
    account: Account, aside: ThreadPoolExecutor
) -> None:
    job = account.create()
    account.hold("AddOfflineUserDataJobOperations")
    first: Future[Any] = aside.submit(account.add, job, email("a@example.com"))
    account.wait_for_flight("AddOfflineUserDataJobOperations")

    assert refusal(lambda: account.create(external_id=9)) == CONCURRENT
    assert refusal(first.result) == CONCURRENT
    account.run(job)
    account.finish(job)
    assert account.members() == []
    assert len(account.search("SELECT offline_user_data_job.id FROM offline_user_data_job")) == 1
    assert account.traffic()["max_in_flight"] == 2


def test_a_second_request_that_is_wrong_in_itself_overlaps_all_the_same(
    account: Account, aside: ThreadPoolExecutor
) -> None:
    job = account.create(external_id=9)
    account.hold("AddOfflineUserDataJobOperations")
    first: Future[Any] = aside.submit(account.add, job, email("a@example.com"))
    account.wait_for_flight("AddOfflineUserDataJobOperations")

    assert refusal(lambda: account.create(external_id=9)) == CONCURRENT
    assert refusal(first.result) == CONCURRENT


def test_a_search_is_a_request_as_any_other(account: Account, aside: ThreadPoolExecutor) -> None:
    account.hold("Search")
    query = "SELECT user_list.id FROM user_list"
    first: Future[Any] = aside.submit(account.search, query)
    account.wait_for_flight("Search")

    assert refusal(lambda: account.search(query)) == CONCURRENT
    assert refusal(first.result) == CONCURRENT
    assert account.traffic()["requests"] == 2


def test_requests_on_different_accounts_do_not_disturb_each_other(
    declare: Callable[..., Account], aside: ThreadPoolExecutor
) -> None:
    one, other = declare(), declare()
    one.hold("CreateOfflineUserDataJob")
    first: Future[str] = aside.submit(one.create)
    one.wait_for_flight("CreateOfflineUserDataJob")

    assert other.create()
    assert first.result()


def test_a_call_that_the_client_gave_up_keeps_executing_and_takes_effect(account: Account) -> None:
    job = account.create()
    account.hold("AddOfflineUserDataJobOperations", seconds=50)
    with pytest.raises(exceptions.DeadlineExceeded):
        account.add(job, email("a@example.com"), timeout=0.2)

    while account.traffic()["busy_ratio"] == 0:  # known once the first Add has ended
        pass
    account.run(job)
    account.finish(job)
    assert len(account.members()) == 1


def test_a_call_that_the_client_gave_up_is_still_in_flight(account: Account) -> None:
    job = account.create()
    account.hold("AddOfflineUserDataJobOperations", seconds=500)
    with pytest.raises(exceptions.DeadlineExceeded):
        account.add(job, email("a@example.com"), timeout=0.2)

    assert refusal(lambda: account.add(job, email("b@example.com"))) == CONCURRENT


def test_an_injected_overlap_fails_one_request_without_effect_and_is_counted_apart(account: Account) -> None:
    job = account.create()
    words = {"service": "google_ads", "account": account.id, "action": "overlap"}
    account.cloud.fault(method="AddOfflineUserDataJobOperations", **words)

    assert refusal(lambda: account.add(job, email("a@example.com"))) == CONCURRENT
    account.add(job, email("b@example.com"))
    account.run(job)
    account.finish(job)
    assert len(account.members()) == 1
    assert (account.traffic()["max_in_flight"], account.traffic()["injected_overlaps"]) == (1, 1)


def test_a_job_may_not_start_while_another_works_on_its_audience(account: Account) -> None:
    first, second = account.create(), account.create()
    account.run(first)

    assert refusal(lambda: account.run(second)) == CONCURRENT
    account.finish(first)
    account.run(second)


def test_a_request_takes_longer_with_every_identifier(account: Account) -> None:
    job = account.create()
    account.add(job, *(email(f"{number}@example.com") for number in range(2_000)))

    path = f"/control/calls?service=google_ads&method=AddOfflineUserDataJobOperations&account={account.id}"
    (call,) = account.cloud.ask(path)
    assert call["ended"] - call["started"] >= 2 + 2 * 1.5


# What a request may hold


def test_more_than_a_hundred_thousand_identifiers_in_a_request_are_refused(account: Account) -> None:
    job = account.create()
    same = {"hashed_email": hashed("a@example.com")}
    crowd = [{"create": {"user_identifiers": [same] * 20}}] * 5_001

    assert refusal(lambda: account.add(job, *crowd, enable_partial_failure=True)) == (
        "offline_user_data_job_error.TOO_MANY_USER_IDENTIFIERS",
    )


def test_twenty_identifiers_are_one_person(account: Account) -> None:
    person = {"user_identifiers": [{"hashed_email": hashed(str(number))} for number in range(20)]}
    job = account.create()
    account.add(job, {"create": person})
    account.run(job)
    account.finish(job)

    assert len(account.members()) == 1


def test_more_than_twenty_identifiers_of_one_person_are_refused(account: Account) -> None:
    job = account.create()
    person = {"user_identifiers": [{"hashed_email": hashed(str(number))} for number in range(21)]}

    assert refusal(lambda: account.add(job, {"create": person})) == (
        "offline_user_data_job_error.TOO_MANY_USER_IDENTIFIERS",
    )


@pytest.mark.parametrize("value", ["a@example.com", hashed("a").upper(), hashed("a")[1:], hashed("a") + "\n"])
def test_a_hash_is_64_lower_case_hexadecimal_digits(account: Account, value: str) -> None:
    job = account.create()
    person = {"create": {"user_identifiers": [{"hashed_email": value}]}}

    assert refusal(lambda: account.add(job, person)) == ("offline_user_data_job_error.INVALID_SHA256_FORMAT",)


def test_one_bad_operation_refuses_the_whole_request(account: Account) -> None:
    job = account.create()
    refusal(lambda: account.add(job, email("a@example.com"), {"create": {}}))
    account.run(job)
    account.finish(job)

    assert account.members() == []


def test_partial_failure_takes_the_good_operations_and_names_the_bad_ones(account: Account) -> None:
    job = account.create()
    bad = {"create": {"user_identifiers": [{"hashed_email": hashed("b")}, {"hashed_phone_number": "555"}]}}

    answer = account.add(
        job, email("a@example.com"), bad, email("c@example.com"), enable_partial_failure=True
    )

    failure = errors.GoogleAdsFailure.deserialize(answer.partial_failure_error.details[0].value)
    path = [(each.field_name, each.index) for each in failure.errors[0].location.field_path_elements]
    assert [code(error) for error in failure.errors] == ["offline_user_data_job_error.INVALID_SHA256_FORMAT"]
    assert path == [("operations", 1), ("create", 0), ("user_identifiers", 1), ("hashed_phone_number", 0)]
    account.run(job)
    account.finish(job)
    assert len(account.members()) == 2


def test_without_bad_operations_there_is_no_partial_failure(account: Account) -> None:
    answer = account.add(account.create(), email("a@example.com"), enable_partial_failure=True)

    assert answer.partial_failure_error.code == 0


def test_a_failure_never_repeats_the_value_that_was_sent(account: Account) -> None:
    job = account.create()
    person = {"create": {"user_identifiers": [{"hashed_email": "jo.doe@example.com"}]}}

    with pytest.raises(GoogleAdsException) as refused:
        account.add(job, person)

    assert "jo.doe" not in str(refused.value.failure)


def test_a_failure_names_no_more_operations_than_fit_the_metadata(account: Account) -> None:
    job = account.create()

    errors_named = refusal(lambda: account.add(job, *[{"create": {}}] * 500))

    assert errors_named == ("offline_user_data_job_error.MISSING_USER_IDENTIFIER",) * 20


@pytest.mark.parametrize(
    ("key_type", "identifier"),
    [
        ("CONTACT_INFO", {"mobile_id": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}),
        ("CRM_ID", {"hashed_email": hashed("a@example.com")}),
        ("MOBILE_ADVERTISING_ID", {"third_party_user_id": "42"}),
    ],
)
def test_identifiers_have_to_fit_the_upload_key_type_of_the_list(
    declare: Callable[..., Account], key_type: str, identifier: dict[str, str]
) -> None:
    account = declare(key_type)
    job = account.create()

    assert refusal(lambda: account.add(job, {"create": {"user_identifiers": [identifier]}})) == (
        "offline_user_data_job_error.INCOMPATIBLE_UPLOAD_KEY_TYPE",
    )


def test_create_and_remove_may_not_share_a_job(account: Account) -> None:
    job = account.create()
    account.add(job, email("a@example.com"))

    assert refusal(lambda: account.add(job, {"remove": email("b@example.com")["create"]})) == (
        "offline_user_data_job_error.CONFLICTING_OPERATION",
    )


def test_remove_all_has_to_be_the_first_operation(account: Account) -> None:
    job = account.create()
    account.add(job, email("a@example.com"))

    assert refusal(lambda: account.add(job, {"remove_all": True})) == (
        "offline_user_data_job_error.INVALID_OPERATION_ORDER",
    )


def test_a_request_of_a_hundred_thousand_identifiers_and_more_than_4_mebibytes_is_taken(
    account: Account,
) -> None:
    person = {"user_identifiers": [{"hashed_email": hashed(str(number))} for number in range(20)]}

    account.add(account.create(), *[{"create": person}] * 5_000)


# Jobs and their names


def test_an_external_id_is_used_once(account: Account) -> None:
    job = account.create(external_id=4711)

    assert refusal(lambda: account.create(external_id=4711)) == (
        "offline_user_data_job_error.EXTERNAL_UPDATE_ID_ALREADY_EXISTS",
    )
    (row,) = account.search(
        "SELECT offline_user_data_job.external_id FROM offline_user_data_job"
        " WHERE offline_user_data_job.external_id = 4711"
    )
    assert row.offline_user_data_job.resource_name == job


@pytest.mark.parametrize("again", ["run", "add"])
def test_a_started_job_takes_no_operations_and_no_second_run(account: Account, again: str) -> None:
    job = account.create()
    account.run(job)
    calls = {"run": lambda: account.run(job), "add": lambda: account.add(job, email("a@example.com"))}

    assert refusal(calls[again]) == ("offline_user_data_job_error.JOB_ALREADY_STARTED",)


def test_an_unknown_user_list_is_refused(account: Account) -> None:
    stranger = {"user_list": f"customers/{account.id}/userLists/1"}

    assert refusal(lambda: account.create(metadata=stranger)) == (
        "offline_user_data_job_error.INVALID_USER_LIST_ID",
    )


def test_an_unknown_job_is_not_found(account: Account) -> None:
    job = f"customers/{account.id}/offlineUserDataJobs/1"

    assert refusal(lambda: account.run(job)) == ("request_error.RESOURCE_NOT_FOUND",)


def test_a_malformed_job_name_is_refused(account: Account) -> None:
    assert refusal(lambda: account.run("offlineUserDataJobs/1")) == ("request_error.RESOURCE_NAME_MALFORMED",)


def test_an_account_that_the_caller_cannot_see_is_forbidden(account: Account) -> None:
    request = {"customer_id": "1111111111", "query": "SELECT user_list.id FROM user_list"}

    assert refusal(lambda: account.queries.search(request=request, timeout=PATIENCE)) == (
        "authorization_error.USER_PERMISSION_DENIED",
    )


def test_validate_only_checks_everything_and_does_nothing(account: Account) -> None:
    request = {"customer_id": account.id, "validate_only": True}
    body = {
        "type_": "CUSTOMER_MATCH_USER_LIST",
        "customer_match_user_list_metadata": {"user_list": account.user_list},
    }
    answer = account.jobs.create_offline_user_data_job(request={**request, "job": body}, timeout=PATIENCE)
    job = account.create()

    account.add(job, email("a@example.com"), validate_only=True)
    account.run(job, validate_only=True)
    refused = refusal(lambda: account.add(job, {"create": {}}, validate_only=True))
    account.run(job)
    account.finish(job)

    assert answer.resource_name == ""
    assert refused == ("offline_user_data_job_error.MISSING_USER_IDENTIFIER",)
    assert account.members() == []


# User lists


def test_a_list_is_created_empty_and_found_by_its_name(account: Account) -> None:
    (name,) = account.new_list("best", changes={"membership_life_span": 30, "membership_status": "OPEN"})

    fields = (
        "user_list.membership_life_span, user_list.membership_status, user_list.size_for_search, "
        "user_list.type, user_list.crm_based_user_list.upload_key_type, user_list.account_user_list_status"
    )
    (row,) = account.search(f"SELECT {fields} FROM user_list WHERE user_list.name = 'best'")
    found = row.user_list
    assert found.resource_name == name
    assert (found.membership_life_span, found.size_for_search) == (30, 0)
    enums = (found.type_, found.membership_status, found.crm_based_user_list.upload_key_type)
    assert [each.name for each in enums] == ["CRM_BASED", "OPEN", "CONTACT_INFO"]
    assert found.account_user_list_status.name == "ENABLED"


def test_a_list_that_was_created_takes_people(account: Account) -> None:
    (name,) = account.new_list("best")
    job = account.create(metadata={"user_list": name})
    account.add(job, email("a@example.com"))
    account.run(job)
    account.finish(job)

    assert len(account.members("best")) == len(account.members(name.rpartition("/")[2])) == 1
    assert account.members() == []


def test_a_name_is_used_once_in_an_account(declare: Callable[..., Account]) -> None:
    account, other = declare(), declare()
    account.new_list("best")
    other.new_list("best")

    assert refusal(lambda: account.new_list("best")) == ("user_list_error.NAME_ALREADY_USED",)
    assert account.names() == ["high-value", "best"]


def test_two_lists_of_a_request_may_not_have_one_name(account: Account) -> None:
    twice = {"create": {"name": "best", "crm_based_user_list": {"upload_key_type": "CRM_ID"}}}

    assert refusal(lambda: account.mutate(twice, twice)) == ("user_list_error.NAME_ALREADY_USED",)
    assert account.names() == ["high-value"]


def test_a_list_that_another_account_shares_may_have_the_name_of_an_own_one(account: Account) -> None:
    shared = {"id": 78, "name": "best", "upload_key_type": "CONTACT_INFO", "read_only": True}
    account.order(user_lists=[shared])
    account.new_list("best")

    rows = account.search("SELECT user_list.name FROM user_list WHERE user_list.read_only = FALSE")
    assert account.names() == ["high-value", "best", "best"]
    assert [row.user_list.name for row in rows] == ["high-value", "best"]


@pytest.mark.parametrize(("days", "error"), [(541, "TOO_HIGH"), (-1, "TOO_LOW")])
def test_a_membership_lasts_0_to_540_days(account: Account, days: int, error: str) -> None:
    changes = {"membership_life_span": days}

    assert refusal(lambda: account.new_list("best", changes=changes)) == (f"range_error.{error}",)


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ({"name": " ", "crm_based_user_list": {"upload_key_type": "CRM_ID"}}, "user_list_error.INVALID_NAME"),
        ({"name": "best"}, "user_list_error.USER_LIST_MUTATE_NOT_SUPPORTED"),
        ({"name": "best", "crm_based_user_list": {}}, "field_error.REQUIRED"),
    ],
)
def test_a_list_needs_a_name_a_type_and_an_upload_key_type(
    account: Account, made: dict[str, Any], error: str
) -> None:
    assert refusal(lambda: account.mutate({"create": made})) == (error,)


def test_a_request_for_no_list_at_all_is_refused(account: Account) -> None:
    assert refusal(account.mutate) == ("field_error.REQUIRED_NONEMPTY_LIST",)


@pytest.mark.parametrize(
    ("key_type", "app", "error"),
    [("MOBILE_ADVERTISING_ID", "", "APP_ID_NOT_SET"), ("CONTACT_INFO", "com.example", "APP_ID_NOT_ALLOWED")],
)
def test_a_list_of_mobile_ids_and_no_other_belongs_to_an_app(
    account: Account, key_type: str, app: str, error: str
) -> None:
    made = {"name": "best", "crm_based_user_list": {"upload_key_type": key_type, "app_id": app or None}}

    assert refusal(lambda: account.mutate({"create": made})) == (f"user_list_error.{error}",)


def test_validating_a_list_checks_it_and_creates_none(account: Account) -> None:
    assert account.new_list("best", validate_only=True) == []
    assert refusal(lambda: account.new_list("high-value", validate_only=True)) == (
        "user_list_error.NAME_ALREADY_USED",
    )
    assert account.names() == ["high-value"]


@pytest.mark.parametrize("word", ["update", "remove"])
def test_a_list_is_neither_changed_nor_removed_here(account: Account, word: str) -> None:
    operation = {"update": {"resource_name": account.user_list}, "remove": account.user_list}[word]

    with pytest.raises(exceptions.MethodNotImplemented, match=word):
        account.mutate({word: operation})


def test_what_a_list_could_have_besides_is_unimplemented(account: Account) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="description"):
        account.new_list("best", changes={"description": "people who buy"})


@pytest.mark.parametrize("change", [{"type": "RULE_BASED"}, {"read_only": True}])
def test_a_job_is_refused_for_a_list_that_takes_no_people(account: Account, change: dict[str, Any]) -> None:
    account.order(user_lists=[{"id": 78, "name": "other", "upload_key_type": "CONTACT_INFO", **change}])
    other = {"user_list": f"customers/{account.id}/userLists/78"}

    assert refusal(lambda: account.create(metadata=other)) == (
        "offline_user_data_job_error.INVALID_USER_LIST_TYPE",
    )


def test_a_list_of_another_kind_has_no_upload_key_type_and_may_be_closed(account: Account) -> None:
    other = {"name": "other", "upload_key_type": "CRM_ID", "type": "LOGICAL", "membership_status": "CLOSED"}
    account.order(user_lists=[other])

    fields = (
        "user_list.type, user_list.membership_status, user_list.crm_based_user_list.upload_key_type, "
        "user_list.read_only"
    )
    (row,) = account.search(f"SELECT {fields} FROM user_list WHERE user_list.name = 'other'")
    found = row.user_list
    assert (found.type_.name, found.membership_status.name, found.read_only) == ("LOGICAL", "CLOSED", False)
    assert "crm_based_user_list" not in found


@pytest.mark.parametrize("name", ['the "best"', "Fjordmat's best", 'the "best" of Fjordmat\'s'])
def test_a_name_with_quotes_is_asked_for_in_the_other_ones_or_behind_backslashes(
    account: Account, name: str
) -> None:
    account.new_list(name)
    quoted = f"'{name}'" if "'" not in name else '"' + name.replace('"', '\\"') + '"'

    (row,) = account.search(f"SELECT user_list.name FROM user_list WHERE user_list.name = {quoted}")
    assert row.user_list.name == name


# What Google thinks of an account

TERMS = (
    "SELECT customer.conversion_tracking_setting.accepted_customer_data_terms, customer.status FROM customer"
)


@pytest.mark.parametrize(
    ("standing", "error"),
    [
        ("not_allowlisted", "not_allowlisted_error.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"),
        ("terms_not_accepted", "offline_user_data_job_error.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"),
        ("not_enabled", "authorization_error.CUSTOMER_NOT_ENABLED"),
    ],
)
def test_an_account_in_bad_standing_uploads_nothing_until_it_is_in_a_good_one(
    account: Account, standing: str, error: str
) -> None:
    job = account.create()
    account.order(standing=standing)

    calls = [account.create, lambda: account.add(job, email("a@example.com")), lambda: account.run(job)]
    assert [refusal(call) for call in calls] == [(error,)] * 3
    account.order(standing="good")
    account.add(job, email("a@example.com"))
    account.run(job)
    assert account.finish(job) == "SUCCESS"
    assert len(account.members()) == 1


def test_an_account_that_is_not_enabled_answers_no_question(account: Account) -> None:
    account.order(standing="not_enabled")

    assert refusal(account.names) == ("authorization_error.CUSTOMER_NOT_ENABLED",)
    assert refusal(lambda: account.new_list("best")) == ("authorization_error.CUSTOMER_NOT_ENABLED",)


@pytest.mark.parametrize("standing", ["not_allowlisted", "terms_not_accepted"])
def test_an_account_that_may_not_upload_is_asked_and_given_lists_as_before(
    account: Account, standing: str
) -> None:
    account.order(standing=standing)
    account.new_list("best")

    assert account.names() == ["high-value", "best"]


def test_an_account_tells_whether_it_has_accepted_the_customer_data_terms(account: Account) -> None:
    told = []
    for standing in ("good", "terms_not_accepted"):
        account.order(standing=standing)
        (row,) = account.search(TERMS)
        setting = row.customer.conversion_tracking_setting
        told.append((row.customer.status.name, setting.accepted_customer_data_terms))

    assert told == [("ENABLED", True), ("ENABLED", False)]
    assert row.customer.resource_name == f"customers/{account.id}"


def test_validating_a_job_tells_what_creating_one_would_be_told(account: Account) -> None:
    request = {
        "customer_id": account.id,
        "validate_only": True,
        "job": {
            "type_": "CUSTOMER_MATCH_USER_LIST",
            "customer_match_user_list_metadata": {"user_list": account.user_list},
        },
    }
    account.order(standing="not_allowlisted")

    told = refusal(lambda: account.jobs.create_offline_user_data_job(request=request, timeout=PATIENCE))

    assert told == ("not_allowlisted_error.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",)


def test_a_job_that_is_to_fail_fails_with_its_reason_and_changes_nothing(account: Account) -> None:
    account.order(jobs_fail="INSUFFICIENT_TRANSACTIONS")
    job = account.create()
    account.add(job, email("a@example.com"))
    account.run(job)
    account.order(jobs_fail="")

    assert account.finish(job) == "FAILED"
    (row,) = account.search("SELECT offline_user_data_job.failure_reason FROM offline_user_data_job")
    assert row.offline_user_data_job.failure_reason.name == "INSUFFICIENT_TRANSACTIONS"
    assert account.members() == []


def test_an_account_can_fall_into_bad_standing_with_one_of_its_requests(account: Account) -> None:
    words = {"action": "judge", "standing": "terms_not_accepted", "nth": 2}
    account.cloud.fault(service="google_ads", method=ADD, account=account.id, **words)
    job = account.create()
    account.add(job, email("a@example.com"))

    told = [refusal(lambda: account.add(job, email("b@example.com"))) for _ in range(2)]

    assert told == [("offline_user_data_job_error.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",)] * 2
    account.order(standing="good")
    account.add(job, email("b@example.com"))


def test_a_job_can_be_told_to_take_longer_than_others(account: Account) -> None:
    account.order(jobs_take=300)
    slow = account.create()
    account.add(slow, email("a@example.com"))
    account.run(slow)
    account.order(jobs_take=0)
    began = account.cloud.ask("/control/clock")["now"]

    assert account.finish(slow) == "SUCCESS"
    assert account.cloud.ask("/control/clock")["now"] > began + 290


def test_who_is_said_to_be_in_an_audience_is_there_beside_the_others(account: Account) -> None:
    account.enlist(3, 1)
    account.enlist(2, 1)

    assert account.members() == [1, 2, 3]


@pytest.mark.parametrize("words", [{"standing": "famous"}, {"jobs_fail": "BAD_LUCK"}, {"jobs_take": -1}])
def test_an_order_that_nobody_understands_changes_nothing(account: Account, words: dict[str, Any]) -> None:
    with pytest.raises(OSError, match="400"):
        account.order(**words)

    assert account.create()


# Who calls


def test_a_bearer_token_that_identity_did_not_issue_is_unauthenticated(
    account: Account, local_cloud: LocalCloud
) -> None:
    roots = grpc.ssl_channel_credentials()
    token = grpc.access_token_call_credentials("ya29.somebody-else")
    with grpc.secure_channel(local_cloud.ads, grpc.composite_channel_credentials(roots, token)) as channel:
        transport = type(account.queries.transport)(channel=channel, credentials=AnonymousCredentials())
        stranger = type(account.queries)(transport=transport)

        with pytest.raises(exceptions.Unauthenticated) as refused:
            stranger.search(
                customer_id=account.id, query="SELECT user_list.id FROM user_list", timeout=PATIENCE
            )

    failure = failure_of(refused.value)
    assert [code(error) for error in failure.errors] == ["authentication_error.OAUTH_TOKEN_INVALID"]


# Failures that are ordered


def test_a_spent_quota_arrives_with_its_delay_in_the_trailing_metadata(account: Account) -> None:
    account.cloud.fault(
        service="google_ads",
        method="CreateOfflineUserDataJob",
        account=account.id,
        action="error",
        code="RESOURCE_EXHAUSTED",
        reason="RESOURCE_TEMPORARILY_EXHAUSTED",
    )

    with pytest.raises(exceptions.ResourceExhausted) as refused:
        account.create()

    (error,) = failure_of(refused.value).errors
    assert code(error) == "quota_error.RESOURCE_TEMPORARILY_EXHAUSTED"
    assert error.details.quota_error_details.retry_delay.seconds == 30


def test_an_internal_error_arrives_unwrapped_with_its_failure_in_the_metadata(account: Account) -> None:
    account.cloud.fault(
        service="google_ads",
        method="CreateOfflineUserDataJob",
        account=account.id,
        action="error",
        code="INTERNAL",
        reason="TRANSIENT_ERROR",
    )

    with pytest.raises(exceptions.InternalServerError) as refused:
        account.create()

    assert code(failure_of(refused.value).errors[0]) == "internal_error.TRANSIENT_ERROR"


def test_an_error_without_reason_has_no_failure_and_no_effect(account: Account) -> None:
    account.cloud.fault(
        service="google_ads", method="CreateOfflineUserDataJob", account=account.id, action="error"
    )

    with pytest.raises(exceptions.ServiceUnavailable):
        account.create(external_id=1)

    assert account.create(external_id=1)


def test_a_lost_answer_is_a_request_that_took_effect(account: Account) -> None:
    account.cloud.fault(
        service="google_ads", method="CreateOfflineUserDataJob", account=account.id, action="lose_answer"
    )

    with pytest.raises(exceptions.ServiceUnavailable):
        account.create(external_id=1)

    assert refusal(lambda: account.create(external_id=1)) == (
        "offline_user_data_job_error.EXTERNAL_UPDATE_ID_ALREADY_EXISTS",
    )


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("PERMISSION_DENIED", "not_allowlisted_error.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"),
        ("PERMISSION_DENIED", "authorization_error.CUSTOMER_NOT_ENABLED"),
        ("UNAUTHENTICATED", "authentication_error.OAUTH_TOKEN_EXPIRED"),
        ("INVALID_ARGUMENT", "offline_user_data_job_error.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"),
        ("INVALID_ARGUMENT", "size_limit_error.REQUEST_SIZE_LIMIT_EXCEEDED"),
        ("UNAVAILABLE", "internal_error.TRANSIENT_ERROR"),
    ],
)
def test_every_other_failure_arrives_wrapped_with_its_code(account: Account, status: str, error: str) -> None:
    account.cloud.fault(
        service="google_ads",
        method="CreateOfflineUserDataJob",
        account=account.id,
        action="error",
        code=status,
        reason=error.rpartition(".")[2],
    )

    assert refusal(account.create) == (error,)


# Questions


def test_a_membership_lasts_540_days_at_most(account: Account) -> None:
    (row,) = account.search("SELECT user_list.membership_life_span FROM user_list")

    assert 0 <= row.user_list.membership_life_span <= 540


def test_the_size_of_a_list_grows_with_its_members(account: Account) -> None:
    job = account.create()
    account.add(job, email("a@example.com"), email("b@example.com"))
    account.run(job)
    account.finish(job)

    (row,) = account.search("SELECT user_list.size_for_display, user_list.name FROM user_list")
    assert (row.user_list.name, row.user_list.size_for_display) == ("high-value", 2)


def test_a_row_has_the_fields_asked_for_and_its_resource_name(account: Account) -> None:
    (row,) = account.search("SELECT user_list.id FROM user_list")

    assert row.user_list.resource_name == account.user_list
    assert (row.user_list.id, row.user_list.name) == (account.list_id, "")


def test_a_search_stream_answers_the_same_rows(account: Account) -> None:
    stream = account.queries.search_stream(
        customer_id=account.id, query="SELECT user_list.id FROM user_list", timeout=PATIENCE
    )

    assert [row.user_list.id for batch in stream for row in batch.results] == [account.list_id]


def test_a_wrong_query_is_a_query_error(account: Account) -> None:
    assert refusal(lambda: account.search("SELECT user_list.shoe_size FROM user_list")) == (
        "query_error.UNRECOGNIZED_FIELD",
    )


def test_a_query_beyond_the_subset_is_unimplemented(account: Account) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="ORDER"):
        account.search("SELECT user_list.id FROM user_list ORDER BY user_list.id")


def test_every_other_method_of_the_package_is_unimplemented(
    account: Account, client: GoogleAdsClient
) -> None:
    people = client.get_service("UserDataService")

    with pytest.raises(exceptions.MethodNotImplemented):
        people.upload_user_data(request={"customer_id": account.id}, timeout=PATIENCE)


# What the fake tells about an account


def test_a_quiet_account_has_one_request_in_flight_at_most(account: Account) -> None:
    job = account.create()
    account.add(job, email("a@example.com"))
    account.search("SELECT user_list.id FROM user_list")
    account.add(job, email("b@example.com"))

    traffic = account.traffic()
    assert (traffic["requests"], traffic["max_in_flight"], traffic["destination"]) == (4, 1, "google_ads")
    assert 0 < traffic["busy_ratio"] <= 1


@pytest.mark.parametrize("place", ["1111111111/1", "1111111111/best"])
@pytest.mark.parametrize("which", ["members", "garbled"])
def test_nothing_is_found_of_an_unknown_audience(local_cloud: LocalCloud, place: str, which: str) -> None:
    with pytest.raises(OSError, match="404"):
        local_cloud.raw(f"/control/ads/audiences/{place}/{which}")


def test_whose_operations_were_garbled_is_known_when_their_job_has_ended(account: Account) -> None:
    account.garble(2)
    job, people = account.create(), [email(f"{name}@example.com") for name in "abc"]
    account.add(job, *people, enable_partial_failure=True)
    account.run(job)
    running = account.members(which="garbled")

    account.finish(job)

    missing = account.members(which="garbled")
    assert (running, len(missing), len(account.members())) == ([], 2, 1)
    again = account.create()
    account.add(again, *people)
    account.run(again)
    account.finish(again)
    assert set(missing) < set(account.members())
    assert account.members(which="garbled") == account.members("high-value", "garbled") == missing


@pytest.mark.parametrize(("nth", "lost"), [(1, 1), (2, 0)])
def test_a_request_that_is_made_again_loses_those_whom_it_lost_at_first(
    account: Account, nth: int, lost: int
) -> None:
    account.garble(1, nth)
    job = account.create()
    for _ in range(3):
        account.add(job, email("a@example.com"), enable_partial_failure=True)
    account.run(job)

    account.finish(job)

    assert (len(account.members()), len(account.members(which="garbled"))) == (1 - lost, lost)


def test_nobody_was_garbled_in_a_request_that_had_no_effect(account: Account) -> None:
    account.garble(1)
    job = account.create()
    with pytest.raises(GoogleAdsException):
        account.add(job, email("a@example.com"))
    account.add(job, email("b@example.com"))
    account.run(job)

    account.finish(job)

    assert account.members(which="garbled") == []
