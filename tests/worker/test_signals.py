"""Events and calls from outside, for executions that wait; and answers that executions give while they run."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import httpx
import pytest
from tests.api.conftest import credentials_of, make_services
from tests.rig.connections import KEYS
from tests.rig.engine import START, Engine, node, until

from wingbeat.api.app import ApiOptions, create_app
from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import InvalidInput
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.events.events import Occurrence
from wingbeat.services.executions.executions import Executions
from wingbeat.services.executions.signals import Signals
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.services.executions.waits import WaitAddresses
from wingbeat.toolbox import make_wait_addresses
from wingbeat.worker.worker import Worker

PAID: JsonObject = {
    "id": "e1",
    "name": "order.paid",
    "type": "order.paid",
    "source": "shop",
    "subject": None,
    "time": None,
    "data": {"id": 7},
}
END = node("end", "flow.end", output="{{ input }}")


def signals(engine: Engine) -> Signals:
    """What the API and the triggers use."""
    return Signals(engine.database, addresses(engine))


def addresses(engine: Engine) -> WaitAddresses:
    """The addresses that the engine's workers give out."""
    return make_wait_addresses(KEYS, engine.settings())


async def publish(engine: Engine, name: str, data: Json, event_id: str) -> int:
    """Publish an event of the shop; how many it woke."""
    return (await engine.events().publish(SYSTEM, Occurrence(name, data, "shop", event_id))).event.woken


async def waiting(engine: Engine, *nodes: JsonObject, data: Json = None, **fields: Json) -> UUID:
    """An execution that waits for an event."""
    step = node("step", "flow.wait_for_event", **{"name": "order.paid", **fields})
    execution_id = await engine.start(await engine.publish(START, *nodes, step, END), data)
    await engine.reaches(execution_id, "waiting")
    return execution_id


async def test_an_event_wakes_all_who_wait_for_it(engine: Engine) -> None:
    """Each once, whatever pattern they wait with; the others go on waiting."""
    await engine.worker()
    wake = [await waiting(engine, name=name) for name in ("order.paid", "order.*", "*.paid", "**", "order.paid.**")]
    others = [await waiting(engine, name=name) for name in ("order.sent", "order", "order.*.now", "*")]
    assert 5 == await publish(engine, "order.paid", {"id": 7}, "e1")
    for execution_id in wake:
        output = (await engine.ended(execution_id))["final_output"]
        assert PAID == output
    assert 0 == await publish(engine, "order.paid", {"id": 7}, "e2")
    assert ["waiting"] * 4 == [await engine.status(one) for one in others]


async def test_a_filter_looks_at_the_event_and_at_what_was_there_before(engine: Engine) -> None:
    """With the values of when the wait began; one that fails is not fulfilled."""
    await engine.worker()
    made = node("made", "data.transform", value="{{ trigger.id }}")
    first = await waiting(engine, made, data={"id": 7}, filter="event.data.id == nodes.made and trigger.id == input")
    second = await waiting(engine, made, data={"id": 8}, filter="event.data.id == nodes.made and trigger.id == input")
    assert 0 == await publish(engine, "order.paid", None, "e1")
    assert 0 == await publish(engine, "order.paid", {"id": 9}, "e2")
    assert 1 == await publish(engine, "order.paid", {"id": 8}, "e3")
    assert "completed" == (await engine.ended(second))["status"]
    assert "waiting" == await engine.status(first)


async def test_no_event_in_time_takes_the_other_way(engine: Engine) -> None:
    """With the input."""
    await engine.worker()
    step = node("step", "flow.wait_for_event", name="never", wait_seconds=0.05)
    late = node("late", "flow.end", output={"late": "{{ input }}"})
    workflow_id = await engine.publish(START, step, END, late, connections="start>step, step>end, step.timeout>late")
    assert {"late": 1} == (await engine.ended(await engine.start(workflow_id, 1)))["final_output"]


@pytest.mark.parametrize("name", ["", "x" * 201])
async def test_an_event_without_a_name_is_refused(engine: Engine, name: str) -> None:
    """Nobody could wait for it."""
    with pytest.raises(InvalidInput):
        await publish(engine, name, None, "e1")


async def test_a_filter_cannot_keep_everything(engine: Engine) -> None:
    """What it mentions is kept with the wait, up to a limit."""
    await engine.worker()
    step = node("step", "flow.wait_for_event", name="a", filter="event.data in trigger")
    execution_id = await engine.start(await engine.publish(START, step, END), ["x" * 1_100_000])
    assert "WAIT_TOO_LARGE" == (await engine.ended(execution_id))["error"]["code"]


# Calls.


def client(engine: Engine, worker: Worker | None = None) -> httpx.AsyncClient:
    """A client of the routes; what it starts and waits for runs in the worker."""
    services = make_services(engine.database, engine._folder)
    services = replace(services, signals=signals(engine), starter=engine.starter(worker))
    app = create_app(services, ApiOptions(version="1", max_body_bytes=2_000))
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", headers=credentials_of(services)
    )


