"""The bodies of requests that keep workflows in order: folders and tags, copies, files, versions."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel

from wingbeat.api.bodies import (
    INTEGER_MAX,
    NODE_ID,
    NOT_BLANK,
    TAKE_WHOLE,
    DefinitionBody,
    Folder,
    Strict,
    Tag,
    Tags,
)

Message: TypeAlias = Annotated[str, Field(max_length=1000)]


def take_id(value: object) -> object:
    """JSON knows ids as texts only. A ValueError says that it is none."""
    return UUID(value) if isinstance(value, str) else value


IdInList: TypeAlias = Annotated[UUID, BeforeValidator(take_id)]
RevisionNumber: TypeAlias = Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE]


class OrganiseBody(Strict):
    """What changes of what is about a workflow; the rest stays as it is. None of it makes a revision."""

    enabled: bool | None = None
    tags: Tags | None = Field(None, description="All of them: those that it had before count no more.")
    folder: Folder | None = None


class ChangeManyBody(Strict):
    """One change to many workflows. `add_tags` and `remove_tags` go with `tag`, `folder` with `move`."""

    action: Literal["publish", "unpublish", "enable", "disable", "archive", "restore", "tag", "move"]
    ids: Annotated[list[IdInList], Field(min_length=1, max_length=100)]
    add_tags: list[Tag] = Field([], max_length=20)
    remove_tags: list[Tag] = Field([], max_length=20)
    folder: Folder = ""


class DuplicateBody(Strict):
    """What is different in the copy."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=NOT_BLANK)] | None = Field(
        None, description="Without it, the same with “(copy)”."
    )


class PublishBody(Strict):
    """Which revision is to run."""

    revision: RevisionNumber | None = Field(None, description="An earlier one; without it, the present one.")
    message: Message | None = Field(
        None, description="What has changed with it, in place of what was said when it was saved."
    )


class DescribeVersionBody(Strict):
    """What has changed with a revision, in the words of whoever knows."""

    message: Message


class RestoreVersionBody(Strict):
    """Why a revision is taken up again."""

    message: Message = ""


class NeededConnectionBody(Strict):
    """A connection that a parameter of a node named where the file was made."""

    node: Annotated[str, Field(pattern=NODE_ID, max_length=100)]
    parameter: Annotated[str, Field(min_length=1, max_length=1000)]
    kinds: Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=20)]
    name: Annotated[str, Field(max_length=255)] = ""


class FileAboutBody(Strict):
    """A file with a workflow in it, all but the workflow."""

    format: Literal["wingbeat.workflow"]
    format_version: Literal[1]
    tags: Tags = Field([])
    connections: list[NeededConnectionBody] = Field([], max_length=10_000)
    definition: dict[str, Any]


class WorkflowFileBody(FileAboutBody):
    """A file with a workflow in it. It has no ids of connections: those are named by what they are called."""

    definition: DefinitionBody  # type: ignore[assignment] # the same, told in full


class ImportBody(RootModel[WorkflowFileBody | DefinitionBody]):
    """A file that was exported, or a definition alone."""

    model_config = ConfigDict(title="ImportBody")


WORKFLOW_BODIES: tuple[type[BaseModel], ...] = (
    OrganiseBody,
    ChangeManyBody,
    DuplicateBody,
    PublishBody,
    DescribeVersionBody,
    RestoreVersionBody,
    ImportBody,
)
