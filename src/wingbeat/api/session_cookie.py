"""The cookie of a session: how it is called, read, set and taken away. What is in it means nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.core.errors import Unauthenticated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response

# Where the value of a header Set-Cookie stands in the ASGI scope, which the gate adds to the answer.
SET_COOKIE = "wingbeat.set_cookie"


class SessionCookie:
    """No script can read it, and no request that another site began carries it, but for following a link."""

    def __init__(self, public_url: str) -> None:
        self.secure = public_url.lower().startswith("https://")
        # A cookie of this name cannot come from a neighbour's subdomain, nor over plain HTTP.
        self.name = "__Host-wingbeat_session" if self.secure else "wingbeat_session"

    def read(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """The secret that the request carries, if any.

        Raises:
            Unauthenticated: `CREDENTIAL_REPEATED`: a neighbour may have put one of its own before ours.
        """
        wanted = self.name.encode()
        found: list[bytes] = []
        for name, value in headers:
            if name == b"cookie":
                pairs = (part.strip().partition(b"=") for part in value.split(b";"))
                found.extend(given.strip(b'"') for key, _, given in pairs if key == wanted)
        if len(found) > 1:
            raise Unauthenticated(
                f"The cookie {self.name} is there more than once.",
                code="CREDENTIAL_REPEATED",
                remedy="Remove the cookies of this site, and sign in again.",
            )
        return found[0].decode("latin-1") if found else None

    def set(self, response: Response, secret: str) -> None:
        """Let the browser keep the session with this secret, for as long as it is open."""
        response.headers.append("Set-Cookie", self.header(secret))

    def clear(self, response: Response) -> None:
        """Let the browser forget its session."""
        response.headers.append("Set-Cookie", self.cleared())

    def hand_over(self, request: Request, secret: str | None) -> None:
        """Have the answer to this request carry another secret; None takes the cookie away."""
        request.scope[SET_COOKIE] = self.cleared() if secret is None else self.header(secret)

    def header(self, secret: str) -> str:
        """The value of Set-Cookie."""
        return f"{self.name}={secret}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}"

    def cleared(self) -> str:
        """The value of Set-Cookie that takes it away."""
        return f"{self.header('')}; Max-Age=0"
