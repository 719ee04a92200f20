"""The addresses of events and commands, and the ways in which events come."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.rig.listening import Listening, trigger

if TYPE_CHECKING:
    import httpx

    from wingbeat.core.json_value import JsonObject
    from wingbeat.storage.pool import Database

ADDRESS = "/api/v1/events"
COMMANDS = "/api/v1/commands"
CLOUD: dict[str, Any] = {"specversion": "1.0", "id": "e1", "source": "/shop", "type": "order.paid", "data": {"n": 7}}
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
HEADERS = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": "/shop", "ce-type": "order.paid"}


async def post(client: httpx.AsyncClient, media_type: str, body: object, **headers: str) -> httpx.Response:
    """Send JSON under a media type."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post(ADDRESS, content=content, headers={"content-type": media_type, **headers})


async def content(client: httpx.AsyncClient, answer: httpx.Response) -> JsonObject:
    """What triggers got of an event."""
    event_id = answer.json()["data"]["event_id"]
    found: JsonObject = (await client.get(f"{ADDRESS}/{event_id}")).json()["data"]["content"]
    return found


# Plain events.


async def test_nobody_listens(client: httpx.AsyncClient) -> None:
    """It is accepted, gets an id, and does nothing."""
    answer = await client.post(ADDRESS, json={"name": "order.paid"})
    data = answer.json()["data"]
    assert (202, 0, 0, [], True) == (
        answer.status_code,
        data["started"],
        data["woken"],
        data["executions"],
        bool(data["id"]),
    )


async def test_what_it_started_is_told_and_kept(client: httpx.AsyncClient, database: Database) -> None:
    """With the answer, in the list, and by its id; sent again, it is the same."""
    workflow_id = await Listening(database).publish(trigger("event", name="order.*"))
    body = {"type": "order.paid", "source": "shop", "id": "e1", "data": 7}
    answer, again = [await client.post(ADDRESS, json=body) for _ in range(2)]
    [begun] = answer.json()["data"]["executions"]
    assert (str(workflow_id), "on") == (begun["workflow_id"], begun["node_id"])
    assert (answer.json()["data"], "true") == (again.json()["data"], again.headers["idempotency-replayed"])
    [listed] = (await client.get(ADDRESS, params={"type": "order.paid", "source": "shop"})).json()["data"]
    shown = (await client.get(f"{ADDRESS}/{listed['event_id']}")).json()["data"]
    assert (1, 0, 1, "service") == (listed["started"], listed["woken"], listed["repeats"], listed["publisher"])
    assert ["fired", "duplicate"] == [led["outcome"] for led in shown["led_to"]]
    assert {begun["execution_id"]} == {led["execution_id"] for led in shown["led_to"]}


async def test_the_key_of_a_request_stands_in_for_an_id(client: httpx.AsyncClient) -> None:
    """The same key is the same event; with another content it is refused."""
    headers = {"idempotency-key": "k1"}
    first, again = [await client.post(ADDRESS, json={"name": "a"}, headers=headers) for _ in range(2)]
    other = await client.post(ADDRESS, json={"name": "b"}, headers=headers)
    assert first.json()["data"]["event_id"] == again.json()["data"]["event_id"]
    assert (409, "EVENT_ID_REUSED") == (other.status_code, other.json()["error_code"])


BAD_EVENTS: list[object] = [
    {},
    {"name": ""},
    {"name": "a" * 201},
    {"name": 1},
    {"type": ["a"]},
    {"name": "a", "type": "a"},
    {"name": "a", "else": 1},
    {"name": "a", "event_id": "01a1f9b0-15de-740a-a997-f744923b1dcb"},
    {"name": "a", "user_id": 1},
    {"name": "a", "started": 5},
    {"name": "a", "id": 7},
    {"name": "a", "id": "x" * 501},
    {"name": "a", "source": "x" * 1001},
    {"name": "a", "time": "yesterday"},
    {"name": "a", "time": "2026-02-30T00:00:00Z"},
    {"name": "a", "time": "2026-02-03T00:00:00"},
    {"name": "a", "community_id": 0},
    {"name": "a", "community_id": 2**31},
    {"name": "a", "community_id": "5"},
    {"name": "a", "data": "b\0"},
    {"name": "a\0"},
    {"name": "a", "source": "\0"},
    {"name": "a", "id": "\0"},
    [],
    "a",
]


