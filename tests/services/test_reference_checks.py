"""What a workflow names must be for whoever saves it, and a revision reaches no further than who stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from tests.rig.connections import put_connection
from tests.rig.node_types import NODE_TYPES
from tests.rig.ownership import give, limit_reach, put_workflow
from tests.rig.people import ADMIN, AUTHOR, COOK, COOKS, EDITOR, GARDENERS, OPERATOR, STRANGER, VIEWER, user

from wingbeat.core.access import SERVICE, Principal
from wingbeat.core.errors import Conflict
from wingbeat.core.json_value import JsonObject
from wingbeat.core.problems import InvalidWorkflow, Problem
from wingbeat.services.workflows import Workflows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields

REACHED = "SELECT reaches_author, reaches_community FROM workflow_revisions WHERE workflow_id = $1 AND revision = $2"


@pytest.fixture
def workflows(database: Database) -> Workflows:
    """The use cases."""
    return Workflows(database, NODE_TYPES)


def calling(workflow_id: UUID | str) -> JsonObject:
    """A workflow that calls another one."""
    node: JsonObject = {"id": "call", "type": "action.subworkflow", "parameters": {"workflow_id": str(workflow_id)}}
    return with_node(node)


def mailing(connection_id: UUID | str) -> JsonObject:
    """A workflow that uses a connection."""
    parameters: JsonObject = {"connection": str(connection_id), "url": "https://api.example.com"}
    return with_node({"id": "call", "type": "action.http_request", "parameters": parameters})


def with_node(node: JsonObject) -> JsonObject:
    """A workflow of a start and this."""
    nodes = [{"id": "start", "type": "trigger.manual"}, node]
    return {"name": "test", "nodes": nodes, "connections": [{"from": "start", "to": "call"}]}  # type: ignore[dict-item] # JSON


def errors(problems: Sequence[Problem]) -> list[str]:
    """Their codes."""
    return [problem.code for problem in problems if problem.severity == "error"]


async def save(workflows: Workflows, who: Principal, document: JsonObject, community: int = 0) -> UUID:
    """A new draft."""
    created = await workflows.create(who, WorkflowFields(document, community_id=community))
    return created.workflow.header.workflow_id


async def publish(workflows: Workflows, who: Principal, workflow_id: UUID) -> list[str]:
    """The codes of what stands against it."""
    try:
        await workflows.publish(who, workflow_id)
    except InvalidWorkflow as error:
        return errors(error.problems)
    return []


@pytest.mark.parametrize(
    ("who", "usable"),
    [(SERVICE, True), (AUTHOR, True), (ADMIN, True), (OPERATOR, True), (VIEWER, False), (COOK, False)],
)
async def test_a_connection_must_be_for_who_saves(workflows: Workflows, who: Principal, usable: bool) -> None:
    """To use; any other one is exactly like one that there is not."""
    shared = await put_connection(
        workflows.database,
        "basic",
        {"username": "me"},
        allowed_hosts=["api.example.com"],
        author=AUTHOR.user_id,
        community=GARDENERS,
    )
    found = (await workflows.validate_document(who, mailing(shared))).problems
    if usable:
        assert [] == errors(found)
        return
    missing = new_id()
    like_this = (await workflows.validate_document(who, mailing(missing))).problems
    assert ["CONNECTION_UNKNOWN"] == errors(found)
    assert [str(one) for one in found] == [str(one).replace(str(missing), str(shared)) for one in like_this]
    assert ["CONNECTION_UNKNOWN"] == await publish(workflows, who, await save(workflows, who, mailing(shared)))


@pytest.mark.parametrize(
    ("who", "usable"), [(SERVICE, True), (AUTHOR, True), (OPERATOR, True), (VIEWER, False), (COOK, False)]
)
async def test_a_workflow_must_be_for_who_calls_it(workflows: Workflows, who: Principal, usable: bool) -> None:
    """To run; any other one is exactly like one that there is not. An id that is computed is asked about later."""
    callee = await put_workflow(workflows.database, author=AUTHOR.user_id, community=GARDENERS)
    found = (await workflows.validate_document(who, calling(callee))).problems
    assert ([] if usable else ["SUBWORKFLOW_NOT_FOUND"]) == errors(found)
    missing = new_id()
    like_this = (await workflows.validate_document(who, calling(missing))).problems
    assert ["SUBWORKFLOW_NOT_FOUND"] == errors(like_this)
    if not usable:
        assert [str(one) for one in found] == [str(one).replace(str(missing), str(callee)) for one in like_this]
    assert [] == errors((await workflows.validate_document(who, calling("{{ trigger.id }}"))).problems)
    errand: JsonObject = {**calling(callee), "settings": {"error_workflow": str(callee)}}
    if usable:
        await save(workflows, who, errand)
        return
    with pytest.raises(Conflict, match="There is no workflow"):
        await save(workflows, who, errand)


async def test_what_is_ones_own_is_not_the_workflows(workflows: Workflows) -> None:
    """An editor's own connection would not be there for executions of the author's workflow, and that is told."""
    own = await put_connection(
        workflows.database, "basic", {"username": "me"}, allowed_hosts=["api.example.com"], author=EDITOR.user_id
    )
    shared = await save(workflows, SERVICE, mailing(own), GARDENERS)
    assert ["CONNECTION_UNREACHABLE"] == await publish(workflows, EDITOR, shared)
    assert [] == await publish(workflows, EDITOR, await save(workflows, EDITOR, mailing(own), GARDENERS))


async def test_a_revision_reaches_what_those_reach_who_saved_and_published_it(workflows: Workflows) -> None:
    """The author for the author's, those who may run things in the community for the community's."""
    database, document = workflows.database, calling("{{ trigger }}")
    author = user(AUTHOR.user_id, AUTHOR.name, c7="editor")
    workflow_id = await save(workflows, author, document, GARDENERS)

    async def reached(revision: int) -> tuple[bool, bool]:
        row = await database.pool.fetchrow(REACHED, workflow_id, revision)
        return row["reaches_author"], row["reaches_community"]

    assert (True, True) == await reached(1)
    await workflows.update(EDITOR, workflow_id, WorkflowFields(document), expected_revision=None)
    await workflows.update(AUTHOR, workflow_id, WorkflowFields(document), expected_revision=None)
    await database.pool.execute(
        "INSERT INTO workflow_permissions (workflow_id, user_id, can_edit) VALUES ($1, $2, true)",
        workflow_id,
        STRANGER.user_id,
    )
    await workflows.update(STRANGER, workflow_id, WorkflowFields(document), expected_revision=None)
    assert [(False, True), (True, False), (False, False)] == [await reached(revision) for revision in (2, 3, 4)]
    await workflows.publish(EDITOR, workflow_id)
    assert (False, True) == await reached(4)
    await workflows.publish(SERVICE, workflow_id)
    assert (True, True) == await reached(4)


async def test_a_workflow_that_changes_hands_reaches_nothing_of_the_new_owners(workflows: Workflows) -> None:
    """Or somebody could give away a workflow that then reads what its new owner has, until that one publishes it."""
    database = workflows.database
    both = user(EDITOR.user_id, EDITOR.name, c7="editor", c8="editor")
    workflow_id = await save(workflows, both, calling("{{ trigger }}"), GARDENERS)
    await workflows.publish(both, workflow_id)
    await workflows.update(
        both, workflow_id, WorkflowFields(calling("{{ trigger }}"), community_id=COOKS), expected_revision=None
    )
    rows = [await database.pool.fetchrow(REACHED, workflow_id, revision) for revision in (1, 2)]
    assert [(True, False), (True, True)] == [tuple(row) for row in rows]
    await database.pool.execute("UPDATE workflows SET author_id = $2 WHERE workflow_id = $1", workflow_id, COOK.user_id)
    assert (False, True) == tuple(await database.pool.fetchrow(REACHED, workflow_id, 2))
    await workflows.publish(COOK, workflow_id)
    assert (True, True) == tuple(await database.pool.fetchrow(REACHED, workflow_id, 2))


async def test_the_helpers_of_these_tests_do_what_they_say(database: Database) -> None:
    """Given away with the new owner's blessing, and without."""
    workflow_id = await put_workflow(database, author=AUTHOR.user_id)
    assert (True, True) == tuple(await database.pool.fetchrow(REACHED, workflow_id, 1))
    await limit_reach(database, workflow_id)
    await give(database, "workflows", workflow_id, author=COOK.user_id)
    assert (True, True) == tuple(await database.pool.fetchrow(REACHED, workflow_id, 1))
