"""Log lines: they name things by ids and counts, and nothing that a record holds gets into one, whoever writes it."""

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import grpc
import pytest
from google.ads.googleads.errors import GoogleAdsException
from google.ads.googleads.interceptors import LoggingInterceptor
from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types.offline_user_data_job_service import (
    AddOfflineUserDataJobOperationsRequest,
)

from shared.log import bind_work, configure, forget_work, get_logger

EMAIL = "quillan.7@example.com"
HASH = sha256(EMAIL.encode()).hexdigest()
ADS = "google.ads.googleads.client"
METHOD = "/google.ads.googleads.v26.services.OfflineUserDataJobService/AddOfflineUserDataJobOperations"


@dataclass(frozen=True)
class Details:
    method: str = METHOD
    metadata: tuple[tuple[str, str], ...] = (("developer-token", "secret"), ("login-customer-id", "1"))


class Answer:
    """A call that has ended: `error` is what Google refused it with."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def trailing_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("request-id", "Fz3e-7_Q"),)

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.INVALID_ARGUMENT if self.error else grpc.StatusCode.OK

    def exception(self) -> Exception | None:
        return self.error

    def result(self) -> str:
        return f"taken: {HASH}"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Other tests and pytest itself want the root logger as it was."""
    loggers = [logging.getLogger(name) for name in ("", "google", ADS)]
    levels, handlers = [logger.level for logger in loggers], list(loggers[0].handlers)
    yield io.StringIO()
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def request() -> Any:
    operation = {"create": {"user_identifiers": [{"hashed_email": HASH}]}}
    return AddOfflineUserDataJobOperationsRequest.pb(
        AddOfflineUserDataJobOperationsRequest(
            resource_name="customers/1234567890/offlineUserDataJobs/7", operations=[operation]
        )
    )


def refusal() -> GoogleAdsException:
    """Google's texts quote what they are about."""
    failure = GoogleAdsFailure.pb(
        GoogleAdsFailure(errors=[{"message": f"'{EMAIL}' is not hashed", "trigger": {"string_value": HASH}}])
    )
    return GoogleAdsException(Answer(), None, failure, "Fz3e-7_Q")  # type: ignore[arg-type]


def told(logger: logging.Logger, answer: Answer) -> None:
    """By the client library's own interceptor, as it logs every call."""
    interceptor = LoggingInterceptor(logger, "v26", "googleads.googleapis.com")
    interceptor.intercept_unary_unary(lambda *_: answer, Details(), request())  # type: ignore[arg-type]


@pytest.mark.parametrize("answer", [Answer(), Answer(refusal())], ids=["taken", "refused"])
def test_google_ads_says_which_call_it_made_and_nothing_of_what_it_carried(
    stream: io.StringIO, answer: Answer
) -> None:
    configure("json", "uploader", stream, "DEBUG")

    told(logging.getLogger(ADS), answer)

    (line,) = lines(stream)
    assert (line["message"], line["logger"], line["service"]) == ("google_ads_request", ADS, "uploader")
    assert (line["method"], line["request_id"], line["account"]) == (METHOD, "Fz3e-7_Q", "1234567890")
    assert line["fault"] == str(answer.error is not None)
    assert not {EMAIL, HASH, "secret"} & set(line.values())
    assert HASH not in stream.getvalue()
    assert EMAIL not in stream.getvalue()


@pytest.mark.parametrize("answer", [Answer(), Answer(refusal())], ids=["taken", "refused"])
def test_without_its_filter_google_ads_would_tell_all(answer: Answer) -> None:
    """What the test before this one must not find is there to be found."""
    stream, logger = io.StringIO(), logging.Logger("unfiltered", logging.DEBUG)
    logger.addHandler(logging.StreamHandler(stream))

    told(logger, answer)

    assert HASH in stream.getvalue()
    assert (EMAIL in stream.getvalue()) == (answer.error is not None)


