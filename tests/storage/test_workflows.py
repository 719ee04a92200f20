"""Rows of workflows: what goes in comes out, and no revision is ever lost."""

from __future__ import annotations

from wingbeat.core.access import SYSTEM
from wingbeat.core.document import parse_workflow
from wingbeat.core.json_value import JsonObject
from wingbeat.services.registration import id_for
from wingbeat.storage import workflow_lists, workflows
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Paging
from wingbeat.storage.pool import Database
from wingbeat.storage.workflow_lists import WorkflowFilter
from wingbeat.storage.workflows import WorkflowFields

DRAFTS = WorkflowFilter(["draft"])

DEFINITION: JsonObject = {
    "name": "a",
    "description": "what it does",
    "nodes": [{"id": "n", "type": "t", "parameters": {"big": 10**30}}],
    "connections": [],
    "global_variables": {"x": [1.5, None]},
    "settings": {"max_concurrent": 2},
    "annotations": {"notes": [{"id": "why", "text": "because"}]},
}


async def test_a_workflow_comes_back_as_it_was_saved(database: Database) -> None:
    """Definition and all that is about it."""
    identifier = new_id()
    fields = WorkflowFields(DEFINITION, version="3.1", enabled=False, entity_id=4, community_id=5)
    async with database.pool.acquire() as connection:
        inserted = await workflows.insert(connection, identifier, fields)
        assert inserted == await workflows.get(connection, identifier)
    header = inserted.header
    assert inserted.definition == DEFINITION
    assert ("3.1", False, 4, 5, 1, 1) == (
        header.version,
        header.enabled,
        header.entity_id,
        header.community_id,
        header.revision,
        header.node_count,
    )


async def test_every_revision_is_kept(database: Database) -> None:
    """A save adds one and changes none."""
    identifier = new_id()
    async with database.pool.acquire() as connection:
        await workflows.insert(connection, identifier, WorkflowFields(DEFINITION))
        updated = await workflows.update(connection, identifier, WorkflowFields({**DEFINITION, "name": "b"}))
        first = await workflows.get_revision(connection, identifier, 1)
        second = await workflows.get_revision(connection, identifier, 2)
        third = await workflows.get_revision(connection, identifier, 3)
    assert updated.header.revision == 2
    assert (DEFINITION, {**DEFINITION, "name": "b"}, None) == (first, second, third)


async def test_publishing_keeps_the_limits_where_admission_looks(database: Database) -> None:
    """They are columns, so that a claim need not read definitions."""
    identifier = new_id()
    async with database.pool.acquire() as connection:
        await workflows.insert(connection, identifier, WorkflowFields(DEFINITION))
        published = await workflows.publish(
            connection, identifier, 1, parse_workflow({**DEFINITION, "settings": {"max_concurrent": 2}})
        )
        row = await connection.fetchrow("SELECT max_concurrent, max_per_minute FROM workflows")
    assert ("published", 1) == (published.header.status, published.header.published_revision)
    assert (2, None) == tuple(row)


async def test_a_list_is_in_the_order_of_creation_whatever_the_ids(database: Database) -> None:
    """An id that a name gave is not of a time, and stands where it belongs all the same; cursors lead by it."""
    identifiers = [id_for("sample", "z"), new_id(), id_for("sample", "a"), new_id(), id_for("sample", "b")]
    async with database.pool.acquire() as connection:
        for identifier in identifiers:
            await workflows.insert(connection, identifier, WorkflowFields(DEFINITION))
        for sort, expected in (("created_at", identifiers), ("-created_at", identifiers[::-1])):
            first = await workflow_lists.list_page(connection, SYSTEM, DRAFTS, Paging(sort, per_page=2))
            cursor = first.items[-1].workflow_id
            rest = await workflow_lists.list_page(connection, SYSTEM, DRAFTS, Paging(sort, per_page=3, cursor=cursor))
            assert expected == [item.workflow_id for item in first.items + rest.items]


async def test_a_cursor_of_a_row_that_is_gone_ends_the_list(database: Database) -> None:
    """Whatever the order, the answer is an empty page and no error."""
    async with database.pool.acquire() as connection:
        await workflows.insert(connection, new_id(), WorkflowFields(DEFINITION))
        page = await workflow_lists.list_page(connection, SYSTEM, DRAFTS, Paging("name", cursor=new_id()))
    assert ([], False) == (page.items, page.more)