async def test_what_is_no_event_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    """Each with what is wrong, and nothing is kept."""
    for body in BAD_EVENTS:
        answer = await client.post(ADDRESS, json=body)
        assert (400, True) == (answer.status_code, bool(answer.json()["message"])), body
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM events")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/cloudevents", ""])
async def test_what_is_no_json_is_refused(client: httpx.AsyncClient, media_type: str) -> None:
    """Unless it is a CloudEvent."""
    assert 415 == (await post(client, media_type, {"name": "a"})).status_code


@pytest.mark.parametrize(
    "query",
    [{"since": "2026-01-01T00:00:00"}, {"since": "x"}, {"type": "\0"}, {"kind": "x"}, {"x": "1"}, {"page": "0"}],
)
async def test_a_list_that_makes_no_sense_is_refused(client: httpx.AsyncClient, query: dict[str, str]) -> None:
    """Also a time of which nobody knows where it is."""
    assert 400 == (await client.get(ADDRESS, params=query)).status_code


async def test_a_list_goes_on_where_the_page_before_ended(client: httpx.AsyncClient) -> None:
    """The newest first, with a cursor for the next page, and none after the last."""
    for name in "abc":
        await client.post(ADDRESS, json={"name": name})
    first = (await client.get(ADDRESS, params={"per_page": 2, "since": "2026-01-01T00:00:00Z"})).json()
    cursor = first["meta"]["next_cursor"]
    rest = (await client.get(ADDRESS, params={"per_page": 2, "cursor": cursor})).json()
    assert ["c", "b", "a"] == [event["type"] for event in first["data"] + rest["data"]]
    assert (3, None) == (first["meta"]["total"], rest["meta"]["next_cursor"])
    assert [] == (await client.get(ADDRESS, params={"until": "2026-01-01T00:00:00Z"})).json()["data"]


# CloudEvents.


async def test_one_event_in_three_forms_is_one_event(client: httpx.AsyncClient) -> None:
    """Structured, in headers, and as a batch: the same id of the same source, and the same for triggers."""
    structured = await post(client, f"{STRUCTURED}; charset=utf-8", CLOUD)
    binary = await post(client, "application/json", {"n": 7}, **HEADERS)
    batch = await post(client, BATCH, [CLOUD])
    assert (202, 409, 202) == (structured.status_code, binary.status_code, batch.status_code)
    assert [structured.json()["data"]] == batch.json()["data"]
    with_type = await post(client, STRUCTURED, {**CLOUD, "id": "e2", "datacontenttype": "application/json"})
    again = await post(client, "application/json", {"n": 7}, **{**HEADERS, "ce-id": "e2"})
    assert (with_type.json()["data"], "true") == (again.json()["data"], again.headers["idempotency-replayed"])


async def test_attributes_reach_the_triggers(client: httpx.AsyncClient) -> None:
    """Those of the specification, and extensions; not what only the transport needs."""
    sent = {**CLOUD, "time": "2026-05-01T09:30:00Z", "subject": "7", "dataschema": "/s", "traceid": "t", "count": 2}
    expected = {name: value for name, value in sent.items() if name != "specversion"} | {"name": "order.paid"}
    assert expected == await content(client, await post(client, STRUCTURED, sent))


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        ("application/json", b'{"n": 1.5}', {"data": {"n": 1.5}}),
        ("application/vnd.shop+json", b"[1]", {"data": [1]}),
        ("text/plain; charset=utf-8", "é".encode(), {"data": "é"}),
        ("text/plain", b"\xff", {"data": None, "data_base64": base64.b64encode(b"\xff").decode()}),
        ("image/png", b"\x89P", {"data": None, "data_base64": base64.b64encode(b"\x89P").decode()}),
        ("application/json", b"", {"data": None}),
    ],
)
async def test_the_body_of_an_event_in_headers_is_its_data(
    client: httpx.AsyncClient, media_type: str, body: bytes, expected: JsonObject
) -> None:
    """JSON as its value, text as text, bytes in base64."""
    found = await content(client, await post(client, media_type, body, **HEADERS, **{"ce-note": "%C3%A9 %22"}))
    assert {**expected, "note": 'é "', "datacontenttype": media_type} == {
        name: found[name] for name in [*expected, "note", "datacontenttype"]
    }


BAD_ATTRIBUTES: list[JsonObject] = [
    {"specversion": "0.3"},
    {"specversion": 1.0},
    {"id": ""},
    {"id": None},
    {"id": 7},
    {"id": "x" * 501},
    {"source": ""},
    {"type": "x" * 201},
    {"type": {}},
    {"time": "now"},
    {"time": "2026-13-01T00:00:00Z"},
    {"time": 5},
    {"subject": 5},
    {"Upper": "x"},
    {"under_score": "x"},
    {"é": "x"},
    {"x" * 65: "x"},
    {"parts": {"a": 1}},
    {"float": 1.5},
    {"long": "x" * 4_001},
    {"data_base64": "AAAA"},
    {"communityid": 0},
    {"communityid": "5"},
    {"communityid": True},
    {f"x{number}": "x" for number in range(51)},
    {"traceid": "\0"},
]


