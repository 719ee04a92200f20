"""What may go into an e-mail, and what is refused before anything is built."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from wingbeat.core.errors import StepError
from wingbeat.sdk.letter import Attachment, Letter, check, compose, message_id, parse_address

LETTER = Letter(to=["ada@example.com"], subject="Hello", text="How are you?")
INJECTIONS = ["a\r\nBcc: evil@example.com", "a\nb", "a\rb", "a\x00b", "a\x85b", "a\u2028b", "a\x0bb", "\ud800"]


def refusal(letter: Letter) -> tuple[str, object]:
    """Code and field of the error that a letter ends in."""
    with pytest.raises(StepError) as caught:
        check(letter)
    assert caught.value.remedy
    return caught.value.code, caught.value.details["parameter"]


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_field_takes_a_line_break(text: str) -> None:
    """Whatever could begin a line of its own is refused, and the field is named."""
    fields = {
        "subject": LETTER._replace(subject=text),
        "from": LETTER._replace(sender=f"{text} <me@example.com>"),
        "to.1": LETTER._replace(to=["ada@example.com", f"me@example.com{text}"]),
        "cc.0": LETTER._replace(cc=[f"{text} <me@example.com>"]),
        "bcc.0": LETTER._replace(bcc=[text]),
        "reply_to.0": LETTER._replace(reply_to=[text]),
        "headers.X-Own": LETTER._replace(headers={"X-Own": text}),
        "attachments.0.name": LETTER._replace(attachments=[Attachment(text, "text/plain", b"")]),
    }
    assert {field: refusal(letter) for field, letter in fields.items()} == {
        field: ("MAIL_FIELD_INVALID", field) for field in fields
    }


@pytest.mark.parametrize(
    "name",
    ["", "X Own", "X:Own", "X-Own\r\nBcc", "Bcc", "bCC", "Subject", "Content-Type", "MIME-Version", "é", "Resent-To"],
)
def test_headers_that_are_not_for_the_author(name: str) -> None:
    """Neither names that are none, nor those that are set from the mail's own fields."""
    assert refusal(LETTER._replace(headers={name: "x"}))[0] == "MAIL_FIELD_INVALID"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ada",
        "@example.com",
        "ada@",
        "ada@localdomain",
        "a da@example.com",
        "ada@exa mple.com",
        "ada@-x.com",
        "ada@x..com",
        "a@b@example.com",
        "ada@example.com, grace@example.com",
        "<ada@example.com",
        "ada@[127.0.0.1]",
        ".a@example.com",
        "ä@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".com",
        "ada@example.com>",
        "a@" + "b." * 130 + "com",
    ],
)
def test_what_is_no_address(address: str) -> None:
    """One address in each item, of a form that servers agree on."""
    assert refusal(LETTER._replace(to=[address])) == ("MAIL_ADDRESS_INVALID", "to.0")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        (" Ada <ada@example.com> ", "Ada <ada@example.com>"),
        ('"Lovelace, Ada" <ada@example.com>', '"Lovelace, Ada" <ada@example.com>'),
        ("o'hara+tag@straße.example", "o'hara+tag@xn--strae-oqa.example"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_addresses(text: str, expected: str) -> None:
    """With a name or without; domains in any letters become what the name service knows."""
    assert str(parse_address("to", text)) == expected


def test_a_letter_needs_somebody_and_something() -> None:
    """Nobody to go to, nothing to say, and too much of anything are errors that name the field."""
    assert refusal(LETTER._replace(to=[])) == ("MAIL_NO_RECIPIENT", "to")
    assert refusal(LETTER._replace(text="")) == ("MAIL_EMPTY", "text")
    assert refusal(LETTER._replace(to=[f"a{place}@example.com" for place in range(501)])) == ("MAIL_TOO_LARGE", "to")
    assert refusal(LETTER._replace(subject="x" * 2001)) == ("MAIL_TOO_LARGE", "subject")
    assert refusal(LETTER._replace(text="x" * 25_000_001)) == ("MAIL_TOO_LARGE", "attachments")
    many = [Attachment("a", "text/plain", b"")] * 51
    assert refusal(LETTER._replace(attachments=many)) == ("MAIL_TOO_LARGE", "attachments")


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a\\b", 'a"b', "x" * 256])
def test_attachments_have_names_of_files(name: str) -> None:
    """No folders, no quotes."""
    letter = LETTER._replace(attachments=[Attachment(name, "text/plain", b"")])
    assert refusal(letter) == ("MAIL_FIELD_INVALID", "attachments.0.name")


@pytest.mark.parametrize(
    "media_type", ["", "pdf", "text/plain; charset=x", "message/rfc822", "multipart/mixed", "a/b\n"]
)
def test_attachments_have_media_types_of_files(media_type: str) -> None:
    """Nothing that a mail program would read as a part of the mail itself."""
    letter = LETTER._replace(attachments=[Attachment("a", media_type, b"")])
    assert refusal(letter) == ("MAIL_FIELD_INVALID", "attachments.0.media_type")


def test_html_alone_and_both() -> None:
    """HTML alone is the body; with text it is the alternative that comes last."""
    sender = parse_address("from", "me@example.com")
    kinds = []
    for letter in (LETTER._replace(text="", html="<p>"), LETTER._replace(html="<p>")):
        message = compose(check(letter), sender, message_id("k", "example.com"), datetime(2026, 1, 1, tzinfo=UTC))
        kinds.append([part.get_content_type() for part in message.walk()])
    assert kinds == [["text/html"], ["multipart/alternative", "text/plain", "text/html"]]
