"""An operation of an API as a node type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import Field

from wingbeat.connectors.answers import read_answer
from wingbeat.connectors.bodies import encode_body, is_sendable
from wingbeat.connectors.operations import HTTP_KINDS
from wingbeat.connectors.requests import address
from wingbeat.connectors.schema_field import SchemaField, make_parameters
from wingbeat.sdk import (
    ConnectionMarker,
    Context,
    Effect,
    Expression,
    Json,
    JsonObject,
    LocalsMarker,
    NodeType,
    Outcome,
    Port,
)
from wingbeat.sdk.files import FILES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.connectors.operations import ApiOperation, ApiParameter
    from wingbeat.connectors.schema_field import SchemaParameters
    from wingbeat.sdk.context import HttpResponse

BODY = "body"
# What every operation takes besides its own parameters; one of the same name is given the place where it goes.
OWN = frozenset({BODY, "connection", "content_type", "timeout_seconds", "extract", "fail_on_status"})
READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REPEATABLE = READING | {"PUT", "DELETE"}


def node_of_operation(type_name: str, operation: ApiOperation, *, connection: str | None = None) -> NodeType:
    """The node type; `connection` is the id of the stored connection that is used unless a node names another."""
    return _OperationNode(operation, connection).node_type(type_name)


class _OperationNode:
    def __init__(self, operation: ApiOperation, connection: str | None) -> None:
        self._operation = operation
        self._connection = connection
        self._named = dict(_names(operation.parameters))
        body = operation.body
        self._media = tuple(media for media in body.contents if is_sendable(media)) if body else ()

    def node_type(self, type_name: str) -> NodeType:
        operation = self._operation
        model = make_parameters(type_name.replace(".", "_"), self._fields(), operation.definitions, self._others())
        return NodeType(
            type=type_name,
            title=operation.title,
            help=operation.help,
            parameters=model,
            run=self.run,
            rehearse=self.rehearse,
            effect=Effect.IDEMPOTENT if operation.method in REPEATABLE else Effect.UNSAFE,
            outputs=(Port(help="The answer, or what `extract` made of it.", schema=_port_schema(operation.answer)),),
            examples=(),
            uses=(FILES,),
        )

    def _fields(self) -> list[SchemaField]:
        fields = [
            SchemaField(name, parameter.schema, parameter.help, parameter.required)
            for name, parameter in self._named.items()
        ]
        body = self._operation.body
        if body is not None:
            schemas = [body.contents[media] for media in self._media] or [True]
            schema: Json = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
            fields.append(SchemaField(BODY, schema, body.help or "What is sent.", body.required))
        return fields

    def _others(self) -> dict[str, Any]:
        kinds = self._operation.kinds or HTTP_KINDS
        marked = Annotated[str, ConnectionMarker(*kinds)]
        needed = self._operation.needs_connection and self._connection is None
        about = "The stored connection that says who is asking."
        others: dict[str, Any] = {
            "connection": (marked, Field(description=about))
            if needed
            else (marked | None, Field(None, description=about)),
            "timeout_seconds": (
                float,
                Field(default=30, gt=0, le=3600, description="The whole request must be through by then."),
            ),
            "fail_on_status": (
                bool,
                Field(default=True, description="Fail on 400 and above; otherwise such an answer comes out."),
            ),
            "extract": (
                Annotated[Expression[Json] | None, LocalsMarker(("response",))],
                Field(
                    default=None,
                    description="What comes out instead of the whole answer, made from `response`.",
                    examples=["response.body"],
                ),
            ),
        }
        if len(self._media) > 1:
            choice: Any = Literal.__getitem__(self._media)
            others["content_type"] = (choice, Field(default=self._media[0], description="How the body is sent."))
        return others

    async def run(self, parameters: SchemaParameters, context: Context) -> Outcome:
        """Send the request; raises `StepError` as `action.http_request` does, and for values that fit nowhere."""
        operation, options = self._operation, cast("Any", parameters)
        target = address(operation, self._values(parameters))
        headers, content = dict(target.headers), None
        body = parameters.given(BODY) if operation.body is not None else None
        if operation.body is not None and body is not None and self._media:
            media = getattr(parameters, "content_type", self._media[0])
            encoded = encode_body(media, body, context)
            headers["Content-Type"], content = encoded.media_type, encoded.content
        if operation.method not in READING:
            headers["Idempotency-Key"] = context.idempotency_key
        response = await context.http.send(
            operation.method,
            target.url,
            headers=headers,
            query=target.query,
            content=content,
            connection=options.connection or self._connection,
            timeout_seconds=options.timeout_seconds,
        )
        return Outcome.of(self._read(options, response, context))

    def _read(self, options: Any, response: HttpResponse, context: Context) -> Json:  # noqa: ANN401 - a model made at run time
        answer = read_answer(self._operation.method, response, context.now, fail_on_status=options.fail_on_status)
        return cast("Json", options.extract.evaluate(response=answer)) if options.extract else answer

    def rehearse(self, parameters: SchemaParameters, context: Context) -> Outcome:
        """Give the request that would be sent."""
        del context
        target = address(self._operation, self._values(parameters))
        request: JsonObject = {
            "method": self._operation.method,
            "url": target.url,
            "query": [[name, value] for name, value in target.query],
            "headers": dict(target.headers),
            "body": parameters.given(BODY) if self._operation.body is not None else None,
        }
        return Outcome.of({"rehearsed": True, "request": request, "status": None, "headers": {}, "body": None})

    def _values(self, parameters: SchemaParameters) -> list[tuple[ApiParameter, Json]]:
        return [(parameter, parameters.given(name)) for name, parameter in self._named.items()]


def _names(parameters: Iterable[ApiParameter]) -> Iterable[tuple[str, ApiParameter]]:
    """A name for each parameter of an operation: its own, with its place where another has it already."""
    taken: set[str] = set(OWN)
    for parameter in parameters:
        name = parameter.name if parameter.name not in taken else f"{parameter.name}_{parameter.place}"
        taken.add(name)
        yield name, parameter


def _port_schema(answer: Json) -> JsonObject:
    body: Json = {name: inner for name, inner in answer.items() if name != "$defs"} if isinstance(answer, dict) else {}
    definitions = answer.get("$defs") if isinstance(answer, dict) else None
    schema: JsonObject = {
        "type": "object",
        "properties": {"status": {"type": "integer"}, "headers": {"type": "object"}, "body": body},
    }
    return {**schema, "$defs": definitions} if definitions else schema
