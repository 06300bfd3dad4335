"""What functions_framework makes of a function's answer, as Pub/Sub and Cloud Tasks get to see it."""

from pathlib import Path
from typing import Any

import functions_framework

SOURCE = """
import functions_framework

@functions_framework.cloud_event
def takes_events(event):
    return "not now", 503

@functions_framework.http
def takes_requests(request):
    return "not now", 503
"""
EVENT = {
    "ce-id": "1",
    "ce-source": "//pubsub.googleapis.com/projects/demo/topics/landing",
    "ce-specversion": "1.0",
    "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
}


def client(tmp_path: Path, target: str) -> Any:
    source = tmp_path / "main.py"
    source.write_text(SOURCE, encoding="utf-8")
    create_app: Any = functions_framework.create_app
    return create_app(target, str(source)).test_client()


def test_a_function_of_events_cannot_choose_its_status(tmp_path: Path) -> None:
    answer = client(tmp_path, "takes_events").post("/", headers=EVENT, json={"message": {}})

    assert answer.status_code == 200


def test_a_function_of_requests_chooses_its_status(tmp_path: Path) -> None:
    answer = client(tmp_path, "takes_requests").post("/", json={"message": {}})

    assert answer.status_code == 503
