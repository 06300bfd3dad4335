"""The page about operating is true: its commands are run in the situations that it names, and print what it shows."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from infra.provision import pull_subscription
from services.console import environment
from shared.names import outcome_json
from tests.support.command import documents, sluice
from tests.support.flow import ADD, Flow

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

DOCS = Path(__file__).parents[3] / "docs"
ACCOUNT, SEGMENT = "1234567890", "1234567890-high-value-append-0f98cd055c2ea59d"
LETTER = "20261123T140512.000000Z-0123456789ab"
FILE = b"email\n" + b"".join(b"person%d@example.com\n" % number for number in range(5)) + b"nobody\n"


@dataclass
class Situation:
    """`names`: what stands on the page, and what it is here."""

    flow: Flow
    names: dict[str, str] = field(default_factory=dict)

    def here(self, text: str) -> str:
        for shown, real in self.names.items():
            text = text.replace(shown, real)
        return text


@dataclass(frozen=True)
class Block:
    """Commands with what they print, in one situation."""

    situation: str
    commands: tuple[tuple[str, str], ...]


def blocks() -> Iterator[Block]:
    situation = ""
    pattern = r"<!-- situation: (?P<name>[\w -]+) -->|```console\n(?P<session>.*?)```"
    for found in re.finditer(pattern, (DOCS / "operate.md").read_text(), re.DOTALL):
        situation = found["name"] or situation
        if found["session"]:
            parts = re.split(r"^\$ ", found["session"], flags=re.MULTILINE)[1:]
            split = (part.partition("\n") for part in parts)
            yield Block(situation, tuple((command, shown) for command, _, shown in split))


def in_situations() -> list[tuple[str, list[Block]]]:
    """Blocks that follow each other in one situation share it."""
    found: list[tuple[str, list[Block]]] = []
    for block in blocks():
        if not found or found[-1][0] != block.situation:
            found.append((block.situation, []))
        found[-1][1].append(block)
    return found


@pytest.mark.parametrize(("name", "session"), in_situations(), ids=[name for name, _ in in_situations()])
def test_the_page_shows_what_its_commands_print(flow: Flow, name: str, session: list[Block]) -> None:
    situation = SITUATIONS[name](flow)
    for block in session:
        for command, shown in block.commands:
            words = shlex.split(situation.here(command))
            assert words[0] == "sluice"
            told = sluice(*words[1:])
            assert told.returncode in (0, 1), told.stderr
            wanted = situation.here(shown).rstrip("\n")
            if "accounts list" in command:
                wanted, printed = wanted.splitlines()[1], line_of(told.stdout, situation.names[ACCOUNT])
            else:
                printed = told.stdout.rstrip("\n")
            assert fits(printed, wanted), f"$ {command}\n{printed}\n--- the page:\n{wanted}"


def line_of(printed: str, account: str) -> str:
    return next(line for line in printed.splitlines() if line.startswith(account))


def fits(printed: str, wanted: str) -> bool:
    """`…` stands for any text; runs of spaces are the width of a column."""
    pattern = ".*".join(re.escape(piece) for piece in re.sub(r" +", " ", wanted).split("…"))
    return re.fullmatch(pattern, re.sub(r" +", " ", printed), re.DOTALL) is not None


def landed(flow: Flow, *, ended: bool = True) -> Situation:
    account = flow.account("high-value")
    return landed_for(flow, account.id, ended=ended)


def landed_for(flow: Flow, account: str, *, ended: bool) -> Situation:
    found = flow.land(f"{account}/high-value/append/people.csv", FILE)
    segment = f"{account}-high-value-append{found.mark}"
    if ended:
        flow.until(lambda: flow.ledger(outcome_json(segment, 1)), "an outcome")
        flow.until(lambda: not flow.ledger(f"open/{account}/"), "an end")
    return Situation(flow, {SEGMENT: segment, ACCOUNT: account})


def failed(flow: Flow) -> Situation:
    account = flow.account("high-value")
    flow.fault(
        service="google_ads",
        method=ADD,
        account=account.id,
        action="error",
        code="INVALID_ARGUMENT",
        reason="INVALID_USER_LIST_ID",
    )
    situation = landed_for(flow, account.id, ended=True)
    return with_letter(situation, "--segment", situation.names[SEGMENT])


def with_letter(situation: Situation, *words: str) -> Situation:
    def look() -> str:
        found = documents("dead-letters", sluice("dead-letters", "list", *words, "--json"))
        return str(found[-1]["letter"]) if found else ""

    letter = situation.flow.until(look, "a dead letter")
    return Situation(situation.flow, {LETTER: letter, **situation.names})


def paused(flow: Flow) -> Situation:
    account = flow.account("high-value")
    flow.judge(account.id, "terms_not_accepted")
    found = landed_for(flow, account.id, ended=False)
    flow.until(
        lambda: any(event.type == "account.paused" for event in flow.account_events(account.id)), "a pause"
    )
    flow.judge(account.id, "good")
    return found


def not_allow_listed(flow: Flow) -> Situation:
    account = flow.account("high-value")
    flow.judge(account.id, "not_allowlisted")
    return Situation(flow, {ACCOUNT: account.id})


def wrong_file(flow: Flow) -> Situation:
    account = flow.account("high-value")
    flow.fault(
        service="google_ads", method=ADD, account=account.id, action="error", code="UNAVAILABLE", times=1000
    )
    found = landed_for(flow, account.id, ended=False)
    flow.until(lambda: flow.calls("google_ads", ADD, account.id), "a request")
    return found


def stranger(flow: Flow) -> Situation:
    flow.publish(flow.deployment.topology.topics.dead_letters, b"hello", {"who": "a stranger"})
    return with_letter(Situation(flow, {}), "--reason", "letter_foreign")


SITUATIONS: dict[str, Callable[[Flow], Situation]] = {
    "delivered": landed,
    "failed": failed,
    "paused": paused,
    "not allow-listed": not_allow_listed,
    "wrong file": wrong_file,
    "stranger": stranger,
}


def test_the_program_for_a_chat_posts_what_went_wrong(flow: Flow) -> None:
    posted: list[bytes] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    deployment = flow.deployment
    pull_subscription(deployment.admin, deployment.site, "chat", deployment.topology.topics.completions)
    account = flow.account("high-value")
    landing = flow.land(f"{account.id}/high-value/append/empty.csv")
    outcome = flow.outcome(landing)
    with HTTPServer(("127.0.0.1", 0), Chat) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        words = [sys.executable, "docs/examples/webhook.py", deployment.site.project, "chat"]
        url = f"http://127.0.0.1:{server.server_port}/"
        with subprocess.Popen([*words, url], cwd=DOCS.parent, env=environment.inherited()) as program:
            flow.until(lambda: any(outcome.segment.encode() in each for each in posted), "a post")
            program.terminate()
        server.shutdown()


def test_the_dag_is_python() -> None:
    compile((DOCS / "examples/wait_for_segment.py").read_text(), "wait_for_segment.py", "exec")
