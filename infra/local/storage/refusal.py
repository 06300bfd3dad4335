"""Why the store does not do what it was asked. How each reason is said over HTTP is in answers.py."""

from enum import Enum, auto


class Reason(Enum):
    INVALID = auto()  # the request makes no sense, or a checksum does not fit
    NOT_FOUND = auto()  # no such bucket, object, generation, configuration or upload session
    CONFLICT = auto()  # the bucket exists already, or is not empty
    CONDITION_FAILED = auto()  # a precondition does not hold
    NOT_MODIFIED = auto()  # a NotMatch precondition of a read does not hold: the reader has it already
    OUT_OF_RANGE = auto()  # no byte of the object lies in the range
    TOO_OFTEN = auto()  # more than one write a second to one object name
    UNAVAILABLE = auto()  # try again: another request is at it, or bytes are missing before these
    UNSUPPORTED = auto()  # the real service can do it, this one cannot


class Refused(Exception):
    """The request had no effect. The text is for the client and tells what to change."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
