"""The web app: one page for all of its addresses, and its files, which never change under one name.

The page asks for nothing by itself that tells who is signed in, so it is public; all data come from the REST API.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from wingbeat.api.page import message_page
from wingbeat.api.permission import Permission
from wingbeat.api.routing import Operation, add_operation
from wingbeat.core.errors import NotFound

if TYPE_CHECKING:
    from fastapi import FastAPI

BUILT = Path(__file__).parents[1] / "ui"
# The first part of every address that the web app answers to. It has places of its own below them.
PLACES = ("workflows", "executions", "dashboard", "inbox", "templates", "connections", "admin", "settings")
ASSET = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
NONCE = "%NONCE%"
FOREVER = "public, max-age=31536000, immutable"
COMPRESSED = (("br", ".br"), ("gzip", ".gz"))
TAG = "web app"


def page_headers(nonce: str) -> dict[str, str]:
    """What the page may do: run our scripts, ask our API, and nothing else. No string becomes code or markup."""
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' 'nonce-{nonce}'",
        # Positions of nodes and heights of rows; an attribute can load nothing that img-src does not allow.
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default",
    )
    return {"Content-Security-Policy": "; ".join(policy), "Cache-Control": "no-cache", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class WebApp:
    """The addresses of the app that is built into the package."""

    folder: Path

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        paths = ["/", *(f"/{place}" for place in PLACES), *(f"/{place}/{{rest:path}}" for place in PLACES)]
        for path in paths:
            add_operation(app, operation(path, "A page of the web app", open_query=True), self.show_web_app)
        add_operation(app, operation("/assets/{name}", "A file of the web app"), self.get_web_asset)
        for name in ("scheme.js", "wings.svg"):
            add_operation(app, operation(f"/{name}", "A file of the web app"), self.get_web_file)

    async def show_web_app(self) -> Response:
        """The page, which finds out by itself what its address means."""
        index = self.folder / "index.html"
        if not index.is_file():
            return message_page(
                "The web app is not built",
                "This checkout runs without it. Build it with `python ui/build.py`, and load this page again.",
                status=503,
            )
        nonce = secrets.token_urlsafe(18)
        html = index.read_text().replace(NONCE, nonce)
        return Response(html, headers=page_headers(nonce), media_type="text/html; charset=utf-8")

    async def get_web_asset(self, request: Request, name: str) -> Response:
        """A file whose name says what is in it, compressed where the browser takes that."""
        path = self.folder / "assets" / name
        if not (ASSET.fullmatch(name) and path.is_file()):
            raise NotFound(
                f"The web app has no file {name[:100]!r}.", remedy="Load the page again: there is a newer version."
            )
        headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
        accepted = request.headers.get("Accept-Encoding", "")
        for coding, suffix in COMPRESSED:
            packed = path.with_name(name + suffix)
            if coding in accepted and packed.is_file():
                return FileResponse(
                    packed, headers={**headers, "Content-Encoding": coding}, media_type=guess_type(name)[0]
                )
        return FileResponse(path, headers=headers, media_type=guess_type(name)[0])

    async def get_web_file(self, request: Request) -> Response:
        """One of the few files that keep their name."""
        path = self.folder / request.url.path.removeprefix("/")
        if not path.is_file():
            raise NotFound("The web app is not built.", remedy="Build it with `python ui/build.py`.")
        return FileResponse(path, headers={"Cache-Control": "no-cache"})


def operation(path: str, summary: str, *, open_query: bool = False) -> Operation:
    """An address for browsers, which is in no document."""
    return Operation("GET", path, Permission.PUBLIC, summary, {200: None}, TAG, hidden=True, open_query=open_query)
