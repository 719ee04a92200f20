"""Send an e-mail."""

from __future__ import annotations

import binascii
from base64 import b64decode
from html import escape
from typing import Annotated, Self, cast

from pydantic import Field, model_validator

from wingbeat.sdk import (
    WAITS,
    ConnectionMarker,
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Result,
    Signal,
    StepError,
    Template,
    drawn_as,
)
from wingbeat.sdk.approvals import APPROVALS
from wingbeat.sdk.asking import Asked, Asking, Call, Tell, ask, go_on
from wingbeat.sdk.files import FILES, Files
from wingbeat.sdk.letter import MOST_ATTACHMENTS, MOST_BYTES, Attachment, Letter, addresses_of, check
from wingbeat.sdk.mail import MAIL

Addresses = str | list[str]
CONNECTION = "5f0c1a4e-6f6b-4c8e-9d52-0a6b0c7d9e11"


class InlineAttachment(Parameters):
    """A file made of a value: give `text` or `base64`."""

    name: Template[str] = Field(description="The file's name, without folders.", examples=["order-{{ input.id }}.csv"])
    text: Template[str | None] = Field(
        json_schema_extra=drawn_as("long-text"),
        default=None,
        description="What is in it, as text.",
        examples=["{{ input.csv }}"],
    )
    base64: Template[str | None] = Field(
        default=None, description="What is in it, in base64; for files that are no text.", examples=["aGVsbG8="]
    )
    media_type: Template[str] = Field(default="", description="Its media type.", examples=["text/csv"])
    content_id: Template[str] = Field(
        default="", description="For pictures in the HTML, which shows them as `cid:<content_id>`.", examples=["logo"]
    )


class Email(Parameters):
    """The mail."""

    connection: Annotated[str, ConnectionMarker("smtp")] = Field(
        description="The mail server: a connection of the kind `smtp`.", examples=[CONNECTION]
    )
    to: Template[Addresses] = Field(
        default=[],
        description="Who gets it: one address, or a list; each as `a@example.com` or `Ada <a@example.com>`.",
        examples=["{{ input.email }}", ["Ada <ada@example.com>"]],
    )
    cc: Template[Addresses] = Field(default=[], description="Who gets a copy.", examples=["team@example.com"])
    bcc: Template[Addresses] = Field(
        default=[], description="Who gets a copy that nobody else sees.", examples=["archive@example.com"]
    )
    reply_to: Template[Addresses] = Field(
        default=[], description="Where answers go, if not to the sender.", examples=["support@example.com"]
    )
    sender: Template[str] = Field(
        default="",
        alias="from",
        description="Who it comes from, if not the connection's `sender`.",
        examples=["Shop <shop@example.com>"],
    )
    subject: Template[str] = Field(description="One line.", examples=["Order {{ input.id }}"])
    text: Template[str] = Field(
        json_schema_extra=drawn_as("long-text"),
        default="",
        description="The mail as plain text.",
        examples=["Hello {{ input.name }}"],
    )
    html: Template[str] = Field(
        json_schema_extra=drawn_as("html"),
        default="",
        description=(
            "The mail as HTML; with `text` too, mail programs choose. What the template puts in is HTML as well: clean "
            "what others wrote with `data.html` first."
        ),
        examples=["<p>Hello {{ input.name }}</p>"],
    )
    headers: Template[dict[str, str]] = Field(
        default={},
        description="More headers. Those that other fields make (`Subject`, `Bcc`, `Content-Type` ...) are refused.",
        examples=[{"List-Unsubscribe": "<https://example.com/bye>"}],
    )
    files: Template[Json] = Field(
        default=None,
        description="Files to attach: a reference that another node gave, or a list of them; null attaches none.",
        examples=["{{ nodes.report.file }}"],
    )
    attachments: list[InlineAttachment] = Field(
        default=[], max_length=50, description="Files made of values.", examples=[[{"name": "a.txt", "text": "Hello"}]]
    )
    ask: Asking | None = Field(
        default=None,
        description=(
            "Ask those in `to` for a decision, and wait for it, as `action.approval` does: each gets a mail of "
            "their own with a link to a page of their own, which shows the question and a button for each option."
        ),
        examples=[{"rule": "all", "expires_in_seconds": 604800}],
    )
    timeout_seconds: float = Field(
        default=60, gt=0, le=3600, description="The server must have taken the mail by then.", examples=[30]
    )

    @model_validator(mode="after")
    def _asks_each_alone(self) -> Self:
        if self.ask is not None and self.model_fields_set & {"cc", "bcc"}:
            raise ValueError("with 'ask' there are no copies: the link in a mail decides for whoever has it")
        return self


