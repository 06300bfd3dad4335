"""What happened, in one line for people. Pure."""

from shared.model.events import Event

STYLES = {
    "segment.received": "cyan",
    "segment.chunked": "cyan",
    "segment.completed": "bold green",
    "segment.partial": "bold yellow",
    "segment.failed": "bold red",
    "segment.rejected": "bold red",
    "segment.superseded": "yellow",
    "segment.cancelled": "yellow",
    "part.completed": "green",
    "part.failed": "red",
    "account.paused": "bold red",
    "account.resumed": "green",
}
"""How each type of event looks on a terminal, in the words of rich."""


def event_words(event: Event) -> str:
    """What an event says beyond its type and its place: counts, and for what went wrong the reason with its cure."""
    match event.type:
        case "segment.received":
            return event.source
        case "segment.chunked":
            parts = counted(event.parts, "part")
            return (
                f"{counted(event.records_received, 'record')} in {parts}, {event.records_rejected:,} rejected"
            )
        case "part.completed" | "part.failed":
            attempts = f" at attempt {event.attempt}" if event.attempt > 1 else ""
            return f"part {event.part} of {event.parts}: {event.records_accepted:,} accepted{attempts}"
        case "account.resumed":
            return "works again"
        case _:
            return ". ".join(filter(None, (_counts(event), event.reason)))


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clock(seconds: float) -> str:
    """3:07, or 1:02:45 from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _counts(event: Event) -> str:
    named = (
        (event.records_accepted, "accepted"),
        (event.records_rejected, "rejected"),
        (event.records_skipped, "skipped"),
        (event.records_failed, "failed"),
    )
    return ", ".join(f"{number:,} {name}" for number, name in named if number)
