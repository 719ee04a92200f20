"""Begin when somebody types a command in a chat. Only the definition: others listen to the chat."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from wingbeat.sdk import (
    Context,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Role,
    StepError,
    matters,
    needed,
)
from wingbeat.sdk.command_text import command_key, is_command, split_text
from wingbeat.sdk.typed_fields import check_fields, check_rule
from wingbeat.sdk.values import described

LONGEST_TEXT = 10_000
WORD = re.compile(r"\"([^\"]*+)\"|'([^']*+)'|(\S++)")


class Argument(Parameters):
    """One argument, by its place."""

    name: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$",
        description="The name under which the value comes out.",
        examples=["user"],
    )
    type: Literal["text", "integer", "number", "boolean", "select", "url", "rest"] = Field(
        default="text",
        description="What it must be; `rest`, for the last one, is all that is left of the text.",
        examples=["integer"],
    )
    required: bool = Field(default=False, description="Whether the command needs it.")
    default: str | float | bool | None = Field(default=None, description="The value if it is not given.", examples=[1])
    choices: list[str] = Field(
        json_schema_extra=needed(type="select"),
        default=[],
        max_length=1000,
        description="For `select`: what may be given.",
        examples=[["on", "off"]],
    )
    minimum: float | None = Field(
        json_schema_extra=matters(type=("text", "integer", "number", "rest")),
        default=None,
        allow_inf_nan=False,
        description="The least number, or characters of a text.",
        examples=[1],
    )
    maximum: float | None = Field(
        json_schema_extra=matters(type=("text", "integer", "number", "rest")),
        default=None,
        allow_inf_nan=False,
        description="The most, likewise.",
        examples=[100],
    )
    pattern: str = Field(
        json_schema_extra=matters(type="text"),
        default="",
        max_length=1000,
        description="For `text`: a regular expression (RE2).",
        examples=["@.+"],
    )
    help: str = Field(default="", max_length=500, description="What it is for.", examples=["Whom to greet."])


class Command(Parameters):
    """The command."""

    name: str = Field(
        pattern=r"^[\w-]{1,50}$", description="What is typed after the prefix; case does not matter.", examples=["so"]
    )
    prefix: str = Field(default="!", pattern=r"^\S{1,5}$", description="What a command begins with.", examples=["/"])
    aliases: list[str] = Field(
        default=[], max_length=50, description="Other names of the same command.", examples=[["shoutout"]]
    )
    platforms: list[str] = Field(
        default=[],
        max_length=50,
        description="The chats in which it is heard, by their names; without any, in all.",
        examples=[["twitch", "discord"]],
    )
    arguments: list[Argument] = Field(
        default=[],
        max_length=20,
        description="What follows the name, separated by spaces; quotes keep words together.",
        examples=[[{"name": "user", "required": True}, {"name": "reason", "type": "rest"}]],
    )

    @model_validator(mode="after")
    def _arguments_fit(self) -> Self:
        names = [argument.name for argument in self.arguments]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"there are two arguments '{twice}'")
        if any(argument.type == "rest" for argument in self.arguments[:-1]):
            raise ValueError("only the last argument can be the rest")
        for before, after in zip(self.arguments, self.arguments[1:], strict=False):
            if after.required and not before.required:
                raise ValueError(f"'{after.name}' is required, so '{before.name}', which comes before it, must be too")
        for argument in self.arguments:
            check_rule(_Rule(argument))
        return self


class _Rule:
    """An argument as the check of fields sees it: the rest of a text is a text."""

    def __init__(self, argument: Argument) -> None:
        self.name, self.required, self.default = argument.name, argument.required, argument.default
        self.type = "text" if argument.type == "rest" else argument.type
        self.choices, self.pattern = argument.choices, argument.pattern
        self.minimum, self.maximum = argument.minimum, argument.maximum


def run(parameters: Command, context: Context) -> Outcome:
    """Read the arguments; a message that is no such command ends the execution here."""
    message = context.input
    if not isinstance(message, dict):
        raise _invalid(parameters, f"a message is an object with its 'text', and got {described(message)}", {})
    if not _is_heard(parameters, message):
        context.log("Not heard on this platform.")
        return Outcome(message, ())
    given = message.get("arguments")
    if not isinstance(given, dict):
        words = _words(parameters, message.get("text"))
        if words is None:
            context.log("The message is no such command.")
            return Outcome(message, ())
        given = _by_place(parameters, words)
    values, faults = check_fields([_Rule(argument) for argument in parameters.arguments], given)
    if faults:
        name, why = next(iter(faults.items()))
        raise _invalid(parameters, f"'{name}' {why}", faults)
    return Outcome.of({**message, "command": parameters.name, "arguments": values})


def _is_heard(parameters: Command, message: JsonObject) -> bool:
    platform = message.get("platform")
    return not parameters.platforms or platform is None or platform in parameters.platforms


def _words(parameters: Command, text: Json) -> str | None:
    """What follows the command's name, or None where the text is something else."""
    if not isinstance(text, str):
        raise _invalid(parameters, f"a message has a 'text', and got {described(text)}", {})
    if len(text) > LONGEST_TEXT:
        raise _invalid(parameters, f"the message has more than {LONGEST_TEXT:,} characters", {})
    typed = split_text(text)
    names = (parameters.name, *parameters.aliases)
    is_it = any(is_command(typed.word, parameters.prefix, command_key(name)) for name in names)
    return typed.rest if is_it else None


