"""What a licence allows: the features and the quotas, and what holds while the licence server is away. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wingbeat.core.graph import Workflow


class Feature(StrEnum):
    """What a licence may have."""

    WORKFLOWS = "workflows"
    ADVANCED_WORKFLOWS = "advanced_workflows"
    WORKFLOW_SCHEDULES = "workflow_schedules"


class Quota(StrEnum):
    """What a licence may limit, for each community."""

    WORKFLOWS = "workflows"
    EXECUTIONS = "executions_per_month"


SCHEDULE_TYPE = "trigger.schedule"
# Node types that need `advanced_workflows`: code of one's own, models, people, other systems, other workflows.
ADVANCED_TYPES = frozenset(
    {
        "action.ai",
        "action.approval",
        "action.browser_source",
        "action.database",
        "action.file",
        "action.subworkflow",
        "action.task",
    }
)
# The folders of the other built-in ones; what is in none of them is code, a connector, or somebody's own package.
BASIC_FOLDERS = frozenset({"trigger", "condition", "action", "data", "loop", "flow"})


class Standing(StrEnum):
    """How a licence stands."""

    CURRENT = "current"
    GRACE = "grace"
    REFUSED = "refused"
    EXPIRED = "expired"
    GRACE_OVER = "grace_over"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a community's licence; all times in seconds from now.

    `answered`: whether the server ever said something. `away_for`: how long it does not answer, None if it does.
    """

    answered: bool = False
    features: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    message: str = ""
    expires_in: float | None = None
    away_for: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds now: the features that may be used, and how much of what; no limit where there is no number."""

    standing: Standing
    features: frozenset[str] = frozenset()
    limits: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    why: str = ""

    def missing(self, wanted: Iterable[str]) -> list[str]:
        """What is wanted and not allowed."""
        return sorted(set(wanted) - self.features)


def judge(known: Known, grace_seconds: float) -> Verdict:
    """What holds, given what is known. While the server is away, what it said last holds for the grace time."""
    away = known.away_for
    if known.answered and known.expires_in is not None and known.expires_in <= 0:
        return Verdict(Standing.EXPIRED, why=known.message or "The licence has expired.")
    if away is not None and away > grace_seconds:
        hours = f"{away / 3600:.0f} hours"
        return Verdict(Standing.GRACE_OVER, why=f"The licence server has not answered for {hours}.")
    if not known.answered:
        # Nobody has refused anything yet: an installation may begin while the server is down.
        return Verdict(Standing.GRACE, frozenset(Feature))
    if not known.features:
        return Verdict(Standing.REFUSED, why=known.message or "There is no licence.")
    standing = Standing.CURRENT if away is None else Standing.GRACE
    return Verdict(standing, known.features, known.limits, known.message)


def features_of(types: Collection[str]) -> list[Feature]:
    """What a workflow with nodes of these types needs."""
    found = [Feature.WORKFLOWS]
    if any(is_advanced(node_type) for node_type in types):
        found.append(Feature.ADVANCED_WORKFLOWS)
    if SCHEDULE_TYPE in types:
        found.append(Feature.WORKFLOW_SCHEDULES)
    return found


def licence_features(workflow: Workflow) -> list[str]:
    """What a workflow needs; nodes that are disabled need nothing."""
    return [feature.value for feature in features_of({node.type for node in workflow.nodes if not node.disabled})]


def is_advanced(node_type: str) -> bool:
    """Whether a node type needs `advanced_workflows`."""
    return node_type in ADVANCED_TYPES or node_type.partition(".")[0] not in BASIC_FOLDERS
