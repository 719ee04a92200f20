"""The e-mail node: what it hands to the mail tool, what it makes of the answer, and what it refuses."""

from __future__ import annotations

from typing import Any, cast

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action.email import CONNECTION, NODE
from wingbeat.sdk import Effect, Example
from wingbeat.sdk.letter import Attachment, Letter
from wingbeat.sdk.mail import MAIL, ExampleMail
from wingbeat.sdk.testing import context_of, outcome_of, run_example

MAIL_TO_ADA: dict[str, Any] = {"connection": CONNECTION, "to": "ada@example.com", "subject": "Hello", "text": "How?"}


def sent(raw: dict[str, Any], **example: Any) -> Letter:  # noqa: ANN401 - fields of an example
    """The letter that these parameters send."""
    described = Example("", {**MAIL_TO_ADA, **raw}, **example)
    context = context_of(described)
    run_example(NODE, described, context=context)
    return cast("ExampleMail", context.use(MAIL)).sent[0]


def failure(raw: dict[str, Any], **example: Any) -> StepError:  # noqa: ANN401 - fields of an example
    """The error that these parameters end in."""
    with pytest.raises(StepError) as caught:
        sent(raw, **example)
    return caught.value


def test_one_address_or_a_list() -> None:
    """One text is one address; an empty one is nobody."""
    letter = sent(
        {"to": ["a@example.com", "b@example.com"], "cc": "c@example.com", "bcc": "", "from": "me@example.com"}
    )
    assert (letter.to, letter.cc, letter.bcc, letter.sender) == (
        ["a@example.com", "b@example.com"],
        ["c@example.com"],
        [],
        "me@example.com",
    )


def test_attachments_are_made_of_values() -> None:
    """Text and base64, each with its media type."""
    letter = sent(
        {
            "attachments": [
                {"name": "{{ input }}.txt", "text": "ä"},
                {"name": "b", "base64": "aGVs\nbG8="},
                {"name": "c.csv", "text": "", "media_type": "text/csv", "content_id": "c"},
            ]
        },
        input="a",
    )
    assert letter.attachments == [
        Attachment("a.txt", "text/plain", "ä".encode()),
        Attachment("b", "application/octet-stream", b"hello"),
        Attachment("c.csv", "text/csv", b"", "c"),
    ]


@pytest.mark.parametrize(
    "attachment",
    [
        {"name": "a"},
        {"name": "a", "text": "x", "base64": "eA=="},
        {"name": "a", "base64": "?"},
        {"name": "a", "base64": "é"},
    ],
)
def test_attachments_that_are_none(attachment: dict[str, str]) -> None:
    """Either text or base64, and base64 that is some."""
    error = failure({"attachments": [attachment]})
    assert (error.code, error.details["parameter"]) == ("ATTACHMENT_INVALID", "attachments.0")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"to": "{{ input }}"}, None),
        ({"to": "{{ input }}"}, {"a": 1}),
        ({"to": ["{{ input }}"]}, [1]),
        ({"to": "{{ input }}"}, ["a@example.com", None]),
        ({"subject": "{{ input }}"}, None),
        ({"text": "{{ input }}"}, []),
        ({"headers": "{{ input }}"}, "x"),
        ({"headers": "{{ input }}"}, {"X-A": {"b": 1}}),
        ({"attachments": [{"name": "{{ input }}", "text": ""}]}, None),
    ],
)
def test_values_of_a_wrong_kind(raw: dict[str, Any], value: Any) -> None:  # noqa: ANN401 - anything
    """What a template gives is checked before anything is sent."""
    assert failure(raw, input=value).code == "PARAMETER_INVALID"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"to": "{{ input }}"}, "MAIL_FIELD_INVALID"),
        ({"to": "x{{ input }}"}, "MAIL_FIELD_INVALID"),
        ({"from": "{{ input }}"}, "MAIL_FIELD_INVALID"),
        ({"subject": "{{ input }}"}, "MAIL_FIELD_INVALID"),
        ({"headers": {"X-A": "{{ input }}"}}, "MAIL_FIELD_INVALID"),
        ({"reply_to": ["{{ input }}"]}, "MAIL_FIELD_INVALID"),
        ({"attachments": [{"name": "{{ input }}", "text": ""}]}, "MAIL_FIELD_INVALID"),
    ],
)
def test_line_breaks_reach_no_header(raw: dict[str, Any], code: str) -> None:
    """Whatever the data, it cannot write headers of its own."""
    assert failure(raw, input="ada@example.com\r\nBcc: evil@example.com").code == code


def test_files_go_along() -> None:
    """One reference or several; what is no reference is an error, and nothing is sent."""
    world = {
        "files": {
            "a": {"name": 'a".pdf', "media_type": "application/pdf", "text": "x"},
            "b": {"name": "b.eml", "media_type": "message/rfc822"},
        }
    }
    letter = sent({"files": "{{ input }}"}, input=[{"$file": "a"}, {"$file": "b"}], world=world)
    assert letter.attachments == [
        Attachment("a_.pdf", "application/pdf", b"x"),
        Attachment("b.eml", "application/octet-stream", b""),
    ]
    assert len(sent({"files": {"$file": "a"}}, world=world).attachments) == 1
    codes = [failure({"files": "{{ input }}"}, input=value).code for value in ("x", {"$file": "c"}, [None], {}, 7)]
    assert codes == ["FILE_REFERENCE_INVALID"] * 5
    assert failure({"files": "{{ input }}"}, input=[None] * 51).code == "MAIL_TOO_LARGE"


def test_a_test_run_sends_nothing_and_shows_the_mail() -> None:
    """It checks the mail as the run does."""
    example = Example("", MAIL_TO_ADA)
    context = context_of(example)
    shown = outcome_of(run_example(NODE, example, context=context, rehearse=True))["out"]
    assert (shown["rehearsed"], shown["mail"]["to"], shown["mail"]["subject"]) == (True, ["ada@example.com"], "Hello")
    assert context.tools == {}


def test_it_says_that_it_may_not_be_repeated() -> None:
    """A second mail is a second mail."""
    assert NODE.effect is Effect.UNSAFE