async def called_later(engine: Engine, *, methods: Json = None, **fields: Json) -> tuple[UUID, str]:
    """An execution that waits for a call, and where."""
    told = node("told", "data.transform", value="{{ execution.resume_urls.step }}")
    step = node("step", "flow.wait_for_webhook", **({"methods": methods} if methods else {}), **fields)
    end = node("end", "flow.end", output={"url": "{{ nodes.told }}", "came": "{{ input }}"})
    execution_id = await engine.start(await engine.publish(START, told, step, end))
    await engine.reaches(execution_id, "waiting")
    (wait,) = await signals(engine).list(SYSTEM, execution_id)
    assert wait.url is not None
    return execution_id, wait.url


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        ({"json": {"a": [1]}}, {"a": [1]}),
        ({"data": {"a": "1", "b": ["2", "3"]}}, {"a": "1", "b": ["2", "3"]}),
        ({"content": "hello", "headers": {"content-type": "text/plain; charset=utf-8"}}, "hello"),
        ({}, None),
    ],
)
async def test_the_first_call_counts(engine: Engine, sent: dict[str, object], body: Json) -> None:
    """It is answered with 202, the second with 409; the address was known to a node before."""
    await engine.worker()
    execution_id, url = await called_later(engine)
    async with client(engine) as caller:
        path = url.removeprefix(engine.settings().public_url)
        answer = await caller.post(f"{path}?a=b", **sent)  # type: ignore[arg-type]
        assert 202 == answer.status_code, answer.text
        output = (await engine.ended(execution_id))["final_output"]
        assert {"url": url, "came": {"method": "POST", "query": {"a": "b"}, "body": body}} == output
        again = await caller.post(path)
        assert (409, "EXECUTION_ENDED") == (again.status_code, again.json()["error_code"])


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("GET", None, {}, 405, "WAIT_METHOD_REFUSED"),
        ("PUT", None, {}, 405, "METHOD_NOT_ALLOWED"),
        ("HEAD", None, {}, 405, None),
        ("POST", "/api/v1/waits/unknown", {}, 404, "WAIT_NOT_FOUND"),
        ("POST", f"/api/v1/waits/{'x' * 5000}", {}, 404, "WAIT_NOT_FOUND"),
        ("POST", None, {"content": b"x" * 3_000, "headers": {"content-type": "text/plain"}}, 413, "BODY_TOO_LARGE"),
        ("POST", None, {"content": b"{", "headers": {"content-type": "application/json"}}, 400, "JSON_SYNTAX"),
        ("POST", None, {"content": b"\xff", "headers": {"content-type": "text/plain"}}, 400, "INVALID_INPUT"),
        ("POST", None, {"content": b"x\0", "headers": {"content-type": "text/plain"}}, 400, "JSON_NOT_STORABLE"),
        ("POST", None, {"content": b"x", "headers": {"content-type": "image/png"}}, 415, "MEDIA_TYPE_NOT_JSON"),
        (
            "POST",
            None,
            {"content": b"a&" * 999, "headers": {"content-type": "application/x-www-form-urlencoded"}},
            202,
            None,
        ),
    ],
)
async def test_what_cannot_be_taken_changes_nothing(  # noqa: PLR0913, PLR0917 - what is sent, and what comes back
    engine: Engine, method: str, path: str | None, sent: dict[str, object], status: int, code: str | None
) -> None:
    """The wait is still open after a refusal."""
    await engine.worker()
    execution_id, url = await called_later(engine)
    async with client(engine) as caller:
        mine = url.removeprefix(engine.settings().public_url)
        answer = await caller.request(method, path or mine, **sent)  # type: ignore[arg-type]
        assert status == answer.status_code, answer.text
        if code is None:
            return
        assert code == answer.json()["error_code"]
        assert 202 == (await caller.post(mine)).status_code
    assert "completed" == (await engine.ended(execution_id))["status"]


async def test_each_iteration_has_an_address_of_its_own(engine: Engine) -> None:
    """And a link may be followed where the node allows it."""
    await engine.worker()
    each = node("each", "loop.foreach", items=[0, 1], concurrency=2)
    told = node("told", "data.variable", name="urls", operation="append", value="{{ execution.resume_urls.step }}")
    step = node("step", "flow.wait_for_webhook", methods=["GET"])
    picked = node("picked", "data.transform", value="{{ input.query.n }}")
    workflow_id = await engine.publish(
        START,
        each,
        told,
        step,
        picked,
        END,
        connections="start>each, each.body>told, told>step, step>picked, each.done>end",
    )
    execution_id = await engine.start(workflow_id, variables={"urls": []})

    async def both() -> bool:
        return len(await signals(engine).list(SYSTEM, execution_id)) == 2

    await until(both, "both wait")
    known = [addresses(engine).url(str(execution_id), "step", f"each:{number}") for number in (0, 1)]
    async with client(engine) as caller:
        for number, url in enumerate(known):
            path = url.removeprefix(engine.settings().public_url)
            assert 202 == (await caller.get(f"{path}?n={number}")).status_code
    row = await engine.ended(execution_id)
    assert (["0", "1"], known) == (row["final_output"], row["final_variables"]["urls"])


