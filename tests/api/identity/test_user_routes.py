"""Users, roles and communities over HTTP: every field that can be written, and none that cannot."""

from __future__ import annotations

import httpx
import pytest

from wingbeat.storage.pool import Database

USERS, COMMUNITIES = "/api/v1/users", "/api/v1/communities"
GOOD = "three swifts and a lark"
UNKNOWN = [
    "id",
    "role",
    "roles",
    "admin",
    "isAdmin",
    "superuser",
    "owner",
    "author_id",
    "permissions",
    "scopes",
    "scope",
    "token",
    "api_key",
    "secret",
    "hash",
    "salt",
    "verified",
    "active",
    "__proto__",
    "constructor",
    "$set",
]
USER_COLUMNS = [
    "user_id",
    "password_hash",
    "failed_attempts",
    "locked_until",
    "session_version",
    "last_sign_in_at",
    "created_at",
    "updated_at",
]
OTHER_COLUMNS = ["created_at", "updated_at", "user_id", "source"]


async def make(client: httpx.AsyncClient, **fields: object) -> dict[str, object]:
    """A user."""
    answer = await client.post(USERS, json={"username": "ada", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()["data"]
    return made


async def test_a_user_through_its_life(client: httpx.AsyncClient) -> None:
    """Created, read, listed, changed, let in by a link, disabled; its password is never shown."""
    made = await make(client, display_name="Ada", email="ada@example.com", password=GOOD, is_admin=True)
    address = f"{USERS}/{made['user_id']}"
    assert made == (await client.get(address)).json()["data"]
    assert True is made["has_password"]
    listed = await client.get(USERS, params={"text": "EXAMPLE", "is_admin": "true"})
    assert ([made], 1) == (listed.json()["data"], listed.json()["meta"]["total"])
    link = await client.post(f"{address}/sign-in-link")
    assert (201, True) == (link.status_code, link.json()["data"]["url"].startswith("http://localhost/sign-in/"))
    refused = await client.patch(address, json={"enabled": False})
    assert (409, "LAST_ADMINISTRATOR") == (refused.status_code, refused.json()["error_code"])
    await make(client, username="bo", is_admin=True)
    changed = await client.patch(address, json={"enabled": False, "display_name": "A. L."})
    assert (False, "A. L.", "ada@example.com") == tuple(
        changed.json()["data"][name] for name in ("enabled", "display_name", "email")
    )
    assert 409 == (await client.post(f"{address}/sign-in-link")).status_code
    for answer in (listed, changed):
        assert GOOD not in answer.text
        assert "argon2" not in answer.text


async def test_a_list_goes_on_after_a_cursor(client: httpx.AsyncClient) -> None:
    """In the order of names, however they are capitalised."""
    for name in ("b", "C", "a"):
        await make(client, username=name)
    seen, cursor = [], None
    for _ in range(3):
        answer = (await client.get(USERS, params={"per_page": 1, **({"cursor": cursor} if cursor else {})})).json()
        seen.append(answer["data"][0]["username"])
        cursor = answer["meta"]["next_cursor"]
    assert (["a", "b", "C"], None) == (seen, cursor)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"username": "a b"}, "INVALID_INPUT"),
        ({"username": "ok", "password": "short"}, "PASSWORD_TOO_WEAK"),
        ({"username": "ok", "password": ""}, "INVALID_INPUT"),
        ({"username": "ok", "password": "x" * 1001}, "INVALID_INPUT"),
        ({"username": "ok", "password": 1234567890}, "INVALID_INPUT"),
        ({"username": "ok", "is_admin": "true"}, "INVALID_INPUT"),
        ({"username": "ok", "email": "a\0b"}, "JSON_ZERO_CHARACTER"),
        ({}, "INVALID_INPUT"),
    ],
)
async def test_what_is_no_user_is_refused(client: httpx.AsyncClient, body: dict[str, object], code: str) -> None:
    """Without repeating the password."""
    answer = await client.post(USERS, json=body)
    assert (400, code) == (answer.status_code, answer.json()["error_code"])
    assert "xxxx" not in answer.text
    assert "1234567890" not in answer.text


async def test_the_same_key_creates_one_user(client: httpx.AsyncClient) -> None:
    """The second time is told; another request with that key is refused."""
    headers = {"Idempotency-Key": "k"}
    answers = [await client.post(USERS, json={"username": "ada"}, headers=headers) for _ in range(2)]
    other = await client.post(USERS, json={"username": "bo"}, headers=headers)
    assert [201, 201, 409] == [answer.status_code for answer in (*answers, other)]
    assert answers[0].json() == answers[1].json()
    assert "true" == answers[1].headers["idempotency-replayed"]


