"""What a replay does, in words and documents. Pure."""

from services.console.narrate import counted
from shared.ops.replay import Replayed
from shared.part_ranges import to_text
from shared.reasons import words as reason_words
from shared.replaying import Nothing, Refuse, Replay


def document(seen: Replayed, *, would: bool) -> dict[str, object]:
    """docs/schemas/replay.json."""
    decision = seen.decision
    replay = decision if isinstance(decision, Replay) else None
    code = refusal(seen)
    return {
        "segment": seen.id,
        "action": ("would" if would else "done") if replay else ("refused" if code else "nothing"),
        "run": replay.run if replay else 0,
        "parts": list(replay.parts) if replay else [],
        "from": ("parts" if replay.stored else "source") if replay else "",
        "reason_code": code,
        "reason": reason_words(code) if code else "",
    }


def refusal(seen: Replayed) -> str:
    """Its reason code, "" where nothing is refused."""
    if seen.decision is None:
        return "segment_unknown"
    return seen.decision.reason_code if isinstance(seen.decision, Refuse) else ""


def line(seen: Replayed, *, would: bool) -> str:
    match seen.decision:
        case Replay(run, parts, stored):
            origin = "the parts that are stored" if stored else "its source"
            what = f"{counted(len(parts), 'part')} ({to_text(parts)})" if parts else "the whole segment"
            return f"{seen.id}: {'would ask' if would else 'asked'} for run {run}: {what}, from {origin}"
        case Nothing():
            return f"{seen.id}: nothing to replay: everything was delivered"
        case _:
            return f"{seen.id}: refused: {reason_words(refusal(seen))}"
