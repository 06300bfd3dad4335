"""User lists of Google Ads: what is asked about them, and how the answers read."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from google.ads.googleads.v26.services.types.google_ads_service import GoogleAdsRow
from google.auth.credentials import Credentials
from hypothesis import example, given
from hypothesis import strategies as st

from infra.local.ads.gaql import Condition, parse
from services.uploader.destination import FoundList
from services.uploader.destinations.api import api
from services.uploader.destinations.calling import Calling
from services.uploader.destinations.client import Connection
from services.uploader.destinations.google_ads import GoogleAds
from services.uploader.destinations.user_lists import found_lists, quoted, size_in
from shared.model.codec import DocumentError, decode, encode
from shared.model.run import Run, Target
from shared.names import is_list_id
from tests.support.documents import RUN
from tests.support.recording import StandingClock

TARGET = Target("1234567890", "buyers", "google_ads", "71", "CONTACT_INFO", "", "GRANTED", "GRANTED")
V26 = api("v26")


class Granted(Credentials):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = "a-token"

    def refresh(self, request: Any) -> None:
        raise AssertionError("the token is good")


@dataclass
class Asked:
    """Notes the queries, finds nothing."""

    queries: list[str] = field(default_factory=list)

    def of(self, _: str) -> Connection:
        return Connection(lambda _: self, Granted())

    def search(self, request: Any, **_: object) -> list[Any]:
        self.queries.append(request.query)
        return []


def adapter(asked: Asked) -> GoogleAds:
    return GoogleAds(Calling(V26, asked, StandingClock()))


@given(st.text())
def test_a_text_in_a_question_is_that_text_and_ends_where_it_ends(text: str) -> None:
    """Line breaks apart, which no configured name holds."""
    name = " ".join(text.splitlines())

    query = parse(f"SELECT user_list.id FROM user_list WHERE user_list.name = {quoted(name)}")

    assert query.conditions == (Condition("user_list.name", (name,)),)


@pytest.mark.parametrize(
    ("name", "asked"), [("Best", '"Best"'), ("Fjordmat's", '"Fjordmat\'s"'), ('the "best"', "'the \"best\"'")]
)
def test_a_name_with_one_kind_of_quotes_needs_no_backslash(name: str, asked: str) -> None:
    assert quoted(name) == asked


def test_a_list_is_asked_for_by_its_number_where_there_is_one_else_by_its_name() -> None:
    asked = Asked()
    destination = adapter(asked)

    destination.find_list(TARGET, 1.0)
    destination.find_list(replace(TARGET, list_id="", list_name="Best"), 1.0)
    destination.list_size(TARGET, 1.0)

    assert [parse(query).conditions for query in asked.queries] == [
        (Condition("user_list.id", ("71",)),),
        (Condition("user_list.name", ("Best",)),),
        (Condition("user_list.id", ("71",)),),
    ]


def test_a_list_of_almost_the_same_name_is_another() -> None:
    rows = [row(id=1, name="best"), row(id=2, name="Best")]

    assert found_lists(V26, replace(TARGET, list_id="", list_name="Best"), rows) == (
        FoundList("2", "CRM_BASED", "CONTACT_INFO", "OPEN", read_only=False),
    )


def test_a_list_whose_size_is_not_known_yet_has_size_0() -> None:
    assert [size_in(rows) for rows in ([], [row(id=1)], [row(id=1, size_for_search=1200)])] == [0, 0, 1200]


def row(**fields: Any) -> Any:
    """Of GAQL, with an own open list of contact data."""
    crm = {"upload_key_type": "CONTACT_INFO"}
    usual = {"type_": "CRM_BASED", "membership_status": "OPEN", "crm_based_user_list": crm}
    return GoogleAdsRow.pb(GoogleAdsRow(user_list={**usual, **fields}))


@example("71 OR user_list.id > 0")
@given(st.text(min_size=1))
def test_a_run_whose_list_is_no_number_is_not_read(list_id: str) -> None:
    document = json.loads(encode(RUN))
    forged = {**document, "target": {**document["target"], "list_id": list_id}}

    try:
        target = decode(Run, json.dumps(forged).encode()).target
    except DocumentError:
        return
    assert is_list_id(target.list_id)
