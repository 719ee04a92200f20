"""Big values on their way through several nodes: stored once, and held once."""

from __future__ import annotations

import asyncio

from tests.rig.engine import START, Engine, node

from wingbeat.core.json_value import Json, JsonObject
from wingbeat.sdk import Context, Outcome, Result

BIG = "x" * 400_000


def pass_on(node_id: str, value: Json = "{{ input }}") -> JsonObject:
    """A node that gives on what it got, or something else."""
    return node(node_id, "data.transform", value=value)


async def blobs_of(engine: Engine, execution: object) -> dict[str, str | None]:
    """Where the outputs of the nodes are."""
    sql = "SELECT node_id, output_blob FROM workflow_execution_steps WHERE execution_id = $1 AND status = 'completed'"
    return {row["node_id"]: row["output_blob"] for row in await engine.database.pool.fetch(sql, execution)}


async def test_a_value_that_is_handed_on_is_stored_once(engine: Engine) -> None:
    """The rows of the nodes that hand it on refer to the blob that is there; another value gets its own."""
    await engine.worker()
    workflow = await engine.publish(
        START,
        pass_on("first", f"{BIG}{{{{ trigger.n }}}}"),
        pass_on("second"),
        pass_on("third"),
        pass_on("other", "{{ input + 'y' }}"),
        pass_on("size", "{{ [nodes.third | length, nodes.other | length] }}"),
    )
    execution = await engine.start(workflow, {"n": 1})
    ended = await engine.ended(execution)
    assert ("completed", [400_001, 400_002]) == (ended["status"], ended["final_output"])
    blobs = await blobs_of(engine, execution)
    assert blobs["first"] == blobs["second"] == blobs["third"]
    assert blobs["other"] not in {None, blobs["first"]}
    assert blobs["size"] is None


async def test_a_part_of_a_value_is_another_value(engine: Engine) -> None:
    """What leaves over one of several ports is not what the row holds."""
    await engine.worker()
    workflow = await engine.publish(
        START,
        pass_on("list", [f"{BIG}{{{{ trigger.n }}}}", "short"]),
        node("split", "condition.filter", items="{{ input }}", condition="item != 'short'"),
        pass_on("kept"),
        pass_on("size", "{{ [input | length, input[0] | length] }}"),
        connections="start>list, list>split, split.kept>kept, kept>size",
    )
    execution = await engine.start(workflow, {"n": 1})
    assert [1, 400_001] == (await engine.ended(execution))["final_output"]
    blobs = await blobs_of(engine, execution)
    assert 3 == len({blobs["list"], blobs["split"], blobs["kept"]})


async def test_who_takes_over_knows_where_it_is(engine: Engine) -> None:
    """After a crash the value is read from the blob, and handed on without being stored again."""
    begun = asyncio.Event()

    async def hold(context: Context) -> Result:
        if not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        return Outcome.of(context.input)

    engine.probes.waiting["hold"] = hold
    first = await engine.worker()
    workflow = await engine.publish(
        START,
        pass_on("first", f"{BIG}{{{{ trigger.n }}}}"),
        pass_on("second"),
        node("held", "test.waiting", name="hold"),
    )
    execution = await engine.start(workflow, {"n": 1})
    await begun.wait()
    await engine.kill(first)
    await engine.worker()
    ended = await engine.ended(execution)
    assert ("completed", 400_001) == (ended["status"], len(ended["final_output"]))
    blobs = await blobs_of(engine, execution)
    assert blobs["first"] == blobs["second"] == blobs["held"]
    assert blobs["first"] is not None