async def run(parameters: Email, context: Context) -> Result:
    """Send it; raises `StepError` (`ATTACHMENT_INVALID`, and what the tools for files and mail raise)."""
    letter = _letter(parameters)
    checked = check(letter)  # before any file is read
    files = await _files(parameters, context.use(FILES))
    if parameters.ask is not None:
        people = [str(one) for one in addresses_of(checked.to)]
        asked = Asked(" ".join(letter.subject.split())[:500] or "-", letter.text[:20_000], None, people)
        return await ask(parameters.ask, asked, context, _sender(parameters, context, files))
    delivery = await context.use(MAIL).send(
        parameters.connection,
        letter._replace(attachments=[*letter.attachments, *files]),
        timeout_seconds=parameters.timeout_seconds,
    )
    if delivery.refused:
        context.log("The server refused some recipients.", refused=[one.address for one in delivery.refused])
    refused: list[Json] = [one._asdict() for one in delivery.refused]
    return Outcome.of(
        {
            "message_id": delivery.message_id,
            "accepted": list(delivery.accepted),
            "refused": refused,
            "response": delivery.response,
        }
    )


async def resume(parameters: Email, context: Context, signal: Signal) -> Result:
    """Go on with the decision, or ask on."""
    asking = cast("Asking", parameters.ask)

    async def tell(call: Call) -> None:
        await _sender(parameters, context, await _files(parameters, context.use(FILES)))(call)

    return await go_on(asking, context, signal, tell)


def rehearse(parameters: Email, context: Context) -> Outcome:
    """Check the mail as for sending, and tell what it would be."""
    del context
    letter = _letter(parameters)
    checked = check(letter)
    port = "out" if parameters.ask is None else parameters.ask.options[0].name
    return Outcome.to(
        port,
        {
            "rehearsed": True,
            "message_id": None,
            "accepted": [],
            "refused": [],
            "mail": {
                "from": letter.sender or None,
                "to": addresses_of(checked.to),
                "cc": addresses_of(checked.cc),
                "bcc": addresses_of(checked.bcc),
                "subject": letter.subject,
                "text": letter.text,
                "html": letter.html,
                "attachments": [{"name": one.name, "size": len(one.data)} for one in letter.attachments],
                "files": parameters.files,
            },
        },
    )


def _sender(parameters: Email, context: Context, files: list[Attachment]) -> Tell:
    """Sends each approver the question with the link that is theirs."""
    letter = _letter(parameters)

    async def tell(call: Call) -> None:
        for approver, link in call.links.items():
            subject = f"Reminder: {letter.subject}" if call.reminder else letter.subject
            text = f"{letter.text}\n\nDecide here: {link}\n" if letter.text or not letter.html else ""
            button = f'<p><a href="{escape(link)}">Decide here</a></p>'
            mail = letter._replace(
                to=[approver],
                subject=subject,
                text=text,
                html=f"{letter.html}{button}" if letter.html else "",
                attachments=[*letter.attachments, *files],
            )
            await context.use(MAIL).send(
                parameters.connection,
                mail,
                timeout_seconds=parameters.timeout_seconds,
                part=f"{call.level} {approver}",
            )

    return tell


