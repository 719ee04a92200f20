"""Workflows to begin with: what there is, and making one of them a workflow of the caller's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.errors import NotFound
from wingbeat.services.workflow_rules import hash_fields
from wingbeat.services.workflows import Request
from wingbeat.storage.workflows import WorkflowFields
from wingbeat.templates.library import templates
from wingbeat.templates.template import fill_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json
    from wingbeat.services.workflows import Created, Workflows
    from wingbeat.templates.template import Template


FROM_TEMPLATE = "workflow.from_template"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which template, under which name, and with what in its places."""

    template_id: str
    name: str
    variables: Mapping[str, Json]
    community_id: int | None = None


@dataclass(frozen=True)
class Templates:
    """The use cases of templates, which are the same for everybody."""

    workflows: Workflows

    @staticmethod
    def list() -> Sequence[Template]:
        """All of them, by category and name."""
        return [*templates().values()]

    @staticmethod
    def get(template_id: str) -> Template:
        """One of them.

        Raises:
            NotFound: there is none with this id.
        """
        found = templates().get(template_id)
        if found is None:
            raise NotFound(
                f"There is no template {template_id!r:.120}.",
                code="TEMPLATE_NOT_FOUND",
                remedy="List them at /api/v1/templates.",
            )
        return found

    async def create(self, principal: Principal, wanted: Wanted, *, idempotency_key: str | None = None) -> Created:
        """Save a draft made of a template, whose author is the caller.

        Raises:
            NotFound: there is no such template.
            InvalidInput: `TEMPLATE_VARIABLES_INVALID`.
            Forbidden, Unlicensed, InvalidWorkflow, Conflict, DatabaseUnavailable: as `Workflows.create`.
        """
        definition = fill_in(self.get(wanted.template_id), wanted.name, wanted.variables)
        fields = WorkflowFields(definition, community_id=wanted.community_id)
        request = Request(FROM_TEMPLATE, hash_fields(fields))
        return await self.workflows.create(principal, fields, idempotency_key=idempotency_key, made_by=request)
