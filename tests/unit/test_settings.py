"""What services are told by their environment."""

import pytest

from shared.errors import ConfigurationError
from shared.settings import GOOGLE_ISSUER, GOOGLE_KEYS, NAME_PATTERNS, Emulators, from_environment

NEEDED = {
    "GOOGLE_CLOUD_PROJECT": "demo",
    "SLUICE_REGION": "europe-west1",
    "SLUICE_LANDING_BUCKET": "landing",
    "SLUICE_PARTS_BUCKET": "parts",
    "SLUICE_WORK_BUCKET": "work",
}


def test_what_is_needed_suffices() -> None:
    settings = from_environment(NEEDED)

    assert (settings.token_issuer, settings.token_keys) == (GOOGLE_ISSUER, GOOGLE_KEYS)
    assert settings.name_pattern == NAME_PATTERNS
    assert settings.emulators == Emulators("", "", "", "", "")
    assert (settings.clock, settings.log_format, settings.developer_token) == ("", "json", "")


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    environment = {**NEEDED, name: value or ""} if value is not None else {**NEEDED}
    if value is None:
        del environment[name]

    with pytest.raises(ConfigurationError, match=name):
        from_environment(environment)


def test_other_servers_are_found_by_their_usual_variables() -> None:
    hosts = {
        "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1",
        "PUBSUB_EMULATOR_HOST": "127.0.0.1:2",
        "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:3",
        "GOOGLE_ADS_ENDPOINT": "localhost:4",
        "SECRET_MANAGER_EMULATOR_HOST": "127.0.0.1:5",
    }

    assert from_environment({**NEEDED, **hosts}).emulators == Emulators(*hosts.values())


def test_a_developer_token_is_not_in_what_settings_show_of_themselves() -> None:
    settings = from_environment({**NEEDED, "GOOGLE_ADS_DEVELOPER_TOKEN": "hush"})

    assert settings.developer_token == "hush"
    assert "hush" not in repr(settings)


def test_a_log_level_is_one_that_there_is() -> None:
    assert from_environment(NEEDED).log_level == "INFO"
    assert from_environment({**NEEDED, "SLUICE_LOG_LEVEL": "DEBUG"}).log_level == "DEBUG"
    with pytest.raises(ConfigurationError, match="SLUICE_LOG_LEVEL"):
        from_environment({**NEEDED, "SLUICE_LOG_LEVEL": "loud"})
