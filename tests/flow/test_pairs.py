"""Every two of what may go wrong at the destination, what may happen to us meanwhile, the mode, and one account or two, all at once.

A case is a segment of an account of its own, or two of two accounts of which only the first has the trouble. Those who die are instances
of the uploader that serve some cases each: killed in the moment in which what they do for all of these is held up.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from shared.model.account import Account
from shared.model.codec import decode
from shared.model.dead_letter import DeadLetter
from shared.model.events import OUTCOMES, Event
from shared.names import lease_json, run_json
from shared.ops.run_events import PARTS_TOLD
from tests.support.cases import (
    AUDIENCE,
    BAD,
    GOOD,
    Case,
    Upload,
    begin,
    meanwhile_of,
    members_after,
    taken,
    trouble_of,
)
from tests.support.flow import ADD, CREATE, Call, Flow
from tests.support.gathered import gathered
from tests.support.instances import Instance, Instances, instances, resume
from tests.support.ordeals import JOB, MEANWHILE, NOTHING, OPERATOR, SEND, TROUBLES, Trouble
from tests.support.pairs import Pair, Row, covering, holding, met, missing, pairs
from tests.support.promises import counts, told_once
from tests.support.scenes import reserved, served
from tests.support.scripts import Play, Script, play
from tests.support.traces import Needles

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]

DIMENSIONS = {
    "trouble": list(TROUBLES),
    "meanwhile": list(MEANWHILE),
    "accounts": ["1 account", "2 accounts"],
    "mode": ["append", "remove", "replace"],
}
SOONER = [
    ("trouble", "a refused account"),
    ("trouble", "a vanished job"),
    ("meanwhile", "killed before an Add"),
    ("meanwhile", "killed after a receipt"),
]
"""What meets everything in `make test`; the other pairs meet in `make test-full`."""
SOON = 300
"""Simulated seconds, five real ones: less than half of what a lease that was not given back would cost."""


def _named(wanted: Iterable[Pair]) -> dict[str, Row]:
    return {", ".join(row.values()): row for row in covering(DIMENSIONS, wanted)}


ALL = pairs(DIMENSIONS)
SHORT = _named(holding(ALL, SOONER))
ROWS = SHORT | _named(missing(ALL, SHORT.values()))
NAMES = [name if name in SHORT else pytest.param(name, marks=pytest.mark.full) for name in ROWS]

AT_ONCE = 12
"""Cases that an instance serves until it is killed, of its 16 threads."""
LONGER_THAN_A_WRITE = 30.0
"""Seconds, half a real one: what is done before its answer is held up, is done."""
UNTROUBLED = TROUBLES[NOTHING]


@dataclass(frozen=True)
class Cast:
    """`deaths`: for each case whose sender was killed, when."""

    play: Play
    crew: Instances
    heir: Instance
    cases: dict[str, Case] = field(default_factory=dict)
    deaths: dict[str, float] = field(default_factory=dict)

    def begin(self, name: str, prepare: Callable[[Account], None] = lambda _: None) -> None:
        self.cases[name] = begin(self.play.flow, ROWS[name], prepare)
        self.play.waiting.append(operator(self.play, self.cases[name]))


@pytest.fixture(scope="module")
def cast(flow: Flow, request: pytest.FixtureRequest) -> Iterator[Cast]:
    """All that are asked for on their way; whoever was to die or to pause has done so. Who has to wait for another day goes first."""
    names = sorted(_asked_for(request), key=lambda name: -trouble_of(ROWS[name]).rests)
    dying = [name for name in names if meanwhile_of(ROWS[name]).dies]
    groups = [dying[start : start + AT_ONCE] for start in range(0, len(dying), AT_ONCE)]
    with instances(flow, told={}) as crew:
        heir, *doomed = crew.start(heir=0, **{f"doomed-{number}": 0 for number in range(len(groups))})
        found = Cast(play(flow), crew, heir)
        for name in names:
            if name not in dying:
                found.begin(name)
        for instance, group in zip(doomed, groups, strict=True):
            found.play.go(f"the death of {instance.name}", death(found, instance, group))
        found.play.go("pauses and their ends")
        yield found


def _asked_for(request: pytest.FixtureRequest) -> Iterator[str]:
    for item in request.session.items:
        if isinstance(item, pytest.Function) and item.module is request.module and hasattr(item, "callspec"):
            yield str(item.callspec.params["name"])


def operator(part: Play, case: Case) -> Script:
    """Pauses the account in the middle of a request, if that is the case, and resumes what waits for a person."""
    account, trouble = case.first.account, trouble_of(case.row)
    if case.row["meanwhile"] == "paused":
        yield from part.until_struck(case.held)
        part.pause(account)
        yield from part.until_answered(account)
        part.resume(account)
    if trouble.pauses and not trouble.rests:
        yield from part.until_paused(account, trouble.pauses)
        part.resume(account)


def death(cast: Cast, doomed: Instance, names: list[str]) -> Script:
    """Of the one who sends for all of these cases, when each has come to its place."""
    part, front = cast.play, cast.crew.front()
    served(front, doomed)
    for name in names:
        cast.begin(name, lambda account: cast.crew.route(account, front, wide=False))
    cases = [cast.cases[name] for name in names]
    uploads = [upload for case in cases for upload in case.uploads]
    yield from part.until_chunked(upload.sent.landed for upload in uploads)
    for upload in uploads:
        resume(part.flow, upload.account)
    yield from part.until_struck(*(case.held for case in cases))
    yield from part.until_passed(LONGER_THAN_A_WRITE)
    served(front, cast.heir)
    cast.deaths.update(dict.fromkeys(names, part.flow.now()))
    doomed.kill()


def test_all_pairs_are_among_the_cases() -> None:
    assert {pair for row in ROWS.values() for pair in met(row)} == set(ALL)


@pytest.mark.parametrize("name", NAMES)
def test_every_promise_is_kept(flow: Flow, cast: Cast, name: str) -> None:
    case = cast.cases[name]
    trouble = trouble_of(case.row)

    exact(flow, case.first, case.row["mode"], trouble)
    for other in case.beside:
        exact(flow, other, case.row["mode"], UNTROUBLED)

    assert set(case.troubles) <= struck(flow), "the trouble did not come"
    paused_and_resumed(flow, case.first.account, causes(case))
    for other in case.beside:
        paused_and_resumed(flow, other.account, [])
    if name in cast.deaths:
        died_in_the_middle(flow, case, cast.deaths[name])


def test_nothing_tells_who_is_in_a_file(flow: Flow, cast: Cast) -> None:
    """Where test_traces.py does not look: most flow tests have another deployment."""
    needles = Needles.of(flow.people.known())

    found = {
        f"{source}: {name}"
        for source, texts in gathered(flow, {}).items()
        for name, text in texts.items()
        if needles.traces(text)
    }

    assert cast.cases
    assert found == set()


def exact(flow: Flow, upload: Upload, mode: str, trouble: Trouble) -> None:
    """Each run has ended as it must, once; who is in the audience; nothing is left, and what failed is a dead letter."""
    landed, ends = upload.sent.landed, ends_of(mode, trouble)
    outcomes = flow.until(lambda: ended(flow, upload, len(ends)), f"{len(ends)} outcomes of {landed.name}")
    assert [(each.type, each.reason_code) for each in outcomes] == [(kind(end), end) for end in ends]
    assert [counts(each) for each in outcomes] == [expected(upload, end, trouble) for end in ends]
    flow.settled(upload.account)
    assert flow.ledger(run_json(outcomes[0].segment, len(ends) + 1)) == {}, "a run too many"
    told_once(flow, landed, outcomes)
    add_up(flow, upload)
    found, wanted = flow.members(upload.account, AUDIENCE), members_after(upload, mode, trouble)
    assert (len(found - wanted), len(wanted - found)) == (0, 0), "foreign and missing members"
    assert flow.most_in_flight(upload.account) == 1


def ends_of(mode: str, trouble: Trouble) -> tuple[str, ...]:
    """A replace is not carried out without all of its parts."""
    return tuple(
        "replace_incomplete" if mode == "replace" and end == "all_parts_failed" else end
        for end in trouble.ends
    )


def ended(flow: Flow, upload: Upload, runs: int) -> list[Event]:
    """The outcomes in the order of their runs, once there are so many."""
    found = [each for each in flow.events(upload.sent.landed) if each.type in OUTCOMES]
    return sorted(found, key=lambda each: each.run) if len(found) >= runs else []


def kind(end: str) -> str:
    return "segment.failed" if end else "segment.completed"


def expected(upload: Upload, end: str, trouble: Trouble) -> tuple[int, int, int, int, int]:
    """received, accepted, rejected, skipped, failed."""
    some = 0 if end else len(taken(upload, trouble))
    return GOOD + BAD, some, BAD if end else GOOD + BAD - some, 0, GOOD if end else 0


def add_up(flow: Flow, upload: Upload) -> None:
    """So do the parts, each of which has one end; of those that failed, of runs that came to nothing as a whole, and of nothing else,
    there are dead letters."""
    parts = [each for each in flow.events(upload.sent.landed) if each.type.startswith("part.")]
    assert all(received == sum(rest) for received, *rest in map(counts, parts))
    assert len({(each.run, each.part) for each in parts}) == len(parts)
    failed = {(each.run, each.part, each.reason_code) for each in parts if each.type == "part.failed"}
    *_, last = ended(flow, upload, 1)
    if last.type == "segment.failed" and last.reason_code not in PARTS_TOLD:
        failed.add((last.run, 0, last.reason_code))
    flow.until(lambda: len(buried(flow, upload)) >= len(failed), "dead letters")
    assert buried(flow, upload) == failed


def buried(flow: Flow, upload: Upload) -> set[tuple[int, int, str]]:
    mark = upload.sent.landed.mark
    heard = (each for each in flow.taps.dead_letters.messages if mark in each.attributes.get("segment", ""))
    letters = (decode(DeadLetter, each.data) for each in heard)
    return {(each.run, each.part, each.reason_code) for each in letters}


def struck(flow: Flow) -> set[str]:
    return {each["id"] for each in flow.deployment.control.faults() if each["seen"]}


def causes(case: Case) -> list[str]:
    """What the first account was paused for, in their order."""
    trouble = trouble_of(case.row)
    by_hand = [OPERATOR] if case.row["meanwhile"] == "paused" else []
    return by_hand + ([trouble.pauses] if trouble.pauses else [])


def paused_and_resumed(flow: Flow, account: Account, why: list[str]) -> None:
    """Each pause is told with its cause, and so is its end; no request is begun in between."""
    flow.until(lambda: len(flow.account_events(account.id)) >= 2 * len(why), "pauses and their ends")
    told = sorted(flow.account_events(account.id), key=lambda each: each.occurred_at)
    assert [each.type for each in told] == ["account.paused", "account.resumed"] * len(why)
    assert [each.reason_code for each in told[::2]] == why
    begun = [call["started"] for call in flow.calls("google_ads", account=account.id)]
    for first, last in zip(told[::2], told[1::2], strict=True):
        assert not [at for at in begun if first.occurred_at.timestamp() < at < last.occurred_at.timestamp()]


def died_in_the_middle(flow: Flow, case: Case, moment: float) -> None:
    """What the dead did had not been answered. The next request comes when his lease and the silence after it are over, unless he had
    given it back."""
    account, meanwhile = case.first.account, meanwhile_of(case.row)
    last = [each["started"] for each in leases(flow, account) if each["started"] < moment][-1]
    held = [each for each in held_up(flow, case) if each["started"] < moment]
    assert held
    assert all(each["ended"] is None or each["ended"] >= moment for each in held), "he was answered"
    calls = flow.calls("google_ads", account=account.id)
    later = [each["started"] for each in calls if each["started"] > moment]
    over = (
        meanwhile.released and "all_parts_failed" in trouble_of(case.row).ends
    )  # there is nothing left to run
    assert bool(later) != over
    waited = [at for at in later if at <= last + reserved(flow)] == []
    assert over or (spared(flow, account, moment, min(later)) if meanwhile.released else waited)
    twice = [each for each in calls if each["method"] == CREATE and each["status"] == "INVALID_ARGUMENT"]
    assert len(twice) == (meanwhile.place is JOB and meanwhile.undone), (
        "jobs whose creation was not written down"
    )


def spared(flow: Flow, account: Account, moment: float, request: float) -> bool:
    """Whoever came next could send as soon as he had the lease. When he came is the machine's affair: a process that is
    started again on a busy one is there after twice the time that a lease lasts."""
    took: float = min(each["started"] for each in leases(flow, account) if each["started"] > moment)
    return request <= took + SOON


def held_up(flow: Flow, case: Case) -> list[Call]:
    """Calls at the place where he died that a fault met. Trouble that only records can bring has come before a receipt."""
    account, place = case.first.account.id, meanwhile_of(case.row).place
    if place is SEND:
        found = flow.calls("google_ads", ADD, account)
    else:
        found = flow.calls("storage", "objects.insert", flow.deployment.site.work, f"segments/{account}-")
    return [call for call in found if call["injected"]]


def leases(flow: Flow, account: Account) -> list[Call]:
    """Every write of the account's lease."""
    return flow.calls("storage", "objects.insert", flow.deployment.site.work, lease_json(account.id))