async def test_nothing_can_be_written_that_is_not_offered(client: httpx.AsyncClient, database: Database) -> None:
    """Every column and twenty names that others have: refused, one by one, and nothing is changed."""
    user = await make(client)
    await client.post(COMMUNITIES, json={"name": "birds", "community_id": 7})
    one = f"{USERS}/{user['user_id']}"
    member = f"{COMMUNITIES}/7/members/{user['user_id']}"
    before = await everything(database)
    for method, address, good, columns in (
        ("POST", USERS, {"username": "cy"}, [*USER_COLUMNS, "enabled", "has_password"]),
        ("PATCH", one, {"display_name": "x"}, [*USER_COLUMNS, "password", "has_password"]),
        ("PUT", f"{one}/roles", {"roles": ["night"]}, [*USER_COLUMNS, "is_admin"]),
        ("POST", COMMUNITIES, {"name": "bees"}, OTHER_COLUMNS),
        ("PUT", f"{COMMUNITIES}/7", {"name": "bees"}, [*OTHER_COLUMNS, "community_id"]),
        ("PUT", member, {"role": "viewer"}, [*OTHER_COLUMNS, "community_id"]),
    ):
        for name in (*columns, *(name for name in UNKNOWN if name not in good)):
            answer = await client.request(method, address, json={**good, name: 1})
            assert (400, "INVALID_INPUT") == (answer.status_code, answer.json()["error_code"]), (address, name)
    assert before == await everything(database)


async def everything(database: Database) -> list[object]:
    """All rows of people."""
    tables = ("users", "roles", "user_roles", "communities", "community_members", "sign_in_links", "audit_log")
    return [await database.pool.fetch(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]  # noqa: S608 - names


async def test_roles_of_a_user(client: httpx.AsyncClient) -> None:
    """Replaced as a whole; those that nobody has are gone."""
    one = f"{USERS}/{(await make(client))['user_id']}"
    given = await client.put(f"{one}/roles", json={"roles": ["night", "day"]})
    assert [{"name": "day", "sources": ["local"]}, {"name": "night", "sources": ["local"]}] == given.json()["data"]
    assert given.json()["data"] == (await client.get(f"{one}/roles")).json()["data"]
    await client.put(f"{one}/roles", json={"roles": ["day"]})
    roles = (await client.get("/api/v1/roles")).json()["data"]
    assert [("day", 1)] == [(role["name"], role["users"]) for role in roles]


async def test_a_community_through_its_life(client: httpx.AsyncClient) -> None:
    """Created, with a member, renamed, deleted."""
    user_id = (await make(client))["user_id"]
    made = await client.post(COMMUNITIES, json={"name": "birds"})
    address = made.headers["location"]
    member = await client.put(f"{address}/members/{user_id}", json={"role": "editor"})
    assert ("ada", "editor", "local") == tuple(member.json()["data"][key] for key in ("username", "role", "source"))
    assert [member.json()["data"]] == (await client.get(f"{address}/members")).json()["data"]
    assert "bees" == (await client.put(address, json={"name": "bees"})).json()["data"]["name"]
    assert ["bees"] == [found["name"] for found in (await client.get(COMMUNITIES)).json()["data"]]
    assert 200 == (await client.delete(f"{address}/members/{user_id}")).status_code
    assert [200, 404] == [(await client.delete(address)).status_code for _ in range(2)]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{USERS}/5", 404),
        ("PATCH", f"{USERS}/5", 404),
        ("GET", f"{USERS}/0", 400),
        ("GET", f"{USERS}/abc", 400),
        ("GET", f"{USERS}/2147483648", 400),
        ("POST", f"{USERS}/5/sign-in-link", 404),
        ("PUT", f"{USERS}/5/roles", 400),
        ("GET", f"{COMMUNITIES}/5", 404),
        ("GET", f"{COMMUNITIES}/5/members", 404),
        ("DELETE", f"{COMMUNITIES}/5/members/5", 404),
        ("GET", f"{USERS}?sort=password_hash", 400),
        ("GET", f"{USERS}?cursor=1%20OR%201=1", 400),
        ("GET", f"{USERS}?text=%00", 400),
    ],
)
async def test_what_there_is_not(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    """Is missing, or makes no sense."""
    content: dict[str, object] | None = None if method == "GET" or path.endswith("link") else {}
    assert status == (await client.request(method, path, json=content)).status_code
