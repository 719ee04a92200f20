"""What somebody should think about in settings that can be used. Nothing is refused here, and no value is shown."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from wingbeat.settings import DEFAULT_KEY, MIN_KEY_BYTES, NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.settings import Settings

KEY_FIX = 'Set it to a random text, for example from `python -c "import secrets; print(secrets.token_urlsafe(48))"`.'
# More than this as a default, for every workflow that asks for nothing, is more than most machines stand.
GENEROUS = {
    "max_concurrent_workflows": 1_000,
    "workflow_timeout_seconds": 86_400,
    "workflow_max_retries": 20,
    "max_loop_iterations": 1_000_000,
    "max_total_operations": 10_000_000,
    "max_loop_depth": 50,
    "max_parallel_nodes": 200,
    "max_body_bytes": 200_000_000,
    "http_max_response_bytes": 500_000_000,
}
# Variables of other systems of this kind which nothing here reads.
UNREAD = {
    "READ_REPLICA_URIS": ("there are no read replicas yet: everything is read from DATABASE_URI", "Unset it."),
    "WORKFLOW_PORT": ("it is called MODULE_PORT", "Rename it."),
}


class Doubt(NamedTuple):
    """The variable, why it is worth a thought, and what could be done."""

    name: str
    why: str
    fix: str


def doubts_about(settings: Settings, environ: Mapping[str, str]) -> list[Doubt]:
    """All that is worth a thought; `environ` has the variables that were read."""
    return [
        *_keys(settings),
        *_mode(settings, environ),
        *_limits(settings),
        *_openness(settings),
        *_nothing_behind(settings),
        *(Doubt(name, *about) for name, about in UNREAD.items() if name not in NAMES and environ.get(name, "").strip()),
    ]


def _keys(settings: Settings) -> Iterator[Doubt]:
    for name, secret in (("SECRET_KEY", settings.secret_key), ("API_KEY", settings.api_key)):
        key = secret.get_secret_value() if secret is not None else ""
        if key == DEFAULT_KEY:
            yield Doubt(name, "it is the well-known default, which everybody knows", KEY_FIX)
        elif key and len(key.encode()) < MIN_KEY_BYTES:
            yield Doubt(name, f"it has {len(key.encode())} bytes, and {MIN_KEY_BYTES} cannot be guessed", KEY_FIX)


def _mode(settings: Settings, environ: Mapping[str, str]) -> Iterator[Doubt]:
    if settings.release_mode:
        return
    signs = [
        ("BIND_HOST is not this machine's own address", not is_own(settings.bind_host)),
        ("PUBLIC_URL is an address that others use", not is_own(urlsplit(settings.public_url).hostname or "")),
        ("it runs in Kubernetes", bool(environ.get("KUBERNETES_SERVICE_HOST"))),
    ]
    seen = [sign for sign, there in signs if there]
    if seen:
        why = f"it is false, and this looks like a real installation: {'; '.join(seen)}"
        yield Doubt("RELEASE_MODE", why, "Set it to true, with keys that nobody else knows.")


def _limits(settings: Settings) -> Iterator[Doubt]:
    for name, most in GENEROUS.items():
        if getattr(settings, name) > most:
            why = f"{getattr(settings, name)} is a lot for every workflow that asks for nothing"
            yield Doubt(name.upper(), why, "Lower it, and let the workflows that need more say so in their settings.")


def _openness(settings: Settings) -> Iterator[Doubt]:
    if settings.http_allow_private_addresses:
        why = "workflows reach this machine and its whole network"
        yield Doubt("HTTP_ALLOW_PRIVATE_ADDRESSES", why, "Name what they need in EGRESS_ALLOWED_NETWORKS instead.")
    for name in ("egress_allowed_networks", "trusted_proxies"):
        if any(text.endswith("/0") for text in getattr(settings, name)):
            yield Doubt(name.upper(), "it names all addresses that there are", "Name only those that are meant.")


def _nothing_behind(settings: Settings) -> Iterator[Doubt]:
    if "grpc_port" in settings.model_fields_set:
        yield Doubt("GRPC_PORT", "there is no gRPC service yet: nothing listens on that port", "Unset it.")
    if settings.license_server_url is not None and not settings.release_mode:
        why = "no licence is asked for, since RELEASE_MODE is false"
        yield Doubt("LICENSE_SERVER_URL", why, "Unset it, or set RELEASE_MODE=true.")


def is_own(host: str) -> bool:
    """Whether a name or an address can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
