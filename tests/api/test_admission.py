"""Who may come in: the matched route decides, by what it declares and by what the request carries."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from tests.api.conftest import SERVICE_KEY

from wingbeat.api.admission import require_scope
from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.permission import EXTENSION, Permission, permission_of
from wingbeat.api.principal import principal_of
from wingbeat.api.routing import StrictRoute
from wingbeat.core.access import ALL, ON_A_THING, SERVICE, Principal, PrincipalKind
from wingbeat.core.access import Permission as Scope
from wingbeat.core.errors import Forbidden

Open = Callable[..., httpx.AsyncClient]
ID = "019a9c5e-0c4b-7c3a-9d53-4f1e2a7b6c8d"


def guarded(app: FastAPI) -> list[tuple[str, str]]:
    """Method and address of every route that is not public."""
    return [
        (next(iter(route.methods or ())), route.path_format)
        for route in app.routes
        if isinstance(route, StrictRoute) and permission_of(route) is not Permission.PUBLIC
    ]


async def test_every_address_that_is_not_public_asks_who_calls(services: Services, client_with: Open) -> None:
    """Before it looks at anything else: query, body, or whether the thing is there."""
    asked = guarded(create_app(services, ApiOptions(version="1")))
    answers = {}
    async with client_with(signed_in=False) as client:
        for method, path in asked:
            address = path.replace("{node_type}", "flow.end").replace("{sequence}", "1")
            for name in {part.strip("{}") for part in path.split("/") if part.startswith("{")}:
                address = address.replace(f"{{{name}}}", ID)
            answer = await client.request(method, f"{address}?nobody=knows", content=b"{")
            answers[method, path] = (answer.status_code, "www-authenticate" in answer.headers)
    assert len(asked) > 40
    assert dict.fromkeys(asked, (401, True)) == answers


@pytest.mark.parametrize("path", ["/api/v1/workflows", "/api/v1/status", "/api/v1/workflows?path=/health"])
async def test_without_the_key_nobody_comes_in(client_with: Open, path: str) -> None:
    """Whatever is like it, and whatever stands in the address."""
    async with client_with(signed_in=False) as client:
        for key in (None, "", "wrong", SERVICE_KEY + "2", SERVICE_KEY.upper(), SERVICE_KEY[:-1], "\xe4"):
            answer = await client.get(path, headers=[(b"X-API-Key", key.encode("latin-1"))] if key is not None else [])
            code = "UNAUTHENTICATED" if key is None else "API_KEY_WRONG"
            assert (401, code) == (answer.status_code, answer.json()["error_code"]), key
            assert answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", ["/api/v1/workflows/health", "/api/v1/executions/ready", "/health/../api/v1/status"])
async def test_an_address_that_ends_like_a_public_one_is_none(client_with: Open, path: str) -> None:
    """No path is compared with anything; where no route matches, there is nothing to come in to."""
    async with client_with(signed_in=False) as client:
        assert (await client.get(path)).status_code in {401, 404}


async def test_a_key_that_is_there_twice_is_refused(client_with: Open) -> None:
    """Programs on the way might each look at another one."""
    key = SERVICE_KEY.encode()
    async with client_with(signed_in=False) as client:
        headers = [(b"X-API-Key", key), (b"X-API-Key", key)]
        answer = await client.get("/api/v1/workflows", headers=headers)
    assert (401, "CREDENTIAL_REPEATED") == (answer.status_code, answer.json()["error_code"])


async def test_with_the_key_one_comes_in_from_anywhere(client: httpx.AsyncClient) -> None:
    """By whatever name the service is reached."""
    headers = {"Host": "wingbeat.example", "Origin": "https://other.example"}
    assert (await client.get("/api/v1/workflows", headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/ready", "/openapi.json"])
async def test_public_addresses_ask_nobody(client_with: Open, path: str) -> None:
    """Probes and tools come without."""
    async with client_with(signed_in=False) as client:
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(("path", "expected"), [("/known", "service"), ("/unknown", "LookupError")])
async def test_a_route_learns_who_was_verified(services: Services, path: str, expected: str) -> None:
    """On a public address that is nobody, and asking for it is a mistake."""
    app = create_app(services, ApiOptions(version="1"))

    async def tell(request: Request) -> Response:
        try:
            return Response(principal_of(request).name)
        except LookupError as error:
            return Response(type(error).__name__)

    app.router.add_api_route("/known", tell, response_model=None, openapi_extra={EXTENSION: "service"})
    app.router.add_api_route("/unknown", tell, response_model=None, openapi_extra={EXTENSION: "public"})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get(path, headers={"X-API-Key": SERVICE_KEY})
    assert expected == answer.text


@pytest.mark.parametrize("scope", list(Scope))
def test_scopes_only_narrow(scope: Scope) -> None:
    """The service may do everything; without the scope it may not, and no scope makes a user an administrator."""
    require_scope(SERVICE, scope)
    for narrow in (
        Principal(PrincipalKind.SERVICE, scopes=ALL - {scope}, unrestricted=True),
        Principal(PrincipalKind.USER, 1, scopes=ON_A_THING - {scope}),
    ):
        with pytest.raises(Forbidden) as refused:
            require_scope(narrow, scope)
        assert "SCOPE_MISSING" == refused.value.code


def test_what_is_about_the_installation_is_not_for_users() -> None:
    """Even one whose scopes name it."""
    with pytest.raises(Forbidden):
        require_scope(Principal(PrincipalKind.USER, 1), Scope.SERVICE)
