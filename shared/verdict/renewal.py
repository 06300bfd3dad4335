"""Whether a refused request is worth repeating with a new token."""

from shared.verdict.values import Failure

_EXPIRED = "AuthenticationError.OAUTH_TOKEN_EXPIRED"


def token_expired(failure: Failure) -> bool:
    """By the destination's word, or by a status that names nothing else: tokens of more than an hour end early when a clock is wrong or
    somebody ends them, and gRPC's UNAUTHENTICATED alone may be no more than that."""
    return _EXPIRED in failure.codes or (failure.status == "UNAUTHENTICATED" and not failure.codes)