def _by_place(parameters: Command, text: str) -> JsonObject:
    given: JsonObject = {}
    place = 0
    for argument in parameters.arguments:
        if argument.type == "rest":
            given[argument.name] = text[place:].strip()
            return given
        found = WORD.search(text, place)
        if found is None:
            return given
        given[argument.name] = next(part for part in found.groups() if part is not None)
        place = found.end()
    if text[place:].strip():
        raise _invalid(parameters, f"there is more than its {len(parameters.arguments)} arguments", {})
    return given


def _usage(parameters: Command) -> str:
    words = [f"<{one.name}>" if one.required else f"[{one.name}]" for one in parameters.arguments]
    return " ".join([f"{parameters.prefix}{parameters.name}", *words])


def _invalid(parameters: Command, why: str, faults: dict[str, str]) -> StepError:
    errors: list[Json] = [{"field": name, "message": fault} for name, fault in faults.items()]
    return StepError(
        f"The command does not fit: {why}.",
        code="COMMAND_INVALID",
        remedy=f"Write it as: {_usage(parameters)}",
        details={"errors": errors, "usage": _usage(parameters)},
    )


SHOUT: JsonObject = {
    "name": "so",
    "arguments": [{"name": "user", "required": True, "pattern": "@.+"}, {"name": "reason", "type": "rest"}],
}

NODE = NodeType(
    type="trigger.command",
    title="Chat command",
    help=(
        "Begins the workflow when somebody types a command in a chat, as `!so @ann for the song`. It says its "
        "name, where it is heard, and which arguments it takes. The data is the message: an object with `text`, "
        "`platform`, `user` and whatever else the chat tells; it comes out with the object `arguments`, whose values "
        "have their types. A message that is no such command ends the execution at once; arguments that do not fit are "
        "the error COMMAND_INVALID, whose details tell how the command is written."
    ),
    parameters=Command,
    run=run,
    role=Role.TRIGGER,
    outputs=(
        Port(
            help="The message, with `command` and `arguments`.",
            schema={"type": "object", "required": ["command", "arguments"]},
        ),
    ),
    examples=(
        Example(
            "a shout-out",
            SHOUT,
            input={"text": "!SO @ann for the song", "platform": "twitch"},
            expect={
                "out": {
                    "text": "!SO @ann for the song",
                    "platform": "twitch",
                    "command": "so",
                    "arguments": {"user": "@ann", "reason": "for the song"},
                }
            },
        ),
        Example(
            "numbers and quotes",
            {"name": "give", "prefix": "/", "arguments": [{"name": "what"}, {"name": "times", "type": "integer"}]},
            input={"text": "/give 'a cup of tea' 2"},
            expect={
                "out": {
                    "text": "/give 'a cup of tea' 2",
                    "command": "give",
                    "arguments": {"what": "a cup of tea", "times": 2},
                }
            },
        ),
        Example("something else that somebody said", SHOUT, input={"text": "so what"}, expect={}),
        Example("an argument that does not fit", SHOUT, input={"text": "!so ann"}, expect_error="COMMAND_INVALID"),
    ),
)
