"""The lease carried out over the ledger."""

from shared.lease import Terms
from shared.ops.leasing import Held, acquire
from tests.support.effects import Effect
from tests.support.world import ACCOUNT, World

TERMS = Terms(call=300, margin=10, settle=60)
SLOW = 200.0
"""Seconds that the renewal takes: less than a fresh lease has left for the start of a call."""


def test_a_renewed_lease_counts_from_before_its_renewal(world: World) -> None:
    """Others count from when it was written, which may be as early as that."""
    held = acquire(world.process(), ACCOUNT, TERMS)
    assert isinstance(held, Held)
    world.stage.now += TERMS.term
    world.gate.plan = lambda effect: _take_long(world, effect)

    held.ready()

    assert held.live()
    world.stage.now += TERMS.term - TERMS.call - TERMS.margin - SLOW + 1
    assert not held.live()


def _take_long(world: World, effect: Effect) -> None:
    assert effect.kind == "replace"
    world.stage.now += SLOW
