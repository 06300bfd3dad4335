"""The store against a dictionary: any sequence of writes, deletes and changes, with any conditions."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from infra.local.storage.checksums import UNKNOWN
from infra.local.storage.engine import StorageEngine
from infra.local.storage.paging import ListQuery
from infra.local.storage.preconditions import Preconditions, Version
from infra.local.storage.records import NewObject, Target, Wanted
from infra.local.storage.refusal import Reason, Refused
from infra.local.storage.uploads import Upload

names = st.sampled_from(["a", "a/b", "c"])
# Which generation a condition names: none at all, nothing there, the live one, or another.
generations = st.sampled_from(["none", "absent", "live", "other"])
metagenerations = st.none() | st.integers(1, 2)


@dataclass
class Model:
    version: Version
    data: bytes


class StoreBesideADictionary(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.moment = 1_795_000_000.0
        self.store = StorageEngine(self.directory, lambda: self.moment)
        self.store.buckets.insert("bucket", "p", {})
        self.objects: dict[str, Model] = {}
        self.written: dict[str, float] = {}

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.directory)

    def live(self, name: str) -> Version:
        return self.objects[name].version if name in self.objects else Version()

    def conditions(self, name: str, generation: str, metageneration: int | None) -> Preconditions:
        live = self.live(name).generation
        number = {"none": None, "absent": 0, "live": live, "other": live + 1}[generation]
        return Preconditions(generation_match=number, metageneration_match=metageneration)

    def expected(self, name: str, conditions: Preconditions, is_new: bool) -> Reason | None:
        live = self.live(name)
        if not is_new and name not in self.objects:
            return Reason.NOT_FOUND
        if conditions.generation_match not in (None, live.generation):
            return Reason.CONDITION_FAILED
        if conditions.metageneration_match not in (None, live.metageneration):
            return Reason.CONDITION_FAILED
        return Reason.TOO_OFTEN if self.moment - self.written.get(name, 0.0) < 1 else None

    def outcome(self, name: str, action: Callable[[], object]) -> Reason | None:
        try:
            action()
        except Refused as refused:
            return refused.reason
        self.written[name] = self.moment
        return None

    @rule(seconds=st.sampled_from([0.4, 1.0]))
    def wait(self, seconds: float) -> None:
        self.moment += seconds

    @rule(name=names, data=st.binary(max_size=5), generation=generations, metageneration=metagenerations)
    def write(self, name: str, data: bytes, generation: str, metageneration: int | None) -> None:
        conditions = self.conditions(name, generation, metageneration)
        expected = self.expected(name, conditions, is_new=True)
        assert self.outcome(name, lambda: self._write(name, data, conditions)) == expected

    def _write(self, name: str, data: bytes, conditions: Preconditions) -> None:
        before = self.live(name).generation
        with self.store.uploads.draft() as draft:
            draft.write(data)
            upload = Upload(NewObject(Target("bucket", name), {}, conditions), UNKNOWN)
            version = self.store.uploads.complete(upload, draft).version
        assert version.generation > before
        assert version.metageneration == 1
        self.objects[name] = Model(version, data)

    @rule(name=names, generation=generations, metageneration=metagenerations)
    def delete(self, name: str, generation: str, metageneration: int | None) -> None:
        conditions = self.conditions(name, generation, metageneration)
        expected = self.expected(name, conditions, is_new=False)
        wanted = Wanted(Target("bucket", name), None, conditions)
        assert self.outcome(name, lambda: self.store.objects.delete(wanted)) == expected
        if expected is None:
            del self.objects[name]

    @rule(name=names, generation=generations, metageneration=metagenerations)
    def change(self, name: str, generation: str, metageneration: int | None) -> None:
        conditions = self.conditions(name, generation, metageneration)
        expected = self.expected(name, conditions, is_new=False)
        wanted = Wanted(Target("bucket", name), None, conditions)
        assert self.outcome(name, lambda: self.store.objects.change(wanted, dict)) == expected
        if expected is None:
            old = self.objects[name].version
            self.objects[name].version = Version(old.generation, old.metageneration + 1)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = StorageEngine(self.directory, lambda: self.moment)
        self.written.clear()

    @invariant()
    def the_same_objects_are_there(self) -> None:
        listed = self.store.objects.page("bucket", ListQuery()).items
        assert {each.target.name: each.version for each in listed} == {
            name: each.version for name, each in self.objects.items()
        }

    @invariant()
    def they_hold_the_same_bytes_and_nothing_else_is_on_disk(self) -> None:
        for name, each in self.objects.items():
            _, file = self.store.objects.open(Wanted(Target("bucket", name)))
            with file:
                assert file.read() == each.data
        assert len(list((self.directory / "bodies").iterdir())) == len(self.objects)


TestStoreBesideADictionary = StoreBesideADictionary.TestCase
TestStoreBesideADictionary.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
