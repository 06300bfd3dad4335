"""What is done when no request could be made for want of a token. The codes are our own: Google Ads was not asked.

CredentialError.VALUE: services/uploader/destinations says when.
"""

from shared.verdict.values import PauseAccount, Retry, Row

CREDENTIALS = (
    Row(
        "CredentialError.MISSING",
        PauseAccount("credential_missing"),
        "Secret Manager: NOT_FOUND; FAILED_PRECONDITION for a version that is disabled or destroyed",
    ),
    Row("CredentialError.DENIED", PauseAccount("credential_denied"), "Secret Manager: PERMISSION_DENIED"),
    Row(
        "CredentialError.MALFORMED",
        PauseAccount("credential_malformed"),
        "the forms that google-auth reads: authorized_user, service_account",
    ),
    Row(
        "CredentialError.REFUSED",
        PauseAccount("credential_refused"),
        "RFC 6749, section 5.2: invalid_grant, invalid_client, unauthorized_client",
    ),
    Row(
        "CredentialError.DEFAULT_REFUSED",
        PauseAccount("grant_refused"),
        "the same, of the Application Default Credentials; or there are none",
    ),
    Row(
        "CredentialError.OUT_OF_REACH",
        Retry("transient"),
        "no request was made: the account needs no rest",
    ),
)
