"""What the doctor asks of the licence server: whether it answers, and what it says of things of no community."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.cli.finding import Finding, attempt_async, ok, problem, warning
from wingbeat.core.licence import Feature
from wingbeat.egress.licence_server import LicenceServer, LicenceServerAway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.settings import Settings

ABOUT = "licence"


async def check_licence_server(settings: Settings) -> list[Finding]:
    """Ask it once, where it is asked at all."""
    if settings.license_server_url is None or not settings.release_mode:
        return []
    return await attempt_async(ABOUT, _check(settings, settings.license_server_url))


async def _check(settings: Settings, url: str) -> AsyncIterator[Finding]:
    server = LicenceServer(url, settings.license_key)
    try:
        answer = await server.ask({"protocol": 1, "product": "wingbeat", "community_id": 0, "features": [*Feature]})
    except LicenceServerAway as error:
        grace = f"What it said last holds for {settings.license_grace_hours} hours."
        yield problem(ABOUT, error.message, f"{error.remedy} {grace}")
        return
    finally:
        await server.close()
    allowed = ", ".join(sorted(answer.allowed()))
    if allowed:
        yield ok(ABOUT, f"the server answers; what belongs to no community may use: {allowed}")
    else:
        said = f": {answer.message}" if answer.message else ""
        yield warning(ABOUT, f"the server answers, and allows what belongs to no community nothing{said}", "Renew it.")
