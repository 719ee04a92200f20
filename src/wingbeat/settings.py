"""The environment as one frozen `Settings` value, with every problem reported at once; nobody else reads variables.

A variable is here when something reads it. What a setting means to the part that uses it is that part's business.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from wingbeat.core.access import Permission
from wingbeat.core.errors import BadSettings
from wingbeat.core.limits import Limits
from wingbeat.core.networks import read_network
from wingbeat.environment import FILE_SUFFIX, Environment, hand_on, read_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.core.json_value import Json

DEFAULT_KEY = "change-me-in-production"
MIN_KEY_BYTES = 32
ROOT_DATA_DIR = Path("/var/lib/wingbeat")
BLOB_SCHEMES = ("file", "s3")
MAX_PORT = 65_535


def default_data_dir(environ: Mapping[str, str]) -> Path:
    """Where data is kept if nothing else is said: root's in `/var/lib/wingbeat`, else in the user's data directory."""
    if os.geteuid() == 0:
        return ROOT_DATA_DIR
    data_home = Path(environ.get("XDG_DATA_HOME", ""))
    if not data_home.is_absolute():  # The XDG specification: a relative path is to be ignored.
        data_home = Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return data_home / "wingbeat"


def _directory(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("a path cannot contain a NUL character")
    return path.expanduser().absolute()


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        if text == "localhost":
            return text
        raise ValueError("it is neither an IP address nor 'localhost'") from None


def _database_uri(secret: SecretStr) -> SecretStr:
    try:
        uri = urlsplit(secret.get_secret_value())
        port = uri.port
    except ValueError:  # Its own message may quote a part of the password.
        raise ValueError("its host and port cannot be read (write @ : / ? # in a password as %40 %3A ...)") from None
    if uri.scheme not in ("postgresql", "postgres"):
        raise ValueError("it does not begin with postgresql://")
    if port == 0:
        raise ValueError("its port is 0")
    if not uri.hostname and "host=" not in uri.query:
        raise ValueError("it names no host")
    if not uri.path.strip("/"):
        raise ValueError("it names no database")
    return secret


def _blob_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in BLOB_SCHEMES:
        raise ValueError(f"it does not begin with {' or '.join(scheme + '://' for scheme in BLOB_SCHEMES)}")
    if url.username or url.password:
        raise ValueError("it contains credentials, which belong in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    if url.scheme == "file" and (url.netloc or not url.path.strip("/")):
        raise ValueError("a file URL has three slashes and then an absolute path")
    if url.scheme != "file" and not url.netloc:
        raise ValueError("it names no bucket")
    return text


def _file_roots(texts: tuple[str, ...]) -> tuple[str, ...]:
    names = [text.partition("=")[0] for text in texts]
    for text in texts:
        name, _, path = text.partition("=")
        if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) is None or not Path(path).is_absolute() or "\0" in path:
            raise ValueError(f"'{text[:80]}' is no name of letters, digits, _ and -, then = and an absolute path")
    if len(set(names)) < len(names):
        raise ValueError("a name is there twice")
    return texts


def roots_of(settings: Settings) -> dict[str, Path]:
    """The folders that workflows may use, by their names."""
    return {name: Path(path) for name, _, path in (text.partition("=") for text in settings.file_roots)}


def _router_url(text: str) -> str:
    return _plain_url(text, "ROUTER_API_KEY")


def _license_server_url(text: str) -> str:
    return _plain_url(text, "LICENSE_KEY")


def _plain_url(text: str, key: str) -> str:
    try:
        url = urlsplit(text)
        fits = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        raise ValueError("its host and port cannot be read") from None
    if not fits:
        raise ValueError("it is no address that begins with http:// or https://")
    if url.username or url.password or url.query or url.fragment:
        raise ValueError(f"it holds more than an address; a key belongs in {key}")
    return text


def _rate(text: str) -> str:
    if text == "0" or re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour|day)", text):
        return text
    raise ValueError("it is no such rate")


def _redis_url(secret: SecretStr) -> SecretStr:
    try:
        url = urlsplit(secret.get_secret_value())
        fits = url.scheme in {"redis", "rediss"} and bool(url.hostname) and url.port != 0
    except ValueError:  # Its own message may quote a part of the password.
        raise ValueError("its host and port cannot be read") from None
    if not fits:
        raise ValueError("it does not begin with redis:// or rediss:// and a host")
    return secret


def _origins(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if text != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?", text):
            raise ValueError(f"'{text[:80]}' is no origin: a scheme, a host and perhaps a port, and nothing behind")
    return tuple(text.lower() for text in texts)


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Networks in their usual spelling, and names in lower case."""
    return tuple(_network(text) for text in texts)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        if re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.\-]*[A-Za-z0-9_])?", text) and not text[-1].isdigit():
            return text.lower()
        raise ValueError(f"'{text[:80]}' is neither a network nor a host name") from None


