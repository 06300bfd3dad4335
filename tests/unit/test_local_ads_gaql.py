"""The part of the Google Ads Query Language that the fake reads."""

import pytest

from infra.local.ads import rows
from infra.local.ads.gaql import Condition, Query, parse
from infra.local.ads.problems import Refused, Unsupported

JOBS = "SELECT offline_user_data_job.id FROM offline_user_data_job"


def test_a_query_has_fields_a_resource_and_conditions() -> None:
    text = """
        select user_list.id, user_list.name from user_list
        where user_list.id in (1, '2') and user_list.name = "a 'b'" AND user_list.type = CRM_BASED"""

    assert parse(text) == Query(
        ("user_list.id", "user_list.name"),
        "user_list",
        (
            Condition("user_list.id", ("1", "2")),
            Condition("user_list.name", ("a 'b'",)),
            Condition("user_list.type", ("CRM_BASED",)),
        ),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("""'say "when"'""", 'say "when"'),
        ('"it\'s"', "it's"),
        (r'"it\'s \"when\""', 'it\'s "when"'),
        (r"'one \\ two'", "one \\ two"),
    ],
)
def test_a_string_holds_the_other_quotes_as_they_are_and_its_own_behind_a_backslash(
    text: str, value: str
) -> None:
    query = parse(f"SELECT user_list.id FROM user_list WHERE user_list.name = {text}")

    assert query.conditions == (Condition("user_list.name", (value,)),)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "EXPECTED_SELECT"),
        ("SELECT", "UNEXPECTED_END_OF_QUERY"),
        ("SELECT user_list.id", "EXPECTED_FROM"),
        ("SELECT user_list.id,, FROM user_list", "BAD_FIELD_NAME"),
        (f"{JOBS} WHERE", "UNEXPECTED_END_OF_QUERY"),
        (f"{JOBS} WHERE offline_user_data_job.id = 'x", "STRING_NOT_TERMINATED"),
        (f"{JOBS} WHERE offline_user_data_job.id = (", "BAD_VALUE"),
        (f"{JOBS} WHERE offline_user_data_job.id 5", "BAD_OPERATOR"),
        (f"{JOBS} WHERE offline_user_data_job.id IN 5", "EXPECTED_LIST"),
        (f"{JOBS} WHERE offline_user_data_job.id = 5 OR x = 4", "UNEXPECTED_INPUT"),
        (f"{JOBS} ?", "BAD_SYMBOL"),
        ("SELECT offline_user_data_job.colour FROM offline_user_data_job", "UNRECOGNIZED_FIELD"),
        ("SELECT user_list.id FROM offline_user_data_job", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT user_list.id FROM nonsense", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
    ],
)
def test_a_wrong_query_is_refused_with_its_error(text: str, error: str) -> None:
    with pytest.raises(Refused) as refusal:
        rows.check(parse(text))

    assert refusal.value.problems[0].error == f"QueryError.{error}"


@pytest.mark.parametrize(
    "text",
    [
        f"{JOBS} ORDER BY offline_user_data_job.id",
        f"{JOBS} LIMIT 5",
        f"{JOBS} WHERE offline_user_data_job.id > 5",
        f"{JOBS} WHERE offline_user_data_job.id NOT IN (5)",
        "SELECT campaign.id FROM campaign",
        "SELECT user_list.description FROM user_list",
    ],
)
def test_a_right_query_beyond_the_subset_is_not_supported(text: str) -> None:
    with pytest.raises(Unsupported):
        rows.check(parse(text))
