"""Hand-written request bodies are what Google's own classes write."""

from typing import Any

import pytest
from google.ads.googleads.v26.services.types import offline_user_data_job_service as service
from hypothesis import given
from hypothesis import strategies as st

from shared.wire import google_ads

Request = service.AddOfflineUserDataJobOperationsRequest.pb()

DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
COUNTRIES = st.sampled_from(["GB", "US", "NO"])

# Each as (what the wire module takes, what the message class takes).
IDENTIFIERS = st.one_of(
    DIGESTS.map(lambda digest: (google_ads.hashed_email(digest), {"hashed_email": digest})),
    DIGESTS.map(lambda digest: (google_ads.hashed_phone_number(digest), {"hashed_phone_number": digest})),
    TEXTS.map(lambda text: (google_ads.mobile_id(text), {"mobile_id": text})),
    TEXTS.map(lambda text: (google_ads.third_party_user_id(text), {"third_party_user_id": text})),
    st.builds(
        lambda first, last, country, postal_code: (
            google_ads.address(first, last, country, postal_code),
            {
                "address_info": {
                    "hashed_first_name": first,
                    "hashed_last_name": last,
                    "country_code": country,
                    "postal_code": postal_code,
                }
            },
        ),
        DIGESTS,
        DIGESTS,
        COUNTRIES,
        TEXTS,
    ),
)
ACTIONS: st.SearchStrategy[google_ads.Action] = st.sampled_from(["create", "remove"])
PEOPLE = st.lists(st.tuples(ACTIONS, st.lists(IDENTIFIERS, min_size=1, max_size=20)), max_size=5)


def request_of(people: list[tuple[google_ads.Action, list[tuple[bytes, dict[str, Any]]]]]) -> Any:
    request = Request()
    for action, identifiers in people:
        user_data = getattr(request.operations.add(), action)
        for _, fields in identifiers:
            user_data.user_identifiers.add(**fields)
    return request


def test_taking_everybody_out_is_a_whole_request_too() -> None:
    expected = Request(resource_name="job", enable_partial_failure=True)
    expected.operations.add(remove_all=True)

    header = google_ads.add_operations_header("job", enable_partial_failure=True)

    assert Request.FromString(header + google_ads.remove_all()) == expected


@given(PEOPLE, TEXTS, st.booleans(), st.booleans())
def test_header_and_frame_are_a_whole_request(people: Any, job: str, partial: bool, validate: bool) -> None:
    frame = b"".join(google_ads.operation(action, [wire for wire, _ in each]) for action, each in people)
    header = google_ads.add_operations_header(job, enable_partial_failure=partial, validate_only=validate)

    expected = request_of(people)
    assert frame == expected.SerializeToString()
    expected.resource_name = job
    # Where it is false, the header leaves it out, which the service takes for false.
    if partial:
        expected.enable_partial_failure = True
    expected.validate_only = validate
    parsed = Request.FromString(header + frame)
    assert parsed == expected
    assert parsed.SerializeToString() == expected.SerializeToString()


@pytest.mark.parametrize("encode", [google_ads.hashed_email, google_ads.hashed_phone_number])
def test_a_digest_of_another_length_is_refused_without_being_quoted(encode: Any) -> None:
    with pytest.raises(ValueError, match=r"^a hashed identifier is 64 hex digits$"):
        encode("abc123")


@given(PEOPLE, st.data())
def test_a_frame_is_cut_between_its_operations(people: Any, data: st.DataObject) -> None:
    operations = [google_ads.operation(action, [wire for wire, _ in each]) for action, each in people]
    count = data.draw(st.integers(0, len(operations)))

    end = google_ads.end_of(memoryview(b"".join(operations)), count)

    assert end == len(b"".join(operations[:count]))


def test_a_frame_that_is_cut_off_has_no_end() -> None:
    operation = google_ads.operation("create", [google_ads.hashed_email("a" * 64)])

    with pytest.raises(ValueError, match="cut off"):
        google_ads.end_of(operation, 2)
