"""The version of the Google Ads API: which there are, which is taken, and when it ends."""

import ast
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from google.ads.googleads.client import GoogleAdsClient
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from services.uploader.destinations.api import api, installed
from services.uploader.destinations.google_ads import GoogleAds
from services.uploader.destinations.versions import VERSIONS, warning
from shared.errors import ConfigurationError
from shared.settings import GOOGLE_ADS_VERSION, Settings, from_environment
from tests.support.recording import StandingClock
from tests.unit.test_settings import NEEDED

ROOT = Path(__file__).parents[2]
NAMES = st.sampled_from([each.name for each in VERSIONS])
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


class Nobody:
    def access(self, name: str) -> bytes:
        raise AssertionError("no secret is needed to connect")


class On(StandingClock):
    def __init__(self, day: date) -> None:
        self.day = day

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)


def settings(version: str) -> Settings:
    return from_environment({**NEEDED, "GOOGLE_ADS_API_VERSION": version})


def test_the_version_that_is_spoken_is_the_client_librarys_newest_and_default() -> None:
    assert from_environment(NEEDED).google_ads_version == GOOGLE_ADS_VERSION
    assert installed()[-1] == GOOGLE_ADS_VERSION == GoogleAdsClient({}).enums._version


@pytest.mark.parametrize("version", ["v1", "v99", "26", "v26.0", "errors", "v26.services", "../v26", ""])
def test_a_version_that_there_is_not_is_refused_with_those_that_there_are(version: str) -> None:
    with pytest.raises(ConfigurationError, match=f"GOOGLE_ADS_API_VERSION.*{', '.join(installed())}"):
        GoogleAds.connect(settings(version), Nobody(), StandingClock())


@pytest.mark.parametrize("version", installed())
def test_every_version_has_classes_of_its_own(version: str) -> None:
    version_api = api(version)

    kinds = (
        version_api.failure,
        version_api.jobs.RunOfflineUserDataJobRequest,
        version_api.enum("ConsentStatus"),
    )

    assert {kind.__module__.split(".")[3] for kind in kinds} == {version}
    assert version in version_api.failure_key


def test_no_other_module_of_the_product_imports_a_version() -> None:
    modules = [path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")]
    assert len(modules) > 100

    imported = {name for path in modules for name in _imports(path)}

    assert not [name for name in imported if re.match(r"google\.ads\.googleads\.v\d", name)]


def _imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


# When a version ends


def test_every_version_that_can_be_spoken_has_a_row_with_its_source() -> None:
    assert {each.name for each in VERSIONS} >= set(installed())
    assert all(each.source for each in VERSIONS)


@given(NAMES, DAYS)
def test_an_end_is_told_of_from_60_days_before_on(name: str, today: date) -> None:
    sunset = next(each.sunset for each in VERSIONS if each.name == name)
    assert sunset

    near = sunset - today <= timedelta(days=60)

    assert bool(warning(name, today)) is near


def test_commands_may_ask_without_googles_libraries() -> None:
    assert _imports(ROOT / "services/uploader/destinations/versions.py") == {"dataclasses", "datetime"}


def test_a_warning_says_when_how_long_and_what_to_do() -> None:
    near, over = warning("v23", date(2027, 1, 30)), warning("v23", date(2027, 2, 1))

    assert "from 2027-02-01 on, in 2 days" in near
    assert "since 2027-02-01" in over
    assert all("GOOGLE_ADS_API_VERSION" in words for words in (near, over))


def test_a_version_whose_end_is_not_known_says_so() -> None:
    assert "not known" in warning("v27", date(2026, 11, 26))


@pytest.mark.parametrize(
    ("day", "warned"), [(date(2026, 11, 26), 0), (date(2027, 9, 2), 1), (date(2028, 1, 1), 1)]
)
def test_an_uploader_that_connects_says_that_its_version_ends_soon(day: date, warned: int) -> None:
    with capture_logs() as lines:
        GoogleAds.connect(settings("v26"), Nobody(), On(day))

    assert [line["log_level"] for line in lines if line["event"] == "api_version_near_sunset"] == [
        "warning"
    ] * warned
