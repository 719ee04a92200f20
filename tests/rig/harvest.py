"""Uses of the API that have secrets in them, whose answers are kept to be searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.rig.planted import plain, plant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx

    from wingbeat.core.json_value import JsonObject

# Nothing listens there, so that trying a connection fails.
NOWHERE = "http://127.0.0.1:9"
KINDS: Mapping[str, tuple[JsonObject, tuple[str, ...]]] = {
    "api_key": ({"name": "X-Key", "test_url": NOWHERE, "allow_plain_http": True}, ("api_key",)),
    "basic": ({"username": "me", "test_url": NOWHERE, "allow_plain_http": True}, ("password",)),
    "bearer": ({"test_url": NOWHERE, "allow_plain_http": True}, ("token",)),
    "hmac": ({}, ("key",)),
    "oauth2_client_credentials": (
        {"token_url": f"{NOWHERE}/token", "client_id": "us", "allow_plain_http": True},
        ("client_secret",),
    ),
    "smtp": ({"host": "127.0.0.1", "port": 9, "security": "none", "username": "me"}, ("password",)),
    "sql": (
        {"dialect": "postgresql", "host": "127.0.0.1", "port": 9, "database": "x", "username": "me"},
        ("password",),
    ),
    "llm": ({"provider": "openai", "base_url": NOWHERE}, ("api_key",)),
}


class Harvest:
    """A client whose answers are kept, and the secrets that it has sent."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.planted: dict[str, str] = {}
        self.answers: list[str] = []

    def plant(self, name: str, make: Callable[[], str] = plain) -> str:
        """A new secret."""
        self.planted[name] = make()
        return self.planted[name]

    async def ask(self, method: str, address: str, *, shown: bool = False, **given: Any) -> httpx.Response:  # noqa: ANN401
        """Send a request; its answer may not show a secret, unless this is where it is `shown` once."""
        answer = await self.client.request(method, address, **given)
        # A refusal is what is wanted of some of these; a fault of ours is not.
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        if not shown:
            self.answers += [answer.text, repr(sorted(answer.headers.items()))]
        return answer


async def use_connections(harvest: Harvest, mark: str = "") -> dict[str, str]:
    """Create, refuse, change, rotate and try one of each kind; gives their ids."""
    made = {}
    for kind, (config, names) in KINDS.items():
        secrets = {name: harvest.plant(f"{kind} {name}{mark}") for name in names}
        body: JsonObject = {"name": kind + mark, "kind": kind, "config": config, "secrets": dict(secrets)}
        body["allowed_hosts"] = ["127.0.0.1"]
        wrong: list[JsonObject] = [
            {**body, "config": {**config, **secrets}},
            {**body, "secrets": {**secrets, "more": harvest.plant(f"{kind} more{mark}", plant)}},
            {**body, "secrets": {name: [secret] for name, secret in secrets.items()}},
            {**body, **secrets},
            {**body, "kind": next(iter(secrets.values()))},
        ]
        for refused in wrong:
            assert 400 == (await harvest.ask("POST", "/api/v1/connections", json=refused)).status_code
        created = await harvest.ask("POST", "/api/v1/connections", json=body, headers={"Idempotency-Key": kind + mark})
        assert 201 == created.status_code, created.text
        address = created.headers["location"]
        await harvest.ask("POST", f"{address}/test")
        rotated = {name: harvest.plant(f"{kind} new {name}{mark}") for name in names}
        await harvest.ask("POST", f"{address}/rotate", json={"secrets": rotated})
        await harvest.ask("POST", f"{address}/rotate", json={"secrets": {"wrong": rotated}})
        await harvest.ask("PUT", address, json=body, headers={"If-Match": '"2"'})
        await harvest.ask("POST", f"{address}/test")
        await harvest.ask("GET", address)
        made[kind] = address.rpartition("/")[2]
    return made


async def use_webhooks(harvest: Harvest, workflow: str, mark: str = "") -> None:
    """Create one with a secret of the sender's and one with ours; sign wrongly, and with a secret as the signature."""
    own = harvest.plant(f"webhook secret{mark}")
    await harvest.ask("POST", f"{workflow}/webhooks", json={"name": "x", "secret": [own]})
    await harvest.ask("POST", f"{workflow}/webhooks", json={"name": "x", "secret": own + "\n"})
    created = await harvest.ask("POST", f"{workflow}/webhooks", shown=True, json={"name": "x", "secret": own})
    assert 201 == created.status_code, created.text
    data = created.json()["data"]
    address = f"{workflow}/webhooks/{data['webhook_id']}"
    rotated = await harvest.ask("POST", f"{address}/rotate", shown=True, json={}, headers={"If-Match": "*"})
    harvest.planted[f"rotated webhook secret{mark}"] = rotated.json()["data"]["secret"].removeprefix("whsec_")
    for signature in (own, f"sha256={own}", "sha256=" + "0" * 64):
        await harvest.ask(
            "POST", f"/api/v1/workflows/webhooks/{data['token']}", json={}, headers={"X-Webhook-Signature": signature}
        )
    await harvest.ask("GET", address)


async def use_accounts(harvest: Harvest, mark: str = "") -> None:
    """Create a user, sign in rightly and wrongly, and let somebody in by a link."""
    password = harvest.plant(f"password{mark}", plant)
    for wrong in ({"username": f"ada{mark}", "password": [password]}, {"username": f"ada{mark}", "secret": password}):
        assert 400 == (await harvest.ask("POST", "/api/v1/users", json=wrong)).status_code
    created = await harvest.ask("POST", "/api/v1/users", json={"username": f"ada{mark}", "password": password})
    assert 201 == created.status_code, created.text
    again = {"username": f"ada{mark}", "password": harvest.plant(f"second password{mark}", plant)}
    await harvest.ask("POST", "/api/v1/users", json=again)
    address = created.headers["location"]
    link = await harvest.ask("POST", f"{address}/sign-in-link", shown=True)
    assert link.is_success, link.text
    found = link.json()["data"]["url"].rpartition("/")[2].rpartition("=")[2].rpartition("#")[2]
    harvest.planted[f"sign-in link{mark}"] = found
    await harvest.ask("GET", address)


async def use_credentials(harvest: Harvest, mark: str = "") -> None:
    """Wrong keys and tokens, where they belong and where they do not."""
    key, token = harvest.plant(f"wrong key{mark}"), harvest.plant(f"wrong token{mark}")
    for headers in (
        {"X-API-Key": key},
        {"Authorization": f"Bearer {token}", "X-API-Key": ""},
        {"Authorization": f"Basic {token}", "X-API-Key": ""},
        {"Cookie": f"session={token}", "X-API-Key": ""},
    ):
        await harvest.ask("GET", "/api/v1/workflows", headers=headers)
    for name in ("api_key", "token", "access_token", "key"):
        await harvest.ask("GET", "/api/v1/workflows", params={"wrong": "x"}, headers={"X-API-Key": key})
        await harvest.ask("POST", "/api/v1/tasks", json={"title": "x", name: {"inner": token}})


async def read_everything(harvest: Harvest, names: Mapping[str, str] | None = None) -> None:
    """Every address that is read without naming anything, or naming what `names` has for its parameters."""
    document = (await harvest.client.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for name, value in (names or {}).items():
            path = path.replace(f"{{{name}}}", value)  # noqa: PLW2901 - filled in
        if "get" in methods and "{" not in path and methods["get"].get("security") != []:
            await harvest.ask("GET", path)
