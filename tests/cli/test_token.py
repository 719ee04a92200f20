"""`wingbeat token`: tokens for programs, from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.rig.program import Program


async def test_a_token_is_made_used_listed_and_taken_back(wingbeat: Program) -> None:
    """It is alone on standard output, so that a script can keep it; lists never show it."""
    made = await wingbeat("token", "create", "nightly import", "--scope", "view", "--scope", "execute")
    secret = made.output.strip()
    async with wingbeat.serving() as server:
        del server.client.headers["X-API-Key"]
        headers = {"Authorization": f"Bearer {secret}"}
        me = (await server.client.get("/api/v1/me", headers=headers)).json()["data"]
        listed = await wingbeat("token", "list", "--json")
        token = json.loads(listed.output)
        revoked = await wingbeat("token", "revoke", token["token_id"])
        refused = await server.client.get("/api/v1/me", headers=headers)
    shown = await wingbeat("token", "list", "--ended")

    assert (0, 0, 0) == (made.status, listed.status, revoked.status)
    assert ("service", ["execute", "view"], token["token_id"]) == (me["kind"], me["scopes"], me["token_id"])
    assert (401, "TOKEN_REVOKED") == (refused.status_code, refused.json()["error_code"])
    assert "revoked" in shown.output
    assert token["token_id"] in shown.output
    assert secret not in listed.output + shown.output


async def test_a_token_can_be_somebodys(wingbeat: Program) -> None:
    """With no more than that user has."""
    await wingbeat("user", "create", "ada")
    made = await wingbeat("token", "create", "hers", "--user", "ada", "--scope", "view")
    wide = await wingbeat("token", "create", "more", "--user", "ada", "--scope", "service")
    nobody = await wingbeat("token", "create", "x", "--user", "nobody", "--scope", "view")
    nameless = await wingbeat("token", "create", " ", "--scope", "view")
    assert (0, 2, 2, 2) == (made.status, wide.status, nobody.status, nameless.status)
    assert "TOKEN_NAME_INVALID" in nameless.errors
    assert "SCOPE_MISSING" in wide.errors
    assert "USER_NOT_FOUND" in nobody.errors