def _proxies(texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(read_network(text)) for text in texts)
    except ValueError:
        raise ValueError("one of them is neither an address nor a network such as 10.1.0.0/16") from None


def _default_blob_url(settings: dict[str, object]) -> str:
    return (Path(str(settings["data_dir"])) / "blobs").as_uri()


def _default_log_dir(settings: dict[str, object]) -> Path:
    return Path(str(settings["data_dir"])) / "logs"


def _public_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("it does not begin with http:// or https:// and a host")
    if url.query or url.fragment or url.username or url.password:
        raise ValueError("it has a query, a fragment or credentials")
    if url.path.strip("/"):
        # Pages, scripts, cookies and live events are all asked for from the root of the host.
        raise ValueError("it has a path, and the web app works at the root of a host alone, not below a folder of it")
    return text.rstrip("/")


def _default_public_url(settings: dict[str, object]) -> str:
    host = str(settings.get("bind_host", "127.0.0.1"))
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.get('module_port', 8070)}"


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"there is no time zone '{name[:80]}'") from None
    return name


def _issuer(text: str) -> str:
    url = urlsplit(text)
    if not text:
        return text
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("it has a query, a fragment or credentials")
    local = url.hostname in {"localhost", "127.0.0.1", "::1"}
    if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and local)):
        raise ValueError("it does not begin with https:// and a host")
    return text


def _oidc_scopes(text: str) -> str:
    if "openid" not in text.split():
        raise ValueError("without openid, a provider does not say who somebody is")
    return " ".join(text.split())


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seconds = Annotated[int, Field(ge=1, le=31_536_000)]
Bytes = Annotated[int, Field(ge=1024, le=1_000_000_000)]


