"""What can be wrong with a workflow, as values with a stable code, the place and the fix. `checks` finds them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.graph import Connection
    from wingbeat.core.json_value import Json, JsonObject

SHOWN = 200


class Severity(StrEnum):
    """An error keeps a workflow from being published; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `parameter` is a dotted path; `position` an offset into the text of an expression, from 0.

    `connection` is the one that is at fault, or that would mend it if it were removed.

    As text for people, positions are the numbers of characters, from 1.
    """

    code: str
    message: str
    fix: str = ""
    node: str | None = None
    severity: Severity = Severity.ERROR
    parameter: str | None = None
    position: int | None = None
    connection: Connection | None = None

    def to_json(self) -> JsonObject:
        """As sent to callers; what does not apply is left out."""
        shown: dict[str, Json] = {"code": self.code, "severity": self.severity.value, "message": self.message}
        for name in ("fix", "node", "parameter", "position"):
            value = getattr(self, name)
            if value not in (None, ""):
                shown[name] = value
        if self.connection is not None:
            shown["connection"] = self.connection.to_json()
        return shown

    def __str__(self) -> str:
        place = " ".join(part for part in (self.node, self.parameter and f"[{self.parameter}]") if part)
        at = f" at character {self.position + 1}" if self.position is not None else ""
        where = f" in {place}" if place else ""
        return f"{self.severity.value} {self.code}{where}{at}: {self.message} {self.fix}".rstrip()


class InvalidWorkflow(InvalidInput):
    """A workflow that cannot run, with all that is wrong with it in `problems` and `details.problems`."""

    default_code = "WORKFLOW_INVALID"

    def __init__(self, problems: Sequence[Problem]) -> None:
        errors = sum(problem.severity is Severity.ERROR for problem in problems)
        super().__init__(
            f"The workflow has {errors} {'problem' if errors == 1 else 'problems'}: {problems[0].message}",
            remedy=problems[0].fix if len(problems) == 1 else "Every problem is listed with its fix.",
            details={
                "problems": [problem.to_json() for problem in problems[:SHOWN]],
                "problem_count": len(problems),
            },
        )
        self.problems = tuple(problems)
