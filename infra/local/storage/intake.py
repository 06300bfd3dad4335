"""The bytes of one chunk on their way into an upload session.

Cloud Storage, resumable uploads: a session keeps whole multiples of 256 KiB. The rest of a chunk counts only when
the chunk is complete and the last; what the session has already is skipped.
"""

from infra.local.storage.bodies import Draft
from infra.local.storage.ranges import Chunk
from infra.local.storage.refusal import Reason, Refused

QUANTUM = 256 * 1024


def require_fitting(chunk: Chunk, persisted: int) -> None:
    """Refuses a chunk that leaves a gap behind the bytes that are there, and one too short to be kept."""
    if chunk.first > persisted:
        raise Refused(
            Reason.UNAVAILABLE,
            f"Invalid request. According to the Content-Range header, the upload offset is {chunk.first} "
            f"byte(s), which exceeds already uploaded size of {persisted} byte(s).",
        )
    if chunk.length and chunk.length < QUANTUM and not chunk.is_last():
        raise Refused(
            Reason.INVALID,
            f"Invalid request. The number of bytes uploaded is required to be equal or greater than {QUANTUM}, "
            f"except for the final request. The received request contained {chunk.length} bytes.",
        )


class Intake:
    def __init__(self, draft: Draft, chunk: Chunk) -> None:
        require_fitting(chunk, draft.size)
        self._draft = draft
        self._chunk = chunk
        self._skip = draft.size - chunk.first
        self._received = 0
        self._held = bytearray()

    def write(self, block: bytes) -> None:
        skipped = min(self._skip, len(block))
        self._skip -= skipped
        self._received += len(block)
        self._held += block[skipped:]
        whole = len(self._held) - len(self._held) % QUANTUM
        if whole:
            self._draft.write(bytes(self._held[:whole]))
            del self._held[:whole]

    def end(self) -> bool:
        """True if the object's last byte is there now."""
        if self._chunk.length not in (None, self._received):
            raise Refused(
                Reason.INVALID,
                f"Content-Range announces {self._chunk.length} bytes, the body has {self._received}.",
            )
        if not self._chunk.is_last():
            return False
        self._draft.write(bytes(self._held))
        self._held.clear()
        return self._chunk.total in (None, self._draft.size)