class Settings(BaseModel):
    """All settings; a field is read from the variable of its name in capitals, `data_dir` from `WINGBEAT_DATA_DIR`.

    Each description completes the sentence "Set X to ...".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=str.upper, populate_by_name=True)

    data_dir: Annotated[Path, AfterValidator(_directory)] = Field(
        default_factory=lambda: default_data_dir(os.environ),
        alias="WINGBEAT_DATA_DIR",
        description="a directory that this user may write to, such as /var/lib/wingbeat",
    )
    database_uri: Annotated[SecretStr, AfterValidator(_database_uri)] | None = Field(
        default=None,
        description="postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or unset it for the embedded PostgreSQL",
    )
    blob_url: Annotated[str, AfterValidator(_blob_url)] = Field(
        default_factory=_default_blob_url,
        validate_default=True,
        description="file:///DIRECTORY or s3://BUCKET/PREFIX, or unset it for a directory below WINGBEAT_DATA_DIR",
    )
    blob_threshold_bytes: Bytes = Field(default=262_144, description="a whole number of bytes from 1024 to 10^9")

    max_file_bytes: Annotated[int, Field(ge=1024, le=1_000_000_000_000)] = Field(
        default=100_000_000, description="a whole number of bytes from 1024 to 10^12"
    )

    file_roots: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_file_roots)] = Field(
        default=(), description="folders as NAME=/PATH, with commas between"
    )

    bind_host: Annotated[str, AfterValidator(_host)] = Field(
        default="127.0.0.1", description="an IP address of this machine"
    )
    module_port: int = Field(default=8070, ge=1, le=MAX_PORT, description="a port from 1 to 65535")
    grpc_port: int = Field(default=50_070, ge=1, le=MAX_PORT, description="a port from 1 to 65535")
    public_url: Annotated[str, AfterValidator(_public_url)] = Field(
        default_factory=_default_public_url,
        description="http://HOST:PORT or https://HOST, with no path: a host name of its own",
    )
    trusted_proxies: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_proxies)] = Field(
        default=(), description="addresses and networks with commas between, such as 10.0.0.1,10.1.0.0/16"
    )
    max_body_bytes: Bytes = Field(default=10_000_000, description="a whole number of bytes from 1024 to 10^9")
    http_max_response_bytes: Bytes = Field(default=32_000_000, description="a whole number of bytes from 1024 to 10^9")
    http_allow_private_addresses: bool = Field(default=False, description="true or false")
    egress_allowed_networks: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_networks)] = Field(
        default=(), description="networks and host names with commas between, such as 10.1.0.0/16,db.internal"
    )

    router_url: Annotated[str, AfterValidator(_router_url)] = Field(
        default="http://router-service:8000", description="http://HOST:PORT or https://HOST, with a path if need be"
    )
    router_api_key: SecretStr | None = Field(default=None, description="a key that the Router accepts")

    license_server_url: Annotated[str, AfterValidator(_license_server_url)] | None = Field(
        default=None, description="http://HOST:PORT or https://HOST, with a path if need be"
    )
    license_key: SecretStr | None = Field(default=None, description="the key that came with the licence")
    license_refresh_seconds: int = Field(
        default=3600, ge=10, le=604_800, description="a whole number of seconds from 10 to 604800"
    )
    license_grace_hours: int = Field(default=72, ge=0, le=8760, description="a whole number of hours from 0 to 8760")

    feature_workflows_enabled: bool = Field(default=True, description="true or false")
    release_mode: bool = Field(default=False, description="true or false")
    secret_key: SecretStr | None = Field(default=None, description="at least 32 random bytes")
    secret_key_previous: SecretStr | None = Field(
        default=None, description="the SECRET_KEY that was used before, until `wingbeat keys rotate` has run"
    )
    jwt_secret_key: SecretStr | None = Field(default=None, description="at least 32 random bytes")
    jwt_issuer: str | None = Field(default=None, description="what tokens name as their issuer")
    jwt_audience: str | None = Field(default=None, description="what tokens name as their audience")
    api_key: SecretStr | None = Field(default=None, description="at least 32 random bytes")
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        default="", description="the address that the provider calls itself by, which begins with https://"
    )
    oidc_client_id: str = Field(default="", description="what the provider calls this installation")
    oidc_client_secret: SecretStr | None = Field(default=None, description="the secret that the provider gave")
    oidc_scopes: Annotated[str, AfterValidator(_oidc_scopes)] = Field(
        default="openid profile email", description="names with spaces between, openid among them"
    )
    oidc_name: str = Field(default="single sign-on", max_length=100, description="at most 100 characters")
    oidc_allowed_domains: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(), description="domains with commas between, such as example.com,example.org"
    )
    oidc_roles_claim: str = Field(default="", description="the name of a claim, or a path such as realm_access.roles")
    oidc_communities_claim: str = Field(default="", description="the name of a claim, or a path with dots")
    oidc_admin_role: str = Field(default="", description="the name of a role that OIDC_ROLES_CLAIM may hold")

    api_key_scopes: Annotated[tuple[Permission, ...], BeforeValidator(_split)] = Field(
        default=tuple(Permission), description="some of view, edit, delete, execute and service, with commas between"
    )
    api_rate_limit: Annotated[str, AfterValidator(_rate)] = Field(
        default="6000/minute", description="a number, / and one of second, minute, hour and day; or 0 for no limit"
    )
    redis_url: Annotated[SecretStr, AfterValidator(_redis_url)] | None = Field(
        default=None, description="redis://HOST:PORT/NUMBER or rediss://..., with a password if need be"
    )
    cors_allowed_origins: Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_origins)] = Field(
        default=(), description="origins with commas between, such as https://app.example.com, or *"
    )
    request_timeout_seconds: int = Field(
        default=180, ge=1, le=86_400, description="a whole number of seconds from 1 to 86400"
    )
    session_idle_seconds: Seconds = Field(default=43_200, description="a whole number of seconds from 1 to a year")
    session_max_seconds: Seconds = Field(default=604_800, description="a whole number of seconds from 1 to a year")
    password_hash_rounds: int = Field(default=3, ge=1, le=100, description="a whole number from 1 to 100")
    password_hash_memory_kib: int = Field(
        default=65_536, ge=8, le=4_194_304, description="a whole number of kibibytes from 8 to 4194304"
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = Field(
        default="INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )

    log_dir: Annotated[Path, AfterValidator(_directory)] = Field(
        default_factory=_default_log_dir,
        description="a directory that this user may write to, such as /var/log/wingbeat",
    )
    log_max_bytes: Annotated[int, Field(ge=65_536, le=10_000_000_000)] = Field(
        default=50_000_000, description="a whole number of bytes from 65536 to 10^10"
    )
    log_keep: int = Field(default=30, ge=1, le=10_000, description="a whole number of files from 1 to 10000")
    audit_retention_days: int = Field(
        default=365, ge=1, le=36_500, description="a whole number of days from 1 to 36500"
    )
    scheduler_timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        default="UTC", description="a time zone such as Europe/Zurich, for schedules that name none"
    )
    scheduler_job_defaults_max_instances: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=3, description="a whole number from 1 to 1000"
    )
    scheduler_job_defaults_coalesce: bool = Field(default=True, description="true or false")

    max_concurrent_workflows: Count = Field(default=10, description="a whole number from 1")
    workflow_timeout_seconds: Seconds = Field(default=300, description="a whole number of seconds from 1 to a year")
    workflow_max_retries: int = Field(default=3, ge=0, le=1000, description="a whole number from 0 to 1000")
    max_loop_iterations: Count = Field(default=100, description="a whole number from 1")
    max_total_operations: Count = Field(default=1000, description="a whole number from 1")
    max_loop_depth: Count = Field(default=10, description="a whole number from 1")
    max_parallel_nodes: Count = Field(default=10, description="a whole number from 1")

    max_timeout_seconds_cap: Seconds = Field(default=604_800, description="a whole number of seconds from 1 to a year")
    max_loop_iterations_cap: Count = Field(default=10_000_000, description="a whole number from 1")
    max_total_operations_cap: Count = Field(default=100_000_000, description="a whole number from 1")
    max_loop_depth_cap: Count = Field(default=100, description="a whole number from 1")
    max_parallel_nodes_cap: Count = Field(default=1000, description="a whole number from 1")

    subworkflow_max_depth: int = Field(default=10, ge=1, le=1000, description="a whole number from 1 to 1000")

    lease_seconds: int = Field(default=10, ge=2, le=3600, description="a whole number of seconds from 2 to 3600")
    retention_days: int = Field(default=30, ge=1, le=36_500, description="a whole number of days from 1 to 36500")


CAPS = {
    "workflow_timeout_seconds": "max_timeout_seconds_cap",
    "max_loop_iterations": "max_loop_iterations_cap",
    "max_total_operations": "max_total_operations_cap",
    "max_loop_depth": "max_loop_depth_cap",
    "max_parallel_nodes": "max_parallel_nodes_cap",
}
# Whatever is of a secret's type, and an address that may hold one all the same.
NEVER_SHOWN = frozenset(
    {"blob_url", *(name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field.annotation))}
)
# What may be in a file of its own, which the variable with _FILE behind its name names.
SECRETS = tuple(name.upper() for name in Settings.model_fields if name in NEVER_SHOWN - {"blob_url"})
# Options of the command line that stand for a variable.
OPTIONS = {"--host": "BIND_HOST", "--port": "MODULE_PORT"}
NAMES = {field.alias or name.upper(): name for name, field in Settings.model_fields.items()}


def load_settings(environ: Mapping[str, str] | None = None, *, options: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ`, or from the process's own environment and the `.env` file where it runs.

    An empty variable counts as unset. `options` have values that were given by an option, such as `--port`, in place of
    the variable in `OPTIONS` that it stands for.

    Raises one `BadSettings` with all problems: `details.problems` has `name`, `value` (unless secret), `why` and `fix`
    of each.
    """
    found = find_values(environ)
    for option, value in (options or {}).items():
        found.put(OPTIONS[option], value, option)
    return settings_from(found)


