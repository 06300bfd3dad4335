"""What a send is going to do: pure, from what was asked for and from what is there."""

from collections.abc import Iterable
from dataclasses import dataclass

import click

from services.console.checking.aim import Aim
from services.ingest.labels import labels_of

VALIDATE_ONLY = "validate-only"


@dataclass(frozen=True)
class Plan:
    """`generation` is that of the object which is there already, 0 for none; `metadata` what is written on the new one."""

    aim: Aim
    bucket: str
    size: int
    generation: int
    metadata: dict[str, str]

    @property
    def address(self) -> str:
        return f"gs://{self.bucket}/{self.aim.name}"

    @property
    def words(self) -> str:
        over = ", over the one that is there," if self.generation else ""
        return f"upload {self.size:,} bytes{over} as {self.address}"


def metadata_of(labels: Iterable[str], allowed: tuple[str, ...], *, validate_only: bool) -> dict[str, str]:
    """`labels` are written KEY=VALUE. Raises click.BadParameter for one that would not travel."""
    pairs = [label.partition("=") for label in labels]
    given = {key: value for key, _, value in pairs}
    kept = labels_of(given, allowed).kept
    for key, value in given.items():
        if key not in allowed:
            raise click.BadParameter(
                f"{key} is no label here; topology.yaml names {', '.join(allowed) or 'none'}",
                param_hint="--label",
            )
        if kept.get(key) != value:
            raise click.BadParameter(f"{key}: write 1 to 63 of a-z, 0-9, - and _", param_hint="--label")
    return {**kept, **({VALIDATE_ONLY: "true"} if validate_only else {})}
