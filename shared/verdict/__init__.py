"""What to do about a destination's answer: one pure, total function from the failure to a verdict value.

values.py: the failure and the verdicts. rows.py: the codes that differ from the rest of their group. credentials.py: codes of our own.
defaults.py: groups and gRPC statuses. judge.py: which of them decides. renewal.py: what is worth a repeat before it is judged.
"""

from shared.verdict.judge import judge
from shared.verdict.renewal import token_expired
from shared.verdict.values import (
    FailPart,
    FailRecord,
    Failure,
    JobExists,
    JobGone,
    JobStarted,
    NameTaken,
    PauseAccount,
    Retry,
    Snooze,
    Split,
    Verdict,
)

__all__ = [
    "FailPart",
    "FailRecord",
    "Failure",
    "JobExists",
    "JobGone",
    "JobStarted",
    "NameTaken",
    "PauseAccount",
    "Retry",
    "Snooze",
    "Split",
    "Verdict",
    "judge",
    "token_expired",
]
