"""Settings: the defaults, what is refused and with which words, and that secrets stay secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from wingbeat.core.errors import BadSettings
from wingbeat.settings import CAPS, DEFAULT_KEY, NAMES, NEVER_SHOWN, Settings, default_data_dir, load_settings

LONG_KEY = "k" * 32
OTHER_KEY = "o" * 32


def problems(**environ: str) -> dict[str, str]:
    """What is wrong with an environment: each refused variable with the reason."""
    with pytest.raises(BadSettings) as caught:
        load_settings(environ)
    found = caught.value.details["problems"]
    assert isinstance(found, list)
    return {str(problem["name"]): str(problem["why"]) for problem in found if isinstance(problem, dict)}


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    """Without any variable the limits are the documented ones, and the database is the embedded one."""
    settings = load_settings({})

    assert settings.database_uri is None
    assert settings.bind_host == "127.0.0.1"
    assert settings.module_port == 8070
    assert settings.release_mode is False
    assert settings.log_level == "INFO"
    assert settings.max_concurrent_workflows == 10
    assert settings.workflow_timeout_seconds == 300
    assert settings.workflow_max_retries == 3
    assert settings.max_loop_iterations == 100
    assert settings.max_total_operations == 1000
    assert settings.max_loop_depth == 10
    assert settings.max_parallel_nodes == 10
    assert settings.lease_seconds == 10
    assert settings.retention_days == 30
    assert settings.http_allow_private_addresses is False


def test_every_variable_is_read() -> None:
    """A value given for a variable ends up in the field of its name."""
    environ = {
        "WINGBEAT_DATA_DIR": "/srv/wingbeat",
        "DATABASE_URI": "postgresql://user:pass@db:5432/wingbeat",
        "BLOB_URL": "s3://bucket/prefix",
        "BLOB_THRESHOLD_BYTES": "2048",
        "BIND_HOST": "::1",
        "MODULE_PORT": "9000",
        "GRPC_PORT": "9001",
        "MAX_BODY_BYTES": "4096",
        "FILE_ROOTS": "inbox=/srv/inbox,reports=/srv/reports",
        "MAX_FILE_BYTES": "8192",
        "HTTP_MAX_RESPONSE_BYTES": "16384",
        "HTTP_ALLOW_PRIVATE_ADDRESSES": "true",
        "ROUTER_URL": "https://router.internal/base",
        "ROUTER_API_KEY": "key",
        "EGRESS_ALLOWED_NETWORKS": "10.1.0.0/16,db.internal",
        "TRUSTED_PROXIES": "10.0.0.1/32,10.1.0.0/16",
        "LICENSE_SERVER_URL": "https://licences.example",
        "LICENSE_KEY": "key",
        "LICENSE_REFRESH_SECONDS": "60",
        "LICENSE_GRACE_HOURS": "24",
        "FEATURE_WORKFLOWS_ENABLED": "false",
        "RELEASE_MODE": "true",
        "SECRET_KEY": LONG_KEY,
        "SECRET_KEY_PREVIOUS": LONG_KEY,
        "API_KEY": OTHER_KEY,
        "JWT_SECRET_KEY": LONG_KEY,
        "JWT_ISSUER": "https://issuer.example",
        "JWT_AUDIENCE": "wingbeat",
        "API_KEY_SCOPES": "view,execute",
        "API_RATE_LIMIT": "5/second",
        "REDIS_URL": "redis://:secret@redis.internal:6379/0",
        "CORS_ALLOWED_ORIGINS": "https://app.example.com,http://localhost:3000",
        "REQUEST_TIMEOUT_SECONDS": "30",
        "SESSION_IDLE_SECONDS": "60",
        "SESSION_MAX_SECONDS": "600",
        "LOG_LEVEL": "debug",
        "LOG_DIR": "/srv/log",
        "LOG_MAX_BYTES": "65536",
        "LOG_KEEP": "9",
        "AUDIT_RETENTION_DAYS": "28",
        "MAX_CONCURRENT_WORKFLOWS": "11",
        "WORKFLOW_TIMEOUT_SECONDS": "12",
        "WORKFLOW_MAX_RETRIES": "0",
        "MAX_LOOP_ITERATIONS": "13",
        "MAX_TOTAL_OPERATIONS": "14",
        "MAX_LOOP_DEPTH": "15",
        "MAX_PARALLEL_NODES": "16",
        "MAX_TIMEOUT_SECONDS_CAP": "22",
        "MAX_LOOP_ITERATIONS_CAP": "23",
        "MAX_TOTAL_OPERATIONS_CAP": "24",
        "MAX_LOOP_DEPTH_CAP": "25",
        "MAX_PARALLEL_NODES_CAP": "26",
        "PUBLIC_URL": "https://flows.example:8443",
        "SUBWORKFLOW_MAX_DEPTH": "27",
        "LEASE_SECONDS": "5",
        "RETENTION_DAYS": "1",
        "OIDC_ISSUER": "https://idp.example.com/tenant/",
        "OIDC_CLIENT_ID": "wings",
        "OIDC_CLIENT_SECRET": "of the client",
        "OIDC_SCOPES": "openid email",
        "OIDC_NAME": "Example",
        "OIDC_ALLOWED_DOMAINS": "example.com",
        "OIDC_ROLES_CLAIM": "groups",
        "OIDC_COMMUNITIES_CLAIM": "places",
        "OIDC_ADMIN_ROLE": "boss",
        "PASSWORD_HASH_ROUNDS": "2",
        "PASSWORD_HASH_MEMORY_KIB": "64",
        "SCHEDULER_TIMEZONE": "America/New_York",
        "SCHEDULER_JOB_DEFAULTS_MAX_INSTANCES": "5",
        "SCHEDULER_JOB_DEFAULTS_COALESCE": "false",
    }
    assert set(NAMES) == set(environ)

    settings = load_settings(environ)

    assert settings.database_uri is not None
    assert settings.database_uri.get_secret_value() == environ["DATABASE_URI"]
    given = settings.model_dump(mode="json", by_alias=True, exclude=set(NEVER_SHOWN - {"blob_url"}))
    expected = {name: value for name, value in environ.items() if name in given}
    expected["LOG_LEVEL"] = "DEBUG"
    assert expected == {name: as_written(value) for name, value in given.items()}


def as_written(value: object) -> str:
    """A value as a variable has it."""
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(value)
        case _:
            return str(value)


@pytest.mark.parametrize("text", ["10.0.0.0/33", "db host", "300.1.1.1", "-x", "https://db"])
def test_what_is_neither_a_network_nor_a_name_is_refused(text: str) -> None:
    """A network that nobody could mean must not be taken for a name."""
    assert set(problems(EGRESS_ALLOWED_NETWORKS=f"10.0.0.0/8,{text}")) == {"EGRESS_ALLOWED_NETWORKS"}


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.internal", "10.0.0.0/33", "1.2.3"])
def test_a_proxy_is_named_by_its_address(text: str) -> None:
    """Not by a name, which another may come to have."""
    assert set(problems(TRUSTED_PROXIES=f"10.0.0.1,{text}")) == {"TRUSTED_PROXIES"}


def test_an_empty_variable_counts_as_unset() -> None:
    """`DATABASE_URI=` in a compose file means what leaving it out means, and surrounding blanks mean nothing."""
    settings = load_settings({"DATABASE_URI": "", "MODULE_PORT": " 8071 ", "API_KEY": "  "})

    assert settings.database_uri is None
    assert settings.api_key is None
    assert settings.module_port == 8071


def test_all_problems_come_in_one_error() -> None:
    """Wrong values and contradictions are told together, each with its name, its value, why, and the fix."""
    with pytest.raises(BadSettings) as caught:
        load_settings({"MODULE_PORT": "99999", "LOG_LEVEL": "loud", "MAX_LOOP_DEPTH": "101", "RELEASE_MODE": "yes"})

    assert caught.value.code == "BAD_SETTINGS"
    for said in ("5 settings", "MODULE_PORT=99999", "LOG_LEVEL=loud", "MAX_LOOP_DEPTH=101", "SECRET_KEY:", "API_KEY:"):
        assert said in caught.value.message
    assert {
        "name": "MODULE_PORT",
        "value": "99999",
        "why": "it should be less than or equal to 65535",
        "fix": "Set it to a port from 1 to 65535.",
    } in caught.value.details["problems"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODULE_PORT", "0"),
        ("MODULE_PORT", "65536"),
        ("MODULE_PORT", "http"),
        ("LEASE_SECONDS", "0.5"),
        ("LEASE_SECONDS", "-10"),
        ("LEASE_SECONDS", "nan"),
        ("WORKFLOW_TIMEOUT_SECONDS", "0"),
        ("WORKFLOW_MAX_RETRIES", "-1"),
        ("MAX_CONCURRENT_WORKFLOWS", "0"),
        ("MAX_LOOP_ITERATIONS_CAP", "99999999999999999999"),
        ("RETENTION_DAYS", "0"),
        ("PASSWORD_HASH_ROUNDS", "0"),
        ("OIDC_ISSUER", "http://idp.example.com"),
        ("OIDC_ISSUER", "https://idp.example.com/?a=b"),
        ("OIDC_SCOPES", "profile email"),
        ("MAX_BODY_BYTES", "10MB"),
        ("RELEASE_MODE", "maybe"),
        ("LOG_LEVEL", "VERBOSE"),
        ("BIND_HOST", "256.1.1.1"),
        ("BIND_HOST", "example.com"),
        ("DATABASE_URI", "mysql://user@host/name"),
        ("DATABASE_URI", "postgresql://host:99999/name"),
        ("DATABASE_URI", "postgresql://host:0/name"),
        ("DATABASE_URI", "postgresql://[host/name"),
        ("DATABASE_URI", "postgresql:///name"),
        ("DATABASE_URI", "postgresql://host/"),
        ("DATABASE_URI", "host"),
        ("PUBLIC_URL", "https://flows.example/wingbeat"),
        ("BLOB_URL", "http://host/"),
        ("BLOB_URL", "s3://"),
        ("BLOB_URL", "file://relative"),
        ("BLOB_URL", "file:///"),
        ("BLOB_URL", "s3://key:secret@bucket"),
        ("WINGBEAT_DATA_DIR", "/nul\0"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: str) -> None:
    """A value that could not work is refused at start, under the variable's own name and no other."""
    assert set(problems(**{name: value})) == {name}


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://user:pass@host:5432/name",
        "postgres://host/name",
        "postgresql:///name?host=/run/postgresql",
        "postgresql://user:p%40ss@[::1]:5432/name?sslmode=require",
    ],
)
def test_the_usual_database_addresses_are_accepted(uri: str) -> None:
    """What asyncpg accepts and names a host and a database is accepted as it stands."""
    found = load_settings({"DATABASE_URI": uri}).database_uri

    assert found is not None
    assert found.get_secret_value() == uri


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "RELEASE_MODE needs one"),
        (DEFAULT_KEY, "RELEASE_MODE does not accept the well-known default"),
        ("k" * 31, "RELEASE_MODE needs 32 bytes or more, and this has 31"),
    ],
)
@pytest.mark.parametrize("name", ["SECRET_KEY", "API_KEY"])
def test_release_mode_refuses_weak_keys(name: str, key: str, why: str) -> None:
    """With RELEASE_MODE a missing, default or short key stops the start; without it, any key will do."""
    environ = {"SECRET_KEY": LONG_KEY, "API_KEY": OTHER_KEY} | {name: key}

    assert problems(RELEASE_MODE="true", **environ) == {name: why}
    assert load_settings(environ).release_mode is False


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY"])
def test_release_mode_refuses_to_sign_with_what_callers_send(name: str) -> None:
    """Whoever is given the key of the service could make tokens of anybody, and read what is encrypted."""
    environ = {"SECRET_KEY": LONG_KEY, "API_KEY": OTHER_KEY, "RELEASE_MODE": "true"} | {name: OTHER_KEY}

    assert "API_KEY" in problems(**environ).pop(name)
    assert load_settings(environ | {"RELEASE_MODE": "false"}).release_mode is False


