"""Writing a stage's job document. Its metadata shows by a list alone how far the job is."""

from shared import names
from shared.ledger import Entry
from shared.model.run import Run
from shared.model.state import Job
from shared.world import Ports


def job_name(run: Run, stage: int) -> str:
    return names.job_json(run.segment, run.run, stage)


def create_job_document(ports: Ports, run: Run, stage: int, job: Job) -> Entry[Job]:
    """Or the one that is there."""
    return ports.ledger.settle(job_name(run, stage), job, _shown(job))


def swap_job(ports: Ports, run: Run, stage: int, job: Job, generation: int) -> Entry[Job] | None:
    """Generation 0: there is none. None when somebody else has written."""
    return ports.ledger.swap(job_name(run, stage), job, generation, _shown(job))


def _shown(job: Job) -> dict[str, str]:
    return {"state": job.state, "resource": job.resource}