async def test_what_an_execution_waits_for_can_be_looked_at(engine: Engine) -> None:
    """With the address while it is open, and with what became of it."""
    await engine.worker()
    execution_id, url = await called_later(engine)
    async with client(engine) as caller:
        listed = f"/api/v1/workflows/executions/{execution_id}/waits"
        (shown,) = (await caller.get(listed)).json()["data"]
        assert (url, "webhook", "step", None) == (shown["url"], shown["kind"], shown["node_id"], shown["outcome"])
        await caller.post(url.removeprefix(engine.settings().public_url))
        (shown,) = (await caller.get(listed)).json()["data"]
        assert (None, "resolved") == (shown["url"], shown["outcome"])
        assert 404 == (await caller.get(f"/api/v1/workflows/executions/{UUID(int=1)}/waits")).status_code


async def test_parent_and_child_show_each_other(engine: Engine) -> None:
    """One trace: the parent lists its children, the child names its parent and the first of all."""
    await engine.worker()
    child = await engine.publish({"id": "called", "type": "trigger.workflow"}, END)
    execution_id = await engine.start(
        await engine.publish(START, node("call", "action.subworkflow", workflow_id=str(child)), END)
    )
    await engine.ended(execution_id)
    executions = Executions(engine.database)
    details = await executions.get(SYSTEM, execution_id)
    (born,) = details.children
    shown = (await executions.get(SYSTEM, born.execution_id)).execution
    assert ("completed", execution_id, execution_id, 1) == (
        born.status,
        shown.parent_execution_id,
        shown.root_execution_id,
        shown.depth,
    )


# Answers.


def answering(**fields: Json) -> JsonObject:
    """A node that answers."""
    return node("answer", "action.respond", **fields)


@pytest.mark.parametrize("where", ["in this process", "elsewhere"])
async def test_whoever_waits_gets_the_answer_while_the_execution_goes_on(engine: Engine, where: str) -> None:
    """Whichever process runs it; the answer is kept with the execution."""
    worker = await engine.worker()
    gate = engine.probes.gate()
    hold = node("hold", "test.waiting", name="gate")
    workflow_id = await engine.publish(
        START, answering(status=201, body={"got": "{{ input }}"}, headers={"X-A": "b"}), hold, END
    )
    starter = engine.starter(worker if where == "in this process" else None)
    summary = await starter.start_and_wait(SYSTEM, StartRequest(workflow_id, 7), 30)
    assert summary.response is not None
    assert (201, {"X-A": "b"}, {"got": 7}) == summary.response
    assert "running" == await engine.status(summary.execution_id)
    gate.opened.set()
    row = await engine.ended(summary.execution_id)
    assert ("completed", 201) == (row["status"], row["response"]["status"])


async def test_an_execution_answers_once(engine: Engine) -> None:
    """The second node that does fails; a step that is run again after a crash does not."""
    worker = await engine.worker()
    gate = engine.probes.gate()
    second = node("second", "action.respond", on_error="continue")
    hold = node("hold", "test.waiting", name="gate")
    execution_id = await engine.start(await engine.publish(START, answering(body=1), hold, second, END))
    await gate.reached()
    await engine.database.pool.execute("DELETE FROM workflow_execution_steps WHERE sequence > 1")
    await engine.kill(worker)
    gate.opened.set()
    await engine.worker()
    row = await engine.ended(execution_id)
    assert ("RESPONSE_SENT", 1) == (row["final_output"]["error"]["code"], row["response"]["body"])


async def test_without_a_caller_the_answer_is_only_recorded(engine: Engine) -> None:
    """And a caller who waits for one that never comes gets the result."""
    worker = await engine.worker()
    execution_id = await engine.start(await engine.publish(START, answering(), END), "x")
    assert "x" == (await engine.ended(execution_id))["response"]["body"]
    summary = await engine.starter(worker).start_and_wait(
        SYSTEM, StartRequest(await engine.publish(START, END), "y"), 30
    )
    assert (None, "y") == (summary.response, summary.output)


@pytest.mark.parametrize(
    ("fields", "status", "content", "media_type"),
    [
        ({"status": 201, "body": {"got": "{{ input }}"}}, 201, b'{"got":7}', "application/json"),
        ({"body": "Thank you."}, 200, b"Thank you.", "text/plain; charset=utf-8"),
        ({"body": "<p>", "headers": {"content-type": "text/html"}}, 200, b"<p>", "text/html"),
        ({"status": 303, "body": None, "headers": {"location": "/there"}}, 303, b"", None),
        ({"status": 204, "body": "x"}, 204, b"", None),
    ],
)
async def test_the_answer_comes_as_the_node_says(
    engine: Engine, fields: JsonObject, status: int, content: bytes, media_type: str | None
) -> None:
    """And no browser takes it for a page of this service."""
    worker = await engine.worker()
    workflow_id = await engine.publish(START, answering(**fields), END)
    async with client(engine, worker) as caller:
        answer = await caller.post(f"/api/v1/workflows/{workflow_id}/execute?wait=20", json={"trigger_data": 7})
    assert (status, content) == (answer.status_code, answer.content)
    assert not media_type or media_type == answer.headers["content-type"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert 1 == len(answer.headers.get_list("location"))
