"""The bodies of requests about several executions, and about expressions."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wingbeat.api.bodies import INTEGER_MAX, NODE_ID, TAKE_WHOLE, Id, Strict


class BulkBody(Strict):
    """What is to be done with each of some executions."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["preview"], "properties": {"preview": {"const": True}}},
            "then": {"properties": {"action": {"const": "delete"}}},
        }
    )

    action: Literal["cancel", "pause", "resume", "retry", "delete"]
    execution_ids: Annotated[list[Id], Field(min_length=1, max_length=100)]
    preview: bool = Field(default=False, description="With `delete`: say what would come of it, and do nothing.")

    @model_validator(mode="after")
    def _previews_deletion(self) -> Self:
        if self.preview and self.action != "delete":
            raise ValueError("'preview' goes with the action 'delete' alone.")
        return self


class PreviewExpressionBody(Strict):
    """An expression, or any JSON with templates in it, and where it stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["template"]},
                {"required": ["expression"], "properties": {"expression": {"type": "string"}}},
            ]
        }
    )

    expression: Annotated[str, Field(max_length=20_000)] | None = Field(None, description="Without `{{ }}`.")
    template: Any = Field(None, description="A text with `{{ }}`, or any JSON with such texts in it.")
    workflow_id: Id | None = None
    node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = Field(
        None, description="Where it stands: with what this node found when it last ran, or would have."
    )
    execution_id: Id | None = Field(None, description="With `workflow_id`: in this execution rather than the last.")
    scope: Annotated[str, Field(max_length=10_000)] | None = Field(None, description="In this iteration.")
    revision: Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE] | None = Field(
        None, description="The saved revision in which the node stands; without it, the latest."
    )
    context: dict[str, Any] | None = Field(
        None, description="Values of names, in the place of those that the node found; outputs of nodes in `nodes`."
    )

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        given = self.model_fields_set
        if ("template" in given) == (self.expression is not None):
            raise ValueError("Give 'expression' or 'template'.")
        return self


EXECUTION_BODIES: tuple[type[BaseModel], ...] = (BulkBody, PreviewExpressionBody)
