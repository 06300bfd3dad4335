"""The search for people finds them in every spelling: one that found nothing anywhere would prove nothing."""

import base64
import json
from collections.abc import Callable

import pytest

from tests.support.crowd import Person, sha
from tests.support.traces import Needles

PEOPLE = [Person(number) for number in range(1, 200)]
NEEDLES = Needles.of(PEOPLE)
PERSON = PEOPLE[41]
DIGEST = bytes.fromhex(sha(PERSON.email))


@pytest.mark.parametrize(
    "text",
    [
        PERSON.email,
        PERSON.email.upper(),
        PERSON.first,
        PERSON.last.lower(),
        PERSON.phone,
        PERSON.phone.removeprefix("+"),
        "406 00 042",
        "Storgata 7",
        'The ""Old"" Pier',
    ],
)
def test_a_person_is_found_as_written(text: str) -> None:
    assert NEEDLES.traces(f'{{"detail": "row 7: {text}"}}'.encode())


SPELLINGS: dict[str, Callable[[bytes], bytes]] = {
    "digits": lambda digest: digest.hex().encode(),
    "capital digits": lambda digest: digest.hex().upper().encode(),
    "digits among digits": lambda digest: b"00ff" + digest.hex().encode() + b"ab",
    "base64": base64.b64encode,
    "base64 for addresses": base64.urlsafe_b64encode,
    "base64 without its end": lambda digest: base64.b64encode(digest).rstrip(b"="),
    "bytes": bytes,
    "bytes among bytes": lambda digest: b"\x0a\x22" + digest + b"\x12\x00",
    "bytes in base64": lambda digest: base64.b64encode(b"\x0a" + digest + b"\x00\x01"),
    "digits in base64": lambda digest: base64.b64encode(b"frame " + digest.hex().encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_hash_is_found_in_every_spelling(spelling: Callable[[bytes], bytes]) -> None:
    found = NEEDLES.traces(b'{"payload": "' + spelling(DIGEST) + b'"}')

    assert any(DIGEST.hex().encode().startswith(trace[:62]) for trace in found)


def test_what_is_packed_twice_is_found() -> None:
    data = base64.b64encode(json.dumps({"note": f"a note about {PERSON.email}"}).encode()).decode()
    letter = json.dumps(
        {"payload": base64.b64encode(json.dumps({"message": {"data": data}}).encode()).decode()}
    )

    assert NEEDLES.traces(letter.encode()) == {PERSON.first[:7].lower().encode()}


@pytest.mark.parametrize(
    "text",
    [
        "5000000002-buyers-append-f14546032523322c",
        "d3b316f3e624806da53e357cdeecd733" * 2,
        "2026-11-23T08:00:00.406123Z",
        "0.40612345678",
        "a40600042f",
        sha("nobody"),
        base64.b64encode(b"nobody that anybody has ever heard of, at great length").decode(),
    ],
)
def test_ids_times_and_strangers_hashes_are_nobody(text: str) -> None:
    assert NEEDLES.traces(text.encode()) == set()
