"""The bodies of requests about who may do what with a workflow."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from wingbeat.api.bodies import INTEGER_MAX, TAKE_WHOLE, Strict
from wingbeat.api.shapes import Shape

Someone = Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE]
GRANTEES = ("user_id", "role", "community_id")
RIGHTS = ("can_view", "can_edit", "can_delete", "can_execute")
RIGHT: JsonDict = {"const": True}


class GrantBody(Strict):
    """What is granted, and to whom: one user, whoever has a role, or all who belong to a community."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [name]} for name in GRANTEES],
            "anyOf": [{"required": [name], "properties": {name: RIGHT}} for name in RIGHTS],
        }
    )

    user_id: Someone = Field(0, validate_default=False)
    role: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")] = ""
    community_id: Someone = Field(0, validate_default=False)
    can_view: bool = Field(default=False, description="Anybody who may edit or delete may see, too.")
    can_edit: bool = False
    can_delete: bool = False
    can_execute: bool = False

    @model_validator(mode="after")
    def _is_for_one(self) -> Self:
        if len([name for name in GRANTEES if name in self.model_fields_set]) != 1:
            raise ValueError("Name one of 'user_id', 'role' and 'community_id'.")
        if not any(getattr(self, name) for name in RIGHTS):
            raise ValueError("Grant something, or take the grant back.")
        return self


class GrantsBody(Strict):
    """All that is to be granted on a workflow."""

    grants: Annotated[list[GrantBody], Field(max_length=1000)]


class OwnerBody(Strict):
    """Whose a workflow is to be."""

    user_id: Someone


class GrantShape(Shape):
    """Something that is granted; two of the three that may be granted to are null."""

    permission_id: int
    user_id: int | None
    role: str | None
    community_id: int | None
    can_view: bool
    can_edit: bool
    can_delete: bool
    can_execute: bool
    granted_by: int
    created_at: datetime


GRANT_BODIES: tuple[type[BaseModel], ...] = (GrantBody, GrantsBody, OwnerBody)
