"""The addresses about the installation itself: alive, ready, its state, and the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import Answer, failure, success, write_json
from wingbeat.api.failures import RETRY_SECONDS
from wingbeat.api.permission import Permission
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.api.status_shapes import HealthShape, StatusShape

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.status import Status

TAG = "installation"
READY_REMEDY = "Mend what the problems say, or wait if it mends itself; send requests to another process meanwhile."


@dataclass(frozen=True)
class StatusRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    status: Status

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        health = Envelope[HealthShape, NoMeta]
        public, service = Permission.PUBLIC, Permission.SERVICE
        operations = (
            (Operation("GET", "/health", public, "Whether the process answers", {200: health}, TAG), self.get_health),
            (
                Operation("GET", "/ready", public, "Whether the process can work", {200: health}, TAG, errors=(503,)),
                self.get_ready,
            ),
            (
                Operation(
                    "GET",
                    "/api/v1/status",
                    service,
                    "The state of the installation",
                    {200: Envelope[StatusShape, NoMeta]},
                    TAG,
                ),
                self.get_status,
            ),
            # Load balancers ask so; the server leaves the body out.
            (Operation("HEAD", "/health", public, "As GET", {200: health}, TAG, hidden=True), self.get_health),
            (Operation("HEAD", "/ready", public, "As GET", {200: health}, TAG, hidden=True), self.get_ready),
            (Operation("GET", "/openapi.json", public, "This document", {200: dict}, TAG, hidden=True), get_openapi),
        )
        for operation, endpoint in operations:
            add_operation(app, operation, endpoint)

    async def get_health(self) -> Response:
        """Asks nobody, not even the database."""
        return success("The process answers.", {"status": "alive"})

    async def get_ready(self) -> Response:
        """Asks the database and the worker; what is wrong is in the details."""
        if problems := await self.status.problems():
            return failure(
                "This process cannot work now.",
                "NOT_READY",
                status=503,
                details={"problems": problems, "remedy": READY_REMEDY},
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        return success("This process can work.", {"status": "ready"})

    async def get_status(self) -> Response:
        """Workers, queue, executions, limits, database."""
        return success("The state of the installation.", await self.status.report())


async def get_openapi(request: Request) -> Response:
    """What there is, for machines."""
    return Answer(write_json(request.app.openapi()))