@pytest.mark.parametrize(("name", "cap"), CAPS.items())
def test_a_default_limit_may_not_exceed_its_cap(name: str, cap: str) -> None:
    """A limit above what any workflow may have is a contradiction, told with the cap's name; equal to it is fine."""
    settings = load_settings({name.upper(): "7", cap.upper(): "7"})
    assert getattr(settings, name) == getattr(settings, cap)

    found = problems(**{name.upper(): "8", cap.upper(): "7"})

    assert found == {name.upper(): f"it is above the cap for any workflow, {cap.upper()}=7"}


def test_other_machines_must_not_be_able_to_guess_the_key() -> None:
    """With one that can be guessed, the server listens to its own machine alone; without one there is a random one."""
    assert load_settings({"BIND_HOST": "0.0.0.0"}).bind_host == "0.0.0.0"  # noqa: S104
    assert set(problems(BIND_HOST="0.0.0.0", API_KEY=DEFAULT_KEY)) == {"BIND_HOST"}  # noqa: S104
    for name in ("API_KEY", "SECRET_KEY", "JWT_SECRET_KEY"):
        assert set(problems(BIND_HOST="0.0.0.0", **{name: "x" * 31})) == {"BIND_HOST"}  # noqa: S104
    assert load_settings({"BIND_HOST": "0.0.0.0", "API_KEY": "x" * 32}).bind_host == "0.0.0.0"  # noqa: S104
    assert load_settings({"BIND_HOST": "localhost"}).bind_host == "localhost"