def find_values(environ: Mapping[str, str] | None = None) -> Environment:
    """What is set, and where; with no `environ`, as for a process that starts."""
    if environ is not None:
        return read_environment(environ, secrets=SECRETS)
    found = read_environment(os.environ, secrets=SECRETS, directory=Path.cwd())
    hand_on(found)
    return found


def settings_from(found: Environment) -> Settings:
    """The settings that these values make.

    Raises:
        BadSettings: as load_settings.
    """
    given = {name: found.values[name] for name in NAMES if name in found.values}
    given.setdefault("WINGBEAT_DATA_DIR", str(default_data_dir(found.values)))
    problems: dict[str, dict[str, Json]] = {
        trouble.name: {"name": trouble.name, "why": trouble.why, "fix": trouble.fix} for trouble in found.problems
    }
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        problems.update(_field_problems(error, given))
        # What is left is usable, and tells whether the settings also contradict each other.
        settings = Settings.model_validate({name: value for name, value in given.items() if name not in problems})
    for name, why, fix in _contradictions(settings):
        if name + FILE_SUFFIX not in problems:  # What its file should hold is not known.
            problems.setdefault(name, _problem(name, given.get(name), why, fix))
    if problems:
        for one in problems.values():
            source = found.sources.get(str(one["name"]), "")
            one["name"] = source if source in OPTIONS else one["name"]
        raise _bad_settings(list(problems.values()))
    return settings


