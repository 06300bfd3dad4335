"""Unquoted words of YAML that mean something else to another reader: Terraform's turns NO into false and 0123 into 123.

Sluice reads every word as it stands. A word that Terraform would read otherwise has to be quoted, so that both read the same file.
What Terraform's yamldecode makes of a word was tried out with terraform 1.11: tests/infra/test_yaml_alike.py asks it again.
"""

import re

_NUMBER_ALIKE = re.compile(r"0|-?[1-9][0-9]{0,30}|-?(0|[1-9][0-9]{0,14})\.[0-9]{0,14}[1-9]", re.ASCII)
"""Written back by any reader as it was read."""

_NUMBER = re.compile(r"[-+]?(\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]*)?|0[xXoObB][0-9a-fA-F_]*)", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|nan)", re.ASCII | re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*", re.ASCII)

_TRUTH = frozenset({"true", "false"})
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<"})


def read_alike(plain: str) -> bool:
    """Does every reader take this unquoted word for the same text? `true` and `false` are written back as they were read."""
    if plain in _TRUTH or _NUMBER_ALIKE.fullmatch(plain):
        return True
    numeric = _NUMBER.fullmatch(plain) or _NOT_FINITE.fullmatch(plain) or _DATE.fullmatch(plain)
    return not numeric and plain.lower() not in _WORDS
