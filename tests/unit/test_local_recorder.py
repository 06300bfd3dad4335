"""The recorder of calls."""

from infra.local.control.recorder import Call, Recorder


def recorded(*calls: Call) -> Recorder:
    recorder = Recorder()
    for call in calls:
        recorder.begin(call)
    return recorder


def test_calls_are_found_by_every_word_given() -> None:
    publish = Call("pubsub", "Publish", "completions", "", 1.0)
    pull = Call("pubsub", "Pull", "dead-letters", "", 2.0)
    get = Call("storage", "objects.get", "work", "a", 3.0)
    recorder = recorded(publish, pull, get)

    assert list(recorder.calls()) == [publish, pull, get]
    assert list(recorder.calls(service="pubsub")) == [publish, pull]
    assert list(recorder.calls(service="pubsub", method="Pull")) == [pull]
    assert list(recorder.calls(service="pubsub", account="work")) == []


def test_counts_are_by_service_and_method() -> None:
    call = Call("pubsub", "Publish", "completions", "", 1.0)

    assert recorded(call, call, Call("pubsub", "Pull", "x", "", 1.0)).counts() == {
        "pubsub.Publish": 2,
        "pubsub.Pull": 1,
    }


def test_a_call_is_known_while_it_runs() -> None:
    (call,) = recorded(Call("pubsub", "StreamingPull", "x", "", 1.0)).calls()

    assert call.ended is None
