"""What the demo sends: its segments, and what their generator wrote and knows. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.console.demo.generate import Generated
from services.console.demo.segments import Segment
from services.console.demo.truth import Counted


@dataclass(frozen=True)
class Cargo:
    """The segments, and by object name what was generated for them."""

    segments: Sequence[Segment]
    generated: Mapping[str, Generated]

    @property
    def contents(self) -> dict[str, Path]:
        return {name: each.content for name, each in self.generated.items()}

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(segment.account for segment in self.segments))

    def written(self, segment: Segment) -> list[Generated]:
        """In the order in which receipts count the files of a segment: that of their names."""
        return [self.generated[name] for name in sorted(file.name for file in segment.files)]

    def truth(self, segment: Segment) -> Counted:
        return sum((each.counted for each in self.written(segment)), Counted(0, 0))

    def digests(self) -> dict[tuple[str, str], list[Path]]:
        """Who must be in each audience, by account and audience."""
        found: dict[tuple[str, str], list[Path]] = defaultdict(list)
        for each in self.generated.values():
            found[each.file.account, each.file.audience].append(each.digests)
        return found
