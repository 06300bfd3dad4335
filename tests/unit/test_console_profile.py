"""A profile names a deployment by the variables that it exports."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.profile import read_profile
from services.console.site import exports
from shared.errors import ConfigurationError

NAMES = st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]))


@given(variables=st.dictionaries(NAMES, TEXTS))
def test_what_sluice_local_writes_is_read_as_it_was(
    variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("profile") / "env"
    path.write_text(exports(variables), encoding="utf-8")

    assert read_profile(path) == variables


def test_comments_and_empty_lines_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_text("# production\n\nexport GOOGLE_CLOUD_PROJECT=acme\nSLUICE_REGION='europe-west1'\n")

    assert read_profile(path) == {"GOOGLE_CLOUD_PROJECT": "acme", "SLUICE_REGION": "europe-west1"}


@pytest.mark.parametrize("line", ["rm -rf /", "export A", "export 'A", "export A=1 B=2", "=1"])
def test_another_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "env"
    path.write_text(f"export A=1\n{line}\n")

    with pytest.raises(ConfigurationError, match=r"env:2: expected export NAME=value"):
        read_profile(path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_profile(tmp_path / "none")
