"""What `serve` tells the person who started it: where it is, who may call it, and what to try first."""

from __future__ import annotations

import json
import shlex
from importlib import resources
from typing import TYPE_CHECKING

import wingbeat.cli.samples
from wingbeat.services.registration import id_for, register
from wingbeat.storage.address import describe_address
from wingbeat.storage.json_text import read_json_object
from wingbeat.storage.service_key import service_key_path

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.bootstrap import Platform
    from wingbeat.core.json_value import Json
    from wingbeat.services.identity.users import SignInLink
    from wingbeat.settings import Settings

# Addresses that stand for all of this machine's can be listened on, but not called.
CALLED = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - it is told, not listened on
SAMPLE = "penguin-census.json"
SAMPLE_INPUT: Json = [
    {"species": "Adelie", "island": "Biscoe", "year": 2009, "body_mass_g": 3700},
    {"species": "Chinstrap", "island": "Dream", "year": 2009, "body_mass_g": 3700},
    {"species": "Gentoo", "island": "Biscoe", "year": 2009, "body_mass_g": 5100},
    {"species": "Gentoo", "island": "Biscoe", "year": 2009, "body_mass_g": None},
]


async def publish_sample(platform: Platform) -> UUID:
    """Publish the sample workflow, unless it is there already; returns its id."""
    definition = read_json_object(resources.files(wingbeat.cli.samples).joinpath(SAMPLE).read_bytes())
    nodes = definition["nodes"]
    definition = {**definition, "nodes": [_with_rows(node) for node in nodes] if isinstance(nodes, list) else nodes}
    workflow_id = id_for("sample", SAMPLE)
    await register(platform.database, workflow_id, definition, keep=True)
    return workflow_id


def _with_rows(node: Json) -> Json:
    """A node; the start with rows pinned, so that the editor's Run needs no data. Calls bring their own."""
    if isinstance(node, dict) and node["id"] == "start":
        return {**node, "pinned_output": SAMPLE_INPUT}
    return node


def describe(platform: Platform, host: str, port: int, sample_id: UUID | None, link: SignInLink | None = None) -> str:
    """The lines to print once everything is ready."""
    settings = platform.settings
    called = CALLED.get(host, host)
    url = f"http://{f'[{called}]' if ':' in called else called}:{port}"
    lines = [
        f"Wingbeat is ready at {url}",
        *([f"  Listens    on every address of this machine, port {port}"] if host in CALLED else []),
        f"  Database   {_database(settings)}",
        f"  Sign in    {_sign_in(settings)}",
        *_people(settings.public_url if "public_url" in settings.model_fields_set else url, link),
        f"  Health     {url}/health",
        f"  OpenAPI    {url}/openapi.json",
    ]
    if sample_id is not None:
        key = f' -H "X-API-Key: {_key_in_shell(settings)}"'
        body = shlex.quote(json.dumps({"trigger_data": SAMPLE_INPUT}))
        lines += [
            f"  Sample     the workflow {sample_id}; try it:",
            f"    curl -s '{url}/api/v1/workflows/{sample_id}/execute?wait=10'{key} \\",
            f"      -H 'Content-Type: application/json' -d {body}",
        ]
    lines += [f"  Problem    {problem}" for problem in platform.discovery.problems]
    lines.append("  Stop       Ctrl-C; what runs is finished or handed on")
    return "\n".join(lines)


def _database(settings: Settings) -> str:
    if settings.database_uri is None:
        return f"embedded PostgreSQL in {settings.data_dir}"
    return describe_address(settings.database_uri.get_secret_value())


def _sign_in(settings: Settings) -> str:
    path = service_key_path(settings)
    where = "that is set as API_KEY" if path is None else f"in {path}"
    return f"send the key {where} as the header X-API-Key"


def _people(url: str, link: SignInLink | None) -> list[str]:
    """How people sign in; the first one by a link, since nobody has a password yet."""
    if link is None:
        return [f"  People     {url}/sign-in; `wingbeat user link NAME` lets in who has no password"]
    return [
        f"  People     sign in as '{link.username}' with this link, once, within a day; each start prints a new one:",
        f"    {url}{link.path()}",
    ]


def _key_in_shell(settings: Settings) -> str:
    """What a shell puts the key in for, between double quotes."""
    path = service_key_path(settings)
    return "$API_KEY" if path is None else f"$(cat {shlex.quote(str(path))})"
