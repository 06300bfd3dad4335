"""Uploads: bytes on their way to become an object, in one request or over the requests of a session.

Cloud Storage, resumable uploads. A session lives a week. Preconditions are held against the live object when
it starts and, decisively, when it ends. An ended session answers with its object again and again, so that a
lost answer harms nobody. Sessions end with this process: clients then start over, as the real service may ask
them to.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from infra.local.storage import checksums
from infra.local.storage.bodies import Bodies, Draft
from infra.local.storage.checksums import Checksums
from infra.local.storage.objects import Objects
from infra.local.storage.records import NewObject, StoredObject
from infra.local.storage.refusal import Reason, Refused

LIFETIME_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Upload:
    """What the bytes are to become. `expected`: their checksums, as far as the client sent them."""

    new: NewObject
    expected: Checksums


@dataclass
class Session:
    """`stored` is None until the last byte came and the object was made; `busy` while a request is at it."""

    upload: Upload
    started: float
    draft: Draft
    stored: StoredObject | None = None
    busy: bool = False


class Uploads:
    def __init__(self, objects: Objects, bodies: Bodies, now: Callable[[], float]) -> None:
        self._objects = objects
        self._bodies = bodies
        self._now = now
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._numbers = count(1)

    @contextmanager
    def draft(self) -> Iterator[Draft]:
        """A body for `complete`; it goes again if that is never reached."""
        draft = self._bodies.draft()
        try:
            yield draft
        finally:
            if not draft.taken:
                draft.discard()

    def complete(self, upload: Upload, draft: Draft) -> StoredObject:
        """The object of an upload in one request. Whoever waits may go away: the draft is ours from here."""
        draft.taken = True
        try:
            return self._store(upload, draft)
        except BaseException:
            draft.discard()
            raise

    def _store(self, upload: Upload, draft: Draft) -> StoredObject:
        body = draft.seal()
        checksums.require(upload.expected, body.checksums)
        return self._objects.insert(upload.new, body)

    def start(self, upload: Upload) -> str:
        """The new session's id."""
        self._objects.check(upload.new)
        now = self._now()
        with self._lock:
            self._expire(now)
            upload_id = f"{int(now * 1_000_000):x}-{next(self._numbers)}"
            self._sessions[upload_id] = Session(upload, now, self._bodies.draft())
        return upload_id

    def name(self, upload_id: str) -> str:
        """The object's name of a session; "" if there is no such session."""
        session = self._sessions.get(upload_id)
        return session.upload.new.target.name if session else ""

    @contextmanager
    def session(self, upload_id: str) -> Iterator[Session]:
        """The session, for one request at a time."""
        session = self._take(upload_id)
        try:
            yield session
        finally:
            session.draft.rest()
            session.busy = False

    def _take(self, upload_id: str) -> Session:
        with self._lock:
            self._expire(self._now())
            session = self._sessions.get(upload_id)
            if session is None:
                raise Refused(Reason.NOT_FOUND, "No such upload session, or it has expired: start a new one.")
            if session.busy:
                raise Refused(Reason.UNAVAILABLE, "Another request is using this upload session.")
            session.busy = True
            return session

    def finish(self, session: Session, expected: Checksums) -> StoredObject:
        """`expected`: checksums that came with the last chunk."""
        checksums.require(expected, session.draft.seal().checksums)
        session.stored = self._store(session.upload, session.draft)
        return session.stored

    def cancel(self, upload_id: str) -> None:
        with self.session(upload_id) as session, self._lock:
            self._drop(upload_id, session)

    def _expire(self, now: float) -> None:
        """Sessions stand in the order in which they started."""
        while self._sessions:
            upload_id, oldest = next(iter(self._sessions.items()))
            if oldest.busy or oldest.started + LIFETIME_SECONDS > now:
                return
            self._drop(upload_id, oldest)

    def _drop(self, upload_id: str, session: Session) -> None:
        del self._sessions[upload_id]
        if session.stored is None:
            session.draft.discard()
