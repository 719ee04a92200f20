"""Which forms a workflow shows: read out of its triggers when it is published, and put into rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from wingbeat.nodes.trigger import form
from wingbeat.storage import forms as rows
from wingbeat.storage.forms import FormDefinition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    import asyncpg

    from wingbeat.core.graph import Workflow


async def bring_in_line(connection: asyncpg.Connection, workflow_id: UUID, workflow: Workflow | None) -> None:
    """Let the workflow show the forms of its triggers; none without one."""
    await rows.replace(connection, workflow_id, [] if workflow is None else list(forms_of(workflow)))


def forms_of(workflow: Workflow) -> Iterator[FormDefinition]:
    """The forms of the enabled triggers of a workflow."""
    for node in workflow.nodes:
        if node.type != form.NODE.type or node.disabled:
            continue
        try:
            form.Form.model_validate(node.parameters)
        except ValidationError:
            # From a release that took what this one does not: nobody can fill it in.
            continue
        yield FormDefinition(node.id, dict(node.parameters))