def test_secrets_are_never_shown() -> None:
    """Neither the settings' text nor an error contains a key or a database's password."""
    secret = "hunter2-hunter2"  # noqa: S105
    good = load_settings({"SECRET_KEY": secret, "API_KEY": secret, "DATABASE_URI": f"postgresql://u:{secret}@h/n"})
    assert secret not in repr(good) + str(good) + good.model_dump_json()

    for uri in (f"mysql://u:{secret}@h/n", f"postgresql://u:{secret}/x@h/n", f"postgresql://u@h:{secret}/n"):
        with pytest.raises(BadSettings) as caught:
            load_settings(
                {
                    "SECRET_KEY": secret,
                    "API_KEY": secret,
                    "DATABASE_URI": uri,
                    "BLOB_URL": f"s3://key:{secret}@bucket",
                    "RELEASE_MODE": "true",
                }
            )
        assert secret not in str(caught.value) + repr(caught.value.to_json())


def test_the_blobs_are_kept_in_the_data_directory(tmp_path: Path) -> None:
    """The default place of big values follows the data directory, with what a URL needs escaped."""
    settings = load_settings({"WINGBEAT_DATA_DIR": str(tmp_path / "my data")})

    assert settings.data_dir == tmp_path / "my data"
    assert settings.blob_url == f"{tmp_path.as_uri()}/my%20data/blobs"


def test_the_data_directory_follows_the_user() -> None:
    """Root's data lie in a place for services, a user's where the XDG specification says."""
    if os.geteuid() == 0:
        assert default_data_dir({"XDG_DATA_HOME": "/data"}) == Path("/var/lib/wingbeat")
    else:
        assert default_data_dir({"XDG_DATA_HOME": "/data", "HOME": "/h"}) == Path("/data/wingbeat")
        assert default_data_dir({"XDG_DATA_HOME": "relative", "HOME": "/h"}) == Path("/h/.local/share/wingbeat")


def test_settings_do_not_change() -> None:
    """Settings are one value for the life of the process."""
    settings = Settings(module_port=1)

    with pytest.raises(ValidationError):
        settings.module_port = 2  # type: ignore[misc]


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an argument the process's own environment is read."""
    monkeypatch.setenv("RETENTION_DAYS", "77")

    assert load_settings().retention_days == 77