def _letter(parameters: Email) -> Letter:
    return Letter(
        to=_list(parameters.to),
        cc=_list(parameters.cc),
        bcc=_list(parameters.bcc),
        reply_to=_list(parameters.reply_to),
        sender=parameters.sender,
        subject=parameters.subject,
        text=parameters.text,
        html=parameters.html,
        headers=parameters.headers,
        attachments=[_attachment(place, one) for place, one in enumerate(parameters.attachments)],
    )


async def _files(parameters: Email, tool: Files) -> list[Attachment]:
    """The files that references stand for, all together within what a mail may have."""
    given = parameters.files
    references = given if isinstance(given, list) else [] if given is None else [given]
    if len(references) > MOST_ATTACHMENTS:
        raise _too_many(len(references))
    left = MOST_BYTES
    attachments = []
    for reference in references:
        kept = await tool.load(reference, most_bytes=left)
        left -= len(kept.data)
        media_type = kept.media_type.partition(";")[0].strip()
        # A mail program would read these as parts of the mail itself.
        fits = not media_type.startswith(("message/", "multipart/"))
        name = kept.name.replace('"', "_")
        attachments.append(Attachment(name, media_type if fits else "application/octet-stream", kept.data))
    return attachments


def _too_many(count: int) -> StepError:
    return StepError(
        f"{count} files are too many for one mail; the most is {MOST_ATTACHMENTS}.",
        code="MAIL_TOO_LARGE",
        remedy="Send several mails, or put the files into one.",
        details={"parameter": "files"},
    )


def _list(addresses: Addresses) -> list[str]:
    if isinstance(addresses, str):
        return [addresses] if addresses.strip() else []
    return addresses


def _attachment(place: int, given: InlineAttachment) -> Attachment:
    if (given.text is None) == (given.base64 is None):
        raise _bad_attachment(place, "it needs either 'text' or 'base64'")
    usual = "text/plain" if given.base64 is None else "application/octet-stream"
    return Attachment(given.name, given.media_type or usual, _data(place, given), given.content_id)


def _data(place: int, given: InlineAttachment) -> bytes:
    if given.text is not None:
        try:
            return given.text.encode()
        except UnicodeEncodeError as error:
            raise _bad_attachment(place, "its text holds half of a character") from error
    encoded = given.base64 or ""
    if len(encoded) > MOST_BYTES * 2:
        raise _bad_attachment(place, f"it is larger than {MOST_BYTES} bytes")
    try:
        return b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad_attachment(place, "'base64' is no base64") from error


def _bad_attachment(place: int, why: str) -> StepError:
    return StepError(
        f"Attachment {place + 1} cannot be sent: {why}.",
        code="ATTACHMENT_INVALID",
        remedy="Give the file's content as text or in base64, one of the two.",
        details={"parameter": f"attachments.{place}"},
    )


def _delivered(*accepted: str, refused: list[JsonObject] | None = None) -> JsonObject:
    return {
        "out": {
            "message_id": "<50d858e0985ecc7f60418aaf0cc5ab587f42c257@example.com>",
            "accepted": list(accepted),
            "refused": list(refused or []),
            "response": "250 OK",
        }
    }


def _asking(shape: JsonObject) -> JsonObject:
    return {"required": ["ask"], "properties": {"ask": shape}}


ASKS = _asking({"type": "object"})
ASKS_PLAINLY = _asking(
    {"type": "object", "not": {"required": ["options"], "properties": {"options": {"type": "array"}}}}
)
ADA_AGREES: JsonObject = {"approver": "ada@example.com", "option": "approved", "comment": "", "way": "link"}

