"""Fields that are nobody's to set, and SQL where a list is named: refused, and nothing has changed.

Both go through the whole document of the API, so that an operation that is added is tried too.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from tests.rig.connections import dump

from wingbeat.storage.pool import Database

WRITING = frozenset(("post", "put", "patch"))
# What stands behind an address: the longest beginning counts.
TABLES: Mapping[str, str] = {
    "/api/v1/workflows": "workflows",
    "/api/v1/workflows/executions": "workflow_executions",
    "/api/v1/workflows/{workflow_id}/execute": "workflow_executions",
    "/api/v1/workflows/{workflow_id}/permissions": "workflow_permissions",
    "/api/v1/workflows/{workflow_id}/webhooks": "workflow_webhooks",
    "/api/v1/workflows/{workflow_id}/schedules": "workflow_schedules",
    "/api/v1/workflows/{workflow_id}/forms": "workflow_forms",
    "/api/v1/schedules": "workflow_schedules",
    "/api/v1/webhooks": "workflow_webhooks",
    "/api/v1/forms": "workflow_forms",
    "/api/v1/events": "events",
    "/api/v1/commands": "events",
    "/api/v1/connections": "connector_instances",
    "/api/v1/connectors": "connectors",
    "/api/v1/tasks": "tasks",
    "/api/v1/approvals": "approval_decisions",
    "/api/v1/notifications": "notifications",
    "/api/v1/users": "users",
    "/api/v1/communities": "communities",
    "/api/v1/roles": "roles",
    "/api/v1/auth": "users",
    "/api/v1/tokens": "api_tokens",
    "/api/v1/account": "users",
    "/api/v1/executions": "workflow_executions",
    "/api/v1/expressions": "workflow_executions",
}
# Bodies of which somebody else says what is in them, one that is only looked at, and one that is refused to whoever
# comes without a session before it is looked at; by the ids of their operations.
OPEN = frozenset({"publish_event", "answer_wait", "validate_definition", "change_password"})
UNKNOWN = (
    "id", "admin", "is_admin", "role", "roles", "owner", "owner_id", "user_id", "author", "tenant_id", "permissions",
    "scopes", "created_by", "password_hash", "__proto__", "constructor", "_id", "$set", "is_superuser", "x" * 300,
)  # fmt: skip
INJECTIONS = (
    "'; DROP TABLE workflows; --",
    "name; SELECT pg_sleep(9)",
    "1 OR 1=1",
    "created_at DESC, (SELECT password_hash FROM users LIMIT 1)",
    "x' UNION SELECT table_name FROM information_schema.tables --",
    '"',
    "\\",
    "$1",
    "%",
    "1e999",
    "٣",
    "' || pg_read_file('/etc/passwd') || '",
    "\0",
)
ANY = {"If-Match": "*"}
# What no text in the database can hold is all that it leaves out.
ANY_TEXT = r"^[^\u0000]*$"


class Operation(NamedTuple):
    """One method of one address."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def name(self) -> str:
        """Its id."""
        return str(self.described["operationId"])

    @property
    def table(self) -> str:
        """What it writes to."""
        found = [beginning for beginning in TABLES if self.path.startswith(beginning)]
        assert found, f"Say in TABLES what stands behind {self.path}."
        return TABLES[max(found, key=len)]

    def address(self, ids: Mapping[str, str]) -> str:
        """With ids in the places of its parameters."""
        filled = self.path
        for parameter in self.described.get("parameters", ()):
            if parameter["in"] == "path":
                name = parameter["name"]
                filled = filled.replace(f"{{{name}}}", ids.get(name) or example(parameter["schema"]))
        return filled


def example(schema: dict[str, Any]) -> str:
    """Something that fits a place in an address."""
    if schema.get("format") == "uuid":
        return str(uuid4())
    return "1" if schema.get("type") == "integer" else "nothing"


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """All of them."""
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            yield Operation(method, path, described)


