"""The use cases of workflows that HTTP does not show."""

from __future__ import annotations

import pytest
from tests.rig.node_types import NODE_TYPES

from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import Conflict, DatabaseUnavailable, NotFound
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.problems import InvalidWorkflow
from wingbeat.nodes.action import http_request
from wingbeat.services.workflows import Workflows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields

SMALL: JsonObject = {
    "name": "small",
    "nodes": [{"id": "start", "type": "trigger.manual"}],
    "settings": {"max_concurrent": 3, "max_per_minute": 7},
}


@pytest.fixture
def workflows(database: Database) -> Workflows:
    """The use cases on this test's database."""
    return Workflows(database, NODE_TYPES)


async def test_a_definition_is_stored_in_its_normal_form(workflows: Workflows) -> None:
    """What the caller left out has its default, so that two spellings of one workflow are one."""
    created = await workflows.create(SYSTEM, WorkflowFields(SMALL))
    assert created.workflow.definition["connections"] == []
    assert await workflows.get(SYSTEM, created.workflow.header.workflow_id) == created.workflow


async def test_one_workflow_in_two_spellings_is_one_request(workflows: Workflows) -> None:
    """A key that came with one spelling may come again with the other."""
    first = await workflows.create(SYSTEM, WorkflowFields(SMALL), idempotency_key="k")
    again = await workflows.create(SYSTEM, WorkflowFields({**SMALL, "connections": []}), idempotency_key="k")
    assert (first.workflow, False, True) == (again.workflow, first.replayed, again.replayed)


async def test_a_save_leaves_what_is_published_as_it_is(workflows: Workflows, database: Database) -> None:
    """Revision 1 runs on until revision 2 is published, with its limits."""
    identifier = (await workflows.create(SYSTEM, WorkflowFields(SMALL))).workflow.header.workflow_id
    await workflows.publish(SYSTEM, identifier)
    saved = await workflows.update(SYSTEM, identifier, WorkflowFields({**SMALL, "settings": {}}), expected_revision=1)
    limits = "SELECT max_concurrent, max_per_minute FROM workflows"
    assert ("published", 2, 1) == (saved.header.status, saved.header.revision, saved.header.published_revision)
    assert (3, 7) == tuple(await database.pool.fetchrow(limits))
    published = await workflows.publish(SYSTEM, identifier, expected_revision=2)
    assert (2, (None, None)) == (published.header.published_revision, tuple(await database.pool.fetchrow(limits)))


async def test_a_refused_creation_leaves_its_key_free(workflows: Workflows) -> None:
    """A key is bound by what was done, not by what was tried."""
    with pytest.raises(Exception, match="nodes"):
        await workflows.create(SYSTEM, WorkflowFields({"name": "x"}), idempotency_key="k")
    assert not (await workflows.create(SYSTEM, WorkflowFields(SMALL), idempotency_key="k")).replayed


async def test_a_secret_is_not_kept(database: Database) -> None:
    """Whoever may see the workflow would see it, in each of its versions; all else may be wrong with a draft."""
    workflows = Workflows(database, {**NODE_TYPES, http_request.NODE.type: http_request.NODE})

    def having(headers: Json) -> WorkflowFields:
        asking: Json = {"id": "ask", "type": http_request.NODE.type, "parameters": {"headers": headers}}
        return WorkflowFields({**SMALL, "nodes": [{"id": "start", "type": "trigger.manual"}, asking]})

    harmless = having({"Authorization": "Bearer {{ login.token }}", "cookie": "", "X-Own": "yes"})
    identifier = (await workflows.create(SYSTEM, harmless)).workflow.header.workflow_id
    for attempt in (
        workflows.create(SYSTEM, having({"authorization": "Bearer planted"})),
        workflows.update(SYSTEM, identifier, having({"Cookie": "a=planted"}), expected_revision=1),
    ):
        with pytest.raises(InvalidWorkflow) as caught:
            await attempt
        assert ["secret_written_out"] == [problem.code for problem in caught.value.problems]
        assert "planted" not in str(caught.value.details)
    kept = await database.pool.fetch("SELECT definition::text FROM workflow_revisions")
    assert ("planted" in str(kept), 1) == (False, len(kept))


async def test_an_unknown_id_is_not_found(workflows: Workflows) -> None:
    """By every use case that takes one."""
    unknown = new_id()
    for attempt in (
        workflows.get(SYSTEM, unknown),
        workflows.update(SYSTEM, unknown, WorkflowFields(SMALL), expected_revision=1),
        workflows.publish(SYSTEM, unknown),
        workflows.archive(SYSTEM, unknown),
        workflows.validate(SYSTEM, unknown),
    ):
        with pytest.raises(NotFound) as caught:
            await attempt
        assert caught.value.code == "WORKFLOW_NOT_FOUND"


async def test_without_a_database_every_use_case_says_so(workflows: Workflows, database: Database) -> None:
    """DatabaseUnavailable, not an error of the driver."""
    await database.close()
    with pytest.raises(DatabaseUnavailable):
        await workflows.create(SYSTEM, WorkflowFields(SMALL))


async def test_an_error_workflow_must_be_there(workflows: Workflows) -> None:
    """A workflow cannot name one that was never saved; itself it can."""
    handler = (await workflows.create(SYSTEM, WorkflowFields(SMALL))).workflow.header.workflow_id
    missing: JsonObject = {**SMALL, "settings": {"error_workflow": "019a0000-0000-7000-8000-000000000001"}}
    with pytest.raises(Conflict) as refused:
        await workflows.create(SYSTEM, WorkflowFields(missing))
    assert "ERROR_WORKFLOW_NOT_FOUND" == refused.value.code
    named: JsonObject = {**SMALL, "settings": {"error_workflow": str(handler)}}
    saved = (await workflows.create(SYSTEM, WorkflowFields(named))).workflow
    assert {"error_workflow": str(handler)} == saved.definition["settings"]
    await workflows.update(SYSTEM, handler, WorkflowFields(named), expected_revision=1)
