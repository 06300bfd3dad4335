"""What the installed packages can answer is judged as reviewed, and every row rests on what the packages themselves say."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from google.ads.googleads.v26.errors.types.errors import ErrorCode
from google.ads.googleads.v26.services.services.google_ads_service import GoogleAdsServiceClient
from google.ads.googleads.v26.services.services.offline_user_data_job_service import (
    OfflineUserDataJobServiceClient,
)
from google.ads.googleads.v26.services.services.user_list_service import UserListServiceClient

from shared import reasons
from shared.verdict.credentials import CREDENTIALS
from shared.verdict.defaults import GROUPS, STATUSES
from shared.verdict.rows import ROWS
from shared.verdict.values import Row
from tests.unit import verdict_snapshot as snapshot

GOLDEN = Path(__file__).parent / "golden" / "verdicts.txt"
CALLED: list[Any] = [
    OfflineUserDataJobServiceClient.create_offline_user_data_job,
    OfflineUserDataJobServiceClient.add_offline_user_data_job_operations,
    OfflineUserDataJobServiceClient.run_offline_user_data_job,
    GoogleAdsServiceClient.search,
    UserListServiceClient.mutate_user_lists,
]
EVERY_ROW = (*ROWS, *CREDENTIALS, *GROUPS, *STATUSES)


def named(row: Row) -> str:
    return row.name


def comment(code: str) -> str:
    """What its enum's comment says of the value, on one line."""
    group, _, value = code.partition(".")
    said = re.split(r"\s(\w+) \(\d+\):\s", snapshot.enums()[group].__doc__)
    return " ".join(said[said.index(value) + 1].split())


def code_proto() -> str:
    text = files("google.rpc").joinpath("code.proto").read_text()
    return " ".join(re.sub(r"^\s*//", "", text, flags=re.MULTILINE).split())


def test_every_value_of_every_error_enum_is_judged_as_reviewed() -> None:
    wanted = GOLDEN.read_text().splitlines()

    assert snapshot.table().splitlines() == wanted, (
        "read what is new, then write it again: see verdict_snapshot.py"
    )


def test_every_error_that_google_ads_can_answer_is_in_the_snapshot() -> None:
    answered = {field.enum_type.name for field in ErrorCode.pb().DESCRIPTOR.fields}

    assert len(answered) > 100
    assert answered <= snapshot.enums().keys()


def test_the_rows_are_few_enough_to_be_read() -> None:
    assert len(ROWS) <= 70


def test_no_code_has_two_rows() -> None:
    assert len({row.name for row in EVERY_ROW}) == len(EVERY_ROW)


def test_every_row_and_every_default_is_for_something_that_exists() -> None:
    assert {row.name for row in ROWS} <= set(snapshot.codes())
    assert {row.name for row in GROUPS} <= snapshot.enums().keys()
    assert {row.name for row in STATUSES} <= set(snapshot.STATUSES)


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_quotes_what_is_said_of_its_value(row: Row) -> None:
    assert row.source
    assert row.source in comment(row.name)


@pytest.mark.parametrize("row", STATUSES, ids=named)
def test_a_status_quotes_what_is_said_of_it(row: Row) -> None:
    assert row.source
    assert row.source in code_proto()


@pytest.mark.parametrize("row", GROUPS, ids=named)
def test_a_groups_default_has_a_source(row: Row) -> None:
    assert row.source


@pytest.mark.parametrize("row", CREDENTIALS, ids=named)
def test_a_code_of_our_own_has_a_source_and_is_none_of_googles(row: Row) -> None:
    assert row.source
    assert row.name.partition(".")[0] not in snapshot.enums()


def test_no_row_repeats_its_groups_default_but_the_expired_token_that_must_be_looked_up() -> None:
    defaults = {row.name: row.verdict for row in GROUPS}
    repeated = {row.name for row in ROWS if defaults.get(row.name.partition(".")[0]) == row.verdict}

    assert repeated == {"AuthenticationError.OAUTH_TOKEN_EXPIRED"}


@pytest.mark.parametrize("method", CALLED, ids=lambda method: method.__name__)
def test_every_group_that_a_method_of_ours_throws_has_a_default(method: Any) -> None:
    thrown = set(re.findall(r"`(\w+Error) <>`__", method.__doc__))

    assert len(thrown) > 5
    assert thrown <= {row.name for row in GROUPS}


@pytest.mark.parametrize("row", EVERY_ROW, ids=named)
def test_the_reason_of_every_row_has_words_and_a_cure(row: Row) -> None:
    reason = getattr(row.verdict, "reason_code", None)

    assert reason is None or reason in reasons.CATALOGUE