NODE = NodeType(
    type="action.email",
    title="E-mail",
    help=(
        "Sends an e-mail through a connection of the kind `smtp`: plain text, HTML or both, with attachments. Every "
        "field is checked first; a line break in an address, a subject or a header is an error that names the field, "
        "and nothing is sent. If the server takes the mail for some recipients only, that is no error: `refused` says "
        "who did not get it and why. If it takes it for nobody, the step fails. A mail is never sent twice silently: "
        "when the server falls silent after the text of the mail has begun, nobody knows whether it goes out, and the "
        "node's `on_unknown` decides: `fail` (the default), `retry`, or `ask` a person. A mail that is sent again has "
        "the same `Message-ID`, so that mail programs show it once. With `ask`, it sends a question and waits for the "
        "decision: see `action.approval` for the rules, and for what comes out by the options' ports."
    ),
    parameters=Email,
    run=run,
    resume=resume,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    uses=(APPROVALS, FILES, MAIL, WAITS),
    outputs=(
        Port(
            help="What the server took.",
            schema={
                "type": "object",
                "properties": {
                    "message_id": {"type": ["string", "null"]},
                    "accepted": {"type": "array", "items": {"type": "string"}},
                    "refused": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "address": {"type": "string"},
                                "status": {"type": "integer"},
                                "reason": {"type": "string"},
                            },
                        },
                    },
                    "response": {"type": "string"},
                },
            },
            when={"not": ASKS},
        ),
        Port("approved", "With `ask`, instead of `out`: it was approved; the decisions.", when=ASKS_PLAINLY),
        Port("rejected", "With `ask`: it was rejected; the decisions.", when=ASKS_PLAINLY),
        Port("<option>", "With `options` in `ask`, a port for each instead of those two.", each="ask.options[].name"),
        Port("expired", "With `ask`: there was no decision in time.", when=ASKS),
    ),
    examples=(
        Example(
            "write to a customer",
            {
                "connection": CONNECTION,
                "to": "{{ input.name }} <{{ input.email }}>",
                "subject": "Your order {{ input.id }}",
                "text": "Hello {{ input.name }}, it is on its way.",
                "html": "<p>Hello {{ input.name }}, it is on its way.</p>",
                "files": "{{ input.invoice }}",
                "attachments": [{"name": "order.csv", "text": "sku\na-1\n", "media_type": "text/csv"}],
            },
            input={"name": "Ada", "email": "ada@example.com", "id": 7, "invoice": {"$file": "invoice"}},
            world={"files": {"invoice": {"name": "invoice.pdf", "media_type": "application/pdf", "text": "%PDF"}}},
            expect=_delivered("ada@example.com"),
        ),
        Example(
            "see whom the server refuses",
            {
                "connection": CONNECTION,
                "to": ["ada@example.com", "gone@example.com"],
                "subject": "News",
                "text": "New!",
            },
            world={"mail": {"refused": {"gone@example.com": "no such user"}}},
            expect=_delivered(
                "ada@example.com",
                refused=[{"address": "gone@example.com", "status": 550, "reason": "no such user"}],
            ),
        ),
        Example(
            "send a question, and wait for the decision",
            {
                "connection": CONNECTION,
                "to": "Ada <ada@example.com>",
                "subject": "Pay {{ input.amount }}?",
                "text": "It is due on Friday.",
                "ask": {"expires_in_seconds": 604800},
            },
            input={"amount": 120},
            world={"approvals": {"decided": "approved", "decisions": [ADA_AGREES]}, "signal": {"resolved": None}},
            expect={
                "approved": {
                    "approval_id": "00000000-0000-7000-8000-0000000000bb",
                    "status": "decided",
                    "outcome": "approved",
                    "decisions": [ADA_AGREES],
                    "undecided": [],
                }
            },
        ),
        Example(
            "a line break in the subject sends nothing",
            {"connection": CONNECTION, "to": "ada@example.com", "subject": "{{ input }}", "text": "Hello"},
            input="Hi\r\nBcc: everybody@example.com",
            expect_error="MAIL_FIELD_INVALID",
        ),
    ),
)
