"""The codes that are judged otherwise than the rest of their group. Each row quotes what the enum's own comment says of the value.

Google Ads: google.ads.googleads.v26.errors, "GroupError.VALUE". Data Manager: google.ads.datamanager.v1.ErrorReason, "ErrorReason.VALUE".
"""

from shared.verdict.values import (
    LONG_WAIT,
    SHORT_WAIT,
    FailPart,
    FailRecord,
    JobExists,
    JobGone,
    JobStarted,
    NameTaken,
    PauseAccount,
    Retry,
    Row,
    Snooze,
    Split,
)

_AMBIGUOUS = Retry("ambiguous", quiet=True)
_SHORT = Snooze("quota_short", SHORT_WAIT)
_DAY = PauseAccount("quota_day", LONG_WAIT)
_TOO_LARGE = Split("request_too_large")
_BAD_RECORD = FailRecord("record_refused")
_DENIED = PauseAccount("access_denied")
_PROJECT = PauseAccount("project_refused")
_TERMS = PauseAccount("terms_not_accepted")
_DISABLED = PauseAccount("customer_not_enabled")
_NO_CUSTOMER_MATCH = PauseAccount("customer_match_not_allowed")
_NO_LIST = FailPart("audience_gone")
_UNDECLARED = PauseAccount("declaration_missing")

_PASSING = (
    Row(
        "DatabaseError.CONCURRENT_MODIFICATION",
        Retry("concurrent_modification", quiet=True),
        "Multiple requests were attempting to modify the same resource at once. Retry the request.",
    ),
    Row(
        "DatabaseError.DATA_CONSTRAINT_VIOLATION",
        Retry("transient"),
        "usually be replaced with a more specific error if the request is retried.",
    ),
    Row("InternalError.DEADLINE_EXCEEDED", _AMBIGUOUS, "The request took longer than a deadline."),
    Row("RequestError.RPC_DEADLINE_TOO_SHORT", _AMBIGUOUS, "Deadline specified by the client was too short."),
    Row("QuotaError.RESOURCE_TEMPORARILY_EXHAUSTED", _SHORT, "Too many requests in a short amount of time."),
    Row(
        "QuotaError.EXCESSIVE_SHORT_TERM_QUERY_RESOURCE_CONSUMPTION",
        _SHORT,
        "Too many expensive requests from query pattern over a short amount of time.",
    ),
    Row("QuotaError.RESOURCE_EXHAUSTED", _DAY, "Too many requests."),
    Row(
        "QuotaError.EXCESSIVE_LONG_TERM_QUERY_RESOURCE_CONSUMPTION",
        _DAY,
        "Too many expensive requests from query pattern over an extended duration of time.",
    ),
)

_JOB = (
    Row(
        "OfflineUserDataJobError.EXTERNAL_UPDATE_ID_ALREADY_EXISTS",
        JobExists(),
        "The external update ID already exists.",
    ),
    Row(
        "OfflineUserDataJobError.JOB_ALREADY_STARTED",
        JobStarted(),
        "Once the upload job is started, new operations cannot be added.",
    ),
    Row("MutateError.RESOURCE_NOT_FOUND", JobGone(), "Requested resource was not found."),
    Row("RequestError.RESOURCE_NOT_FOUND", JobGone(), "Requested resource not found."),
)

_SIZE = (
    Row("DatabaseError.REQUEST_TOO_LARGE", _TOO_LARGE, "Split the request into smaller requests."),
    Row(
        "SizeLimitError.REQUEST_SIZE_LIMIT_EXCEEDED",
        _TOO_LARGE,
        "Try reducing the number of entries per request.",
    ),
    Row("RequestError.TOO_MANY_MUTATE_OPERATIONS", _TOO_LARGE, "Received too many entries in request."),
    Row(
        "OfflineUserDataJobError.TOO_MANY_USER_IDENTIFIERS",
        _TOO_LARGE,
        "Maximum number of user identifiers allowed per request is 100,000 and per operation is 20.",
    ),
)

