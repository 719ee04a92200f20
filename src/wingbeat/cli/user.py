"""`wingbeat user`: who may sign in. Whoever may run it on this machine administers the installation anyway."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wingbeat.cli.help import Command, Group

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wingbeat.cli.loop import Stopping
    from wingbeat.services.identity.users import SignInLink, Users
    from wingbeat.settings import Settings
    from wingbeat.storage.users import StoredUser

app = typer.Typer(cls=Group, no_args_is_help=True, help="Who may sign in.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name that it signs in with.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
PAGE = 100


@app.command("create", cls=Command)
def create(
    name: Name,
    display_name: Annotated[str, typer.Option("--display-name", metavar="TEXT", help="How it is shown.")] = "",
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where it is written to.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="It administers the installation.")] = False,
    password_stdin: Stdin = False,
) -> None:
    """Create a user, and print a link that lets it in once, within a day; or give it a password."""
    from wingbeat.core.access import SYSTEM
    from wingbeat.storage.secret import Secret
    from wingbeat.storage.users import UserFields

    fields = UserFields(_checked(name), display_name, email, is_admin=admin)
    password = Secret(_read_password(twice=False)) if password_stdin else None

    async def work(users: Users) -> SignInLink | None:
        made = await users.create(SYSTEM, fields, password)
        return None if password is not None else await users.make_link(SYSTEM, made.user.user_id)

    link = _run(work)
    typer.echo(f"The user '{name}' is created{' as an administrator' if admin else ''}.")
    if link is not None:
        _show_link(link)


@app.command("list", cls=Command)
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one user a line.")] = False,
) -> None:
    """List all users."""
    from wingbeat.cli.reporting import print_json
    from wingbeat.services.identity.users import show

    found = _run(_all_users)
    if as_json:
        for user in found:
            print_json(show(user))
        return
    _print_table(found)


@app.command("link", cls=Command)
def link(name: Name) -> None:
    """Print a link that lets a user in once, within a day. Links that it was given before are of no use any more."""
    from wingbeat.core.access import SYSTEM

    async def work(users: Users) -> SignInLink:
        return await users.make_link(SYSTEM, (await users.find_by_name(SYSTEM, name)).user_id)

    _show_link(_run(work))


@app.command("disable", cls=Command)
def disable(name: Name) -> None:
    """Let a user in no more, and end its sessions."""
    _change(name, {"enabled": False})
    typer.echo(f"The user '{name}' is disabled; its sessions are over.")


@app.command("enable", cls=Command)
def enable(name: Name) -> None:
    """Let a user in again."""
    _change(name, {"enabled": True})
    typer.echo(f"The user '{name}' is enabled.")


@app.command("password", cls=Command)
def password(name: Name, password_stdin: Stdin = False) -> None:
    """Give a user another password, which is asked for; its sessions end, and so does its being locked."""
    from wingbeat.core.access import SYSTEM
    from wingbeat.storage.secret import Secret

    given = Secret(_read_password(twice=not password_stdin))

    async def work(users: Users) -> None:
        await users.set_password(SYSTEM, (await users.find_by_name(SYSTEM, name)).user_id, given)

    _run(work)
    typer.echo(f"The password of '{name}' is changed; its sessions are over.")


@app.command("admin", cls=Command)
def admin(
    name: Name,
    remove: Annotated[bool, typer.Option("--remove", help="It is an administrator no more.")] = False,
) -> None:
    """Let a user administer the installation: see and change everything, and everybody."""
    _change(name, {"is_admin": not remove})
    typer.echo(f"The user '{name}' is {'no administrator any more' if remove else 'an administrator'}.")


def _change(name: str, changes: Mapping[str, Any]) -> None:
    from wingbeat.core.access import SYSTEM

    async def work(users: Users) -> None:
        await users.change(SYSTEM, (await users.find_by_name(SYSTEM, name)).user_id, changes)

    _run(work)


async def _all_users(users: Users) -> list[StoredUser]:
    from wingbeat.core.access import SYSTEM
    from wingbeat.storage.paging import Paging
    from wingbeat.storage.users import UserFilter

    found: list[StoredUser] = []
    more = True
    while more:
        page, _ = await users.list(
            SYSTEM, UserFilter(), Paging("username", per_page=PAGE, cursor=found[-1].user_id if found else None)
        )
        found += page.items
        more = page.more
    return found


def _print_table(found: list[StoredUser]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "name", "shown as", "what it is", "signed in", box=None, pad_edge=False, header_style="dim")
    for user in found:
        what = [
            *(["administrator"] if user.is_admin else []),
            *([] if user.enabled else ["disabled"]),
            *([] if user.password_hash else ["no password"]),
        ]
        seen = "never" if user.last_sign_in_at is None else f"{user.last_sign_in_at:%Y-%m-%d %H:%M}"
        cells = (str(user.user_id), user.username, user.display_name, ", ".join(what), seen)
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)


def _run(work: Callable[[Users], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what the work gives
    from wingbeat.cli.loop import run
    from wingbeat.settings import load_settings

    settings = load_settings()

    async def command(_stopping: Stopping) -> Any:  # noqa: ANN401 - as above
        return await _with_users(settings, work)

    return run(command)


async def _with_users(settings: Settings, work: Callable[[Users], Awaitable[Any]]) -> Any:  # noqa: ANN401 - as above
    from wingbeat.cli.opened import open_database
    from wingbeat.services.identity.passwords import Passwords, cost_of
    from wingbeat.services.identity.users import Users

    async with open_database(settings) as database:
        return await work(Users(database, Passwords(cost_of(settings))))


def _show_link(link: SignInLink) -> None:
    from wingbeat.settings import load_settings

    typer.echo(f"Sign in as '{link.username}' with this link, once, until {link.expires_at:%Y-%m-%d %H:%M} UTC:")
    typer.echo(f"  {load_settings().public_url}{link.path()}")


def _checked(name: str) -> str:
    from wingbeat.services.identity.users import check_username

    return check_username(name)


def _read_password(*, twice: bool) -> str:
    if twice and sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
