"""What a run is, from its segment and the account's configuration of this moment. Pure: the result is pinned by creating run.json."""

import hashlib

from services.chunker.cut import CutSettings
from shared.model.account import Account
from shared.model.codec import encode
from shared.model.run import Run, Target
from shared.model.segment import Segment, SegmentRequest
from shared.model.topology import Chunking

CUT_VERSION = 1
"""Raise it with every change after which the same file and settings would give other bytes: parts of two versions never mix."""


def pin(segment: Segment, request: SegmentRequest, account: Account, chunking: Chunking) -> Run:
    """Run 1 has the place in the line that its landing gave it; a later one is newest, by the moment of its creation."""
    return Run(
        segment=segment.segment,
        run=request.run,
        key=segment.key if request.run == 1 else "",
        landing_key=segment.key,
        mode=segment.mode or "append",
        target=_target(segment, account),
        source=segment.source,
        default_region=account.default_region,
        max_rejected_ratio=account.max_rejected_ratio,
        part_records=chunking.part_records,
        frame_identifiers=chunking.frame_identifiers,
        stage_operations=chunking.stage_operations,
        validate_only=request.validate_only or segment.validate_only,
        parts=request.parts,
        labels=segment.labels,
        traceparent=request.traceparent,
    )


def cut_settings(run: Run, max_record_bytes: int) -> CutSettings:
    return CutSettings(
        mode="remove" if run.mode == "remove" else "append",
        upload_key_type=run.target.upload_key_type,
        default_region=run.default_region,
        part_records=run.part_records,
        frame_identifiers=run.frame_identifiers,
        max_record_bytes=max_record_bytes,
    )


def digest(settings: CutSettings) -> str:
    """Names all that decides the bytes of a part, apart from the file itself."""
    return hashlib.sha256(encode(settings) + f"|{CUT_VERSION}".encode()).hexdigest()[:16]


def _target(segment: Segment, account: Account) -> Target:
    audience = account.audiences[segment.audience]
    return Target(
        account=account.id,
        audience=segment.audience,
        destination=segment.destination,
        list_id=audience.list_id,
        upload_key_type=audience.upload_key_type,
        login_customer_id=account.login_customer_id,
        ad_user_data=account.consent.ad_user_data,
        ad_personalization=account.consent.ad_personalization,
    )
