"""What Google Ads says of user lists and of accounts that it refuses, for tests that need an answer and no server."""

from services.uploader.destination import FoundList
from shared.verdict import Failure

OPEN_LIST = FoundList("7100000001", "CRM_BASED", "CONTACT_INFO", "OPEN", read_only=False)

CLOSED = Failure("PERMISSION_DENIED", ("AuthorizationError.CUSTOMER_NOT_ENABLED",))
NOT_ALLOWLISTED = Failure(
    "PERMISSION_DENIED", ("NotAllowlistedError.CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",)
)
NO_TERMS = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",))
NO_TOKEN = Failure("UNAUTHENTICATED")
REVOKED = Failure("UNAUTHENTICATED", ("AuthenticationError.OAUTH_TOKEN_REVOKED",))
OUT_OF_REACH = Failure("ABORTED", ("CredentialError.OUT_OF_REACH",))
SILENT = Failure("UNAVAILABLE")
SHORT = Failure("RESOURCE_EXHAUSTED", ("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED",))
BAD_LIST = Failure("INVALID_ARGUMENT", ("OfflineUserDataJobError.INVALID_USER_LIST_ID",))