def fields_of(schema: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """The names of all fields that a body may have, of any of its kinds."""
    if "$ref" in schema:
        return fields_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    found = set(schema.get("properties", ()))
    for kind in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        found |= fields_of(kind, schemas)
    return found


def body_schema(operation: Operation) -> dict[str, Any] | None:
    """The schema of the JSON that it takes, if it takes any."""
    content = operation.described.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema") if content else None


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    """The document of the API."""
    found: dict[str, Any] = (await client.get("/openapi.json")).json()
    return found


async def contents(database: Database) -> list[str]:
    """All rows of all tables but the record of what was done."""
    text = (await dump(database)).decode()
    return sorted(line for line in text.splitlines() if "AUTHZ" not in line)


async def test_no_body_sets_what_is_not_its_own(
    client: httpx.AsyncClient, database: Database, document: dict[str, Any]
) -> None:
    """Every column of the table behind it that is no field of it, and names that such tables often have."""
    rows = await database.pool.fetch("SELECT table_name, column_name FROM information_schema.columns")
    columns: dict[str, set[str]] = {}
    for row in rows:
        columns.setdefault(row["table_name"], set()).add(row["column_name"])
    before, tried = await contents(database), 0
    for operation in operations(document):
        schema = body_schema(operation)
        if operation.method not in WRITING or schema is None or operation.name in OPEN:
            continue
        foreign = ({*columns[operation.table], *UNKNOWN}) - fields_of(schema, document["components"]["schemas"])
        assert foreign, operation.name
        address = operation.address({})
        answer = await client.request(operation.method, address, json=dict.fromkeys(foreign, 1), headers=ANY)
        assert (operation.name, 400) == (operation.name, answer.status_code), answer.text
        named = json.dumps(answer.json()["details"]) + answer.json()["message"]
        unnamed = {name for name in foreign if json.dumps(name[:100])[1:-1] not in named}
        assert (operation.name, set()) == (operation.name, unnamed if "problems" in named else set())
        for name in foreign:
            one = await client.request(operation.method, address, json={name: 1}, headers=ANY)
            assert (operation.name, name, 400) == (operation.name, name, one.status_code)
            tried += 1
    assert tried > 500
    assert before == await contents(database)


async def test_whatever_is_named_of_a_list_is_no_sql(
    client: httpx.AsyncClient, database: Database, document: dict[str, Any], publish: Callable[..., Awaitable[str]]
) -> None:
    """Every parameter of every address that is read: what is no word of ours is refused, and texts are only texts."""
    workflow_id = (await publish()).rpartition("/")[2]
    started = await client.post(f"/api/v1/workflows/{workflow_id}/execute", json={})
    ids = {"workflow_id": workflow_id, "execution_id": started.json()["data"]["execution_id"]}
    before, tried = await contents(database), 0
    for operation in operations(document):
        if operation.method != "get" or operation.described.get("security") == []:
            continue
        address = operation.address(ids)
        for parameter in operation.described.get("parameters", ()):
            if parameter["in"] != "query":
                continue
            free = is_free(parameter["schema"])
            for text in INJECTIONS:
                answer = await client.get(address, params={parameter["name"]: text})
                place = f"{operation.name} {parameter['name']}={text!r}: {answer.text[:300]}"
                expected = {200, 400, 404} if free else {400, 404}
                assert answer.status_code in expected, place
                assert "password_hash" not in answer.text or text in INJECTIONS[3:4], place
                tried += 1
    assert tried > 500
    assert before == await contents(database)


def is_free(schema: dict[str, Any]) -> bool:
    """Whether any text will do, as in a search."""
    kinds = [*schema.get("anyOf", ()), schema, schema.get("items", {})]
    return any(
        kind.get("type") == "string"
        and not kind.keys() & {"enum", "const", "format"}
        and kind.get("pattern", ANY_TEXT) == ANY_TEXT
        for kind in kinds
    )


async def test_headers_and_paths_are_no_sql_either(client: httpx.AsyncClient, database: Database) -> None:
    """Ids in addresses, and the keys and revisions in headers."""
    before = await contents(database)
    for text in INJECTIONS:
        spelled = text.replace("\0", "").encode("ascii", "replace").decode()
        for path in ("workflows", "connections", "tasks", "approvals", "workflows/executions"):
            answer = await client.get(f"/api/v1/{path}/{quote(text, safe='')}")
            assert answer.status_code in {400, 404, 405}, (path, text, answer.text)
        for name in ("If-Match", "Idempotency-Key"):
            headers = {name: spelled}
            answer = await client.put(f"/api/v1/workflows/{uuid4()}", json={"name": "x", "nodes": []}, headers=headers)
            assert 400 <= answer.status_code < 500, (name, text, answer.text)
    assert before == await contents(database)