_RECORD = (
    Row(
        "OfflineUserDataJobError.MISSING_USER_IDENTIFIER",
        _BAD_RECORD,
        "The user identifier is missing valid data.",
    ),
    Row("OfflineUserDataJobError.INVALID_MOBILE_ID_FORMAT", _BAD_RECORD, "The mobile ID is malformed."),
    Row(
        "OfflineUserDataJobError.INVALID_ENCODING",
        _BAD_RECORD,
        "The data in user identifier should not be encoded.",
    ),
    Row("OfflineUserDataJobError.INVALID_COUNTRY_CODE", _BAD_RECORD, "The country code is invalid."),
    Row(
        "OfflineUserDataJobError.INVALID_SHA256_FORMAT", _BAD_RECORD, "The SHA256 encoded value is malformed."
    ),
)

_ACCOUNT = (
    # It is judged only when the repeat with a new token was refused as well.
    Row(
        "AuthenticationError.OAUTH_TOKEN_EXPIRED",
        PauseAccount("grant_refused"),
        "OAuth token in the header has expired.",
    ),
    Row("AuthenticationError.CUSTOMER_NOT_FOUND", _DENIED, "No customer found for the provided customer ID."),
    Row(
        "AuthenticationError.NOT_ADS_USER",
        _DENIED,
        "add the Google account to an existing Google Ads account.",
    ),
    Row(
        "RequestError.LOGIN_CUSTOMER_ID_PARAMETER_MISSING",
        _DENIED,
        "The login-customer-id parameter is required for this request.",
    ),
    Row("RequestError.INVALID_CUSTOMER_ID", _DENIED, "Customer ID is invalid."),
    Row("QuotaError.ACCESS_PROHIBITED", _DENIED, "Access is prohibited."),
    Row(
        "AuthorizationError.CUSTOMER_NOT_ENABLED", _DISABLED, "it is not yet enabled or has been deactivated."
    ),
    Row(
        "AuthorizationError.ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT",
        _DISABLED,
        "the Google Ads account is suspended.",
    ),
    Row("AuthorizationError.INCOMPLETE_SIGNUP", _DISABLED, "Signup not complete."),
    Row("CustomerError.ACCOUNT_NOT_SET_UP", _DISABLED, "a customer that has not been fully set up."),
    Row("AuthorizationError.MISSING_TOS", _TERMS, "The developer must sign the terms of service."),
    Row(
        "OfflineUserDataJobError.CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
        _TERMS,
        "The customer has not accepted the customer data terms",
    ),
    Row(
        "OfflineUserDataJobError.NOT_ON_ALLOWLIST_FOR_USER_ID",
        PauseAccount("user_id_not_allowlisted"),
        "for using user ID in upload data.",
    ),
    Row(
        "UserListError.ADVERTISER_NOT_ON_ALLOWLIST_FOR_USING_UPLOADED_DATA",
        _NO_CUSTOMER_MATCH,
        "Advertiser needs to be on the allow-list to use remarketing lists created from advertiser uploaded data",
    ),
    Row(
        "UserDataError.OPERATIONS_FOR_CUSTOMER_MATCH_NOT_ALLOWED",
        _NO_CUSTOMER_MATCH,
        "Customer is not allowed to perform operations related to Customer Match.",
    ),
    Row(
        "MutateError.EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED",
        _UNDECLARED,
        "Mutates are generally not allowed",
    ),
    Row(
        "RequestError.CANNOT_BE_EXECUTED_BY_MANAGER_ACCOUNT",
        PauseAccount("account_refused"),
        "Request cannot be executed by a manager account.",
    ),
)

