"""The dictionary under the simulation answers as the local cloud's storage does."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import binary, integers, sampled_from

from infra.local.storage.engine import StorageEngine
from shared.ports import Blob
from tests.support.stores import EngineStore, MemoryStore, Store, TooOften

NAMES = sampled_from(["a/1", "a/2", "b/1"])
METADATA = sampled_from([None, {}, {"ready": "1"}])


class TwoStores(RuleBasedStateMachine):
    """Both are told the same; what they say must be the same, but for the generations' numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._now = 1000.0
        self._engine = StorageEngine(Path(self._folder.name), lambda: self._now)
        self._engine.buckets.insert("work", "test", {})
        self._stores: tuple[Store, Store] = (
            EngineStore(self._engine, "work"),
            MemoryStore("work", lambda: self._now),
        )

    @rule(seconds=sampled_from([0.4, 1.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self._now += seconds

    @rule(name=NAMES, content=binary(max_size=8), offset=integers(-1, 1), metadata=METADATA)
    def write(self, name: str, content: bytes, offset: int, metadata: dict[str, str] | None) -> None:
        """With the right generation, or one beside it."""
        self._same(*(self._inserted(store, name, content, offset, metadata) for store in self._stores))

    @rule(name=NAMES, offset=integers(-1, 1))
    def remove(self, name: str, offset: int) -> None:
        self._same(*(self._removed(store, name, offset) for store in self._stores))

    @rule(name=NAMES)
    def read(self, name: str) -> None:
        self._same(*(_told(store.get(name)) for store in self._stores))

    @rule(prefix=sampled_from(["", "a/", "b/", "c"]), after=sampled_from(["", "a/1", "a/2"]))
    def list(self, prefix: str, after: str) -> None:
        self._same(*([_told(blob) for blob in store.page(prefix, after)] for store in self._stores))

    def teardown(self) -> None:
        self._engine.close()
        self._folder.cleanup()

    def _inserted(
        self, store: Store, name: str, content: bytes, offset: int, metadata: dict[str, str] | None
    ) -> object:
        try:
            return _told(store.insert(name, content, max(0, _generation(store, name) + offset), metadata))
        except TooOften:
            return "too often"

    def _removed(self, store: Store, name: str, offset: int) -> object:
        try:
            return store.remove(name, max(1, _generation(store, name) + offset))
        except TooOften:
            return "too often"

    def _same(self, one: object, other: object) -> None:
        assert one == other


def _generation(store: Store, name: str) -> int:
    blob = store.get(name)
    return blob.generation if blob else 0


def _told(blob: Blob | None) -> object:
    return (
        (blob.name, blob.created, blob.size, blob.crc32c, dict(blob.metadata), blob.content) if blob else None
    )


TestTwoStores = TwoStores.TestCase
TestTwoStores.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
