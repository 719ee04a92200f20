"""Every error that Wingbeat raises on purpose: one tree, each with a code, a sentence, a remedy and whose fault it is.

    WingbeatError
    ├── InvalidInput            (caller)    what was sent cannot be understood or is out of bounds
    │   ├── InvalidWorkflow     (caller)    a definition with problems; carries them all
    │   └── InvalidJson         (caller)    a text that is not acceptable JSON
    ├── NotFound                (caller)    missing, or not the caller's: the two look the same
    ├── Conflict                (caller)    the thing is not in the state that the request supposes
    │   └── PreconditionFailed  (caller)    somebody else changed it first
    ├── Unauthenticated, Forbidden, Unlicensed, RateLimited   (caller)
    ├── StepError               (workflow)  a node could not do its work
    │   └── ExpressionError     (workflow)  an expression could not be read or evaluated
    ├── LimitReached            (workflow)  a limit of the workflow or of the platform
    └── PlatformError           (platform)  not the caller's and not the workflow's doing
        ├── DatabaseUnavailable (platform)
        └── BadSettings         (operator, answered as platform)

REST, gRPC and the command line derive status codes and exit codes from `fault` and the class, and from nothing else.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject


class Fault(StrEnum):
    """Who can mend an error."""

    CALLER = "caller"
    WORKFLOW = "workflow"
    PLATFORM = "platform"


class WingbeatError(Exception):
    """Base of all: `code` is stable, `message` says what, where and why, `remedy` what to do."""

    fault: ClassVar[Fault] = Fault.PLATFORM
    default_code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(
        self, message: str, *, code: str | None = None, remedy: str = "", details: JsonObject | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.remedy = remedy
        self.details: JsonObject = details or {}

    def to_json(self) -> JsonObject:
        """The error as it is stored in the journal and sent to callers."""
        described: dict[str, Json] = {"code": self.code, "message": self.message, "fault": self.fault.value}
        if self.remedy:
            described["remedy"] = self.remedy
        if self.details:
            described["details"] = self.details
        return described

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class InvalidInput(WingbeatError):
    """What was sent cannot be understood or is out of bounds."""

    fault = Fault.CALLER
    default_code = "INVALID_INPUT"


class InvalidJson(InvalidInput):
    """A text is not acceptable JSON; `details` may hold `line`, `column` and `path`."""

    default_code = "INVALID_JSON"


class NotFound(WingbeatError):
    """The thing is missing, or not the caller's; the two answer alike."""

    fault = Fault.CALLER
    default_code = "NOT_FOUND"


class Conflict(WingbeatError):
    """The thing is not in the state that the request supposes."""

    fault = Fault.CALLER
    default_code = "CONFLICT"


class PreconditionFailed(Conflict):
    """Somebody else changed the thing since the caller read it."""

    default_code = "PRECONDITION_FAILED"


class Unauthenticated(WingbeatError):
    """The caller did not say who it is."""

    fault = Fault.CALLER
    default_code = "UNAUTHENTICATED"


class Forbidden(WingbeatError):
    """The caller may not do this."""

    fault = Fault.CALLER
    default_code = "FORBIDDEN"


class Unlicensed(WingbeatError):
    """The caller's community has no licence for this."""

    fault = Fault.CALLER
    default_code = "LICENSE_REQUIRED"


class RateLimited(WingbeatError):
    """The caller asked too often; `details.retry_after_seconds` says when to come back."""

    fault = Fault.CALLER
    default_code = "RATE_LIMITED"


class StepError(WingbeatError):
    """A node could not do its work.

    `retryable` says whether trying again may help. `uncertain` says that the step may have had its effect all the same,
    as when an answer does not come: a node that is not safe to repeat is then treated as its `on_unknown` says.
    """

    fault = Fault.WORKFLOW
    default_code = "STEP_FAILED"

    def __init__(  # noqa: PLR0913 - what every error has, and the two that are a step's own
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        details: JsonObject | None = None,
        retryable: bool = False,
        uncertain: bool = False,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy, details=details)
        self.retryable = retryable
        self.uncertain = uncertain


class ExpressionError(StepError):
    """An expression could not be read or evaluated; `position` is the offset of the first character at fault."""

    default_code = "EXPRESSION_INVALID"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        remedy: str = "",
        details: JsonObject | None = None,
        position: int | None = None,
    ) -> None:
        super().__init__(message, code=code, remedy=remedy, details=details)
        self.position = position


class LimitReached(WingbeatError):
    """A limit of the workflow or of the platform was reached; nothing was truncated."""

    fault = Fault.WORKFLOW
    default_code = "LIMIT_REACHED"


class PlatformError(WingbeatError):
    """Neither the caller's nor the workflow's doing."""

    default_code = "PLATFORM_ERROR"


class DatabaseUnavailable(PlatformError):
    """The database cannot be reached, or went away; nothing that was acknowledged is lost."""

    default_code = "DATABASE_UNAVAILABLE"


class BadSettings(PlatformError):
    """The environment holds settings that cannot be used; `details.problems` lists all of them."""

    default_code = "BAD_SETTINGS"
