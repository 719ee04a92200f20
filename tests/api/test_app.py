"""What holds for the application as a whole: permissions, the envelope for whatever is sent, and the document."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute
from tests.api.conftest import SERVICE_KEY

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.live.door import LiveDoor
from wingbeat.api.permission import EXTENSION, Permission, list_public, permission_of
from wingbeat.api.routing import check_guarded
from wingbeat.api.web_app import PLACES

WITH_KEY = (b"x-api-key", SERVICE_KEY.encode())
WEBHOOK_METHODS = ("delete", "get", "patch", "post", "put")
EXECUTE = "/api/v1/workflows/00000000-0000-7000-8000-000000000000/execute"


def test_only_these_addresses_are_public(services: Services) -> None:
    """A new address is private unless somebody adds it here."""
    app = create_app(services, ApiOptions(version="1"))
    paths = {getattr(route, "path", "") for route in list_public(app.routes)}
    expected = {
        "/account",
        "/account/password",
        "/api/v1/auth/login",
        "/api/v1/auth/session",
        "/sign-in",
        "/sign-in/oidc",
        "/sign-in/oidc/callback",
        "/sign-in/{token}",
        "/sign-out",
        "/api/v1/approvals/links/{token}",
        "/api/v1/connections/oauth/callback",
        "/api/v1/waits/{token}",
        "/api/v1/workflows/webhooks/{token}",
        "/api/webhooks/{token}",
        "/forms/{token}",
        "/health",
        "/openapi.json",
        "/ready",
        "/",
        *(f"/{place}" for place in PLACES),
        *(f"/{place}/{{rest:path}}" for place in PLACES),
        "/assets/{name}",
        "/scheme.js",
        "/wings.svg",
    }
    assert expected == paths


def test_every_address_asks_for_what_it_does(services: Services) -> None:
    """Reading asks for view, changing for edit, archiving for delete, running for execute."""
    app = create_app(services, ApiOptions(version="1"))
    found = {getattr(route, "name", ""): permission_of(route) for route in app.routes}
    assert found == {
        "live_events": Permission.SIGNED_IN,
        "publish_event": Permission.EXECUTE,
        **dict.fromkeys((f"receive_webhook_{method}" for method in WEBHOOK_METHODS), Permission.PUBLIC),
        **dict.fromkeys((f"receive_webhook_alias_{method}" for method in WEBHOOK_METHODS), Permission.PUBLIC),
        "create_webhook": Permission.EDIT,
        "list_webhooks": Permission.VIEW,
        "get_webhook": Permission.VIEW,
        "update_webhook": Permission.EDIT,
        "rotate_webhook": Permission.EDIT,
        "delete_webhook": Permission.EDIT,
        "list_deliveries": Permission.VIEW,
        "try_webhook": Permission.EXECUTE,
        "send_command": Permission.EXECUTE,
        "list_events": Permission.VIEW,
        "list_workflow_decisions": Permission.VIEW,
        "list_forms": Permission.VIEW,
        "list_listeners": Permission.VIEW,
        "add_member": Permission.EDIT,
        "update_form": Permission.EDIT,
        "rotate_form": Permission.EDIT,
        "show_form": Permission.PUBLIC,
        "send_form": Permission.PUBLIC,
        "list_decisions": Permission.VIEW,
        "get_event": Permission.VIEW,
        "execute_workflow": Permission.EXECUTE,
        "test_workflow": Permission.EXECUTE,
        "create_workflow": Permission.EDIT,
        "list_workflows": Permission.VIEW,
        "validate_definition": Permission.VIEW,
        "get_workflow": Permission.VIEW,
        "update_workflow": Permission.EDIT,
        "archive_workflow": Permission.DELETE,
        "publish_workflow": Permission.EDIT,
        "validate_workflow": Permission.VIEW,
        "list_workflow_tags": Permission.VIEW,
        "list_workflow_folders": Permission.VIEW,
        "organise_workflow": Permission.EDIT,
        "unpublish_workflow": Permission.EDIT,
        "restore_workflow": Permission.DELETE,
        "change_workflows": Permission.EDIT,
        "duplicate_workflow": Permission.EDIT,
        "export_workflow": Permission.VIEW,
        "import_workflow": Permission.EDIT,
        "list_versions": Permission.VIEW,
        "get_version": Permission.VIEW,
        "compare_versions": Permission.VIEW,
        "restore_version": Permission.EDIT,
        "describe_version": Permission.EDIT,
        "roll_back_workflow": Permission.EDIT,
        "list_permissions": Permission.EDIT,
        "replace_permissions": Permission.EDIT,
        "grant_permission": Permission.EDIT,
        "revoke_permission": Permission.EDIT,
        "give_workflow_away": Permission.EDIT,
        "list_workflow_executions": Permission.VIEW,
        "list_executions": Permission.VIEW,
        "get_execution": Permission.VIEW,
        "cancel_execution": Permission.EXECUTE,
        "pause_execution": Permission.EXECUTE,
        "resume_execution": Permission.EXECUTE,
        "list_waits": Permission.VIEW,
        "answer_wait": Permission.PUBLIC,
        "follow_wait": Permission.PUBLIC,
        "download_file": Permission.VIEW,
        "retry_execution": Permission.EXECUTE,
        "fork_execution": Permission.EXECUTE,
        "run_workflow": Permission.EXECUTE,
        "act_on_executions": Permission.EXECUTE,
        "preview_expression": Permission.VIEW,
        "get_expression_reference": Permission.SIGNED_IN,
        "get_node_context": Permission.VIEW,
        **dict.fromkeys(
            (
                "get_execution_graph",
                "get_execution_nodes",
                "list_execution_steps",
                "list_iterations",
                "get_execution_step",
                "get_step_value",
            ),
            Permission.VIEW,
        ),
        "set_breakpoints": Permission.EXECUTE,
        "get_overview": Permission.VIEW,
        "list_settings": Permission.SERVICE,
        "list_templates": Permission.SIGNED_IN,
        "get_template": Permission.SIGNED_IN,
        "create_from_template": Permission.EDIT,
        "get_statistics": Permission.VIEW,
        "list_node_types": Permission.SIGNED_IN,
        "get_node_type": Permission.SIGNED_IN,
        "create_connection": Permission.EDIT,
        "list_connections": Permission.VIEW,
        "list_connection_kinds": Permission.SIGNED_IN,
        "get_connection": Permission.VIEW,
        "update_connection": Permission.EDIT,
        "delete_connection": Permission.DELETE,
        "rotate_connection": Permission.EDIT,
        "test_connection": Permission.EXECUTE,
        "authorize_connection": Permission.EDIT,
        "finish_authorization": Permission.PUBLIC,
        "create_openapi_connector": Permission.SERVICE,
        "create_mcp_connector": Permission.SERVICE,
        "list_connectors": Permission.SIGNED_IN,
        "get_connector": Permission.SIGNED_IN,
        "refresh_connector": Permission.SERVICE,
        "delete_connector": Permission.SERVICE,
        "create_task": Permission.EDIT,
        "list_tasks": Permission.VIEW,
        "get_task": Permission.VIEW,
        "change_task": Permission.EDIT,
        "assign_task": Permission.EXECUTE,
        "complete_task": Permission.EXECUTE,
        "cancel_task": Permission.EXECUTE,
        "list_approvals": Permission.VIEW,
        "get_approval": Permission.VIEW,
        "decide_approval": Permission.EXECUTE,
        "show_approval_link": Permission.PUBLIC,
        "use_approval_link": Permission.PUBLIC,
        "list_audit_log": Permission.VIEW,
        "list_notifications": Permission.VIEW,
        "mark_notification_read": Permission.EXECUTE,
        "mark_all_notifications_read": Permission.EXECUTE,
        "login": Permission.PUBLIC,
        "logout": Permission.SIGNED_IN,
        "get_session": Permission.PUBLIC,
        "change_password": Permission.SIGNED_IN,
        "show_web_app": Permission.PUBLIC,
        "get_web_asset": Permission.PUBLIC,
        "get_web_file": Permission.PUBLIC,
        "show_sign_in": Permission.PUBLIC,
        "use_sign_in": Permission.PUBLIC,
        "begin_provider_sign_in": Permission.PUBLIC,
        "finish_provider_sign_in": Permission.PUBLIC,
        "show_sign_in_link": Permission.PUBLIC,
        "use_sign_in_link": Permission.PUBLIC,
        "show_account": Permission.PUBLIC,
        "change_password_by_form": Permission.PUBLIC,
        "sign_out": Permission.PUBLIC,
        "create_user": Permission.SERVICE,
        "list_users": Permission.SERVICE,
        "get_user": Permission.SERVICE,
        "change_user": Permission.SERVICE,
        "create_sign_in_link": Permission.SERVICE,
        "list_roles": Permission.SERVICE,
        "get_user_roles": Permission.SERVICE,
        "set_user_roles": Permission.SERVICE,
        "create_community": Permission.SERVICE,
        "list_communities": Permission.VIEW,
        "get_community": Permission.VIEW,
        "rename_community": Permission.SERVICE,
        "delete_community": Permission.SERVICE,
        "list_members": Permission.VIEW,
        "put_member": Permission.EDIT,
        "delete_member": Permission.EDIT,
        "list_schedules": Permission.VIEW,
        "preview_unsaved_schedule": Permission.VIEW,
        "list_workflow_schedules": Permission.VIEW,
        "create_schedule": Permission.EDIT,
        "get_schedule": Permission.VIEW,
        "update_schedule": Permission.EDIT,
        "delete_schedule": Permission.EDIT,
        "pause_schedule": Permission.EDIT,
        "resume_schedule": Permission.EDIT,
        "run_schedule": Permission.EXECUTE,
        "preview_schedule": Permission.VIEW,
        "create_token": Permission.SIGNED_IN,
        "list_tokens": Permission.SIGNED_IN,
        "revoke_token": Permission.SIGNED_IN,
        "get_me": Permission.SIGNED_IN,
        "list_sessions": Permission.SIGNED_IN,
        "end_session": Permission.SIGNED_IN,
        "end_other_sessions": Permission.SIGNED_IN,
        "get_health": Permission.PUBLIC,
        "get_ready": Permission.PUBLIC,
        "get_status": Permission.SERVICE,
        "get_openapi": Permission.PUBLIC,
    }


async def forgotten() -> Response:
    """An endpoint of which nobody said who may use it."""
    return Response()


def test_a_route_without_a_permission_is_refused(services: Services) -> None:
    """Forgetting it is found when the application is built, not when somebody gets in."""
    app = create_app(services, ApiOptions(version="1"))
    with pytest.raises(TypeError, match="GET /forgotten"):
        app.get("/forgotten")(forgotten)


def test_live_events_are_for_who_is_known(services: Services) -> None:
    """The door of another protocol declares what it asks for as well."""
    door = LiveDoor(create_app(services, ApiOptions(version="1")))
    check_guarded([door])
    door.openapi_extra = {EXTENSION: "public"}
    with pytest.raises(TypeError, match="socket"):
        check_guarded([door])


@pytest.mark.parametrize(
    "route",
    [
        Route("/forgotten", forgotten),
        APIRoute("/forgotten", forgotten, openapi_extra={EXTENSION: "view"}),
        WebSocketRoute("/forgotten", forgotten),
        Mount("/forgotten", FastAPI()),
        Host("forgotten", FastAPI()),
    ],
)
def test_what_would_not_check_its_callers_is_refused(route: BaseRoute) -> None:
    """Whatever kind of route it is, and whatever it declares: only our own asks who calls."""
    with pytest.raises(TypeError, match="forgotten"):
        check_guarded([route])


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nothing", "/api/v1/workflows/", "/docs"])
async def test_an_unknown_address_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    """In the envelope, too."""
    answer = await client.get(path)
    assert (404, "ROUTE_NOT_FOUND") == (answer.status_code, answer.json()["error_code"])


@pytest.mark.parametrize("path", ["/api/v1/workflows/not-an-id", "/api/v1/workflows/executions/5/cancel"])
async def test_what_is_no_id_is_not_found_and_told_so(client: httpx.AsyncClient, path: str) -> None:
    """The address would exist if it had an id there."""
    answer = await client.get(path)
    assert (404, "ID_MALFORMED") == (answer.status_code, answer.json()["error_code"])


async def test_the_addresses_of_earlier_systems_answer(
    client: httpx.AsyncClient, client_with: Callable[..., httpx.AsyncClient], publish: Callable[..., Awaitable[str]]
) -> None:
    """As the present ones do, whoever asks; and what was never an address is none."""
    workflow_id = (await publish()).rpartition("/")[2]
    started = await client.post(f"/api/workflows/{workflow_id}/execute", json={})
    assert started.status_code == 202, started.text
    execution = f"executions/{started.json()['data']['execution_id']}"
    addresses = {
        "/api/workflows": "/api/v1/workflows",
        "/api/workflows/": "/api/v1/workflows",
        f"/api/workflows/{workflow_id}": f"/api/v1/workflows/{workflow_id}",
        f"/api/workflows/{execution}/graph": f"/api/v1/workflows/{execution}/graph",
        f"/api/{execution}/graph": f"/api/v1/workflows/{execution}/graph",
        f"/api/executions/{uuid4()}": f"/api/v1/workflows/executions/{uuid4()}",
    }
    async with client_with(signed_in=False) as nobody:
        for earlier, present in addresses.items():
            one, other = await client.get(earlier), await client.get(present)
            assert one.status_code == other.status_code, earlier
            assert one.json().get("data") == other.json().get("data"), earlier
            assert 401 == (await nobody.get(earlier)).status_code, earlier
    for path in ("/api/executions", "/api/workflowsx", "/api/v1/executionsx", "/apix/workflows"):
        assert 404 == (await client.get(path)).status_code, path


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_a_load_balancer_may_ask_for_the_head_alone(client: httpx.AsyncClient, path: str) -> None:
    """HEAD has the status of GET."""
    assert (await client.head(path)).status_code == (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=name", {"field": "sort", "message": "It must be one of: '-start_time' or 'start_time'."}),
        (
            "status=failed&status=done",
            {
                "field": "status",
                "message": "It must be one of: 'pending', 'running', 'waiting', 'paused', 'completed', 'failed' "
                "or 'cancelled'.",
            },
        ),
        ("page=x", {"field": "page", "message": "It must be a whole number."}),
        ("page=0", {"field": "page", "message": "It must be at least 1."}),
        ("cursor=x", {"field": "cursor", "message": "It must be a UUID."}),
    ],
)
async def test_what_does_not_fit_is_told_in_plain_words(
    client: httpx.AsyncClient, query: str, expected: dict[str, str]
) -> None:
    """Which field, as the caller wrote it, and what would fit."""
    answer = await client.get(f"/api/v1/executions?{query}")
    assert [expected] == answer.json()["details"]["problems"]


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    """All of them, whichever routes they belong to."""
    answer = await client.patch("/api/v1/workflows")
    assert (405, "GET, POST") == (answer.status_code, answer.headers["allow"])


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_only_json_is_taken(client: httpx.AsyncClient, media_type: str) -> None:
    """What a plain form of a web page can send is refused, whatever is in it."""
    answer = await client.post("/api/v1/workflows", content=b"{}", headers={"Content-Type": media_type})
    assert (415, "MEDIA_TYPE_NOT_JSON") == (answer.status_code, answer.json()["error_code"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "JSON_SYNTAX"),
        (b'{"name": "a", "name": "b"}', "JSON_DUPLICATE_KEY"),
        (b'{"name": NaN}', "JSON_NOT_A_NUMBER"),
        (b"[" * 10_000, "JSON_TOO_DEEP"),
        (b"[]", "JSON_NOT_AN_OBJECT"),
        (b'"\xff"', "JSON_NOT_UTF8"),
        (b"", "BODY_MISSING"),
    ],
)
async def test_bad_json_is_refused_by_what_is_bad(client: httpx.AsyncClient, content: bytes, code: str) -> None:
    """Each fault has its code."""
    answer = await client.post(
        "/api/v1/workflows", content=content, headers={"Content-Type": "application/json; charset=utf-8"}
    )
    assert (400, code) == (answer.status_code, answer.json()["error_code"])


async def test_a_body_that_announces_too_much_is_not_read(services: Services) -> None:
    """The refusal comes before the first byte."""
    app = create_app(services, ApiOptions(version="1", max_body_bytes=100))
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was read")

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [WITH_KEY, (b"host", b"localhost"), (b"content-length", b"101"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": EXECUTE, "query_string": b"", "headers": headers}
    await app({**scope, "scheme": "http", "server": None, "root_path": ""}, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 413


async def test_a_body_that_turns_out_too_large_is_cut_off(services: Services) -> None:
    """Without an announcement, no more than the limit is kept."""
    app = create_app(services, ApiOptions(version="1", max_body_bytes=100))
    pieces = 0

    async def endless() -> dict[str, object]:
        nonlocal pieces
        pieces += 1
        return {"type": "http.request", "body": b" " * 30, "more_body": True}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [WITH_KEY, (b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": EXECUTE, "query_string": b"", "headers": headers}
    await app({**scope, "scheme": "http", "server": None, "root_path": ""}, endless, send)  # type: ignore[arg-type]
    assert (413, 4) == (sent[0]["status"], pieces)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/api/v1/workflows?filter=x", "filter"),
        ("/api/v1/workflows?page=0", "page"),
        ("/api/v1/workflows?per_page=101", "per_page"),
        ("/api/v1/workflows?cursor=x", "cursor"),
        ("/api/v1/executions?status=done", "status"),
        ("/health?x=1", "x"),
    ],
)
async def test_a_parameter_that_would_be_ignored_is_refused(client: httpx.AsyncClient, path: str, named: str) -> None:
    """By its name, with 400."""
    answer = await client.get(path)
    assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_code"])
    assert named in answer.json()["message"]


async def test_a_parameter_with_one_value_is_given_once(client: httpx.AsyncClient) -> None:
    """Of two, one would not be read; a parameter that is a list may be given as often as it has items."""
    document = (await client.get("/openapi.json")).json()
    tried = {True: 0, False: 0}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] != "query":
                    continue
                name, is_list = parameter["name"], parameter["schema"].get("type") == "array"
                address = re.sub(r"\{\w+\}", str(UUID(int=1)), path.replace("{sequence}", "1"))
                answer = await client.request(method, address, params=[(name, "1"), (name, "1")])
                refused = "given several times" in answer.text
                assert (not is_list, not is_list) == (refused, refused and answer.status_code == 400), answer.text
                tried[is_list] += 1
    assert all(tried.values())
    answer = await client.get("/api/v1/executions?status=failed&status=completed&sort=id&sort=id")
    assert "'sort'" in answer.json()["message"]


async def test_a_body_where_none_is_taken_is_refused(client: httpx.AsyncClient) -> None:
    """A reason for a cancellation that nobody would read is better refused."""
    address = EXECUTE.replace("/execute", "/publish")
    answer = await client.post(address, json={"comment": "ship it"})
    assert (400, True) == (answer.status_code, "comment" in answer.json()["message"])


async def test_an_unforeseen_error_tells_nothing_but_its_id(services: Services) -> None:
    """500 in the envelope; what went wrong is in the log."""
    app = create_app(services, ApiOptions(version="1"))

    async def broken() -> Response:
        raise RuntimeError("secret")

    app.router.add_api_route("/broken", broken, response_model=None, openapi_extra={EXTENSION: "public"})
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/broken", headers={"X-Request-Id": "my-id"})
    assert (500, "my-id", "my-id") == (
        answer.status_code,
        answer.headers["x-request-id"],
        answer.json()["details"]["request_id"],
    )
    assert "secret" not in answer.text


@pytest.mark.parametrize("given", ["with space", "x" * 129, "ä", ""])
async def test_a_request_id_that_could_do_harm_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    """It goes into logs and answers, so it is letters, digits and a few signs."""
    answer = await client.get("/health", headers=[(b"X-Request-Id", given.encode())])
    assert given != answer.headers["x-request-id"]


async def test_the_document_names_permissions_headers_and_the_key(client: httpx.AsyncClient) -> None:
    """Whoever writes a client finds all of it in one place."""
    document = (await client.get("/openapi.json")).json()
    operation = document["paths"]["/api/v1/workflows/{workflow_id}/execute"]["post"]
    assert operation["x-permission"] == "execute"
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert {"workflow_id", "wait", "Idempotency-Key"} == names
    assert {"200", "202", "400", "401", "403", "404", "409", "413", "415", "500", "503"} <= operation[
        "responses"
    ].keys()
    assert "422" not in operation["responses"]


def test_an_error_is_described_once(services: Services) -> None:
    """A model for each code of each route took a quarter of a second of every start."""
    app = create_app(services, ApiOptions(version="1"))
    made = [field for route in app.routes if isinstance(route, APIRoute) for field in route.response_fields.values()]
    assert len(app.routes) > 100
    assert len(made) < 2 * len(app.routes)
    assert "error_code" in app.openapi()["components"]["schemas"]["ErrorEnvelope"]["properties"]
