"""Forms that only our own pages send: a token that goes with a cookie, and where the browser says that it comes from.

Without it, a page of somebody else's could sign its visitors in as its own author, and read what they do then.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from wingbeat.api.identity.sign_in_page import FORM_TOKEN
from wingbeat.api.requests import read_bytes
from wingbeat.core.errors import Forbidden, InvalidInput

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from wingbeat.services.identity.authentication import Authentication

FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FORM_BYTES = 20_000
MOST_FIELDS = 20
COOKIE = re.compile(r"[A-Za-z0-9_-]{43}")
OWN_SITE = frozenset({"same-origin", "none"})


class FormGuard:
    """Gives tokens to forms, and takes in what they send; `public_url` is how browsers know us.

    What binds pages to sessions binds forms to browsers that have none yet.
    """

    def __init__(self, authentication: Authentication, public_url: str) -> None:
        self._authentication = authentication
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}".lower()
        self.secure = parts.scheme == "https"
        # A cookie of this name cannot come from a neighbour's subdomain, nor over plain HTTP.
        self.cookie = "__Host-wingbeat_form" if self.secure else "wingbeat_form"

    def begin(self, request: Request) -> tuple[str, str]:
        """What the browser's cookie is to be, and the token for a form; the cookie that is there stays."""
        given = request.cookies.get(self.cookie, "")
        visit = given if COOKIE.fullmatch(given) else secrets.token_urlsafe(32)
        return visit, self._sign(visit)

    def keep(self, response: Response, visit: str) -> Response:
        """Let the browser keep the cookie."""
        response.set_cookie(self.cookie, visit, httponly=True, secure=self.secure, samesite="lax", path="/")
        return response

    async def read(self, request: Request) -> dict[str, str]:
        """The fields of a form that one of our pages sent.

        Raises:
            Forbidden: `FORM_NOT_OURS`.
            InvalidInput, BodyTooLarge: it is no form, or more than one would send.
        """
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != FORM_TYPE:
            raise InvalidInput("This address takes what its own form sends.", code="FORM_INVALID")
        raw = await read_bytes(request, MOST_FORM_BYTES)
        try:
            fields = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            raise InvalidInput("The form cannot be read.", code="FORM_INVALID") from None
        given = {name: values[0] for name, values in fields.items()}
        visit = request.cookies.get(self.cookie, "")
        token = given.pop(FORM_TOKEN, "")
        fits = hmac.compare_digest(token.encode(), self._sign(visit).encode())
        if not (fits and COOKIE.fullmatch(visit) and self.is_own(request)):
            raise Forbidden(
                "This form was not sent by a page of this service, or the page was open for too long.",
                code="FORM_NOT_OURS",
                remedy="Open the page again, with cookies allowed, and send its form.",
            )
        return given

    def is_own(self, request: Request) -> bool:
        """Whether the browser says that a page of ours sent this; one that says nothing is believed the token."""
        if request.headers.get("sec-fetch-site", "same-origin") not in OWN_SITE:
            return False
        origin = request.headers.get("origin")
        if origin is None:
            return True
        scheme, _, host = origin.lower().partition("://")
        return origin.lower() == self._origin or (
            scheme in {"http", "https"} and host == request.headers.get("host", "").lower()
        )

    def _sign(self, visit: str) -> str:
        return hmac.new(
            self._authentication.sessions.key, b"form " + visit.encode("utf-8", "surrogatepass"), "sha256"
        ).hexdigest()


def own_path(text: str, default: str) -> str:
    """Where to go on after a sign-in: a path of this service, and nothing that a browser could read as another's."""
    if not (text.isascii() and text.isprintable()) or "\\" in text:
        return default
    try:
        parts = urlsplit(text)
    except ValueError:  # `//[`: half an address of IPv6.
        return default
    if parts.scheme or parts.netloc:
        return default
    return text if re.match(r"/(?![/\\])", text) else default
