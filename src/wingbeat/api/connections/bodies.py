"""The bodies of requests about connections. What belongs to each kind follows from the kinds themselves."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel, create_model

from wingbeat.api.bodies import INTEGER_MAX, NOT_BLANK, TAKE_WHOLE, Strict
from wingbeat.egress.hosts import ALLOWED
from wingbeat.egress.kinds import ALL_KINDS, Kind

Host = Annotated[str, Field(pattern=ALLOWED, max_length=253, examples=["api.example.com", "*.example.com"])]
WRITE_ONLY = Field(json_schema_extra={"writeOnly": True})
Scope = Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE]


class AnyConnectionBody(Strict):
    """A connection of any kind; what its kind makes of `config` and `secrets` is checked by the service."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=NOT_BLANK)]
    kind: str
    description: Annotated[str, Field(max_length=10_000)] = ""
    config: dict[str, Any] = Field({})
    secrets: dict[str, Any] | None = Field(None, description="Never given back; all of them, or none in a change.")
    allowed_hosts: Annotated[list[Host], Field(max_length=100)] = Field([])
    enabled: bool = True
    entity_id: Scope = 0
    community_id: Scope | None = Field(
        None, description="Whose it is besides its author's; 0 is nobody's. Left out of a change, it stays as it is."
    )


def body_of(kind: Kind, *, change: bool) -> type[BaseModel]:
    """The body of a save of one kind."""
    hosts: Any = (
        (Annotated[list[Host], Field(min_length=1, max_length=100)], ...)
        if kind.needs_hosts
        else (Annotated[list[Host], Field(max_length=100)], [])
    )
    needed = any(field.is_required() for field in kind.config.model_fields.values())
    secret_needed = any(field.is_required() for field in kind.secrets.model_fields.values())
    secrets: Any = Annotated[kind.secrets, WRITE_ONLY] if secret_needed and not change else None
    parts: dict[str, Any] = {
        "kind": (Literal[kind.name], ...),
        "config": (kind.config, ... if needed else kind.config()),
        "secrets": (secrets, ...) if secrets is not None else (Annotated[kind.secrets | None, WRITE_ONLY], None),
        "allowed_hosts": hosts,
    }
    what = "Change" if change else "New"
    return create_model(f"{what}Connection_{kind.name}", __base__=AnyConnectionBody, __doc__=kind.help, **parts)


def one_of(*, change: bool) -> Any:  # noqa: ANN401 - a union made at run time
    """Any of the kinds, told apart by `kind`."""
    bodies = [body_of(kind, change=change) for kind in ALL_KINDS]
    return Annotated[reduce(or_, bodies[1:], bodies[0]), Field(discriminator="kind")]


class NewConnectionBody(RootModel[one_of(change=False)]):  # type: ignore[misc] # made at run time
    """A connection to create."""


class ChangeConnectionBody(RootModel[one_of(change=True)]):  # type: ignore[misc] # made at run time
    """A connection as it is to be; without `secrets`, those that are there stay."""


class RotateBody(Strict):
    """New secrets, all of them."""

    secrets: dict[str, Any] = Field(json_schema_extra={"writeOnly": True})


CONNECTION_BODIES: tuple[type[BaseModel], ...] = (
    NewConnectionBody,
    ChangeConnectionBody,
    RotateBody,
)