async def test_what_is_no_cloudevent_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    """Alone and in a batch, of which nothing is taken then."""
    for changed in BAD_ATTRIBUTES:
        bad = {**CLOUD, **changed}
        for answer in (await post(client, STRUCTURED, bad), await post(client, BATCH, [{**CLOUD, "id": "good"}, bad])):
            assert (400, True) == (answer.status_code, bool(answer.json()["error_code"])), changed
    assert 0 == await database.pool.fetchval("SELECT count(*) FROM events")


BAD_HEADERS: list[dict[str, str]] = [
    {"ce-id": "e1"},
    {"ce-nonsense": "x"},
    {**HEADERS, "ce-specversion": "2"},
    {**HEADERS, "ce-id": ""},
    {**HEADERS, "ce-data": "x"},
    {**HEADERS, "ce-data_base64": "AAAA"},
    {**HEADERS, "ce-datacontenttype": "text/plain"},
    {**HEADERS, "ce-time": "x"},
    {**HEADERS, "ce-communityid": "x"},
    {**HEADERS, "ce-communityid": "99999999999"},
    {**HEADERS, "ce-a_b": "x"},
    {**HEADERS, "ce-": "x"},
    {**HEADERS, "ce-type": "%FF"},
    {**HEADERS, "ce-type": "%00"},
]


async def test_headers_that_are_no_event_are_refused(client: httpx.AsyncClient) -> None:
    """With what is wrong, and never an error of ours."""
    for headers in BAD_HEADERS:
        answer = await post(client, "application/json", {}, **headers)
        assert (400, True) == (answer.status_code, bool(answer.json()["message"])), headers


async def test_a_header_that_is_there_twice_is_refused(client: httpx.AsyncClient) -> None:
    """Nobody could say which of them counts."""
    headers = [*HEADERS.items(), ("ce-id", "e2"), ("content-type", "application/json")]
    answer = await client.post(ADDRESS, content=b"{}", headers=headers)
    assert "CLOUDEVENT_INVALID" == answer.json()["error_code"]


@pytest.mark.parametrize("body", [{}, [1], [None], [CLOUD] * 1_001, "x"])
async def test_a_batch_that_is_none_is_refused(client: httpx.AsyncClient, body: object) -> None:
    """A list of events, and no more than a thousand."""
    assert 400 == (await post(client, BATCH, body)).status_code


async def test_an_empty_batch_is_nothing(client: httpx.AsyncClient) -> None:
    """And no error."""
    assert (202, []) == ((answer := await post(client, BATCH, [])).status_code, answer.json()["data"])


# Commands.


async def test_a_command_tells_what_it_started(client: httpx.AsyncClient, database: Database) -> None:
    """And whatever else people say is accepted, and forgotten."""
    workflow_id = await Listening(database).publish(trigger("command", name="so"))
    heard = await client.post(COMMANDS, json={"text": "!so @ann", "platform": "irc", "user": "ann", "data": {"x": 1}})
    said = await client.post(COMMANDS, json={"text": "so what"})
    assert [str(workflow_id)] == [begun["workflow_id"] for begun in heard.json()["data"]["executions"]]
    assert (202, None) == (said.status_code, said.json()["data"]["event_id"])
    [listed] = (await client.get(ADDRESS, params={"kind": "command"})).json()["data"]
    assert heard.json()["data"]["event_id"] == listed["event_id"]


BAD_MESSAGES: list[object] = [
    {},
    {"text": "!so", "command": "so"},
    {"text": "!so", "arguments": {}},
    {"text": None},
    {"text": 5},
    {"text": "x" * 10_001},
    {"command": ""},
    {"command": "so", "arguments": []},
    {"command": "so\0"},
    {"text": "!so", "platform": ""},
    {"text": "!so", "user_id": 5},
    {"text": "!so \0"},
    {"text": "!so", "data": {"a": "\0"}},
    {"text": "!so", "data": []},
    {"text": "!so", "message_id": "x" * 501},
    {"text": "!so", "community_id": -1},
]


async def test_what_is_no_message_is_refused(client: httpx.AsyncClient) -> None:
    """With what is wrong."""
    for body in BAD_MESSAGES:
        assert 400 == (await client.post(COMMANDS, json=body)).status_code, body
