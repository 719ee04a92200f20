"""`wingbeat user`: who may sign in, from the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from tests.rig.program import Program

GOOD = b"three swifts and a lark\n"


def quick(program: Program) -> Program:
    """With passwords that cost little."""
    return program.with_settings(PASSWORD_HASH_ROUNDS="1", PASSWORD_HASH_MEMORY_KIB="8")  # noqa: S106 - numbers


async def test_users_are_created_and_listed(wingbeat: Program) -> None:
    """With a link, or with a password from standard input; a link is printed with the address of the service."""
    program = quick(wingbeat).with_settings(PUBLIC_URL="https://wings.example.com")
    made = await program("user", "create", "ada", "--admin", "--display-name", "Ada")
    given = await program("user", "create", "bo", "--password-stdin", given=GOOD)
    listed = await program("user", "list")
    assert (0, 0, 0) == (made.status, given.status, listed.status)
    assert "https://wings.example.com/sign-in/" in made.output
    assert "/sign-in/" not in given.output
    assert [["ada", "Ada", "administrator,"], ["bo", "never"]] == [
        line.split()[1:4] if "Ada" in line else line.split()[1:3] for line in listed.output.splitlines()[1:]
    ]


async def test_what_cannot_be_done_is_told(wingbeat: Program) -> None:
    """And exits with 2."""
    program = quick(wingbeat)
    await program("user", "create", "ada", "--admin")
    for arguments, given, code in (
        (("create", "a b"), b"", "USERNAME_INVALID"),
        (("create", "bo", "--password-stdin"), b"password123\n", "PASSWORD_TOO_WEAK"),
        (("link", "nobody"), b"", "USER_NOT_FOUND"),
        (("disable", "ada"), b"", "LAST_ADMINISTRATOR"),
    ):
        finished = await program("user", *arguments, given=given)
        assert (2, True) == (finished.status, code in finished.errors), arguments
        assert given.decode().strip() == "" or given.decode().strip() not in finished.errors


async def test_users_are_changed(wingbeat: Program, database_dsn: str) -> None:
    """Each command does what it says."""
    program = quick(wingbeat)
    await program("user", "create", "ada", "--admin")
    await program("user", "create", "bo")
    for arguments in (("admin", "bo"), ("disable", "ada"), ("password", "bo", "--password-stdin")):
        assert 0 == (await program("user", *arguments, given=GOOD)).status
    connection = await asyncpg.connect(database_dsn)
    rows = await connection.fetch("SELECT * FROM users ORDER BY username")
    await connection.close()
    assert [(True, False), (True, True)] == [(row["is_admin"], row["enabled"]) for row in rows]
    assert rows[1]["password_hash"].startswith("$argon2id$")


async def test_the_first_start_leads_to_an_administrator(wingbeat: Program) -> None:
    """By the link that it prints, which holds once; the next start prints a new one until somebody has signed in."""
    links = []
    for _ in range(2):
        async with quick(wingbeat).serving() as server:
            links += [line.strip() for line in server.announcement if "/sign-in/" in line]
            assert links[-1].startswith(f"{server.url}/sign-in/")
            if len(links) == 1:
                continue
            path = links[1].removeprefix(server.url)
            assert 404 == (await server.client.get(links[0].rpartition("/sign-in/")[1] + links[0][-43:])).status_code
            token = re.findall(r'name="form_token" value="(\w+)"', (await server.client.get(path)).text)[0]
            fields = {"form_token": token, "new": GOOD.decode().strip(), "again": GOOD.decode().strip()}
            await server.client.post(path, data=fields)
            account = await server.client.get("/account")
            assert "signed in as admin, administrator" in account.text
    async with quick(wingbeat).serving() as server:
        told = next(line for line in server.announcement if "People" in line)
    assert 2 == len(set(links))
    assert "wingbeat user link NAME" in told
