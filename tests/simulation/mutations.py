"""One change of the product each that breaks the protocol, and what the simulation must say of it.

A change is made to the text of a copy of the sources. Should the text be written otherwise one day, the test says so.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """`changes`: texts of the file that stand there once, and what takes their place. `caught`: the invariants one of which must turn
    red; `start`: the first seed to try. What schedules reach too seldom is caught by a test that is directed at it: `caught` names it."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    caught: tuple[str, ...]
    start: int = 0

    @property
    def directed(self) -> str:
        """The test that must turn red, "" where schedules must."""
        return self.caught[0] if "::" in self.caught[0] else ""


MUTATIONS = (
    Mutation(
        "a receipt does not say for which job it is",
        "services/uploader/receipt.py",
        (
            (
                '"k": str(job.k if job else 0),',
                "",
            ),
        ),
        ("I3", "L1"),
    ),
    Mutation(
        "a part whose receipt exists is acknowledged at once",
        "services/uploader/upload.py",
        (
            (
                "    return announce_part(desk.ports, errand)\n\n\ndef _out_of_turn",
                "    return Ack()\n\n\ndef _out_of_turn",
            ),
        ),
        ("I10", "L1"),
    ),
    Mutation(
        "a task that finds the lease busy is acknowledged",
        "services/uploader/sending.py",
        (
            (
                'return Snooze("lease_busy", max(_SHORTEST_WAIT, min(_LONGEST_WAIT, held.wait)))',
                "return Ack()",
            ),
            (
                "from shared.edge.answer import Answer, Nack, Snooze\n",
                "from shared.edge.answer import Ack, Answer, Nack, Snooze\n",
            ),
        ),
        ("I10",),
    ),
    Mutation(
        "a receipt releases the lease whatever its token",
        "shared/ops/leasing.py",
        (
            (
                'return receipt is not None and receipt.metadata.get("token") == lease.token',
                "return receipt is not None",
            ),
        ),
        ("I1",),
        start=255,
    ),
    Mutation(
        "an outcome is published before it is stored",
        "shared/ops/outcome.py",
        (
            (
                "    ports.ledger.settle(names.outcome_json(run.segment, run.run), event, metadata)",
                "    announce_derived(ports, event)\n"
                "    ports.ledger.settle(names.outcome_json(run.segment, run.run), event, metadata)",
            ),
            (
                "from shared.ops.close import NEXT_PARTS, close\n",
                "from shared.ops.announce import announce_derived\n"
                "from shared.ops.close import NEXT_PARTS, close\n",
            ),
        ),
        ("I5",),
    ),
    Mutation(
        "a job is run without having been sealed",
        "services/uploader/finish.py",
        (
            (
                'replace(found.value, state="sealed", fence=sending.held.token)',
                "replace(found.value, fence=sending.held.token)",
            ),
        ),
        ("I3",),
    ),
    Mutation(
        "what was done is looked up before the lease is taken, and not again",
        "services/uploader/upload.py",
        (
            (
                "    if ports.ledger.stat(errand.receipt):\n"
                "        sending.held.free()\n"
                "        return None\n"
                "    if runs.read_outcome",
                "    if runs.read_outcome",
            ),
        ),
        ("I1c", "I3", "I13"),
    ),
    Mutation(
        "a sweep makes a finish task under the name that it had before",
        "shared/ops/enqueue.py",
        (
            (
                "        epoch=epoch,\n        n=0,",
                '        epoch=0 if kind == "finish" else epoch,\n        n=0,',
            ),
        ),
        ("I10", "L1"),
        start=50,
    ),
    Mutation(
        "a lease that was taken by time is used at once",
        "shared/ops/leasing.py",
        (
            (
                "    ports.clock.sleep(shortfall(verdict.gap, stamped, taken.created))\n",
                "",
            ),
        ),
        ("I1",),
    ),
    Mutation(
        "the account does not rest after an answer that did not come",
        "shared/ops/leasing.py",
        (
            (
                "        self._leave(self.lease.quietened(self.terms.settle))",
                "        self._leave(self.lease.freed())",
            ),
        ),
        ("I1",),
    ),
    Mutation(
        "a lease is never found busy",
        "shared/lease.py",
        (
            (
                "    age = (now - stamped).total_seconds()",
                "    return Free()\n    age = (now - stamped).total_seconds()",
            ),
        ),
        ("I1",),
    ),
    Mutation(
        "a call starts although the lease may end before it",
        "shared/lease.py",
        (
            (
                "    return elapsed + terms.call + terms.margin <= terms.term",
                "    return elapsed <= terms.term",
            ),
        ),
        ("I1b", "I1"),
    ),
    Mutation(
        "two jobs of an audience may run at once",
        "shared/line.py",
        (
            (
                '    if line.running is not None:\n        return Wait("another job runs on the audience")\n',
                "",
            ),
        ),
        ("I2", "I9"),
    ),
    Mutation(
        "a run does not wait for an older one",
        "shared/line.py",
        (
            (
                "    if any(_goes_first(marker, line, me, now - grace) for marker in waiting):\n"
                '        return Wait("an older run goes first")\n',
                "",
            ),
        ),
        ("I9",),
    ),
    Mutation(
        "a marker is deleted before the outcome is announced",
        "shared/ops/close.py",
        (
            (
                "    _announce_way(ports, entry, helped=marker.value.epoch > 0)\n",
                "    ports.ledger.remove(runs.marker_name(entry), marker.generation)\n"
                "    _announce_way(ports, entry, helped=marker.value.epoch > 0)\n",
            ),
        ),
        ("L1",),
        start=322,
    ),
    Mutation(
        "a sweep forgets the parts of a stage",
        "shared/sweeping.py",
        (
            (
                '        yield from (Obligation("upload", stage.number, part) for part in _unsent(stage))\n',
                "",
            ),
        ),
        ("L1",),
        start=50,
    ),
    Mutation(
        "ingest asks for a segment without having opened its run",
        "services/ingest/handler.py",
        (
            (
                "    if runs.read_outcome(ports, segment.segment, 1) or not (run := _open(ports, segment, account)):\n"
                '        return Ack("the run has ended")\n'
                "    request_run(ports, run.value)\n",
                "    request = encode(SegmentRequest(segment.segment))\n"
                "    ports.publisher.publish(ports.topology.topics.segment_requests, request, {})\n",
            ),
            (
                "from shared.model.run import Run\n",
                "from shared.model.codec import encode\nfrom shared.model.run import Run\n",
            ),
        ),
        ("I10",),
    ),
    Mutation(
        "a stage is begun without its guard",
        "shared/ops/begin.py",
        (("    enqueue(ports, account, guard, SECONDS_PER_PART * len(stage.parts))\n", ""),),
        ("I10",),
    ),
    Mutation(
        "a sweep looks at one run of an account only",
        "shared/ops/sweep.py",
        (
            (
                "            yield _sweep_run(ports, account, parsed[1], parsed[2], attended, act)\n",
                "            yield _sweep_run(ports, account, parsed[1], parsed[2], attended, act)\n            return\n",
            ),
        ),
        ("L1",),
        start=300,
    ),
    Mutation(
        "a frame that was not sent counts as sent",
        "services/uploader/filling.py",
        (("Progress(job.k, sent.frames, sent.records", "Progress(job.k, sent.frames + 1, sent.records"),),
        ("I6", "I7"),
    ),
    Mutation(
        "a part that is taken up again forgets what was refused before",
        "services/uploader/filling.py",
        (("sent.frames, sent.records, sent.refused)", "sent.frames, sent.records, ())"),),
        ("I6",),
        start=20,
    ),
    Mutation(
        "the lines that are refused are counted from the first of the part in every request",
        "services/uploader/refusals.py",
        (("record = first + one.index", "record = one.index"),),
        ("I6",),
    ),
    Mutation(
        "a part is completed although its every record was refused",
        "services/uploader/receipt.py",
        (("if not sent.reason_code and sent.records and refused == sent.records:", "if refused < 0:"),),
        ("I6",),
    ),
    Mutation(
        "a question about a list's size that may still be at work is passed over",
        "services/uploader/list_size.py",
        (("            raise\n        return 0\n", "            return 0\n        return 0\n"),),
        ("I1",),
        start=1205,
    ),
    Mutation(
        "a failed part leaves no dead letter",
        "shared/ops/telling.py",
        (("        bury(ports, letter_of(event))\n", "        pass\n"),),
        ("L1",),
    ),
    Mutation(
        "a request is made without another look at the pause",
        "services/uploader/sending.py",
        (
            (
                "        if pause_generation(self.ports, self.desk.pause.account) != self.desk.pause.generation:\n",
                "        if pause_generation(self.ports, self.desk.pause.account) < 0:\n",
            ),
        ),
        ("I1b",),
    ),
    Mutation(
        "a task of a paused account is carried out",
        "services/uploader/handler.py",
        (
            (
                "_ended(ports, passing) or _rest(ports, pause) or _carry_out",
                "_ended(ports, passing) or _carry_out",
            ),
        ),
        ("I1b",),
        start=60,
    ),
    Mutation(
        "a sweep resumes no account whose pause has an end",
        "shared/sweeping.py",
        (("    if is_over(pause, now):\n        return Resume()\n", ""),),
        ("L1", "L2"),
        start=260,
    ),
    Mutation(
        "a replace's job is filled although nobody knows whether it was cleared",
        "services/uploader/job.py",
        (
            (
                "                swap(sending, run, stage, found, _another(sending, run, stage, job))\n",
                '                swap(sending, run, stage, found, replace(job, state="filling"))\n',
            ),
        ),
        ("I3",),
    ),
    Mutation(
        "a replace is run although a part of it failed",
        "services/uploader/finish.py",
        (('if run.mode == "replace" and any(', 'if run.mode == "none" and any('),),
        ("I8",),
    ),
    Mutation(
        "a run that would undo something newer is carried out",
        "shared/line.py",
        (("    if _overtaken(line, me):\n", "    if line is None:\n"),),
        ("I9",),
        start=590,
    ),
    Mutation(
        "a job is given up as soon as it is not found once",
        "services/uploader/follow.py",
        (
            (
                "_MISSING_TIMES, _MISSING_FOR = 5, timedelta(hours=1)",
                "_MISSING_TIMES, _MISSING_FOR = 1, timedelta(0)",
            ),
        ),
        ("I7",),
        start=290,
    ),
    Mutation(
        "a run does not say that it is ready",
        "services/chunker/handler.py",
        (("    if not mark_ready(ports, entry):\n", "    if runs.read_marker(ports, entry) is None:\n"),),
        ("I10",),
    ),
    Mutation(
        "a sweep does not look at runs without manifest",
        "shared/sweeping.py",
        (
            (
                "return AskAgain() if view.untouched >= timedelta(seconds=times.ask_again_seconds) else Rest()",
                "return Rest()",
            ),
        ),
        ("unit/test_sweeping.py::test_a_run_that_nobody_chunks_is_asked_for_again_and_one_day_given_up",),
    ),
    Mutation(
        "a refusal from before a resumption pauses the account again",
        "shared/ops/pausing.py",
        (
            (
                "    told = carry_out(ports, found)\n    if told is None:\n",
                '    found = found if by == "operator" else read_pause(ports, found.account)\n'
                "    told = carry_out(ports, found)\n    if told is None:\n",
            ),
        ),
        ("simulation/test_pause.py::test_a_refusal_from_before_a_resumption_pauses_nothing",),
    ),
    Mutation(
        "who is slow holds a queue against a newer decision",
        "shared/ops/pausing.py",
        (
            (
                "        if pause_generation(ports, found.account) == found.generation:\n            return\n",
                "        return\n",
            ),
        ),
        ("simulation/test_pause.py::test_who_is_late_to_hold_a_queue_does_not_hold_it_against_a_resumption",),
    ),
    Mutation(
        "a run that a newer replace makes pointless is carried out",
        "shared/line.py",
        (("    if newest or line.last_replace > me.key:\n", "    if newest and not line:\n"),),
        ("simulation/test_modes.py::test_a_replace_makes_older_runs_that_have_not_begun_pointless",),
    ),
    Mutation(
        "a renewed lease counts from the answer of its renewal",
        "shared/ops/leasing.py",
        (
            (
                "        self.generation, self.since = entry.generation, before\n",
                "        self.generation, self.since = entry.generation, self.ports.clock.readings()\n",
            ),
        ),
        ("simulation/test_leasing.py::test_a_renewed_lease_counts_from_before_its_renewal",),
    ),
    Mutation(
        "a run is cancelled without a write of the line",
        "shared/ops/cancel.py",
        (("    _touch_line(ports, run)\n    for", "    for"),),
        ("simulation/test_cancel.py::test_who_read_the_line_before_cannot_claim_it_afterwards",),
    ),
    Mutation(
        "parts that are sent again are cut anew",
        "services/chunker/storing.py",
        (("    if run.parts:\n", "    if run.parts and run.run == 1:\n"),),
        (
            "simulation/test_replay.py::test_the_parts_are_those_that_were_cut_then_whatever_the_settings_are_now",
        ),
    ),
)

FIRST = MUTATIONS[:8]
"""Those that the protocol was first checked by: each takes away one rule that it cannot do without."""
