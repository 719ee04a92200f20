"""`wingbeat token`: tokens for programs, against the database. Whoever may run it here administers it anyway."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from wingbeat.cli.help import Command, Group

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wingbeat.cli.loop import Stopping
    from wingbeat.core.access import Principal
    from wingbeat.services.identity.tokens import Tokens
    from wingbeat.settings import Settings
    from wingbeat.storage.tokens import StoredToken

app = typer.Typer(cls=Group, no_args_is_help=True, help="Tokens with which programs come in.")
PAGE = 100
PIPED_WIDTH = 240


class ScopeName(StrEnum):
    """What a token may be used for."""

    VIEW = "view"
    EDIT = "edit"
    DELETE = "delete"
    EXECUTE = "execute"
    SERVICE = "service"


@app.command("create", cls=Command)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, so that one knows it again.")],
    scope: Annotated[list[ScopeName], typer.Option("--scope", help="What it may be used for; may be there often.")],
    user: Annotated[
        str | None, typer.Option("--user", metavar="USERNAME", help="Whose it is; without, it is the service's.")
    ] = None,
    community: Annotated[
        list[int] | None, typer.Option("--community", metavar="ID", help="Keep it to these communities.")
    ] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=366, help="How long it holds.")] = 90,
) -> None:
    """Make a token, and print it: this is the only time that it is shown."""
    from wingbeat.core.access import Permission
    from wingbeat.services.identity.tokens import TokenRequest

    scopes = frozenset(Permission(one.value) for one in scope)
    request = TokenRequest(name, scopes, days, None if not community else tuple(community))

    async def work(tokens: Tokens) -> Any:  # noqa: ANN401 - a new token
        return await tokens.create(await _owner(tokens, user), request)

    made = _run(work)
    typer.echo(made.secret.reveal())
    typer.echo(f"It is {made.token.token_id}, and holds until {made.token.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


@app.command("list", cls=Command)
def list_tokens(
    ended: Annotated[bool, typer.Option("--ended", help="Also those that have expired or were revoked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one token a line.")] = False,
) -> None:
    """List the tokens of everybody, without their secrets."""
    from dataclasses import asdict

    from wingbeat.api.answers import write_json

    async def work(tokens: Tokens) -> list[StoredToken]:
        return await _all(tokens, ended=ended)

    found = _run(work)
    if as_json:
        for token in found:
            typer.echo(write_json(asdict(token)))
        return
    _print_table(found)


@app.command("revoke", cls=Command)
def revoke(
    token_id: Annotated[UUID, typer.Argument(metavar="ID", help="Its id, as `wingbeat token list` shows it.")],
) -> None:
    """Take a token back: from now on it lets nobody in."""

    async def work(tokens: Tokens) -> StoredToken:
        from wingbeat.core.access import SYSTEM

        return await tokens.revoke(SYSTEM, token_id)

    typer.echo(f"The token '{_run(work).name}' is revoked.")


async def _owner(tokens: Tokens, username: str | None) -> Principal:
    from wingbeat.core.access import SERVICE
    from wingbeat.core.errors import NotFound
    from wingbeat.services.identity.users import principal_of_user
    from wingbeat.storage import users

    if username is None:
        return SERVICE
    async with tokens.database.pool.acquire() as connection:
        found = await users.get_by_name(connection, username)
        if found is None:
            raise NotFound(
                f"There is no user '{username[:100]}'.", code="USER_NOT_FOUND", remedy="Run `wingbeat user list`."
            )
        return await principal_of_user(connection, found.user_id)


async def _all(tokens: Tokens, *, ended: bool) -> list[StoredToken]:
    from wingbeat.core.access import SYSTEM
    from wingbeat.storage.paging import Paging

    found: list[StoredToken] = []
    more = True
    while more:
        paging = Paging("created_at", per_page=PAGE, cursor=found[-1].token_id if found else None)
        page, _ = await tokens.list(SYSTEM, paging, ended=ended, everybody=True)
        found += page.items
        more = page.more
    return found


def _print_table(found: list[StoredToken]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "name", "whose", "scopes", "until", "used", "", box=None, pad_edge=False, header_style="dim")
    for token in found:
        used = "never" if token.last_used_at is None else f"{token.last_used_at:%Y-%m-%d %H:%M}"
        cells = (
            str(token.token_id),
            token.name,
            "the service" if token.user_id == 0 else f"user {token.user_id}",
            ", ".join(token.scopes),
            f"{token.expires_at:%Y-%m-%d %H:%M}",
            used,
            "" if token.revoked_at is None else "revoked",
        )
        table.add_row(*(Text(cell, overflow="fold") for cell in cells))
    # Whoever pipes it looks for an id, which must not be in two pieces.
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def _run(work: Callable[[Tokens], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what the work gives
    from wingbeat.cli.loop import run
    from wingbeat.settings import load_settings

    settings = load_settings()

    async def command(_stopping: Stopping) -> Any:  # noqa: ANN401 - as above
        return await _with_tokens(settings, work)

    return run(command)


async def _with_tokens(settings: Settings, work: Callable[[Tokens], Awaitable[Any]]) -> Any:  # noqa: ANN401 - as above
    from wingbeat.cli.opened import open_database
    from wingbeat.services.identity.tokens import Tokens

    async with open_database(settings) as database:
        return await work(Tokens(database))
