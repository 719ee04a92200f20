"""What a save of a connection says, read by the rules of its kind, and where it would let a secret go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from pydantic import BaseModel, ValidationError

from wingbeat.egress.hosts import read_pattern
from wingbeat.egress.kinds import KINDS, destinations
from wingbeat.services.connections.refusals import invalid
from wingbeat.storage.connections import ConnectionFields

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.egress.kinds import Kind
    from wingbeat.storage.connections import StoredConnection

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class ConnectionRequest:
    """What a save says. `secrets` may be left out of a change; otherwise they replace all that were there."""

    kind: str
    fields: ConnectionFields
    secrets: Mapping[str, Json] | None


def read_request(request: ConnectionRequest) -> tuple[Kind, ConnectionFields, dict[str, str] | None]:
    """The parts of a save, checked by its kind.

    Raises:
        InvalidInput: `CONNECTION_INVALID`, with all that is wrong; what was sent is not shown.
    """
    kind = KINDS.get(request.kind)
    if kind is None:
        raise invalid([{"field": "kind", "message": f"It must be one of: {', '.join(KINDS)}."}])
    problems: list[Json] = []
    config = read_model(kind.config, request.fields.config, "config", problems)
    secrets = None if request.secrets is None else read_secrets(kind, request.secrets, problems)
    hosts = read_hosts(kind, request.fields.allowed_hosts, problems)
    if problems or config is None:
        raise invalid(problems)
    shown = cast("JsonObject", config.model_dump(mode="json"))
    return kind, replace(request.fields, config=shown, allowed_hosts=hosts), secrets


def read_secrets(kind: Kind, given: Mapping[str, Json], problems: list[Json]) -> dict[str, str]:
    """The texts of the secrets, by their names; problems are added."""
    model = read_model(kind.secrets, given, "secrets", problems)
    found = {} if model is None else {name: getattr(model, name) for name in type(model).model_fields}
    return {name: secret.reveal() for name, secret in found.items() if secret is not None}


def read_model(model: type[M], given: Mapping[str, Json], where: str, problems: list[Json]) -> M | None:
    """The value as the model, or None; problems are added, without what was sent."""
    try:
        return model.model_validate(given, strict=True)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False, include_context=False):
            field = ".".join([where, *map(str, found["loc"])])
            problems.append({"field": field, "message": f"{found['msg']}."})
        return None


def read_hosts(kind: Kind, hosts: Collection[str], problems: list[Json]) -> list[str]:
    """The allowed hosts, in one spelling and once each; problems are added."""
    if kind.needs_hosts and not hosts:
        problems.append({"field": "allowed_hosts", "message": "Say to which hosts the secret may go."})
    found: list[str] = []
    for index, text in enumerate(hosts):
        try:
            found.append(read_pattern(text))
        except ValueError as error:
            problems.append({"field": f"allowed_hosts.{index}", "message": f"It must be a host: {error}."})
    return list(dict.fromkeys(found))


def leads_elsewhere(kind: Kind, stored: StoredConnection, fields: ConnectionFields) -> bool:
    """Whether a change would let what is stored go where it could not go before."""
    before, after = kind.config.model_validate(stored.config), kind.config.model_validate(fields.config)
    new_hosts = set(fields.allowed_hosts) - set(stored.allowed_hosts)
    # Without any, the hosts of the settings hold, and any list is narrower or names a host that is new.
    return destinations(before) != destinations(after) or bool(new_hosts)


def asks_for_other_tokens(before: JsonObject, after: JsonObject) -> bool:
    """Whether tokens that are there are not those that would be asked for now."""
    return any(before.get(name) != after.get(name) for name in ("client_id", "scope", "parameters"))
