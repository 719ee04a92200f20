"""Forgets one check of authorisation after the other, and sees whether the matrix of isolation notices each.

The second wall is down: it would hide what the services forget.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import random
import shutil
import tempfile
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import structlog
from tests.api import test_isolation as matrix
from tests.api.conftest import make_services
from tests.campaigns import open_doors
from tests.campaigns.verdicts import Report
from tests.rig.isolation import World, admit_by_name

import wingbeat
from wingbeat.api.admission import Admission
from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.storage import pool
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.migrate import migrate
from wingbeat.storage.pool import Database

SOURCES = Path(wingbeat.__file__).parent
CHECKS = frozenset(name for name, value in vars(open_doors).items() if inspect.isfunction(value))
# Where the checks themselves are: what they are made of is held to the rule by tests/storage/test_access.py.
THEMSELVES = {"services/permissions/access.py", "storage/access.py"}
# A second look at what was looked at before, in another transaction or under a lock: without it, the first one holds.
TWICE = {
    ("services/executions/breakpoints.py", "Breakpoints.set", 0),
    ("services/executions/breakpoints.py", "Breakpoints.set", 1),
    ("services/connections/connections.py", "find", 1),
    ("services/executions/forks.py", "Forks._insert", 0),
    ("services/people/tasks.py", "lock", 0),
    # A key is its caller's own, and what it led to was the caller's when it was made.
    ("services/executions/forks.py", "Forks._recall", 0),
}
# What other tests ask than the matrix.
ELSEWHERE = ("storage/events.py", "storage/tasks.py", "storage/approvals.py", "services/reference_checks.py")
# Which parts of the matrix are about a file; those of the others are all of it.
KINDS: Mapping[str, tuple[str, ...]] = {
    "workflows": ("workflow",),
    "grants": ("workflow",),
    "startable": ("workflow",),
    "executions": ("execution", "workflow"),
    "breakpoints": ("execution",),
    "forks": ("execution",),
    "signals": ("execution",),
    "files": ("execution",),
    "children": (),
    "webhooks": ("webhook",),
    "schedules": ("schedule",),
    "forms": ("form",),
    "decisions": ("schedule",),
    "decision_lists": (),
    "tasks": ("task",),
    "approvals": ("approval",),
    "connections": ("connection",),
}
Question = Callable[[World, matrix.Operations], Awaitable[None]]

log = structlog.get_logger()


class Site(NamedTuple):
    """A call of a check: in which file and function, and which of the calls there it is."""

    file: str
    function: str
    number: int
    check: str

    def __str__(self) -> str:
        return f"{self.check} in {self.function} of {self.file} ({self.number})"


def find_sites() -> list[Site]:
    """Every call of a check in what serves callers."""
    sites: list[Site] = []
    for path in sorted([*SOURCES.glob("services/**/*.py"), *SOURCES.glob("storage/*.py")]):
        file = str(path.relative_to(SOURCES))
        if file in THEMSELVES or file in ELSEWHERE:
            continue
        for name, function in functions_of(ast.parse(path.read_text())):
            if name not in CHECKS:
                sites += [Site(file, name, number, called(one)) for number, one in enumerate(calls_in(function))]
    return [site for site in sites if site[:3] not in TWICE]


def functions_of(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The functions and methods of a module by their names."""
    for one in module.body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            yield one.name, one
        elif isinstance(one, ast.ClassDef):
            for method in one.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{one.name}.{method.name}", method


def calls_in(function: ast.AST) -> list[ast.Call]:
    """The calls of checks in it, in their order."""
    found = [one for one in ast.walk(function) if isinstance(one, ast.Call) and called(one) in CHECKS]
    return sorted(found, key=lambda one: (one.lineno, one.col_offset))


def called(call: ast.Call) -> str:
    """The name of what is called: as it is, or of the module `access`."""
    if (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "access"
    ):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


@contextmanager
def forgotten(site: Site) -> Iterator[None]:
    """The running program without that check."""
    path = SOURCES / site.file
    tree = ast.parse(path.read_text())
    call = calls_in(dict(functions_of(tree))[site.function])[site.number]
    call.func = ast.copy_location(ast.Name(f"open_{site.check}", ast.Load()), call.func)
    module = importlib.import_module(f"wingbeat.{site.file.removesuffix('.py').replace('/', '.')}")
    code = compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)
    live: Any = module
    for part in site.function.split("."):
        live = inspect.getattr_static(live, part)
    live = getattr(live, "__func__", live)
    live = inspect.unwrap(live)
    setattr(module, f"open_{site.check}", getattr(open_doors, site.check))
    before = live.__code__
    live.__code__ = find_code(code, site.function)
    try:
        yield
    finally:
        live.__code__ = before