_PROJECT_ROWS = (
    Row(
        "AuthenticationError.ORGANIZATION_NOT_RECOGNIZED",
        _PROJECT,
        "The Cloud organization associated with the project is not recognized.",
    ),
    Row("AuthenticationError.ORGANIZATION_NOT_APPROVED", _PROJECT, "is not approved for prod access."),
    Row("AuthorizationError.PROJECT_DISABLED", _PROJECT, "does not have permission to access the api."),
    Row(
        "AuthorizationError.SERVICE_ACCESS_DENIED",
        _PROJECT,
        "The developer specified does not have access to the service.",
    ),
    Row(
        "AuthorizationError.CLOUD_PROJECT_NOT_UNDER_ORGANIZATION",
        _PROJECT,
        "The Google Cloud project is not under the required organization.",
    ),
    Row(
        "AuthorizationError.CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION",
        _PROJECT,
        "The Google Cloud project is only approved for use with test accounts.",
    ),
    Row(
        "RequestError.CLOUD_PROJECT_NOT_FOUND",
        _PROJECT,
        "The Google Cloud project in the request was not found.",
    ),
    Row(
        "RequestError.DEVELOPER_TOKEN_PARAMETER_MISSING",
        _PROJECT,
        "The developer-token parameter is required for all requests.",
    ),
    Row(
        "RequestError.UNSUPPORTED_VERSION",
        PauseAccount("version_sunset"),
        "This API version has been sunset and is no longer supported.",
    ),
)

_AUDIENCE = (
    # Its group is about access; this is about a list that somebody has removed.
    Row(
        "OperationAccessDeniedError.OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE",
        _NO_LIST,
        "This operation is not allowed because the resource is removed.",
    ),
    Row("OfflineUserDataJobError.INVALID_USER_LIST_ID", _NO_LIST, "The user list ID provided for the job"),
    Row(
        "OfflineUserDataJobError.INVALID_USER_LIST_TYPE",
        FailPart("audience_unfit"),
        "Type of the user list is not applicable for the job.",
    ),
    Row("UserListError.NAME_ALREADY_USED", NameTaken(), "Name is already being used for another user list"),
    # The comment on UserList says that a name that is not unique produces this one.
    Row("UserListError.INVALID_NAME", NameTaken(), "User list name is empty or invalid."),
    Row(
        "UserListError.USERLIST_NAME_IS_RESERVED_FOR_SYSTEM_LIST",
        NameTaken(),
        "reserved for system generated lists and cannot be used.",
    ),
)

_DATA_MANAGER = (
    Row("ErrorReason.INTERNAL_ERROR", Retry("transient"), "An internal error has occurred."),
    Row("ErrorReason.DEADLINE_EXCEEDED", _AMBIGUOUS, "The request took too long to respond."),
    Row("ErrorReason.RESOURCE_EXHAUSTED", _SHORT, "Too many requests."),
    Row("ErrorReason.PERMISSION_DENIED", _DENIED, "The user does not have permission"),
    Row(
        "ErrorReason.TERMS_AND_CONDITIONS_NOT_SIGNED",
        _TERMS,
        "Required terms and conditions are not accepted.",
    ),
    # Not `not_allowlisted`: its cure is to come here.
    Row(
        "ErrorReason.NOT_ALLOWLISTED",
        _NO_CUSTOMER_MATCH,
        "The account is not allowlisted for the given feature.",
    ),
    Row(
        "ErrorReason.ADVERTISER_NOT_ALLOWLISTED_FOR_UPLOADED_DATA",
        _NO_CUSTOMER_MATCH,
        "The advertiser needs to be allowlisted",
    ),
    Row(
        "ErrorReason.EU_POLITICAL_ADVERTISING_DECLARATION_REQUIRED",
        _UNDECLARED,
        "without the EU political advertising declaration.",
    ),
    Row(
        "ErrorReason.TOO_MANY_AUDIENCE_MEMBERS",
        _TOO_LARGE,
        "Maximum number of audience members allowed per request is 10,000.",
    ),
    Row("ErrorReason.INVALID_AUDIENCE_MEMBER", _BAD_RECORD, "This audience member is not valid."),
    Row(
        "ErrorReason.TOO_MANY_USER_IDENTIFIERS",
        _BAD_RECORD,
        "Maximum number of user identifiers allowed per audience member is 10.",
    ),
)

ROWS = (
    *_PASSING,
    *_JOB,
    *_SIZE,
    *_RECORD,
    *_ACCOUNT,
    *_PROJECT_ROWS,
    *_AUDIENCE,
    *_DATA_MANAGER,
)
