"""Tell people something: in the app, and by mail, chat or webhook too."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import Field

from wingbeat.sdk import (
    ROUTER,
    ConnectionMarker,
    Context,
    Effect,
    Example,
    HttpResponse,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    StepError,
    Template,
    drawn_as,
)
from wingbeat.sdk.letter import Letter, check
from wingbeat.sdk.mail import MAIL
from wingbeat.sdk.notifications import NOTIFICATIONS, Level, Note

CONNECTION = "5f0c1a4e-6f6b-4c8e-9d52-0a6b0c7d9e11"
MOST_RECIPIENTS = 1000
REDIRECTS = range(300, 400)
CHANNELS = ("email", "chat", "webhook")
Recipient = Annotated[str, Field(min_length=1, max_length=320)]
Recipients = Annotated[list[Recipient], Field(max_length=MOST_RECIPIENTS)]


class ByMail(Parameters):
    """Send it as a mail too."""

    connection: Annotated[str, ConnectionMarker("smtp")] = Field(
        description="The mail server: a connection of the kind `smtp`.", examples=[CONNECTION]
    )
    to: Template[str | list[str]] = Field(
        default=[],
        description="Who gets it, unseen by each other; the `recipients` that are e-mail addresses, if left out.",
        examples=["{{ input.email }}"],
    )


class ByChat(Parameters):
    """Say it in a chat too, through the Router."""

    channel: Template[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        description="Where to say it, as the Router knows it.", examples=["twitch:penguins"]
    )
    module: str = Field(
        default="chat", min_length=1, max_length=200, description="The Router's module that does it.", examples=["chat"]
    )


class ByWebhook(Parameters):
    """Send it to another system too."""

    url: Template[str] = Field(description="Where it is sent to.", examples=["https://hooks.example.com/wingbeat"])
    connection: Annotated[str | None, ConnectionMarker("api_key", "bearer", "basic", "hmac")] = Field(
        default=None, description="A connection whose secrets go along.", examples=[CONNECTION]
    )


class Notification(Parameters):
    """What to tell whom."""

    recipients: Template[Recipient | Recipients] = Field(
        json_schema_extra=drawn_as("people"),
        default=[],
        description="Who is told in the app: user names or ids, `role:NAME`, `community:ID`, or addresses of "
        "others; one or many.",
        examples=[["ada"]],
    )
    title: Template[Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        description="What there is to know, in one line.", examples=["Order {{ input.id }} is late"]
    )
    text: Template[Annotated[str, Field(max_length=20_000)]] = Field(
        json_schema_extra=drawn_as("long-text"),
        default="",
        description="More about it, as plain text.",
        examples=["It was due on {{ input.due }}."],
    )
    link: Template[Annotated[str, Field(max_length=2000)]] = Field(
        default="",
        description="Where to find out more: an address with http:// or https://, or a path with `/`.",
        examples=["https://shop.example.com/orders/{{ input.id }}"],
    )
    level: Template[Level] = Field(
        default="info", description="How it is shown: `info`, `success`, `warning` or `error`.", examples=["warning"]
    )
    data: Template[Json] = Field(
        default=None, description="What goes along, for programs that show it.", examples=[{"order": 7}]
    )
    email: ByMail | None = Field(default=None, description="Send it as a mail too.", examples=[{"connection": "..."}])
    chat: ByChat | None = Field(
        default=None, description="Say it in a chat too.", examples=[{"channel": "twitch:penguins"}]
    )
    webhook: ByWebhook | None = Field(
        default=None,
        description="POST it as JSON to another system too.",
        examples=[{"url": "https://hooks.example.com/wingbeat"}],
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=600, description="How long each of the ways beyond the app may take.", examples=[10]
    )


async def run(parameters: Notification, context: Context) -> Outcome:
    """Tell in the app first, then the other ways; raises `StepError`, and says which ways had gone well before."""
    recipients = _recipients(parameters)
    _check_link(parameters.link)
    letter = None if parameters.email is None else _letter(parameters, parameters.email, recipients)
    note = Note(parameters.title, parameters.text, parameters.link, parameters.level, parameters.data)
    told: list[Json] = list(await context.use(NOTIFICATIONS).tell(recipients, note))
    ways = _ways(parameters, context, recipients, letter)
    done: list[Json] = []
    for name, way in ways.items():
        try:
            await way()
        except StepError as error:
            raise _failed(error, name, done) from error
        done.append(name)
    return Outcome.of({"notifications": told, "recipients": [*recipients], "channels": ["app", *done]})


def rehearse(parameters: Notification, context: Context) -> Outcome:
    """Check it, and tell what would be told."""
    del context
    recipients = _recipients(parameters)
    _check_link(parameters.link)
    if parameters.email is not None:
        _letter(parameters, parameters.email, recipients)
    ways: list[Json] = [name for name in CHANNELS if getattr(parameters, name) is not None]
    return Outcome.of(
        {
            "rehearsed": True,
            "notifications": [],
            "recipients": [*recipients],
            "channels": ["app", *ways],
            "notification": _content(parameters, recipients),
        }
    )


def _ways(
    parameters: Notification, context: Context, recipients: list[str], letter: Letter | None
) -> dict[str, Callable[[], Awaitable[object]]]:
    """What is to be done besides, by name."""
    seconds, ways = parameters.timeout_seconds, dict[str, Callable[[], Awaitable[object]]]()
    webhook, chat, email = parameters.webhook, parameters.chat, parameters.email
    if webhook is not None:
        content = json.dumps(_content(parameters, recipients)).encode()
        ways["webhook"] = lambda: _post(webhook, content, context, seconds)
    if chat is not None:
        said: JsonObject = {"channel": chat.channel, "message": _message(parameters)[:4000], "reply_to": None}
        request: JsonObject = {"module": chat.module, "action": "send_message", "parameters": said}
        ways["chat"] = lambda: context.use(ROUTER).execute("modules", request, timeout_seconds=seconds)
    if email is not None and letter is not None:
        ways["email"] = lambda: context.use(MAIL).send(email.connection, letter, timeout_seconds=seconds)
    return ways


async def _post(webhook: ByWebhook, content: bytes, context: Context, seconds: float) -> HttpResponse:
    answer = await context.http.send(
        "POST",
        webhook.url,
        headers={"Content-Type": "application/json", "Idempotency-Key": context.idempotency_key},
        content=content,
        timeout_seconds=seconds,
        follow_redirects=False,
        connection=webhook.connection,
    )
    if answer.status >= REDIRECTS.start:
        raise StepError(
            f"The webhook was answered with {answer.status}.",
            code="NOTIFICATION_WEBHOOK_REFUSED",
            remedy="See what the other system says of it; it must answer with 2xx.",
            details={"status": answer.status},
            retryable=answer.status in {408, 425, 429, 503},
            uncertain=answer.status >= 500,  # noqa: PLR2004 - errors of the server
        )
    return answer


def _content(parameters: Notification, recipients: list[str]) -> JsonObject:
    return {
        "title": parameters.title,
        "text": parameters.text,
        "link": parameters.link,
        "level": parameters.level,
        "data": parameters.data,
        "recipients": [*recipients],
    }


def _message(parameters: Notification) -> str:
    return "\n".join(part for part in (parameters.title, parameters.text, parameters.link) if part)


def _letter(parameters: Notification, email: ByMail, recipients: list[str]) -> Letter:
    given = [email.to] if isinstance(email.to, str) else email.to
    to = [one for one in given if one.strip()] or [one for one in recipients if "@" in one]
    text = "\n\n".join(part for part in (parameters.text, parameters.link) if part) or parameters.title
    # Nobody sees who else is told.
    letter = Letter(to=[], bcc=to, subject=" ".join(parameters.title.split()), text=text)
    check(letter)
    return letter


def _recipients(parameters: Notification) -> list[str]:
    given = parameters.recipients
    found = list(dict.fromkeys(one.strip() for one in ([given] if isinstance(given, str) else given) if one.strip()))
    if not found and all(getattr(parameters, name) is None for name in CHANNELS):
        raise StepError(
            "There is nobody to tell, and no other way to tell it.",
            code="RECIPIENTS_MISSING",
            remedy="Give at least one recipient, or `email`, `chat` or `webhook`.",
            details={"parameter": "recipients"},
        )
    return found


def _check_link(link: str) -> None:
    """A link is shown to be clicked on: nothing that a browser would run."""
    web = link.lower().startswith(("https://", "http://"))
    path = link.startswith("/") and not link.startswith(("//", "/\\"))
    if link and (not (web or path) or any(ord(character) <= 32 for character in link)):  # noqa: PLR2004 - the space
        raise StepError(
            f"The link '{link[:80]}' is no address to show to people.",
            code="NOTIFICATION_LINK_INVALID",
            remedy="Begin it with https://, http:// or a single /, without spaces.",
            details={"parameter": "link"},
        )


def _failed(error: StepError, name: str, done: list[Json]) -> StepError:
    """What went wrong; after a way that went well, doing all again would tell some people twice."""
    return StepError(
        f"It could not be told by {name}: {error.message}",
        code=error.code,
        remedy=error.remedy,
        details={**error.details, "channel": name, "done": ["app", *done]},
        retryable=error.retryable and not done,
        uncertain=error.uncertain or bool(done),
    )


def _effect(raw: JsonObject) -> Effect:
    return Effect.UNSAFE if any(raw.get(name) is not None for name in CHANNELS) else Effect.IDEMPOTENT


NODE = NodeType(
    type="action.notification",
    title="Notification",
    help=(
        "Tells people something. Each recipient gets a notification in the app, listed at `/api/v1/notifications` "
        "(`?recipient=...&unread=true`) until it is read; it is made once however often the step runs. `email`, `chat` "
        "and `webhook` tell it by other ways too, after that. If one of them fails, so does the step, and its error "
        "says which went well before (`done`): whether to try again is then up to the node's `on_unknown`, since some "
        "people would be told twice."
    ),
    parameters=Notification,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    effect_of=_effect,
    uses=(MAIL, NOTIFICATIONS, ROUTER),
    outputs=(
        Port(
            help="What was told, and by which ways.",
            schema={
                "type": "object",
                "properties": {
                    "notifications": {"type": "array", "items": {"type": "string"}},
                    "recipients": {"type": "array", "items": {"type": "string"}},
                    "channels": {"type": "array", "items": {"enum": ["app", *CHANNELS]}},
                },
            },
        ),
    ),
    examples=(
        Example(
            "tell two people in the app",
            {"recipients": ["ada", "bo"], "title": "Order {{ input.id }} is late", "level": "warning"},
            input={"id": 7},
            expect={
                "out": {
                    "notifications": ["00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000001"],
                    "recipients": ["ada", "bo"],
                    "channels": ["app"],
                }
            },
        ),
        Example(
            "by mail and chat too",
            {
                "recipients": "ada@example.com",
                "title": "The backup failed",
                "email": {"connection": CONNECTION},
                "chat": {"channel": "ops"},
            },
            world={"router": [{"message_id": "m-1"}]},
            expect={
                "out": {
                    "notifications": ["00000000-0000-7000-8000-000000000000"],
                    "recipients": ["ada@example.com"],
                    "channels": ["app", "chat", "email"],
                }
            },
        ),
        Example(
            "a link that would run something",
            {"recipients": "ada", "title": "Look", "link": "{{ input }}"},
            input="javascript:alert(1)",
            expect_error="NOTIFICATION_LINK_INVALID",
        ),
    ),
)
