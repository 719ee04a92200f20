"""Every operation, asked by everybody, about things that are somebody's: who gets what, and who learns nothing.

The cells are generated from the document of the API. They are asked with the second wall (the policies of the database)
down, so that a check that is missing in the services shows, and with both, as in production.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from tests.rig.isolation import (
    COMMUNITY,
    FOUNDER,
    MARKER,
    MISSING,
    PEOPLE,
    Case,
    Person,
    World,
    admit_by_name,
    definition,
    outcome_for,
)
from tests.rig.live import Ear

from wingbeat.api.admission import Admission
from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.core.access import Permission
from wingbeat.core.errors import NotFound
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.services.live.hub import Hub
from wingbeat.services.live.notices import Listed, write_listed
from wingbeat.storage import pool, tasks
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.tasks import TaskFields, TaskOrigin

ANY = {"If-Match": "*"}
CONNECTION_BODY = {"name": MARKER, "kind": "bearer", "allowed_hosts": ["api.example.com"]}
WORKFLOW: Mapping[str, Case] = {
    "get_workflow": Case("workflow"),
    "update_workflow": Case("workflow", {**definition("new"), "community_id": COMMUNITY}, headers=ANY),
    "archive_workflow": Case("workflow", headers=ANY),
    "publish_workflow": Case("workflow", headers=ANY),
    "validate_workflow": Case("workflow"),
    "organise_workflow": Case("workflow", {"tags": ["new"]}, headers=ANY),
    "unpublish_workflow": Case("workflow", headers=ANY),
    "restore_workflow": Case("workflow", headers=ANY),
    "export_workflow": Case("workflow"),
    "list_versions": Case("workflow"),
    "get_version": Case("workflow"),
    "compare_versions": Case("workflow"),
    "describe_version": Case("workflow", {"message": "x"}),
    "restore_version": Case("workflow", {}, headers=ANY),
    "execute_workflow": Case("workflow", {}, runs=True),
    "test_workflow": Case("workflow", {}),
    "list_workflow_executions": Case("workflow"),
    "get_node_context": Case("workflow"),
    "list_permissions": Case("workflow", owner=True),
    "replace_permissions": Case("workflow", {"grants": []}, owner=True),
    "grant_permission": Case("workflow", {"user_id": 99, "can_view": True}, owner=True),
    "revoke_permission": Case("workflow", owner=True),
    "give_workflow_away": Case("workflow", {"user_id": 99}, owner=True),
}
EXECUTION: Mapping[str, Case] = {
    "get_execution": Case("execution", query="?include_steps=true&include_logs=true&include_metrics=true"),
    "cancel_execution": Case("execution", status="waiting"),
    "pause_execution": Case("execution", status="waiting"),
    "resume_execution": Case("execution", status="paused"),
    "set_breakpoints": Case("execution", {"breakpoints": []}, status="waiting"),
    "retry_execution": Case("fork", {}),
    "fork_execution": Case("fork", {"node_id": "step"}),
    "list_waits": Case("execution"),
    "get_execution_nodes": Case("execution"),
    "list_execution_steps": Case("execution"),
    "list_iterations": Case("execution", query="?node_id=step"),
    "get_execution_step": Case("execution"),
    "get_step_value": Case("execution", query="?of=output"),
    "download_file": Case("execution"),
}
WEBHOOK: Mapping[str, Case] = {
    "create_webhook": Case("workflow", {"name": "new"}),
    "list_webhooks": Case("workflow"),
    "get_webhook": Case("workflow"),
    "update_webhook": Case("workflow", {"name": "new"}, headers=ANY),
    "delete_webhook": Case("workflow", headers=ANY),
    "rotate_webhook": Case("workflow", {}, headers=ANY),
    "list_deliveries": Case("workflow"),
    "try_webhook": Case("workflow", {}),
}
CONNECTION: Mapping[str, Case] = {
    "get_connection": Case("thing"),
    "update_connection": Case("thing", CONNECTION_BODY, headers=ANY),
    "delete_connection": Case("thing", headers=ANY),
    "rotate_connection": Case("thing", {"secrets": {"token": "x"}}, headers=ANY),
    "test_connection": Case("thing"),
    "authorize_connection": Case("thing"),
}
TIMES = {"name": "new", "cron_expression": "@daily"}
SCHEDULE: Mapping[str, Case] = {
    "list_workflow_decisions": Case("workflow"),
    "list_workflow_schedules": Case("workflow"),
    "create_schedule": Case("workflow", TIMES),
    "get_schedule": Case("workflow"),
    "update_schedule": Case("workflow", TIMES, headers=ANY),
    "delete_schedule": Case("workflow", headers=ANY),
    "pause_schedule": Case("workflow"),
    "resume_schedule": Case("workflow"),
    "run_schedule": Case("workflow"),
    "preview_schedule": Case("workflow"),
}
FORM: Mapping[str, Case] = {
    "list_forms": Case("workflow"),
    "list_listeners": Case("workflow"),
    "update_form": Case("workflow", {"thanks_title": "new"}),
    "rotate_form": Case("workflow"),
}
TASK: Mapping[str, Case] = {
    "get_task": Case("task"),
    "change_task": Case("task", {"title": "new"}, headers=ANY),
    "assign_task": Case("task", {"assignee": "boss"}, headers=ANY),
    "complete_task": Case("task", {}, headers=ANY),
    "cancel_task": Case("task", {}, headers=ANY),
}
APPROVAL: Mapping[str, Case] = {
    "get_approval": Case("approval"),
    "decide_approval": Case("approval", {"option": "yes", "approver": "boss"}),
}
KINDS: Mapping[str, Mapping[str, Case]] = {
    "workflow": WORKFLOW,
    "execution": EXECUTION,
    "webhook": WEBHOOK,
    "connection": CONNECTION,
    "schedule": SCHEDULE,
    "form": FORM,
    "task": TASK,
    "approval": APPROVAL,
}
# Lists without an id in their path: everybody who may view may ask, and gets what is theirs.
LISTS: Mapping[str, str] = {
    "list_workflows": "/api/v1/workflows",
    "list_workflow_tags": "/api/v1/workflows/tags",
    "list_workflow_folders": "/api/v1/workflows/folders",
    "list_executions": "/api/v1/executions",
    "list_connections": "/api/v1/connections",
    "list_schedules": "/api/v1/schedules",
    "list_decisions": "/api/v1/decisions",
    "list_tasks": "/api/v1/tasks",
    "list_approvals": "/api/v1/approvals",
    "list_notifications": "/api/v1/notifications",
}
# What creates something of the caller's own, with a body that would do.
CREATORS: Mapping[str, tuple[str, Any]] = {
    "create_workflow": ("/api/v1/workflows", definition("own")),
    "create_from_template": ("/api/v1/workflows/from-template", {"template_id": "hello", "name": MARKER}),
    "create_connection": ("/api/v1/connections", {**CONNECTION_BODY, "secrets": {"token": "t"}}),
    "create_task": ("/api/v1/tasks", {"title": MARKER}),
}
# Operations that are about nothing of anybody's, and those whose own tests ask what the matrix would ask.
ELSEWHERE: Mapping[str, str] = {
    "get_overview": "counts what its caller may see: tests/services/test_analytics.py",
    "get_statistics": "counts what its caller may see: tests/services/test_analytics.py",
    "list_templates": "is the same for everybody",
    "get_template": "is the same for everybody",
    "duplicate_workflow": "is for who may see it, and makes something of their own: test_a_copy_is_the_copiers",
    "import_workflow": "makes what create_workflow makes: test_a_file_takes_no_connection_of_others",
    "change_workflows": "does what the single addresses do: test_many_are_changed_as_each_alone",
    "validate_definition": "is about what is sent, and nothing that is kept",
    "list_node_types": "is the same for everybody",
    "get_node_type": "is the same for everybody",
    "list_connection_kinds": "is the same for everybody",
    "list_connectors": "operations of other systems are node types, the same for everybody",
    "mark_notification_read": "notices are for the names that somebody has: tests/services/people/test_names.py",
    "mark_all_notifications_read": "notices are for the names that somebody has: tests/services/people/test_names.py",
    "publish_event": "reaches what its caller may run: tests/services/events/test_events.py",
    "send_command": "reaches what its caller may run: tests/services/events/test_events.py",
    "list_events": "shows whoever published it, and administrators: tests/services/events/test_events.py",
    "get_event": "shows whoever published it, and administrators: tests/services/events/test_events.py",
    "preview_unsaved_schedule": "is about what is sent, and nothing that is kept",
    "list_communities": "is about who somebody is: tests/services/identity/test_communities.py",
    "get_community": "is about who somebody is: tests/services/identity/test_communities.py",
    "list_members": "is about who somebody is: tests/services/identity/test_communities.py",
    "add_member": "is about who somebody is: tests/services/identity/test_communities.py",
    "put_member": "is about who somebody is: tests/services/identity/test_communities.py",
    "delete_member": "is about who somebody is: tests/services/identity/test_communities.py",
    "list_audit_log": "is for administrators: tests/services/test_audit_trail.py",
    **dict.fromkeys(
        ("get_me", "list_sessions", "end_session", "end_other_sessions", "create_token", "list_tokens", "revoke_token"),
        "is about the caller itself: tests/api/test_credentials.py",
    ),
    "logout": "is about the caller itself: tests/api/identity/test_sign_in_routes.py",
    "change_password": "is about the caller itself: tests/api/identity/test_sign_in_routes.py",
    "get_execution_graph": "shows whoever may see the workflow: tests/services/executions/test_inspection.py",
    "act_on_executions": "answers for each as what it does would: tests/services/executions/test_bulk.py",
    "preview_expression": "needs a body that names things: tests/services/executions/test_previews.py",
    "get_expression_reference": "is the same for everybody",
    "run_workflow": "needs two permissions at once: tests/services/executions/test_drafts.py",
    "get_connector": "operations of other systems are node types, the same for everybody",
}


class Cell(NamedTuple):
    """One person, one operation; and what came of it, where that is not what must be."""

    operation: str
    person: str
    fault: str


@pytest.fixture(params=["without the second wall", "with both walls"])
async def world(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[World]:
    """The author's things in an application that takes everybody at their word."""
    del tmp_path
    if request.param == "without the second wall":
        monkeypatch.setattr(pool, "begin_scoped", lambda connection, _: connection.transaction())
    monkeypatch.setattr(Admission, "admit", admit_by_name)
    app = create_app(services, ApiOptions(version="1"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        made = World(services.executions.database, client)
        await made.begin(services.files)
        yield made


Operations = Mapping[str, tuple[str, str, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def operations() -> Operations:
    """The method, path and permission of each operation of the document, by name."""
    return read_operations()


def read_operations() -> Operations:
    """The same."""
    services: dict[str, Any] = dict.fromkeys(Services.__dataclass_fields__)
    app = create_app(Services(**{**services, "node_types": {}}), ApiOptions(version="1"))
    return {
        operation["operationId"]: (method.upper(), path, operation["x-permission"], operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_every_operation_is_asked_somewhere(operations: Operations) -> None:
    """A new address has its place in the matrix, or a reason why not."""
    asked = {name for cases in KINDS.values() for name in cases} | {*LISTS, *CREATORS, *ELSEWHERE}
    open_to_all = {name for name, (_, _, permission, _) in operations.items() if permission in {"public", "service"}}
    assert set(operations) - open_to_all == asked


@pytest.mark.parametrize("kind", list(KINDS))
async def test_everybody_gets_what_is_theirs_to_get(world: World, operations: Operations, kind: str) -> None:
    """Whoever may not see a thing is answered as if there were none; who may see and not do it is told so."""
    faults: list[Cell] = []
    for name, case in KINDS[kind].items():
        method, path, declared, _ = operations[name]
        await world.prepare(kind, case)
        before = await world.fingerprint()
        reached: list[str] = []
        for who, person in PEOPLE.items():
            expected = outcome_for(who, person, case, declared)
            if expected == "reached":
                reached.append(who)
                continue
            fault = await refused(world, (method, path), who, case, expected)
            faults += [Cell(name, who, fault)] if fault else []
        if await world.fingerprint() != before:
            faults.append(Cell(name, "all of them", "was refused and changed something all the same"))
        for who in reached:
            if method != "GET":
                await world.prepare(kind, case)
            answer = await world.ask(who, method, world.fill(path) + case.query, json=case.body, headers=case.headers)
            if answer.status_code in {401, 403, 404} or answer.status_code >= 500:
                faults.append(Cell(name, who, f"may, and got {answer.status_code} {answer.text[:200]}"))
    assert [] == faults


async def refused(world: World, address: tuple[str, str], who: str, case: Case, expected: str) -> str:
    """What is wrong with the refusal of somebody, if anything; in every order of what else is wrong with a request."""
    method, path = address
    tries: list[tuple[object, Mapping[str, str]]] = [(case.body, case.headers)]
    if who == "stranger":
        tries += [(case.body, {}), (case.body, {"If-Match": '"999"'}), ({"unknown": 1}, case.headers), (None, {})]
    for number, (body, headers) in enumerate(tries):
        answer = await world.ask(who, method, world.fill(path) + case.query, json=body, headers=headers)
        if MARKER in answer.text or json.dumps(MARKER)[1:-1] in answer.text:
            return f"was told a secret: {answer.text[:200]}"
        if number == 0 and expected[:3] != str(answer.status_code):
            return f"got {answer.status_code} instead of {expected}: {answer.text[:200]}"
        if "of the" in expected or answer.json()["error_code"] == "PERMISSION_DENIED":
            continue
        absent = await world.ask(who, method, world.fill(path, missing=True) + case.query, json=body, headers=headers)
        if world.shape(answer) != world.shape(absent):
            return f"can tell it from a missing one: {world.shape(answer)} and {world.shape(absent)}"
    return ""


async def test_what_is_hidden_from_others_is_shown_to_its_author(world: World) -> None:
    """The marks that must not come through would, if the answers had them."""
    await world.prepare("execution", EXECUTION["get_execution"])
    for path in ("/api/v1/workflows/{workflow_id}", "/api/v1/workflows/executions/{execution_id}?include_steps=true"):
        assert MARKER in (await world.ask("author", "GET", world.fill(path))).text
    assert MARKER in (await world.ask("author", "GET", "/api/v1/workflows")).text


async def test_a_list_is_the_callers(world: World, operations: Operations) -> None:
    """It holds nothing of others, counts nothing of others, and a cursor or filter of others' leads nowhere."""
    await world.prepare_all()
    for name, path in LISTS.items():
        for who in ("stranger", "faceless", "admin of another community", "member"):
            answer = await world.ask(who, "GET", path)
            assert MARKER not in answer.text
            assert (200, []) == (answer.status_code, answer.json()["data"]), who
            assert not answer.json()["meta"].get("total"), who
        known = {parameter["name"] for parameter in operations[name][3].get("parameters", ())}
        for parameter in known & {"cursor", "root_execution_id", "execution_id", "trigger_id"}:
            for identifier in (value for value in world.ids.values() if len(value) == len(MISSING)):
                asked = [f"{path}?{parameter}={value}" for value in (identifier, MISSING)]
                found, absent = [await world.ask("stranger", "GET", address) for address in asked]
                assert world.shape(found) == world.shape(absent)
        whole = await world.ask("service", "GET", path + ("?recipient=boss" if name == "list_notifications" else ""))
        assert whole.json()["data"]


async def test_live_events_are_for_who_may_see_what_they_are_about(world: World) -> None:
    """To everybody else a room is missing, and of what moves nothing is heard."""
    await world.prepare("execution", EXECUTION["cancel_execution"])
    execution_id, workflow_id = UUID(world.ids["execution_id"]), UUID(world.ids["workflow_id"])
    hub = Hub(world.database)
    hub._begin = lambda: None  # type: ignore[method-assign] # one round, when all are there
    ears = {who: Ear(person.principal) for who, person in PEOPLE.items() if person.principal is not None}
    faults: list[tuple[str, str]] = []
    for who, ear in ears.items():
        view = Permission.VIEW in ear.principal.scopes
        for kind, follow in (
            ("execution", partial(hub.follow, ear, execution_id)),
            ("workflow", partial(hub.follow_workflow, ear, workflow_id)),
        ):
            may = view and "view" in PEOPLE[who].rights_on(kind)
            try:
                await follow()
            except NotFound:
                faults += [(who, f"was refused its {kind}")] if may else []
            else:
                faults += [] if may else [(who, f"came to a foreign {kind}")]
        hub.unfollow_lists(ear, workflow_id)
        await hub.follow_all(ear)
    hub._on_notice(None, 0, "", write_listed(Listed(frozenset({execution_id}), frozenset({workflow_id}))))
    await hub.run_once()
    await hub.stop()
    for who, ear in ears.items():
        may = "view" in PEOPLE[who].rights_on("execution") and Permission.VIEW in ear.principal.scopes
        heard = {event.name for event in ear.heard}
        if not ({"waiting", "executions"} <= heard if may else heard == set()):
            faults.append((who, f"heard {sorted(heard)}"))
    assert [] == faults


async def test_a_cursor_leads_on_only_in_what_one_sees(world: World) -> None:
    """Somebody with things of their own cannot find out by a cursor where others' things would stand."""
    for number in range(3):
        await world.make("POST", "/api/v1/workflows", definition(f"own {number}"), "stranger")
    foreign = world.ids["workflow_id"]
    for sort in ("name", "-name", "created_at", "-created_at", "updated_at", "-updated_at"):
        answer = await world.ask("stranger", "GET", f"/api/v1/workflows?sort={sort}&cursor={foreign}")
        assert [] == answer.json()["data"]


# Where the ids that lists take as cursors come from; a decision that fired has the id of its execution.
CURSORS: Mapping[str, str] = {
    "list_workflows": "workflow_id",
    "list_executions": "execution_id",
    "list_schedules": "schedule_id",
    "list_decisions": "execution_id",
    "list_tasks": "task_id",
    "list_connections": "connection_id",
}
IN_TURN: Mapping[str, str] = {"list_executions": "start_time", "list_decisions": "at"}


async def test_no_cursor_of_others_leads_anywhere(world: World) -> None:
    """In no list, for somebody who has things of their own before it and after it."""
    await make_one_of_each(world, "stranger", 0)
    foreign = await make_one_of_each(world, FOUNDER, COMMUNITY)
    await make_one_of_each(world, "stranger", 0)
    for name, identifier in CURSORS.items():
        for missing in (False, True):
            for direction in ("", "-") if name != "list_tasks" else ("-",):
                path = f"{LISTS[name]}?sort={direction}{IN_TURN.get(name, 'created_at')}"
                own = await world.ask("stranger", "GET", path)
                assert len(own.json()["data"]) == 2, name
                cursor = MISSING if missing else foreign[identifier]
                answer = await world.ask("stranger", "GET", f"{path}&cursor={cursor}")
                assert (200, []) == (answer.status_code, answer.json()["data"]), name


async def make_one_of_each(world: World, person: str, community: int) -> dict[str, str]:
    """Somebody's workflow, with a schedule that ran, a connection and a task; their ids."""
    body = {**definition("one"), "community_id": community}
    workflow_id = str((await world.make("POST", "/api/v1/workflows", body, person))["workflow_id"])
    address = f"/api/v1/workflows/{workflow_id}"
    await world.make("POST", f"{address}/publish", None, person)
    schedule_id = str((await world.make("POST", f"{address}/schedules", TIMES, person))["schedule_id"])
    ran = await world.make("POST", f"{address}/schedules/{schedule_id}/run", None, person)
    made = {"workflow_id": workflow_id, "schedule_id": schedule_id, "execution_id": str(ran["execution_id"])}
    for name, creator in (("task_id", "create_task"), ("connection_id", "create_connection")):
        path, wanted = CREATORS[creator]
        thing = await world.make("POST", path, {**wanted, "community_id": community}, person)
        made[name] = str(thing[name])
    return made


async def test_a_key_of_somebody_else_is_a_new_one(world: World, operations: Operations) -> None:
    """The same key and the same request of another caller lead to a thing of the other's, whose author it is."""
    for name, (path, body) in CREATORS.items():
        headers = {"Idempotency-Key": "the-same"}
        assert "Idempotency-Key" in {parameter["name"] for parameter in operations[name][3]["parameters"]}
        first, again, other = [
            await world.ask(who, "POST", path, json=body, headers=headers) for who in ("author", "author", "stranger")
        ]
        assert ("true", None) == tuple(one.headers.get("idempotency-replayed") for one in (again, other))
        assert [201, 201, 201] == [one.status_code for one in (first, again, other)]
        assert (1, 2) == (first.json()["data"]["author_id"], other.json()["data"]["author_id"])


async def test_a_key_leads_to_nothing_that_was_given_away(world: World) -> None:
    """Who made a workflow and has it no more is not shown it again for sending the same request again."""
    headers = {"Idempotency-Key": "once"}
    made = await world.ask("stranger", "POST", "/api/v1/workflows", json=definition("own"), headers=headers)
    path = f"/api/v1/workflows/{made.json()['data']['workflow_id']}/owner"
    assert (await world.ask("stranger", "PUT", path, json={"user_id": 99})).status_code == 200
    again = await world.ask("stranger", "POST", "/api/v1/workflows", json=definition("own"), headers=headers)
    assert (404, "WORKFLOW_NOT_FOUND") == (again.status_code, again.json()["error_code"])


async def test_things_are_made_where_one_may(world: World) -> None:
    """In a community only by its editors and administrators; whether there is such a community is not told."""
    people = (("viewer", 403), ("member", 403), ("stranger", 403), ("editor", 201))
    for (path, body), (who, status) in product(CREATORS.values(), people):
        answer = await world.ask(who, "POST", path, json={**body, "community_id": COMMUNITY})
        assert status == answer.status_code
        unknown = await world.ask(who, "POST", path, json={**body, "community_id": 999})
        assert 403 == unknown.status_code
        if status == unknown.status_code:
            assert answer.text.replace(str(COMMUNITY), "") == unknown.text.replace("999", "")


async def test_a_workflow_moves_only_between_what_one_may(world: World) -> None:
    """Taking it out of a community asks for the right there, and putting it into another one for the right there.

    Only its author takes it for itself.
    """
    moves = (("editor", 0, 403), ("editor", 11, 403), ("admin", 0, 403), ("author", 0, 403), ("service", 11, 200))
    address = world.fill("/api/v1/workflows/{workflow_id}")
    for who, community, status in moves:
        kept = await world.ask("editor", "PUT", address, json=definition("kept"), headers=ANY)
        assert kept.json()["data"]["community_id"] == COMMUNITY
        body = {**definition("moved"), "community_id": community}
        answer = await world.ask(who, "PUT", address, json=body, headers=ANY)
        assert status == answer.status_code, (who, answer.text)
    moved = await world.ask(FOUNDER, "PUT", address, json={**definition("own"), "community_id": 0}, headers=ANY)
    assert 403 == moved.status_code


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_reference_to_what_is_hidden_is_one_to_nothing(world: World, method: str) -> None:
    """An error workflow that the caller may not run is answered like one that there is not."""
    own = await world.make("POST", "/api/v1/workflows", definition("own"), "stranger")
    path = "/api/v1/workflows" + (f"/{own['workflow_id']}" if method == "PUT" else "")
    shapes = []
    for wanted in (world.ids["workflow_id"], MISSING):
        body = definition("own", settings={"error_workflow": wanted})
        answer = await world.ask("stranger", method, path, json=body, headers=ANY)
        shapes.append((answer.status_code, answer.text.replace(wanted, "")))
    assert 409 == shapes[0][0]
    assert shapes[0] == shapes[1]


async def test_a_connection_moves_only_to_where_one_may(world: World) -> None:
    """Its author puts it into no community in which it may make nothing."""
    await world.prepare("connection", CONNECTION["update_connection"])
    address = world.fill("/api/v1/connections/{connection_id}")
    for who, status in (("author", 403), ("editor", 403), ("service", 200)):
        moved = await world.ask(who, "PUT", address, json={**CONNECTION_BODY, "community_id": 11}, headers=ANY)
        assert status == moved.status_code, (who, moved.text)


async def test_who_uses_a_connection_is_told_by_what_one_sees(world: World) -> None:
    """A workflow that one may not see keeps a connection from being deleted, and is not named."""
    await world.prepare("connection", CONNECTION["delete_connection"])
    parameters: JsonObject = {"url": "https://api.example.com", "connection": world.ids["connection_id"]}
    nodes: list[Json] = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "call", "type": "action.http_request", "parameters": parameters},
    ]
    hidden: JsonObject = {"name": "seen by few", "nodes": nodes, "connections": [{"from": "start", "to": "call"}]}
    await world.make("POST", "/api/v1/workflows", hidden, FOUNDER)
    address = world.fill("/api/v1/connections/{connection_id}")
    for who, told in (("admin", False), ("author", True)):
        answer = await world.ask(who, "DELETE", address, headers=ANY)
        assert (409, "CONNECTION_IN_USE") == (answer.status_code, answer.json()["error_code"])
        assert told == ("seen by few" in answer.text), who


async def test_what_only_the_service_may_is_refused_to_all_others(world: World, operations: Operations) -> None:
    """Whatever else is wrong with the request, and before anything is looked at."""
    for name, (method, path, permission, _) in operations.items():
        if permission != "service":
            continue
        for who in ("nobody", "stranger", "admin", "author"):
            answer = await world.ask(who, method, world.fill(path, missing=True))
            assert (401 if who == "nobody" else 403) == answer.status_code, (name, who, answer.text)


async def test_children_of_what_one_may_not_see_are_not_shown(world: World) -> None:
    """An execution names those of its children whose workflows the caller may see."""
    await world.prepare("execution", EXECUTION["get_execution"])
    parent = world.ids["execution_id"]
    hidden = await world.make("POST", "/api/v1/workflows", definition(), "author")
    child = await world.new_execution(str(hidden["workflow_id"]))
    await world.database.pool.execute(
        "UPDATE workflow_executions SET started_by = 0, parent_execution_id = $2, parent_node_id = 'step',"
        " parent_scope = '', child_index = 0, root_execution_id = $2 WHERE execution_id = $1",
        UUID(child),
        UUID(parent),
    )
    for who, expected in (("viewer", []), ("starter", []), ("author", [child])):
        shown = (await world.ask(who, "GET", f"/api/v1/workflows/executions/{parent}")).json()["data"]
        assert expected == [one["execution_id"] for one in shown["children"]], who
        listed = await world.ask(who, "GET", f"/api/v1/executions?root_execution_id={parent}")
        assert ({parent, *expected}) == {one["execution_id"] for one in listed.json()["data"]}, who


async def test_addresses_that_end_waits_are_for_who_may_run_it(world: World) -> None:
    """Seeing what an execution waits for is not ending it."""
    await world.prepare("execution", EXECUTION["list_waits"])
    address = world.fill("/api/v1/workflows/executions/{execution_id}/waits")
    urls = {who: (await world.ask(who, "GET", address)).json()["data"][0]["url"] for who in ("viewer", "operator")}
    assert urls["viewer"] is None
    assert urls["operator"] is not None


async def test_addresses_of_webhooks_are_for_who_may_run_or_change_the_workflow(world: World) -> None:
    """Without a signature they are all that it takes to run it."""
    await world.prepare("webhook", WEBHOOK["get_webhook"])
    path = world.fill("/api/v1/workflows/{workflow_id}/webhooks")
    own = (await world.ask("author", "GET", f"{path}/{world.ids['webhook_id']}")).json()["data"]
    people = ("viewer", "granted to view", "author who may only view", "granted to edit", "operator", "admin")
    for who, told in zip(people, (False, False, False, True, True, True), strict=True):
        for address in (path, f"{path}/{world.ids['webhook_id']}"):
            answer = await world.ask(who, "GET", address)
            assert told == (own["token"] in answer.text), (who, address)
    assert own["url"].endswith(own["token"])


async def test_what_one_may_do_is_told(world: World) -> None:
    """With each workflow, to whoever reads it."""
    found = {}
    for who in PEOPLE:
        answer = await world.ask(who, "GET", world.fill("/api/v1/workflows/{workflow_id}"))
        if answer.status_code == 200:
            found[who] = set(answer.json()["data"]["my_permissions"])
    assert found == {who: set(person.workflow.split()) for who, person in PEOPLE.items() if person.workflow}


def test_the_rules_of_the_house_are_written_down_in_full() -> None:
    """Somebody without a right on anything is in the table, and somebody with each."""
    assert {"", "view", "view edit", "view delete", "view execute"} <= {person.workflow for person in PEOPLE.values()}
    assert Person(None) == PEOPLE["nobody"]
    assert uuid4() != UUID(MISSING)


async def test_many_are_changed_as_each_alone(world: World) -> None:
    """In a list of ids, a foreign one is answered as a missing one, and one that may be seen alone as forbidden."""
    address = world.fill("/api/v1/workflows/{workflow_id}")
    asked = {"publish": "edit", "disable": "edit", "tag": "edit", "move": "edit", "archive": "delete"}
    change = {"ids": [world.ids["workflow_id"], MISSING], "add_tags": ["x"], "folder": "x"}
    for action, right in asked.items():
        body = {**change, "action": action}
        for who in ("stranger", "viewer", "operator", "granted to edit"):
            if right in PEOPLE[who].workflow:
                continue
            before = await world.fingerprint()
            answer = await world.ask(who, "POST", "/api/v1/workflows/bulk", json=body)
            found, missing = answer.json()["data"]
            codes = {"stranger": "WORKFLOW_NOT_FOUND"}
            assert codes.get(who, "PERMISSION_DENIED") == found["error"]["error_code"], (who, action)
            assert "WORKFLOW_NOT_FOUND" == missing["error"]["error_code"]
            assert MARKER not in answer.text
            assert before == await world.fingerprint()
    done = await world.ask("author", "POST", "/api/v1/workflows/bulk", json={**change, "action": "tag"})
    assert [None, "WORKFLOW_NOT_FOUND"] == [(one["error"] or {}).get("error_code") for one in done.json()["data"]]
    assert ["x"] == (await world.ask("author", "GET", address)).json()["data"]["tags"][-1:]


async def test_a_copy_is_the_copiers(world: World) -> None:
    """Whoever may see a workflow may copy it, into the community only with the right to make things there."""
    path = "/api/v1/workflows/{workflow_id}/duplicate"
    expected = {"viewer": 0, "granted to view": 0, "author": 0, "editor": COMMUNITY}
    for who, community in expected.items():
        made = await world.make("POST", world.fill(path), {}, who)
        principal = PEOPLE[who].principal
        assert principal is not None
        assert (community, principal.user_id) == (made["community_id"], made["author_id"]), who
    for who in ("stranger", "member", "admin of another community"):
        refused, absent = [await world.ask(who, "POST", world.fill(path, missing=missing)) for missing in (False, True)]
        assert 404 == refused.status_code
        assert world.shape(refused) == world.shape(absent)


async def test_a_file_takes_no_connection_of_others(world: World) -> None:
    """A name that a connection of somebody else has leads to it neither out of a file nor into one."""
    await world.prepare("connection", Case("thing"))
    node = {"id": "call", "type": "action.http_request", "parameters": {"connection": world.ids["connection_id"]}}
    drawn = definition("own", nodes=[{"id": "start", "type": "trigger.manual"}, node], connections=[])
    made = await world.make("POST", "/api/v1/workflows", drawn, "stranger")
    exported = await world.ask("stranger", "GET", f"/api/v1/workflows/{made['workflow_id']}/export")
    assert MARKER not in exported.text
    assert world.ids["connection_id"] not in exported.text
    file = {
        **exported.json(),
        "connections": [{"node": "call", "parameter": "connection", "kinds": ["bearer"], "name": MARKER}],
    }
    for who, told in (("stranger", True), ("editor", False)):
        answer = await world.ask(
            who, "POST", f"/api/v1/workflows/import?community_id={0 if told else COMMUNITY}", json=file
        )
        data = answer.json()["data"]
        assert told == ("CONNECTION_UNKNOWN" in {problem["code"] for problem in data["problems"]}), who
        assert told == (world.ids["connection_id"] not in answer.text)


async def test_what_steps_made_follows_the_workflow(world: World) -> None:
    """Tasks of a workflow that moves, or is given away, are not those any more who had it before."""
    workflow = world.fill("/api/v1/workflows/{workflow_id}")
    task_id = new_id()
    async with world.database.pool.acquire() as connection:
        origin = TaskOrigin(UUID(world.ids["workflow_id"]))
        await tasks.insert(connection, task_id, TaskFields(MARKER), origin, [])
    task = f"/api/v1/tasks/{task_id}"

    async def sees() -> set[str]:
        people = ("author", "operator", "admin of another community", "stranger")
        return {who for who in people if (await world.ask(who, "GET", task)).status_code == 200}

    assert {"author", "operator"} == await sees()
    body = {**definition("moved"), "community_id": 11}
    assert (await world.ask("service", "PUT", workflow, json=body, headers=ANY)).is_success
    assert {"author", "admin of another community"} == await sees()
    stranger = PEOPLE["stranger"].principal
    assert stranger is not None
    given = await world.ask("author", "PUT", f"{workflow}/owner", json={"user_id": stranger.user_id})
    assert given.is_success
    assert {"stranger", "admin of another community"} == await sees()
