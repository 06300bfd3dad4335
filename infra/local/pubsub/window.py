"""Flow control: how much of a subscription one subscriber may hold unacknowledged."""

from dataclasses import dataclass


@dataclass(slots=True)
class Window:
    """The limits and what is held now. A limit of 0 or less is none."""

    max_messages: int = 0
    max_bytes: int = 0
    messages: int = 0
    bytes: int = 0

    def is_open(self) -> bool:
        return (self.max_messages <= 0 or self.messages < self.max_messages) and (
            self.max_bytes <= 0 or self.bytes < self.max_bytes
        )

    def hold(self, size: int) -> None:
        self.messages += 1
        self.bytes += size

    def release(self, size: int) -> None:
        self.messages -= 1
        self.bytes -= size
