"""What decides the bytes of a run's parts, taken from its pinned settings, and the name of all of it."""

import hashlib

from services.chunker.settings import CutSettings
from shared.model.codec import encode
from shared.model.run import Run

CUT_VERSION = 2
"""Raise it with every change after which the same file and settings would give other bytes: parts of two versions never mix."""


_DELIMITERS = {"": "", "comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


def cut_settings(run: Run, max_record_bytes: int) -> CutSettings:
    return CutSettings(
        mode="remove" if run.mode == "remove" else "append",
        upload_key_type=run.target.upload_key_type,
        default_region=run.default_region,
        part_records=run.part_records,
        frame_identifiers=run.frame_identifiers,
        max_record_bytes=max_record_bytes,
        delimiter=_DELIMITERS[run.delimiter],
        ad_user_data=run.target.ad_user_data,
        ad_personalization=run.target.ad_personalization,
        deduplicate=run.deduplicate,
    )


def digest(settings: CutSettings) -> str:
    """Names all that decides the bytes of a part, apart from the file itself."""
    return hashlib.sha256(encode(settings) + f"|{CUT_VERSION}".encode()).hexdigest()[:16]
