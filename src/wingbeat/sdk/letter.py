"""An e-mail as a node gives it, the checks that it must pass, and the MIME message made of it.

What a person or another system wrote ends up in headers here, so every field is checked before anything is built: a
line break in one of them would let its author write headers, recipients and bodies of his own.
"""

from __future__ import annotations

import re
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import idna

from wingbeat.core.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from wingbeat.core.json_value import Json

MOST_RECIPIENTS = 500
MOST_ATTACHMENTS = 50
MOST_HEADERS = 50
MOST_BYTES = 25_000_000
LONGEST_LINE = 2_000
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the brackets
LONGEST_LOCAL_PART = 64
SHOWN = 80

# RFC 5321's dot-atom; quoted local parts exist on paper only.
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
NAMED = re.compile(r"(?P<name>.*?)<(?P<address>[^<>]*)>", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
HEADER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,75}")
MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
CONTENT_ID = re.compile(r"[A-Za-z0-9._@-]{1,200}")
# Set from the letter's own fields, or by servers on the way.
OWN_HEADERS = frozenset(
    {
        "from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version", "return-path",
        "received", "dkim-signature", "authentication-results", "apparently-to",
    }
)  # fmt: skip
OWN_PREFIXES = ("content-", "resent-", "arc-")
MESSAGE = policy.SMTP.clone(cte_type="7bit", max_line_length=78)


class Attachment(NamedTuple):
    """A file that goes along. With a `content_id` it is a picture that the HTML shows as `cid:<content_id>`."""

    name: str
    media_type: str
    data: bytes
    content_id: str = ""


class Letter(NamedTuple):
    """An e-mail. Addresses are `a@example.com` or `Ada <a@example.com>`; an empty sender is the connection's own."""

    to: Sequence[str]
    subject: str
    text: str = ""
    html: str = ""
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    reply_to: Sequence[str] = ()
    sender: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    attachments: Sequence[Attachment] = ()


