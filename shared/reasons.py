"""The one catalogue of reason codes: what happened, in words, and the cure. docs/reasons.md is made from it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["segment", "record", "skip", "field", "warning", "part", "stage", "message", "account"]


@dataclass(frozen=True)
class Reason:
    level: Level
    words: str
    cure: str


_NAME_CURE = "Upload it again as {account}/{audience}/{mode}/{anything}.csv (or .csv.gz, .jsonl, .jsonl.gz), or change the name pattern."
_EXPORT_CURE = "Export the file again and upload it under a new name."
_ROW_CURE = "Mend the row in the export; the others are sent."
_FIELD_CURE = "Mend the field in the export; the row's other fields are sent."

CATALOGUE: dict[str, Reason] = {
    # ingest: the name and the configuration
    "name_unrecognised": Reason("segment", "The object's name does not say which segment it is.", _NAME_CURE),
    "name_passed_over": Reason(
        "segment",
        "Objects of such a name are passed over: hidden ones, temporary ones of an upload, shards before their _SUCCESS.",
        "Give it another name.",
    ),
    "extension_unknown": Reason(
        "segment", "The object's name ends in none of .csv, .csv.gz, .jsonl and .jsonl.gz.", _NAME_CURE
    ),
    "mode_unknown": Reason(
        "segment", "The mode in the name is none of append, remove and replace.", _NAME_CURE
    ),
    "account_unknown": Reason(
        "segment", "No such account is configured.", "Add the account to accounts.yaml, deploy, upload again."
    ),
    "audience_unknown": Reason(
        "segment",
        "The account has no such audience.",
        "Add the audience to accounts.yaml, deploy, upload again.",
    ),
    "destination_not_allowed": Reason(
        "segment", "The account does not allow this destination.", "Name one of the account's destinations."
    ),
    "shards_missing": Reason(
        "segment", "The group of shards is empty.", "Upload the shards before _SUCCESS, then _SUCCESS again."
    ),
    # chunker: the content
    "source_gone": Reason("segment", "The object was deleted before it was read.", "Upload it again."),
    "source_overwritten": Reason(
        "segment",
        "The object was overwritten before it was read.",
        "Nothing: its newer content is a segment of its own.",
    ),
    "shard_overwritten": Reason(
        "segment",
        "A shard was overwritten before it was read.",
        "Upload _SUCCESS again when all shards are in place.",
    ),
    "empty_file": Reason("segment", "The file is empty.", _EXPORT_CURE),
    "header_only": Reason("segment", "The file has a header and no row.", _EXPORT_CURE),
    "no_usable_column": Reason(
        "segment",
        "No column of the header is an identifier that this audience takes.",
        "Name the columns email, phone, first_name, last_name, country, postal_code, user_id or mobile_id.",
    ),
    "duplicate_columns": Reason(
        "segment",
        "Two columns mean the same.",
        "Rename one of them and export again; several of a person are email_1, email_2.",
    ),
    "json_array": Reason(
        "segment",
        "The file is one JSON list.",
        "Write one object a line, without brackets and commas around them.",
    ),
    "account_consent_denied": Reason(
        "segment",
        "The account says that its people have denied their consent.",
        "Say in accounts.yaml what they agreed to, deploy, upload again. Removing people needs no consent.",
    ),
    "not_utf8": Reason("segment", "The file is not UTF-8.", "Export it as UTF-8."),
    "gzip_truncated": Reason("segment", "The gzip stream ends too early.", _EXPORT_CURE),
    "gzip_damaged": Reason("segment", "The gzip stream is damaged.", _EXPORT_CURE),
    "gzip_bomb": Reason(
        "segment",
        "The gzip stream unpacks to more than 200 times its size.",
        "Upload the file unpacked, if it really holds people.",
    ),
    "unclosed_quote": Reason("segment", "A quoted field is never closed.", _EXPORT_CURE),
    "record_too_long": Reason("segment", "A record is longer than 1 MiB.", _EXPORT_CURE),
    "malformed_header": Reason("segment", "The header's quotes do not match.", _EXPORT_CURE),
    "too_many_rejects": Reason(
        "segment",
        "More rows are bad than the account's max_rejected_ratio allows.",
        "Look at the rejects by reason, mend the export, or raise the ratio.",
    ),
    "nothing_to_send": Reason(
        "segment", "No row holds a usable identifier.", "Look at the rejects by reason."
    ),
    "parts_expired": Reason(
        "segment",
        "A part that is to be sent again is no longer kept: parts live for 40 days.",
        "Replay the whole segment (sluice replay SEGMENT --all), or land its file again.",
    ),
    "parts_of_another_kind": Reason(
        "segment",
        "The parts hold another kind of identifier than the audience takes now.",
        "Replay the whole segment (sluice replay SEGMENT --all): it is cut again as the audience is now.",
    ),
    "validate_only": Reason(
        "segment", "The run was asked to validate only; nothing was sent.", "None needed."
    ),
    "chunking_gave_up": Reason("segment", "The segment could not be chunked in a week.", "Replay it."),
    # chunker: a row, which is not sent
    "row_too_short": Reason("record", "The row has fewer cells than the header.", _ROW_CURE),
    "row_too_long": Reason("record", "The row has more cells than the header.", _ROW_CURE),
    "malformed_quotes": Reason("record", "The row's quotes do not match.", _ROW_CURE),
    "lone_carriage_return": Reason("record", "The row holds a carriage return outside quotes.", _ROW_CURE),
    "no_identifier": Reason("record", "No field of the row is a usable identifier.", _ROW_CURE),
    "malformed_json": Reason(
        "record",
        "The line is no JSON object, or one with a key twice, over 1,000 keys, over 100 values in a list or a key of over 200 characters.",
        _ROW_CURE,
    ),
    "consent_unclear": Reason(
        "record",
        "A consent column holds something else than granted, denied, unspecified, yes, no, true, false, 1 or 0.",
        _ROW_CURE,
    ),
    # chunker: a good row that is not sent on purpose
    "consent_denied": Reason("skip", "The person has denied consent.", "None needed."),
    "consent_unspecified": Reason(
        "skip",
        "The person's consent is not known, and the account says that everybody has granted it.",
        "None needed. To send such people, say UNSPECIFIED in accounts.yaml.",
    ),
    "duplicate": Reason("skip", "The same person was in the segment before.", "None needed."),
    # chunker: a field, which is left out while its row goes on
    "email_invalid": Reason("field", "The e-mail address has no name, no @ or no domain.", _FIELD_CURE),
    "phone_invalid": Reason("field", "The phone number is not valid in its country.", _FIELD_CURE),
    "name_invalid": Reason("field", "Nothing is left of the name after normalising.", _FIELD_CURE),
    "country_invalid": Reason(
        "field", "The country is no code of two letters (ISO 3166-1 alpha-2).", _FIELD_CURE
    ),
    "postal_code_invalid": Reason("field", "The postal code is not one of its country.", _FIELD_CURE),
    "address_incomplete": Reason(
        "field", "An address needs first name, last name, country and postal code.", _FIELD_CURE
    ),
    "mobile_id_invalid": Reason("field", "The mobile id is not usable.", _FIELD_CURE),
    "user_id_invalid": Reason("field", "The user id is not usable.", _FIELD_CURE),
    "nul_byte": Reason("field", "The field holds a NUL byte.", _FIELD_CURE),
    "too_many_identifiers": Reason(
        "field",
        "Google takes 20 identifiers of one person; this is one more.",
        "None needed: the first 20 are sent.",
    ),
    # chunker: a column whose values are sent all the same
    "hashed_and_plain": Reason(
        "warning",
        "Some values of the column are hashed and others are not.",
        "None needed if that is meant: plain ones are hashed, hashed ones are sent as they are.",
    ),
    "region_doubtful": Reason(
        "warning",
        "Very many phone numbers are not valid.",
        "Look whether the account's default_region is where these people are, or add a country column.",
    ),
    "name_and_content_differ": Reason(
        "warning",
        "The file is something else than its name says.",
        "None needed: its content is what counts.",
    ),
    "consent_not_given": Reason(
        "warning",
        "The account does not say that its people have granted consent.",
        "If they did, say GRANTED in accounts.yaml: without it Google may not use what it is sent.",
    ),
    "days_of_quota": Reason(
        "warning",
        "It is more requests than Google's basic access allows in a day (15,000).",
        "Ask Google for standard access, or expect it to take days.",
    ),
    "plain_where_hashed": Reason(
        "warning",
        "The account says that its values are hashed, and some of the column are not.",
        "Find out who exports plain values; they were hashed here and sent.",
    ),
    # messages
    "message_unusable": Reason(
        "message", "The message is not one that Sluice writes.", "Look at its payload."
    ),
    "segment_unknown": Reason(
        "message", "The request names a segment that is not in the ledger.", "Check the id."
    ),
    "previous_run_open": Reason(
        "message", "The run before this one has no outcome yet.", "Wait for it, then replay again."
    ),
    "deliveries_exhausted": Reason(
        "message",
        "It was delivered as often as its subscription allows, and never acknowledged.",
        "Find out in the service's log what kept it from being worked on, mend that, then replay it.",
    ),
    "letter_foreign": Reason(
        "message",
        "What came on the topic of dead letters was written by nobody of Sluice's.",
        "Find out who publishes there, then discard it.",
    ),
    "segment_was_rejected": Reason(
        "message",
        "The segment was rejected when it landed: its name or the configuration did not fit, and that is decided once.",
        "Mend what it was rejected for and land the file again: sluice send gs://BUCKET/OBJECT.",
    ),
    "run_open": Reason(
        "message", "The segment's last run has no outcome yet.", "Wait for it, or cancel it, then replay."
    ),
    "runs_again_by_itself": Reason(
        "message", "The next run starts by itself.", "Wait for its outcome, then replay what it leaves."
    ),
    "parts_unknown": Reason(
        "segment",
        "The segment has none of the parts that were asked for.",
        "Replay parts that its manifest has.",
    ),
    # the destination
    "transient": Reason("part", "The destination had a passing trouble.", "None needed: it is tried again."),
    "ambiguous": Reason(
        "part", "The destination's answer did not arrive.", "None needed: it is tried again."
    ),
    "concurrent_modification": Reason(
        "part",
        "Another request ran on the account at the same time.",
        "Stop other programs that write to it.",
    ),
    "quota_short": Reason("part", "The destination asked to wait.", "None needed: it is sent later."),
    "quota_day": Reason(
        "account",
        "The destination's quota for the day is spent.",
        "None needed: it is sent when the quota is there again. Ask Google for a higher access level if it happens often.",
    ),
    "paused_by_operator": Reason("account", "An operator paused the account.", "Mend what it was for."),
    "grant_refused": Reason(
        "account",
        "Google does not accept the credentials that Sluice comes with.",
        "Grant access again, or mend the credentials; the error code in the log says what is wrong with them.",
    ),
    "credential_missing": Reason(
        "account",
        "The secret that the account's credential names is not there, or has no enabled version.",
        "Store it: gcloud secrets create sluice-credential-NAME, then gcloud secrets versions add with the grant's JSON.",
    ),
    "credential_denied": Reason(
        "account",
        "Sluice may not read the secret that the account's credential names.",
        "Give the uploader's service account roles/secretmanager.secretAccessor on it.",
    ),
    "credential_malformed": Reason(
        "account",
        "The secret that the account's credential names holds no grant.",
        "Store the JSON of gcloud auth application-default login, or a service account's key, as a new version; "
        "the log says which field is wrong.",
    ),
    "credential_refused": Reason(
        "account",
        "Google refuses the grant that the account's credential names: it was revoked, has expired, or its client is gone.",
        "Let the account's owner grant access again and store the new grant as a new version of the secret.",
    ),
    "access_denied": Reason(
        "account",
        "Sluice's credentials have no access to this Google Ads account.",
        "Check the account's number and its login_customer_id, then give the credentials' user access to it.",
    ),
    "customer_not_enabled": Reason(
        "account",
        "The Google Ads account is not open: not set up yet, suspended or cancelled.",
        "Open it again in Google Ads.",
    ),
    "not_allowlisted": Reason(
        "account",
        "Google no longer takes Customer Match uploads from this Cloud project through the Google Ads API.",
        "Move the account to the Data Manager API: in accounts.yaml give it destination data_manager.",
    ),
    "customer_match_not_allowed": Reason(
        "account",
        "Google does not let this account use Customer Match.",
        "Check the account against Google's Customer Match policy, then ask Google's support.",
    ),
    "user_id_not_allowlisted": Reason(
        "account",
        "Google does not let this account upload user ids.",
        "Ask Google's support for it, or use audiences of contact information.",
    ),
    "terms_not_accepted": Reason(
        "account",
        "Terms of Google's have not been accepted.",
        "Accept the customer data terms in Google Ads, and the terms of the API in the Cloud console.",
    ),
    "declaration_missing": Reason(
        "account",
        "The account has campaigns without the declaration on political advertising in the EU.",
        "Make the declaration in Google Ads.",
    ),
    "project_refused": Reason(
        "account",
        "Google does not let this Cloud project use the API; this concerns all accounts.",
        "Enable the API in the Cloud project and get the project approved for use with real accounts.",
    ),
    "version_sunset": Reason(
        "account",
        "Google has switched this version of its API off; this concerns all accounts.",
        "Deploy a newer version of Sluice.",
    ),
    "account_refused": Reason(
        "account",
        "The destination refuses the account.",
        "Read the error code in the log; mend grant, terms or access.",
    ),
    "request_too_large": Reason(
        "part",
        "The destination finds the part's requests too large, however small they are cut.",
        "Report it as a defect with the error code in the log.",
    ),
    "record_refused": Reason(
        "part",
        "The destination refuses what a record holds.",
        "Read the error code in the log, mend the export, then upload it again.",
    ),
    "all_records_refused": Reason(
        "part",
        "The destination refuses every record of this part.",
        "The part's receipt names the lines by error code; mend the export, then upload it again.",
    ),
    "request_refused": Reason(
        "part", "The destination refuses this part.", "Read the error code; replay when mended."
    ),
    "audience_missing": Reason(
        "part",
        "Google Ads has no user list of the audience's name, and Sluice may not create one.",
        "Create it in Google Ads, mend the name in accounts.yaml or allow it there (create: membership_days), deploy, then replay.",
    ),
    "audience_ambiguous": Reason(
        "part",
        "Several user lists in Google Ads have the audience's name.",
        "Rename all but one, or give the audience the list_id of the right one in accounts.yaml and deploy; then replay.",
    ),
    "audience_unfit": Reason(
        "part",
        "The audience's user list is not an open Customer Match list of this account for the audience's upload_key_type.",
        "Open the list in Google Ads, or name another one or another upload_key_type in accounts.yaml and deploy; then replay.",
    ),
    "audience_shared": Reason(
        "part",
        "The user list of the audience's name is another audience's by its list_id.",
        "Use one audience for one list: remove one of them in accounts.yaml, deploy, then replay.",
    ),
    "audience_name_refused": Reason(
        "part",
        "Google Ads refuses to create a user list of the audience's name, and shows none that has it.",
        "Look for a list of a similar name in Google Ads; name that one or choose another name in accounts.yaml, deploy, then replay.",
    ),
    "audience_gone": Reason(
        "part",
        "Google Ads no longer has the audience's user list.",
        "Give the audience another list in accounts.yaml and deploy, then replay; a list by name is looked up again by every replay.",
    ),
    "attempts_exhausted": Reason(
        "part",
        "All attempts over all the time allowed have failed.",
        "Find the cause in the log, then replay.",
    ),
    "part_expired": Reason(
        "part", "The part's file is gone from the parts bucket.", "Upload the segment again."
    ),
    "part_damaged": Reason("part", "The part's file is damaged.", "Upload the segment again."),
    "job_failed": Reason(
        "stage",
        "The destination's job failed.",
        "None needed: the next run is automatic; see the job in Google Ads.",
    ),
    "job_failed_again": Reason(
        "stage", "The destination's job failed in the repeat too.", "See the job in Google Ads, then replay."
    ),
    "job_lost": Reason(
        "stage", "The destination no longer knows the job.", "None needed: the next run is automatic."
    ),
    "job_lost_again": Reason(
        "stage",
        "The destination no longer knows the job of the repeat either.",
        "Look into Google Ads, then replay.",
    ),
    "job_expired": Reason(
        "stage",
        "The job could not be filled and run within the five days that Google gives it.",
        "None needed: the next run is automatic. Find out what held the account up.",
    ),
    "job_expired_again": Reason(
        "stage",
        "The job of the repeat could not be run within five days either.",
        "Find out what holds the account up, then replay.",
    ),
    "job_run_elsewhere": Reason(
        "stage", "Somebody else started the job.", "Stop programs that run Sluice's jobs, then replay."
    ),
    "all_parts_failed": Reason(
        "stage", "No part of the stage was taken.", "See the parts' reasons, then replay."
    ),
    "replace_incomplete": Reason(
        "stage",
        "A part of the replace failed; the audience stays as it is, rather than lose people.",
        "See the part's reason, then replay the whole segment.",
    ),
    "replace_is_whole": Reason(
        "segment", "Some parts of a replace alone would take everybody else out.", "Replay the whole segment."
    ),
    "superseded": Reason("segment", "A newer replace makes this run pointless.", "None needed."),
    "cancelled": Reason(
        "segment", "Somebody cancelled the run.", "Replay it, should that have been a mistake."
    ),
    "overtaken": Reason(
        "segment", "Running now would undo something newer.", "Replay it: a replay counts as newest."
    ),
    "parts_failed": Reason(
        "segment", "Some parts failed, the rest is delivered.", "Replay the failed parts."
    ),
}


def words(code: str) -> str:
    """What happened and what to do, for people. Total: an unknown code is its own words."""
    reason = CATALOGUE.get(code)
    return f"{reason.words} {reason.cure}" if reason else code
