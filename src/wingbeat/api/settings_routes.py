"""The address of the settings, for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.permission import Permission
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, Shape

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.effective_settings import EffectiveSettings


class SettingShape(Shape):
    """One setting of the process that answers, as it is in effect."""

    name: str
    value: str | None = Field(description="As a variable has it; null if it is unset, and of what may hold a secret.")
    is_set: bool
    secret: bool
    source: Literal["environment", "file", "option", "default"]
    origin: str = Field(description="The file, or the option; empty for a default.")
    default: str | None
    description: str
    allowed: str = Field(description="What it may be.")


LIST = Operation(
    "GET",
    "/api/v1/settings",
    Permission.SERVICE,
    "The settings as they are in effect",
    {200: Envelope[list[SettingShape], NoMeta]},
    "installation",
)


@dataclass(frozen=True)
class SettingsRoutes:
    """The endpoint; its name is the operation id of the OpenAPI document."""

    settings: EffectiveSettings

    def add_to(self, app: FastAPI) -> None:
        """Put the route into the app."""
        add_operation(app, LIST, self.list_settings)

    async def list_settings(self) -> Response:
        """In the order of the documentation. They are read once, when a process starts, and no request changes them."""
        return success("Settings.", self.settings.list())
