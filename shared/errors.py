"""The few errors that cross modules, grouped by what the caller must do."""


class SluiceError(Exception):
    """A failure that is described in words. Its text never holds a record's value."""


class TransientError(SluiceError):
    """Nothing is wrong with the work: answer no acknowledgement, the same delivery comes again."""


class UnusableMessage(SluiceError):
    """The message can never be worked on: record it as a dead letter and acknowledge."""

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(f"{reason_code}: {detail}")
        self.reason_code = reason_code
        self.detail = detail


class SourceGone(SluiceError):
    """The pinned generation of a landing object is no longer there: reject the segment."""


class SecretMissing(SluiceError):
    """There is no such secret, or no enabled version of it: an operator must store one."""


class SecretDenied(SluiceError):
    """This process may not read the secret: an operator must grant it."""


class NotAuthentic(SluiceError):
    """The caller is not who it must be: refuse before any work."""


class ConfigurationError(SluiceError):
    """The deployment is wrong (a missing variable, a broken document): an operator must mend it."""