class CheckedLetter(NamedTuple):
    """A letter whose every field has been checked, with its addresses taken apart."""

    letter: Letter
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every address that the letter goes to, once each."""
        return tuple(dict.fromkeys(address.addr_spec for address in (*self.to, *self.cc, *self.bcc)))


def check(letter: Letter) -> CheckedLetter:
    """Check every field.

    Raises:
        StepError: `MAIL_FIELD_INVALID`, `MAIL_ADDRESS_INVALID`, `MAIL_NO_RECIPIENT`, `MAIL_EMPTY` or `MAIL_TOO_LARGE`;
            `details.parameter` names the field.
    """
    _one_line("subject", letter.subject)
    _check_headers(letter.headers)
    _check_attachments(letter.attachments)
    if not (letter.text or letter.html):
        raise _invalid("MAIL_EMPTY", "text", "The mail has neither text nor HTML.", "Give it 'text', 'html' or both.")
    checked = CheckedLetter(
        letter,
        parse_address("from", letter.sender) if letter.sender else None,
        _parse_addresses("to", letter.to),
        _parse_addresses("cc", letter.cc),
        _parse_addresses("bcc", letter.bcc),
        _parse_addresses("reply_to", letter.reply_to),
    )
    if not checked.recipients:
        raise _invalid("MAIL_NO_RECIPIENT", "to", "The mail goes to nobody.", "Name somebody in 'to', 'cc' or 'bcc'.")
    _check_size("to", len(checked.recipients), MOST_RECIPIENTS, "recipients")
    size = (
        len(_utf8("text", letter.text))
        + len(_utf8("html", letter.html))
        + sum(len(one.data) for one in letter.attachments)
    )
    _check_size("attachments", size, MOST_BYTES, "bytes")
    return checked


def _parse_addresses(field: str, given: Sequence[str]) -> tuple[Address, ...]:
    _check_size(field, len(given), MOST_RECIPIENTS, "addresses")
    return tuple(parse_address(f"{field}.{place}", text) for place, text in enumerate(given))


def parse_address(field: str, text: str) -> Address:
    """An address, with a name or without; a domain in other letters than a to z is turned into its ASCII form."""
    _one_line(field, text)
    named = NAMED.fullmatch(text.strip())
    name = named["name"].strip().strip('"').strip() if named else ""
    local, at, domain = (named["address"] if named else text).strip().rpartition("@")
    if not at or len(local) > LONGEST_LOCAL_PART or not LOCAL_PART.fullmatch(local):
        raise _bad_address(field, text, "it is not of the form name@example.com")
    try:
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError as error:
        raise _bad_address(field, text, "what follows the @ is no name of a domain") from error
    if "." not in ascii_domain.strip(".") and ascii_domain != "localhost":
        raise _bad_address(field, text, "what follows the @ is no whole name of a domain")
    if len(local) + 1 + len(ascii_domain) > LONGEST_ADDRESS:
        raise _bad_address(field, text, f"it is longer than {LONGEST_ADDRESS} characters")
    return Address(display_name=name, username=local, domain=ascii_domain)


def message_id(key: str, domain: str) -> str:
    """The same for every try of one step, so that a mail that was sent twice can be told as one."""
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def compose(checked: CheckedLetter, sender: Address, identifier: str, date: datetime) -> EmailMessage:
    """The MIME message: text and HTML as alternatives, pictures with the HTML, attachments after them.

    `Bcc` is not in it; it is for the envelope alone.
    """
    letter = checked.letter
    message = EmailMessage(policy=MESSAGE)
    message["From"] = sender
    for name, addresses in (("To", checked.to), ("Cc", checked.cc), ("Reply-To", checked.reply_to)):
        if addresses:
            message[name] = addresses
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = identifier
    for name, value in letter.headers.items():
        message[name] = value
    _add_bodies(message, letter)
    return message


def _add_bodies(message: EmailMessage, letter: Letter) -> None:
    if letter.text or not letter.html:
        message.set_content(letter.text)
    body = message
    if letter.html:
        if letter.text:
            message.add_alternative(letter.html, subtype="html")
            body = list(message.iter_parts())[-1]  # type: ignore[assignment] # parts of an EmailMessage are such
        else:
            message.set_content(letter.html, subtype="html")
    for attachment in sorted(letter.attachments, key=lambda one: not one.content_id):
        kind, _, subtype = attachment.media_type.partition("/")
        if attachment.content_id and letter.html:
            body.add_related(attachment.data, kind, subtype, cid=f"<{attachment.content_id}>", filename=attachment.name)
        else:
            message.add_attachment(attachment.data, maintype=kind, subtype=subtype, filename=attachment.name)


def _check_headers(headers: Mapping[str, str]) -> None:
    _check_size("headers", len(headers), MOST_HEADERS, "headers")
    for name, value in headers.items():
        field = f"headers.{name[:SHOWN]}"
        if not HEADER_NAME.fullmatch(name):
            raise _bad_field("headers", f"{name[:SHOWN]!r} is no name of a header")
        if name.lower() in OWN_HEADERS or name.lower().startswith(OWN_PREFIXES):
            raise _bad_field(field, "this header is set from the mail's own fields")
        _one_line(field, value)


def _check_attachments(attachments: Sequence[Attachment]) -> None:
    _check_size("attachments", len(attachments), MOST_ATTACHMENTS, "attachments")
    for place, attachment in enumerate(attachments):
        field = f"attachments.{place}"
        _one_line(f"{field}.name", attachment.name)
        if not attachment.name or set(attachment.name) & set('/\\"') or len(attachment.name) > 255:  # noqa: PLR2004 - as long as a file's name may be
            raise _bad_field(f"{field}.name", "a file's name has 1 to 255 characters, and no slash or quote")
        if not MEDIA_TYPE.fullmatch(attachment.media_type) or attachment.media_type.lower().startswith(
            ("multipart/", "message/")
        ):
            raise _bad_field(f"{field}.media_type", "it is no media type of a file, such as application/pdf")
        if attachment.content_id and not CONTENT_ID.fullmatch(attachment.content_id):
            raise _bad_field(f"{field}.content_id", "it may hold letters, digits and . _ @ - only")


def _one_line(field: str, text: str) -> None:
    if found := CONTROL.search(text):
        raise _bad_field(field, f"it holds a line break or another control character, at {found.start()}")
    _check_size(field, len(text), LONGEST_LINE, "characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _bad_field(field, "it holds half of a character")


def _check_size(field: str, size: int, most: int, what: str) -> None:
    if size > most:
        raise _invalid(
            "MAIL_TOO_LARGE",
            field,
            f"The mail's '{field}' has {size} {what}; the most is {most}.",
            "Send less at a time.",
        )


def _bad_address(field: str, text: str, why: str) -> StepError:
    return _invalid(
        "MAIL_ADDRESS_INVALID",
        field,
        f"'{text[:SHOWN]}' in '{field}' is no e-mail address: {why}.",
        "Write it as name@example.com or Name <name@example.com>, each in an item of its own.",
    )


def _bad_field(field: str, why: str) -> StepError:
    return _invalid(
        "MAIL_FIELD_INVALID",
        field,
        f"The mail's '{field}' cannot be sent: {why}.",
        "Clean the value before it is sent.",
    )


def _utf8(field: str, text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise _invalid(
            "MAIL_TEXT_INVALID", field, f"'{field}' holds half of a character.", "Write whole characters."
        ) from error


def _invalid(code: str, field: str, message: str, remedy: str) -> StepError:
    return StepError(message, code=code, remedy=remedy, details={"parameter": field})


def addresses_of(found: Iterable[Address]) -> list[Json]:
    """As text, without names."""
    return [address.addr_spec for address in found]