def find_code(code: types.CodeType, qualified: str) -> types.CodeType:
    """The code of a function within that of its module."""
    for part in qualified.split("."):
        code = next(one for one in code.co_consts if isinstance(one, types.CodeType) and one.co_name == part)
    return code


def questions(site: Site) -> list[Question]:
    """What of the matrix would notice, likeliest first."""
    kinds = KINDS.get(Path(site.file).stem, tuple(matrix.KINDS))

    def ask(kind: str) -> Question:
        return lambda world, operations: matrix.test_everybody_gets_what_is_theirs_to_get(world, operations, kind)

    return [
        *map(ask, kinds),
        matrix.test_a_list_is_the_callers,
        lambda world, _: matrix.test_a_connection_moves_only_to_where_one_may(world),
        lambda world, _: matrix.test_who_uses_a_connection_is_told_by_what_one_sees(world),
        matrix.test_a_key_of_somebody_else_is_a_new_one,
        lambda world, _: matrix.test_a_key_leads_to_nothing_that_was_given_away(world),
        lambda world, _: matrix.test_things_are_made_where_one_may(world),
        lambda world, _: matrix.test_a_workflow_moves_only_between_what_one_may(world),
        lambda world, _: matrix.test_children_of_what_one_may_not_see_are_not_shown(world),
        *[
            lambda world, _, method=method: matrix.test_a_reference_to_what_is_hidden_is_one_to_nothing(world, method)
            for method in ("POST", "PUT")
        ],
    ]


async def notices(site: Site, make: Callable[[], Awaitable[World]]) -> bool:
    """Whether anything in the matrix fails without that check, and does not with it."""
    operations = matrix.read_operations()
    for question in questions(site):
        with forgotten(site):
            failed = await fails(question, await make(), operations)
        if failed:
            return not await fails(question, await make(), operations)
    return False


async def fails(question: Question, world: World, operations: matrix.Operations) -> bool:
    """Whether this part of the matrix finds anything."""
    try:
        await question(world, operations)
    except (AssertionError, KeyError):
        return True
    return False


async def authorisation(sample: int | None) -> Report:
    """Forget each check, or some of them, and report those that nothing missed."""
    report = Report("authorisation")
    sites = find_sites()
    report.figures["checks"] = len(sites)
    report.expect("some checks are found", True, len(sites) > 30)
    asked = sites if sample is None else random.Random(1).sample(sites, sample)  # noqa: S311 - the same each time
    async with installation() as make:
        for site in asked:
            log.debug("a check is forgotten", site=str(site))
            if not await notices(site, make):
                report.wrong[str(site)] = "nothing noticed that it was gone"
    report.figures["forgotten"] = len(asked)
    return report


@asynccontextmanager
async def installation() -> AsyncIterator[Callable[[], Awaitable[World]]]:
    """A database of the campaign's own, and a way to make the matrix's things in it; the second wall is down."""
    folder = make_folder()
    server = EmbeddedPostgres()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "begin_scoped", lambda connection, _: connection.transaction())
        patch.setattr(Admission, "admit", admit_by_name)
        dsn = await server.start(folder)
        await migrate(dsn)
        database = await Database.open(dsn)
        services = make_services(database, folder)
        client = open_client(services)
        try:
            yield lambda: begin(database, client, services)
        finally:
            await client.aclose()
            await database.close()
            await server.stop()
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def make_folder() -> Path:
    """Where the server's own user may go, too."""
    folder = Path(tempfile.mkdtemp(prefix="wingbeat-authorisation-"))
    folder.chmod(0o711)
    return folder


def open_client(services: Services) -> httpx.AsyncClient:
    """A client of the application without a network between."""
    app = create_app(services, ApiOptions(version="1"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def begin(database: Database, client: httpx.AsyncClient, services: Services) -> World:
    """The author's things, new ones, and nothing else."""
    await database.pool.execute(
        "TRUNCATE workflows, workflow_executions, connector_instances, idempotency_keys, pgqueuer, tasks, approvals,"
        " notifications, trigger_decisions CASCADE"
    )
    world = World(database, client)
    await world.begin(services.files)
    return world