@pytest.mark.parametrize(
    "text", ["Request\n-------\nMethod: x", f"Request made: {EMAIL}", f"new: {HASH}", ""]
)
def test_what_google_ads_has_never_said_before_is_not_repeated(stream: io.StringIO, text: str) -> None:
    configure("json", "uploader", stream, "DEBUG")

    logging.getLogger(ADS).error(text)

    assert stream.getvalue() == ""


def test_google_ads_is_silent_by_default(stream: io.StringIO) -> None:
    """Every other logger's filter would come too late: the library writes the request out first."""
    configure("json", "uploader", stream)

    assert not logging.getLogger(ADS).isEnabledFor(logging.WARNING)


def test_libraries_are_heard_in_full_at_debug_only(stream: io.StringIO) -> None:
    for level in ("INFO", "DEBUG"):
        configure("json", "ingest", stream, level)
        logging.getLogger("urllib3.connectionpool").debug('"GET %s" %d', "/identity/keys", 200)
        logging.getLogger("grpc").warning("a channel was closed")

    assert [(line["severity"], line["message"]) for line in lines(stream)] == [
        ("WARNING", "a channel was closed"),
        ("DEBUG", '"GET /identity/keys" 200'),
        ("WARNING", "a channel was closed"),
    ]


def test_a_librarys_line_names_the_work_that_it_was_for(stream: io.StringIO) -> None:
    configure("json", "ingest", stream)
    bind_work("a-segment", 1, 2)

    logging.getLogger("google.cloud.storage").warning("slow")

    forget_work()
    assert lines(stream)[0]["segment"] == "a-segment"


def test_the_fields_that_libraries_add_are_left_out(stream: io.StringIO) -> None:
    """Google's clients put requests, answers and credentials there."""
    configure("json", "uploader", stream, "DEBUG")

    fields = {"request": {"payload": HASH}, "metadata": {"authorization": "Bearer secret"}}
    logging.getLogger("google.ads.googleads.v26.services").debug(
        "Sending request for %s", METHOD, extra=fields
    )

    assert lines(stream)[0]["message"] == f"Sending request for {METHOD}"
    assert HASH not in stream.getvalue()
    assert "secret" not in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_errors_text_is_not_told_by_whomever(stream: io.StringIO, form: str) -> None:
    configure(form, "chunker", stream)
    try:
        raise ValueError(f"not a number: {EMAIL}")
    except ValueError as error:
        get_logger().exception("ours")
        get_logger().error("ours", exc_info=error)
        logging.getLogger("flask.app").exception("theirs")

    text = stream.getvalue()
    assert (text.count("ValueError"), text.count("test_an_errors_text_is_not_told_by_whomever")) == (3, 3)
    assert EMAIL not in text


def test_a_message_that_does_not_fit_its_values_tells_neither(stream: io.StringIO) -> None:
    configure("json", "chunker", stream)

    record = logging.LogRecord("third.party", logging.WARNING, "x.py", 1, "%d people", (EMAIL,), None)
    logging.getLogger().handlers[-1].handle(record)

    assert lines(stream)[0]["message"] == "a message that does not fit its values"
    assert EMAIL not in stream.getvalue()


@pytest.mark.parametrize("level", [1, 10, 25, 30, 55])
def test_a_level_between_two_is_the_lower_one(stream: io.StringIO, level: int) -> None:
    configure("json", "chunker", stream, "DEBUG")

    logging.getLogger("third.party").log(level, "said")

    assert len(lines(stream)) == (level >= 10)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("target", "colours", "coloured"),
    [(Terminal(), True, True), (Terminal(), False, False), (io.StringIO(), True, False)],
)
def test_lines_have_colours_on_a_terminal_whose_owner_wants_them(
    target: io.StringIO, colours: bool, coloured: bool
) -> None:
    configure("console", "sluice", target, colours=colours)

    get_logger().warning("account_paused")

    assert ("\x1b[" in target.getvalue()) == coloured
