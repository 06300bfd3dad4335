"""What a run is, from its segment and the account's configuration of this moment. Pure: the result is pinned by creating run.json."""

from dataclasses import replace

from shared.model.account import Account
from shared.model.run import Run, Target
from shared.model.segment import Segment, SegmentRequest
from shared.model.topology import Chunking


def pin(segment: Segment, request: SegmentRequest, account: Account, chunking: Chunking) -> Run:
    """Run 1 has the place in the line that its landing gave it; a later one is newest, by the moment of its creation."""
    target = target_of(account, segment.audience, segment.destination)
    return Run(
        segment=segment.segment,
        run=request.run,
        key=segment.key if request.run == 1 else "",
        landing_key=segment.key,
        mode=segment.mode or "append",
        target=_unasked(target) if segment.mode == "remove" else target,
        source=segment.source,
        default_region=account.default_region,
        max_rejected_ratio=account.max_rejected_ratio,
        part_records=chunking.part_records,
        frame_identifiers=chunking.frame_identifiers,
        stage_operations=chunking.stage_operations,
        delimiter=account.delimiter,
        hashed=account.hashed,
        deduplicate=account.deduplicate,
        validate_only=request.validate_only or segment.validate_only,
        parts=request.parts,
        labels=segment.labels,
        traceparent=request.traceparent,
    )


def _unasked(target: Target) -> Target:
    """Nobody is kept on a list for want of consent: Google fails a job that says DENIED, whatever it does."""
    return replace(target, ad_user_data="UNSPECIFIED", ad_personalization="UNSPECIFIED")


def target_of(account: Account, audience: str, destination: str) -> Target:
    """`audience` is one of the account's."""
    configured = account.audiences[audience]
    return Target(
        account=account.id,
        audience=audience,
        destination=destination,
        list_id=configured.list_id,
        upload_key_type=configured.upload_key_type,
        login_customer_id=account.login_customer_id,
        ad_user_data=account.consent.ad_user_data,
        ad_personalization=account.consent.ad_personalization,
        credential=account.credential,
        list_name=configured.name,
        membership_days=configured.create.membership_days if configured.create else 0,
    )
