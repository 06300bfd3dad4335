"""Who has no business here is refused before any work: the caller, the method and the size of a body are looked at first."""

import io
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import example, given
from hypothesis import strategies as st

from shared.edge.face import BODY_LIMIT
from shared.log import configure
from tests.support.garbage import push
from tests.support.recording import EXPECTED, KEY, NOW, SERVICES, Served, bearer

OTHER_KEY = rsa.generate_private_key(65537, 2048)
WORK = push(b"", {"eventType": "OBJECT_FINALIZE"})
"""Nothing that a service could do: one that looked at it would keep it as a dead letter."""


def at(hours: float) -> float:
    return (NOW + timedelta(hours=hours)).timestamp()


STRANGERS = {
    "another audience": bearer(aud="https://another-service.example.com"),
    "an audience that only begins like ours": bearer(aud=f"{EXPECTED.audience}.example.org"),
    "no audience": bearer(aud=None),
    "another issuer": bearer(iss="https://elsewhere.example.com"),
    "no issuer": bearer(iss=None),
    "another account": bearer(email="somebody@example.com"),
    "an account in other letters": bearer(email=EXPECTED.email.upper()),
    "an account that nobody verified": bearer(email_verified=False),
    "an account that is verified in words": bearer(email_verified="true"),
    "too old": bearer(iat=at(-2), exp=at(-1)),
    "not yet": bearer(iat=at(1), exp=at(2)),
    "for ever": bearer(exp=float("inf")),
    "longer than any clock": bearer(exp=10**400),
    "since ever": bearer(iat=float("-inf")),
    "at no time": bearer(exp=float("nan")),
    "another key": bearer(OTHER_KEY),
    "no signature": f"Bearer {jwt.encode({'aud': EXPECTED.audience}, '', 'none')}",
    "no token": "Bearer ",
    "no bearer": "Basic eDp5",
    "nothing": " ",
    "very long": f"Bearer {'a' * 60_000}",
    "not ASCII": "Bearer é.ü.ß",
}


@pytest.fixture(autouse=True, scope="module")
def _silent() -> None:
    configure("json", "test", io.StringIO())


@pytest.fixture(params=SERVICES)
def served(request: pytest.FixtureRequest) -> Served:
    return Served(request.param)


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
def test_a_stranger_is_refused_before_any_work(served: Served, stranger: str) -> None:
    answer = served.post(WORK, stranger)

    assert (answer.status_code, served.ports.calls) == (401, [])


def test_the_right_caller_is_not(served: Served) -> None:
    assert served.post(WORK).status_code == 204
    assert served.ports.calls == ["publish"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_nothing_but_post_does_any_work(served: Served, method: str) -> None:
    assert served.post(WORK, method=method).status_code == 405
    assert served.ports.calls == []


def test_a_body_beyond_every_limit_is_refused_before_any_work(served: Served) -> None:
    assert served.post(bytes(BODY_LIMIT + 1)).status_code == 413
    assert served.ports.calls == []


def test_a_body_that_does_not_say_its_size_is_read_up_to_the_limit(served: Served) -> None:
    assert served.post(io.BytesIO(bytes(BODY_LIMIT + 1))).status_code == 413
    assert served.ports.calls == []


@pytest.mark.parametrize("size", ["-1", "many", "9" * 40])
def test_a_size_that_is_none_brings_no_work(served: Served, size: str) -> None:
    assert served.post(b"", headers={"Content-Length": size}).status_code in (204, 413)
    assert served.ports.calls in ([], ["publish"])


WRONG = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=9),
    st.lists(st.text(max_size=3), max_size=2),
)
NO_TIMES = st.none() | st.booleans() | st.text(max_size=9) | st.lists(st.integers()) | st.floats(max_value=-1)
CLAIMS = st.one_of(
    st.fixed_dictionaries({"iss": WRONG}),
    st.fixed_dictionaries({"aud": WRONG}),
    st.fixed_dictionaries({"email": WRONG}),
    st.fixed_dictionaries({"email_verified": WRONG.filter(lambda value: value is not True)}),
    st.fixed_dictionaries({"iat": NO_TIMES}),
    st.fixed_dictionaries({"exp": NO_TIMES}),
)


@example({"exp": 10**400})
@given(CLAIMS)
def test_no_claim_of_another_type_or_value_lets_anybody_in(claims: dict[str, Any]) -> None:
    right = jwt.decode(bearer().removeprefix("Bearer "), options={"verify_signature": False})
    token = jwt.PyJWS().encode(json.dumps({**right, **claims}).encode(), KEY, "RS256")
    served = Served("ingest")

    assert served.post(WORK, f"Bearer {token}").status_code == 401
    assert served.ports.calls == []
