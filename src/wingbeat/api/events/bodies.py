"""The bodies of what comes from outside to start workflows: events and commands."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from wingbeat.api.bodies import INTEGER_MAX, TAKE_WHOLE, Strict

LONGEST_ID = 500
LONGEST_SOURCE = 1_000
LONGEST_TEXT = 10_000
# A time as RFC 3339 has it, with where it is; that there is such a day is checked afterwards.
TIME = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"

CommunityId = Annotated[
    int,
    Field(ge=1, le=INTEGER_MAX, description="Only workflows of this community hear of it."),
    TAKE_WHOLE,
]


def one_of(*names: str, **more: Any) -> ConfigDict:  # noqa: ANN401 - parts of a schema
    """Exactly one of these fields, as a schema says it."""
    return ConfigDict(extra="forbid", json_schema_extra={"oneOf": [{"required": [name]} for name in names], **more})


class EventBody(Strict):
    """Something that has happened. The same `id` from the same `source` is the same event; without one it gets one."""

    model_config = one_of("type", "name")

    type: Annotated[str, Field(min_length=1, max_length=200, examples=["order.paid"])] = ""
    name: Annotated[str, Field(min_length=1, max_length=200, description="Another name of `type`.")] = ""
    data: Any = None
    source: Annotated[str, Field(max_length=LONGEST_SOURCE, examples=["shop"])] = ""
    id: Annotated[str, Field(max_length=LONGEST_ID)] = ""
    subject: Annotated[str, Field(max_length=LONGEST_SOURCE)] | None = None
    time: Annotated[str, Field(pattern=TIME, examples=["2026-05-01T09:30:00Z"])] | None = None
    community_id: CommunityId | None = None


class CommandBody(Strict):
    """A message in a chat: its whole `text`, or the name of a `command` and its `arguments` by their names."""

    model_config = one_of("text", "command", dependentRequired={"arguments": ["command"]})

    text: Annotated[str, Field(max_length=LONGEST_TEXT, examples=["!so @ann for the song"])] = ""
    command: Annotated[str, Field(min_length=1, max_length=50, examples=["so"])] = ""
    arguments: Annotated[dict[str, Any], Field(default_factory=dict, max_length=100)]
    platform: Annotated[str, Field(min_length=1, max_length=100, examples=["twitch"])] | None = None
    channel: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    user: Annotated[Any, Field(description="Who typed it, as the chat tells.", examples=["ann"])] = None
    message_id: Annotated[
        str, Field(max_length=LONGEST_ID, description="The same id in the same channel is the same message.")
    ] = ""
    data: Annotated[
        dict[str, Any], Field(default_factory=dict, max_length=100, description="Whatever else the chat tells.")
    ]
    community_id: CommunityId | None = None


EVENT_BODIES: tuple[type[BaseModel], ...] = (EventBody, CommandBody)
