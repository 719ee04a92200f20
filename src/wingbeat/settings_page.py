"""The page of documentation about settings, made of the fields of `Settings`. No variable is read here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wingbeat.settings import CAPS, NAMES, NEVER_SHOWN, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCTION = """# Settings

Generated from `wingbeat.settings` by `script/generate_docs.py`; do not edit.

Every setting is an environment variable, read once when a process starts; an empty one counts as unset. They may also
be in an `.env` file, and secrets in files of their own: see [Operations](operations.md#settings). All that cannot be
used are reported at once, and the process does not start. `wingbeat doctor` shows which differ from their defaults, and
warns of variables that look like misspelt settings; with `--settings` it shows all, and where their values are from.
"""
REMARKS = f"""
{", ".join(f"`{name.upper()}`" for name in sorted(NEVER_SHOWN))} may hold secrets, so no
command prints them. With `RELEASE_MODE=true`, `SECRET_KEY` and `API_KEY` must each be set to 32 random bytes or more,
and differ.
If `BIND_HOST` names more than this machine's own loopback address, an `API_KEY` that is set must have 32 bytes or more.

## Limits and their caps

A limit is what an execution may do unless its workflow asks for more in its `settings`; the cap is the most that a
workflow may ask for. See [Workflows](workflows.md#limits).
"""
DEFAULTS = {
    "data_dir": "root: `/var/lib/wingbeat`; others: `$XDG_DATA_HOME/wingbeat` or `~/.local/share/wingbeat`",
    "public_url": "`http://BIND_HOST:MODULE_PORT`",
    "blob_url": "the folder `blobs` in `WINGBEAT_DATA_DIR`",
    "log_dir": "the folder `logs` in `WINGBEAT_DATA_DIR`",
}


EXAMPLE = """\
# Settings of Wingbeat. Generated from `wingbeat.settings` by `script/generate_docs.py`; do not edit: copy it to `.env`
# in the directory where Wingbeat is started, or let WINGBEAT_ENV_FILE or --env-file name the copy. Take away the # of
# what you want to set. What the environment itself has wins over the file. `chmod 600 .env`, if it has secrets; each of
# them may also be in a file of its own, as with SECRET_KEY_FILE=/run/secrets/secret_key.
"""


def env_example() -> str:
    """.env.example, whole: every setting with its meaning and its default, none of them set."""
    lines = [EXAMPLE]
    for variable, name in NAMES.items():
        shown = "" if name in DEFAULTS else default_of(name) or ""
        lines += [
            f"# {meaning_of(name)}",
            f"# It may be {Settings.model_fields[name].description}.",
            f"#{variable}={shown}",
            "",
        ]
    return "\n".join(lines)


def meaning_of(name: str) -> str:
    """What a setting is for, as plain text."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", MEANINGS[name]).replace("`", "")


def default_of(name: str) -> str | None:
    """What a setting is if nobody says anything, as plain text; None where it is unset then."""
    value = _default(name).replace("`", "")
    return None if value in {"unset", "none"} else value


def settings_page() -> str:
    """docs/settings.md, whole."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    yield "| variable | default | what it is for | what it may be |"
    yield "|---|---|---|---|"
    for variable, name in NAMES.items():
        yield f"| `{variable}` | {_default(name)} | {MEANINGS[name]} | {Settings.model_fields[name].description} |"
    yield REMARKS
    yield "| limit | cap |"
    yield "|---|---|"
    for name, cap in CAPS.items():
        yield f"| `{name.upper()}` = {_default(name)} | `{cap.upper()}` = {_default(cap)} |"
    yield ""


def _default(name: str) -> str:
    if name in DEFAULTS:
        return DEFAULTS[name]
    value: object = Settings.model_fields[name].default
    match value:
        case None:
            return "unset"
        case bool():
            return f"`{str(value).lower()}`"
        case ():
            return "none"
        case tuple():
            return f"`{','.join(map(str, value))}`"
        case _:
            return f"`{value}`"


MEANINGS = {
    "data_dir": "Where files are kept: the embedded PostgreSQL, large values, logs.",
    "database_uri": "The PostgreSQL (15 or later) to use, shared by all processes. Unset: one of Wingbeat's own.",
    "blob_url": "Where large values are kept. Several machines need a place that all of them reach.",
    "blob_threshold_bytes": "Values larger than this go there instead of into the database.",
    "max_file_bytes": "The largest file that a node may keep, download or write.",
    "file_roots": "The folders that `action.file` may use. Unset: none. A workflow names them by NAME alone.",
    "bind_host": "The address that `wingbeat serve` listens on.",
    "module_port": "The port that `wingbeat serve` listens on.",
    "grpc_port": "Kept for the gRPC service, which does not exist yet; setting it is a warning.",
    "public_url": "Where people and other systems reach this service: what the addresses that it gives out begin with.",
    "trusted_proxies": (
        "Proxies whose word counts on whom a request comes from (`X-Forwarded-For`). Unset: nobody's; the caller is "
        "whoever connects."
    ),
    "max_body_bytes": "The largest request, definition or input file that is read.",
    "http_max_response_bytes": "The largest answer that is read into memory; one kept as a file may be larger.",
    "http_allow_private_addresses": "Let nodes reach this machine and every network that is not public.",
    "egress_allowed_networks": "Let nodes reach these, although they are not public.",
    "router_url": "Where the Router is, which executes modules and commands; its host may be in a private network.",
    "router_api_key": "Sent to the Router as `X-API-Key`. Unset: none is sent.",
    "license_server_url": (
        "Who is asked what each community's licence allows, with `RELEASE_MODE=true`; see "
        "[Operations](operations.md#licences). Unset: everything is allowed."
    ),
    "license_key": "Sent to the licence server as a bearer token. Unset: none is sent.",
    "license_refresh_seconds": "How often the licence server is asked about each community that is active.",
    "license_grace_hours": "How long what it said last holds while it does not answer.",
    "feature_workflows_enabled": "Start executions at all; with `false` every start is refused.",
    "release_mode": "This is a real installation: weak keys stop the start.",
    "secret_key": (
        "What Wingbeat signs and encrypts with, the same for all processes. Unset: a random one, kept in the file "
        "`secret.key` in `WINGBEAT_DATA_DIR`, which then belongs into every backup."
    ),
    "secret_key_previous": "What was encrypted with it can still be read; see [Connections](connections.md#keys).",
    "jwt_secret_key": "What tokens of another issuer are signed with. Unset: `SECRET_KEY`.",
    "jwt_issuer": "Tokens must name it as `iss`. Unset: any, or none.",
    "jwt_audience": "Tokens must name it among their `aud`. Unset: any, or none.",
    "api_key": (
        "The key of the service: who sends it as `X-API-Key` may do everything. Unset: a random one, kept in the file "
        "`api.key` in `WINGBEAT_DATA_DIR`; see [Security](security.md)."
    ),
    "oidc_issuer": (
        "The OpenID Connect provider that people may sign in with; see [People](people-and-communities.md). Unset: "
        "none."
    ),
    "oidc_client_id": "Who this installation is to the provider.",
    "oidc_client_secret": "Its secret there. Unset: it is a public client, which the proof key alone protects.",
    "oidc_scopes": "What the provider is asked to tell.",
    "oidc_name": "What the button on the sign-in page calls the provider.",
    "oidc_allowed_domains": (
        "Let in only people whose e-mail address the provider has verified and is in one of these. Unset: all that the "
        "provider knows."
    ),
    "oidc_roles_claim": "Where the provider tells people's roles. Unset: none are taken from it.",
    "oidc_communities_claim": "Where the provider tells people's communities. Unset: none are taken from it.",
    "oidc_admin_role": (
        "Who has this role at the provider administers the installation, and nobody else whom it knows. Unset: no "
        "claim makes anybody an administrator."
    ),
    "api_key_scopes": "What the key of the service may be used for; see [Security](security.md#scopes).",
    "api_rate_limit": "How often each user may ask, all its tokens together. The key of the service is not counted.",
    "redis_url": "Where all processes count requests together. Unset: each counts for itself.",
    "cors_allowed_origins": (
        "Pages of which other origins may ask from a browser, with a token or a key and never with a session. Unset: "
        "none."
    ),
    "request_timeout_seconds": "How long a request may take, unless its caller asked to wait longer; then it is ended.",
    "session_idle_seconds": "How long somebody who does nothing stays signed in.",
    "session_max_seconds": "How long anybody stays signed in.",
    "password_hash_rounds": "How often argon2id goes through its memory for a password; more is slower for everybody.",
    "password_hash_memory_kib": "How much memory argon2id takes for a password. Two are hashed at once, at most.",
    "log_level": "How much the log on standard error has.",
    "log_dir": "Where the log file of who did what is kept; see [Operations](operations.md#the-audit-log).",
    "log_max_bytes": "How large that file may become before it is rotated; it is each day, too.",
    "log_keep": "How many rotated files are kept, compressed.",
    "audit_retention_days": "How long the entries of the table `audit_log` are kept.",
    "scheduler_timezone": "Whose clock the schedules go by that name no time zone.",
    "scheduler_job_defaults_max_instances": "How many executions a schedule has at once, unless it says so.",
    "scheduler_job_defaults_coalesce": "Whether times that piled up are one execution, unless it says so.",
    "max_concurrent_workflows": "How many executions run at the same time, in all processes together.",
    "workflow_timeout_seconds": "How long an execution may run; time in which it waits is not counted.",
    "workflow_max_retries": "How often a failed step is tried again, for errors worth it, if its node has no `retry`.",
    "max_loop_iterations": "How many iterations one loop may have.",
    "max_total_operations": "How many steps an execution may take.",
    "max_loop_depth": "How deep loops may nest.",
    "max_parallel_nodes": "How many steps of one execution may run at the same time.",
    "max_timeout_seconds_cap": "The cap of `WORKFLOW_TIMEOUT_SECONDS`.",
    "max_loop_iterations_cap": "The cap of `MAX_LOOP_ITERATIONS`.",
    "max_total_operations_cap": "The cap of `MAX_TOTAL_OPERATIONS`.",
    "max_loop_depth_cap": "The cap of `MAX_LOOP_DEPTH`.",
    "max_parallel_nodes_cap": "The cap of `MAX_PARALLEL_NODES`.",
    "subworkflow_max_depth": "How deep workflows may call one another.",
    "lease_seconds": "How old the heartbeat of a worker may be before others take its executions over.",
    "retention_days": "How long the journals of ended executions are kept; their summaries stay.",
}
