"""One upload to do: the run, the part, and how often it has been tried."""

from dataclasses import dataclass

from shared import names
from shared.ledger import Entry
from shared.model.manifest import Part
from shared.model.receipt import Refusals
from shared.model.run import Run
from shared.model.state import Claim
from shared.model.task import Task


@dataclass(frozen=True)
class Errand:
    """`attempts` counts those before this one. `spent`: attempts and age are both used up, the part is given up without a call."""

    entry: Entry[Run]
    task: Task
    part: Part
    attempts: int
    spent: bool

    @property
    def run(self) -> Run:
        return self.entry.value

    @property
    def stage(self) -> int:
        return self.task.stage

    @property
    def claim(self) -> Claim:
        return Claim(self.run.segment, self.run.run, self.stage)

    @property
    def receipt(self) -> str:
        return names.receipt_json(self.run.segment, self.run.run, self.stage, self.part.number)

    @property
    def progress(self) -> str:
        return names.progress_json(self.run.segment, self.run.run, self.stage, self.part.number)


@dataclass(frozen=True)
class Sent:
    """How far a part came: frames that went in, their records, which of these the destination refused, and why it ended early
    if it did."""

    frames: int = 0
    records: int = 0
    refused: tuple[Refusals, ...] = ()
    reason_code: str = ""
