"""How the address of a database is told to people: where it is and what it is called, never who may use it."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

DEFAULT_PORT = 5432


def describe_address(dsn: str) -> str:
    """`host:port/database`, where the host of a socket is its directory; no user, no password, no options."""
    try:
        uri = urlsplit(dsn)
        port = uri.port
    except ValueError:  # Its own message may quote a part of the password.
        return "an address that cannot be read"
    options = parse_qs(uri.query)
    host = uri.hostname or options.get("host", ["localhost"])[0]
    place = f"[{host}]" if ":" in host else host
    return f"{place}:{port or options.get('port', [DEFAULT_PORT])[0]}/{unquote(uri.path.strip('/'))}"
