"""Metrics, alerts and the dashboard: what they listen for is what the services say."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from infra.load import load_topology
from tests.support.stack import INFRA, Applied

_TOPOLOGY = load_topology()
_WORD = re.compile(r'"(\w+)"')
_MESSAGES = re.compile(r"jsonPayload\.message=(\([^)]*\)|\"\w+\")")
_FIELD = re.compile(r"jsonPayload\.(\w+)")
_USER_METRIC = re.compile(r'logging\.googleapis\.com/user/([^"]+)"')
_BOUND = {"message", "service", "segment", "run", "attempt", "account", "labels"}
"""Of every line that is about some work, or about an account: shared/log.py binds them."""

WANTED_ALERTS = ("dead letters", "stuck", "account paused", "no outcome", "many rejects", "no sweep")


def metrics_hear_what_services_say(applied: Applied) -> Iterator[str]:
    for name, values in applied.by("google_logging_metric").items():
        heard = [word for found in _MESSAGES.findall(values["filter"]) for word in _WORD.findall(found)]
        if not heard:
            yield f"{name} hears no line"
        for word in heard:
            if word not in said():
                yield f"{name}: no service says {word}"
            else:
                yield from (
                    f"{name}: {word} does not say {field}"
                    for field in _fields(values) - said()[word] - _BOUND
                )


def metrics_describe_their_labels(applied: Applied) -> Iterator[str]:
    for name, values in applied.by("google_logging_metric").items():
        (described,) = values["metric_descriptor"]
        keys = {label["key"] for label in described["labels"] or ()}
        if keys != (values["label_extractors"] or {}).keys():
            yield f"{name}: labels {sorted(keys)} are described, others are extracted"
        if bool(values["value_extractor"]) != (described["value_type"] == "DISTRIBUTION"):
            yield f"{name}: a distribution needs values, a counter has none"


def alerts_look_at_metrics_that_there_are(applied: Applied) -> Iterator[str]:
    known = applied.by("google_logging_metric")
    for name, condition in _conditions(applied):
        metrics = _USER_METRIC.findall(condition["filter"])
        yield from (f"{name}: there is no metric {each}" for each in metrics if each not in known)
        if len(metrics) != 1:
            yield f"{name}: looks at {len(metrics)} metrics of ours"
        for each in metrics:
            labels = {
                f"metric.label.{label}" for label in (known.get(each) or {}).get("label_extractors") or ()
            }
            grouped = {field for how in condition["aggregations"] for field in how["group_by_fields"] or ()}
            yield from (f"{name}: {each} has no {field}" for field in sorted(grouped - labels))


def every_alert_is_there_and_says_what_to_do(applied: Applied) -> Iterator[str]:
    policies = {
        values["display_name"].removeprefix("Sluice: "): values
        for values in applied.all("google_monitoring_alert_policy")
    }
    yield from (f"there is no alert: {each}" for each in WANTED_ALERTS if each not in policies)
    for name, values in policies.items():
        told = "".join(each["content"] for each in values["documentation"])
        if "sluice " not in told:
            yield f"{name}: names no command"


def thresholds_are_those_of_the_topology(applied: Applied) -> Iterator[str]:
    for name, condition in _conditions(applied):
        if (
            name.endswith("many rejects")
            and condition["threshold_value"] != _TOPOLOGY.alerts.rejected_percent
        ):
            yield f"{name}: {condition['threshold_value']}"
        if name.endswith("no sweep") and condition["duration"] != f"{3 * _TOPOLOGY.sweep.period_seconds}s":
            yield f"{name}: {condition['duration']}"


def the_dashboard_shows_metrics_that_there_are(applied: Applied) -> Iterator[str]:
    for dashboard in applied.all("google_monitoring_dashboard"):
        tiles = json.loads(dashboard["dashboard_json"])["mosaicLayout"]["tiles"]
        places = [(tile["xPos"], tile["yPos"]) for tile in tiles]
        if len(set(places)) < len(places) or any(tile["xPos"] + tile["width"] > 12 for tile in tiles):
            yield "charts lie over each other, or beside the page"
        shown = {
            each for tile in tiles for each in _USER_METRIC.findall(json.dumps(tile).replace('\\"', '"'))
        }
        yield from (
            f"there is no metric {each}"
            for each in sorted(shown - applied.by("google_logging_metric").keys())
        )
        yield from (f"no chart shows {each}" for each in sorted(_worth_seeing(applied) - shown))


def _worth_seeing(applied: Applied) -> set[str]:
    return set(applied.by("google_logging_metric")) - {"sluice/sweeps_ended"}


def _conditions(applied: Applied) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for policy in applied.all("google_monitoring_alert_policy"):
        for condition in policy["conditions"]:
            for kind in ("condition_threshold", "condition_absent"):
                yield from ((policy["display_name"], each) for each in condition[kind])


def _fields(metric: Mapping[str, Any]) -> set[str]:
    texts = [metric["filter"], metric["value_extractor"] or "", *(metric["label_extractors"] or {}).values()]
    return {field for text in texts for field in _FIELD.findall(text)}


@cache
def said() -> Mapping[str, frozenset[str]]:
    """Every line that the services write, by its message, with the fields that are written out where it is said; a starred mapping's
    keys are those of the dictionaries in the same module."""
    found: dict[str, set[str]] = {}
    for folder in ("services/ingest", "services/chunker", "services/uploader", "shared"):
        for file in (INFRA.parent / folder).rglob("*.py"):
            module = ast.parse(file.read_text("utf-8"))
            for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
                for word in _messages(call, module):
                    found.setdefault(word, set()).update(_said_with(call, module))
    return {word: frozenset(fields) for word, fields in found.items()}


_LEVELS = {"debug", "info", "warning", "error", "critical"}


def _messages(call: ast.Call, module: ast.Module) -> Iterator[str]:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in _LEVELS and call.args):
        return
    first = call.args[0]
    if isinstance(first, ast.Name):  # a word chosen before
        chosen = [
            node.value
            for node in ast.walk(module)
            if isinstance(node, ast.Assign) and _is_named(node, first.id)
        ]
        yield from (word for value in chosen for each in ast.walk(value) if (word := _text(each)))
    elif word := _text(first):
        yield word


def _said_with(call: ast.Call, module: ast.Module) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg
        else:
            dictionaries = (node for node in ast.walk(module) if isinstance(node, ast.Dict))
            yield from (word for each in dictionaries for key in each.keys if (word := _text(key)))


def _is_named(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