def limits_of(settings: Settings) -> Limits:
    """What an execution may do unless its workflow asks for more."""
    return Limits(
        timeout_seconds=settings.workflow_timeout_seconds,
        loop_iterations=settings.max_loop_iterations,
        total_operations=settings.max_total_operations,
        loop_depth=settings.max_loop_depth,
        parallel_nodes=settings.max_parallel_nodes,
    )


def caps_of(settings: Settings) -> Limits:
    """What a workflow may ask for at most."""
    return Limits(
        timeout_seconds=settings.max_timeout_seconds_cap,
        loop_iterations=settings.max_loop_iterations_cap,
        total_operations=settings.max_total_operations_cap,
        loop_depth=settings.max_loop_depth_cap,
        parallel_nodes=settings.max_parallel_nodes_cap,
    )


def _field_problems(error: ValidationError, given: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Json]]]:
    for found in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(found["loc"][0])
        if name in given:  # Otherwise it is a default that waits for another setting to be mended.
            why = found["msg"].removeprefix("Value error, ").replace("Input should", "it should")
            description = Settings.model_fields[NAMES[name]].description
            yield name, _problem(name, given[name], why, f"Set it to {description}.")


def _contradictions(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """What is wrong with settings that are right one by one: the name to blame, why, and the fix."""
    if settings.release_mode:
        yield from _weak_keys(settings)
    for name, cap in CAPS.items():
        if getattr(settings, name) > getattr(settings, cap):
            why = f"it is above the cap for any workflow, {cap.upper()}={getattr(settings, cap)}"
            yield name.upper(), why, f"Lower it, or raise {cap.upper()}."
    if "grpc_port" in settings.model_fields_set and settings.grpc_port == settings.module_port:
        yield "GRPC_PORT", "it is MODULE_PORT, and two services cannot share a port", "Set it to another port."
    yield from _half_provider(settings)
    if not _is_loopback(settings.bind_host):
        yield from _weakness_seen_by_others(settings)


def _weakness_seen_by_others(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """A key that can be guessed keeps nobody on other machines out; without one there is a random one."""
    signing = "SECRET_KEY" if settings.jwt_secret_key is None else "JWT_SECRET_KEY"
    for name, secret in (
        ("API_KEY", settings.api_key),
        (signing, settings.jwt_secret_key or settings.secret_key),
    ):
        size = len(secret.get_secret_value().encode()) if secret is not None else MIN_KEY_BYTES
        if size < MIN_KEY_BYTES:
            yield (
                "BIND_HOST",
                f"other machines could guess the {name}, which has {size} of {MIN_KEY_BYTES} bytes",
                f"Set {name} to a random text of {MIN_KEY_BYTES} bytes or more, unset it, or listen on 127.0.0.1.",
            )


def _half_provider(settings: Settings) -> Iterator[tuple[str, str, str]]:
    if settings.oidc_issuer and not settings.oidc_client_id:
        yield "OIDC_CLIENT_ID", "OIDC_ISSUER needs one", "Set it to what the provider calls this installation."
    if settings.oidc_admin_role and not settings.oidc_roles_claim:
        fix = "Set OIDC_ROLES_CLAIM to the claim that holds roles, or unset OIDC_ADMIN_ROLE."
        yield "OIDC_ADMIN_ROLE", "no claim says who has that role", fix


def _weak_keys(settings: Settings) -> Iterator[tuple[str, str, str]]:
    fix = 'Set it to a random text, for example from `python -c "import secrets; print(secrets.token_urlsafe(48))"`.'
    keys = [("SECRET_KEY", settings.secret_key), ("API_KEY", settings.api_key)]
    if settings.jwt_secret_key is not None:
        keys.append(("JWT_SECRET_KEY", settings.jwt_secret_key))
    for name, secret in keys:
        key = secret.get_secret_value() if secret is not None else ""
        if not key:
            yield name, "RELEASE_MODE needs one", fix
        elif key == DEFAULT_KEY:
            yield name, "RELEASE_MODE does not accept the well-known default", fix
        elif len(key.encode()) < MIN_KEY_BYTES:
            yield name, f"RELEASE_MODE needs {MIN_KEY_BYTES} bytes or more, and this has {len(key.encode())}", fix
        elif name != "API_KEY" and settings.api_key is not None and key == settings.api_key.get_secret_value():
            yield name, "RELEASE_MODE does not accept that it is API_KEY, with whose holders it would be shared", fix


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


def _problem(name: str, value: str | None, why: str, fix: str) -> dict[str, Json]:
    shown: dict[str, Json] = {} if value is None or NAMES[name] in NEVER_SHOWN else {"value": value[:200]}
    return {"name": name, **shown, "why": why, "fix": fix}


def _bad_settings(problems: list[dict[str, Json]]) -> BadSettings:
    lines = [
        f"  {problem['name']}"
        + (f"={problem['value']}" if "value" in problem else "")
        + f": {problem['why']}. {problem['fix']}"
        for problem in problems
    ]
    count = "A setting" if len(problems) == 1 else f"{len(problems)} settings"
    return BadSettings(f"{count} cannot be used:\n" + "\n".join(lines), details={"problems": list(problems)})
