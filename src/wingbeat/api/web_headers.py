"""What every answer tells browsers not to do with it. A page that needs more says so itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    # JSON is no page: whoever gets a browser to show it gets nothing to run.
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
)
# Two years, as lists of such hosts ask for.
OVER_TLS = ((b"strict-transport-security", b"max-age=63072000"),)


class WebHeaders:
    """The headers of answers; over HTTPS, also that browsers never come without it."""

    def __init__(self, public_url: str = "") -> None:
        self._headers = ALWAYS + (OVER_TLS if public_url.lower().startswith("https://") else ())

    def missing(self, given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Those that an answer does not have by itself."""
        names = {name.lower() for name, _ in given}
        return [header for header in self._headers if header[0] not in names]
