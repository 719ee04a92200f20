"""The shapes of answers about workflows in lists, files and versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from wingbeat.api.bodies import DefinitionBody
from wingbeat.api.shapes import ExecutionStatus, Shape, WorkflowStatus


class WorkflowHeaderShape(Shape):
    """What is about a workflow."""

    workflow_id: UUID
    name: str
    description: str
    entity_id: int
    community_id: int
    author_id: int
    status: WorkflowStatus
    version: str
    revision: int
    published_revision: int | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    enabled: bool
    tags: list[str]
    folder: str
    node_count: int


class WorkflowShape(WorkflowHeaderShape):
    """A workflow with its definition."""

    definition: DefinitionBody


class MyWorkflowShape(WorkflowShape):
    """The same, with what the caller may do with it."""

    my_permissions: list[Literal["view", "edit", "delete", "execute"]]


class ArrowShape(Shape):
    """A connection between two nodes."""

    source: str = Field(alias="from")
    from_port: str
    target: str = Field(alias="to")
    to_port: str


class ProblemShape(BaseModel):
    """Something that is wrong with a workflow."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    fix: str = ""
    node: str | None = None
    parameter: str | None = Field(None, description="The dotted path of the text at fault, as `headers.Accept`.")
    position: int | None = Field(None, description="The offset of the first character at fault in it, from 0.")
    connection: ArrowShape | None = Field(
        None, description="The connection that is at fault, or whose removal would mend it."
    )


class ValidationShape(Shape):
    """Whether a workflow could be published, and all that is wrong with it."""

    valid: bool
    problems: list[ProblemShape]


Rights = list[Literal["view", "edit", "delete", "execute"]]


class LastExecutionShape(Shape):
    """The execution of a workflow that began last."""

    execution_id: UUID
    status: ExecutionStatus
    started_at: datetime
    finished_at: datetime | None


class WorkflowLineShape(WorkflowHeaderShape):
    """A workflow in a list."""

    my_permissions: Rights
    last_execution: LastExecutionShape | None
    recent: list[ExecutionStatus] = Field(description="Of its last 20 executions, the oldest first.")


class TagShape(Shape):
    """A tag, and how many workflows have it that the caller sees."""

    name: str
    workflows: int


class FolderShape(Shape):
    """A folder, and how many workflows lie in it itself that the caller sees."""

    name: str
    workflows: int


class ChangeErrorShape(Shape):
    """Why nothing was changed."""

    message: str
    error_code: str
    details: dict[str, Any]


class ChangeResultShape(Shape):
    """What became of one workflow: as it is now, or the error."""

    workflow_id: UUID
    workflow: WorkflowHeaderShape | None
    error: ChangeErrorShape | None


class NeededConnectionShape(Shape):
    """A connection that a parameter named where the file was made."""

    node: str
    parameter: str
    kinds: list[str]
    name: str


class WorkflowFileShape(Shape):
    """A file with a workflow in it."""

    format: Literal["wingbeat.workflow"]
    format_version: Literal[1]
    tags: list[str]
    connections: list[NeededConnectionShape]
    definition: DefinitionBody


class ImportedShape(WorkflowShape):
    """The draft that came of a file, and all that is wrong with it."""

    valid: bool = Field(description="Whether it could be published.")
    problems: list[ProblemShape]


class VersionsMeta(Shape):
    """Where a page is."""

    per_page: int
    next_cursor: int | None = Field(description="The `cursor` of the next page, or null on the last one.")


class VersionShape(Shape):
    """A revision: who saved it, when, and why."""

    workflow_id: UUID
    revision: int
    created_at: datetime
    message: str
    saved_by: int
    saved_by_name: str
    published_at: datetime | None = Field(description="When it was last made the one that runs.")
    published: bool = Field(description="Whether it is the one that runs.")
    current: bool = Field(description="Whether it is the one that is being edited.")
    name: str
    node_count: int


class VersionDefinitionShape(VersionShape):
    """A revision with its definition."""

    definition: DefinitionBody


class ChangeShape(Shape):
    """A value that is different, by its dotted path; null where there was none, and where there is none any more."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class NodeNameShape(Shape):
    """A node, as people know it."""

    id: str
    type: str
    name: str


class ChangedNodeShape(NodeNameShape):
    """A node that both revisions have, and what of it is different."""

    behaves_otherwise: bool = Field(description="False if it only looks different: name, place, notes, pinned output.")
    changes: list[ChangeShape]


class NodesDifferenceShape(Shape):
    """Which nodes are different."""

    added: list[NodeNameShape]
    removed: list[NodeNameShape]
    changed: list[ChangedNodeShape]


class ArrowsDifferenceShape(Shape):
    """Which connections are different."""

    added: list[ArrowShape]
    removed: list[ArrowShape]


class DifferenceShape(Shape):
    """What changes from one revision to another."""

    behaves_otherwise: bool = Field(description="Whether an execution could go otherwise.")
    nodes: NodesDifferenceShape
    connections: ArrowsDifferenceShape
    fields: list[ChangeShape] = Field(description="Of the workflow as a whole: name, variables, settings.")
    annotations: list[ChangeShape] = Field(description="Of notes and groups, by their ids.")
