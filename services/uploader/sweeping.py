"""The scheduled call: sweep everything open, as far as one request's time goes. The next one comes in minutes."""

from shared.edge.answer import Ack, Nack
from shared.log import get_logger
from shared.ops.sweep import Swept, sweep_runs
from shared.sweeping import Rest
from shared.world import Ports


def handle_sweep(ports: Ports) -> Ack | Nack:
    """Not acknowledged when something could not be swept, so that the schedule shows it."""
    started, budget = ports.clock.readings(), ports.topology.services.uploader.budget_seconds
    looked = failed = 0
    for swept in sweep_runs(ports):
        looked, failed = looked + bool(swept.segment), failed + bool(swept.failed)
        _log(swept)
        _log_overdue(swept, ports.topology.sweep.overdue_seconds)
        if ports.clock.readings().since(started) > budget:
            get_logger().error("sweep_unfinished", looked=looked, cure="sweep single accounts by hand")
            return Nack("sweep_unfinished")
    get_logger().info("sweep_ended", looked=looked, failed=failed)
    return Nack("sweep_failed") if failed else Ack(f"{looked} runs looked at")


def _log(swept: Swept) -> None:
    log = get_logger().bind(account=swept.account, segment=swept.segment, run=swept.run)
    if swept.failed:
        log.error("sweep_failed", why=swept.failed)
    elif not isinstance(swept.step, Rest):
        log.warning("swept", step=type(swept.step).__name__)


def _log_overdue(swept: Swept, seconds: int) -> None:
    """Each sweep says so again, so that an alert stays raised for as long as it is true."""
    age = swept.age.total_seconds()
    if age > seconds:
        about = {"account": swept.account, "segment": swept.segment, "run": swept.run}
        get_logger().error("run_overdue", **about, hours=round(age / 3600))
