"""The OpenAPI document: what FastAPI finds in the routes, with what it cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from wingbeat.api.bodies import REQUEST_BODIES
from wingbeat.api.connections.bodies import CONNECTION_BODIES
from wingbeat.api.events.bodies import EVENT_BODIES
from wingbeat.api.executions.bodies import EXECUTION_BODIES
from wingbeat.api.forms.routes import FORM_BODIES
from wingbeat.api.identity.account_bodies import ACCOUNT_BODIES
from wingbeat.api.identity.token_bodies import TOKEN_BODIES
from wingbeat.api.people.bodies import PEOPLE_BODIES
from wingbeat.api.routing import StrictRoute, shapes_of
from wingbeat.api.schedules.bodies import SCHEDULE_BODIES
from wingbeat.api.shapes import ErrorEnvelope
from wingbeat.api.webhooks.bodies import WEBHOOK_BODIES
from wingbeat.api.workflows.bodies import WORKFLOW_BODIES
from wingbeat.api.workflows.grant_bodies import GRANT_BODIES
from wingbeat.api.workflows.template_routes import TEMPLATE_BODIES

if TYPE_CHECKING:
    from fastapi import FastAPI

DESCRIPTION = (
    "Durable workflow automation. Every answer has the same envelope: `success`, `message`, `data`, `meta`, "
    "or for errors `success`, `message`, `error_code`, `details`. Everything below `/api/v1/workflows` answers at "
    "`/api/workflows` too, and an execution at `/api/executions/{execution_id}`."
)
KEY_SCHEME, BEARER_SCHEME = "ApiKey", "Bearer"


def make_document(app: FastAPI) -> dict[str, Any]:
    """The document; FastAPI's own answer for invalid parameters is ours (400) instead."""
    document = get_openapi(title="Wingbeat", version=app.version, description=DESCRIPTION, routes=app.routes)
    components: dict[str, Any] = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    _, bodies = models_json_schema(
        [
            (ErrorEnvelope, "serialization"),
            *(
                (model, "validation")
                for model in (
                    *REQUEST_BODIES,
                    *EXECUTION_BODIES,
                    *CONNECTION_BODIES,
                    *PEOPLE_BODIES,
                    *EVENT_BODIES,
                    *FORM_BODIES,
                    *WEBHOOK_BODIES,
                    *ACCOUNT_BODIES,
                    *TOKEN_BODIES,
                    *GRANT_BODIES,
                    *SCHEDULE_BODIES,
                    *TEMPLATE_BODIES,
                    *WORKFLOW_BODIES,
                )
            ),
        ],
        ref_template="#/components/schemas/{model}",
    )
    schemas.update(_describe_good_answers(app, document["paths"]))
    schemas.update(bodies["$defs"])
    components["securitySchemes"] = {
        KEY_SCHEME: {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        BEARER_SCHEME: {"type": "http", "scheme": "bearer"},
    }
    document["security"] = [{KEY_SCHEME: []}, {BEARER_SCHEME: []}]
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document


def _describe_good_answers(app: FastAPI, paths: dict[str, Any]) -> dict[str, Any]:
    """Put the shapes of good answers into the paths; returns the schemas that they refer to.

    FastAPI would make a validator of each shape as its route is added: a fifth of an idle process's memory, for
    answers that are never validated.
    """
    found = [
        (route, status, shape)
        for route in app.routes
        if isinstance(route, StrictRoute) and route.include_in_schema
        for status, shape in shapes_of(route.operation).items()
    ]
    mode: Literal["serialization"] = "serialization"
    asked = [(number, mode, TypeAdapter(shape)) for number, (_, _, shape) in enumerate(found)]
    described, definitions = TypeAdapter.json_schemas(asked, ref_template="#/components/schemas/{model}")
    for number, (route, status, _) in enumerate(found):
        operation = paths[route.path_format][route.operation.method.lower()]
        content = operation["responses"][str(status)].setdefault("content", {}).setdefault("application/json", {})
        content["schema"] = described[number, mode]
    schemas: dict[str, Any] = definitions.get("$defs", {})
    for schema in schemas.values():
        for about in schema.get("properties", {}).values():
            # As FastAPI writes them: an answer has no defaults.
            if about.get("default", ...) is None:
                del about["default"]
    return schemas
