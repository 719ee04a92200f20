"""The HTTP request node and files: what it sends of them, and what it keeps."""

from __future__ import annotations

from typing import Any, cast

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action.http_request import NODE
from wingbeat.sdk import FILES, Example, HttpResponse, Json, JsonObject
from wingbeat.sdk.files import ExampleFiles
from wingbeat.sdk.testing import ExampleContext, ExampleHttp, SentRequest, context_of, outcome_of, run_example

URL = "https://api.example.com/files/a%20b.bin?key=k"
WORLD = {"files": {"f": {"name": 'a"\r\nX: y.csv', "media_type": "text/csv", "text": "a,b"}}}
FILE: JsonObject = {"$file": "f"}


def exchange(raw: JsonObject, *answers: HttpResponse) -> tuple[ExampleContext, Any]:
    """Run the node; its context, and what came out."""
    example = Example("", {"url": URL, **raw}, answers=answers or (answer(),), world=WORLD)
    context = context_of(example)
    return context, outcome_of(run_example(NODE, example, context=context))["out"]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> HttpResponse:
    """An answer of the server."""
    return HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, URL)


def sent(raw: JsonObject) -> SentRequest:
    """The request that goes out."""
    context, _ = exchange({"method": "POST", **raw})
    return cast("ExampleHttp", context.http).sent[0]


def failure(raw: JsonObject, *answers: HttpResponse) -> StepError:
    """The error that the node ends in."""
    with pytest.raises(StepError) as caught:
        exchange(raw, *answers)
    return caught.value


def test_a_file_is_sent_as_it_is() -> None:
    """With its own media type, unless the headers say another."""
    request = sent({"body_format": "file", "body": FILE})
    assert (b"a,b", "text/csv") == (request.content, request.headers["Content-Type"])
    request = sent({"body_format": "file", "body": FILE, "headers": {"content-type": "text/plain"}})
    assert "text/plain" == request.headers["content-type"]
    assert "Content-Type" not in request.headers


def test_a_form_with_files_is_sent() -> None:
    """Fields and files in their order, lists repeated, null left out, names that break out of nothing."""
    request = sent(
        {
            "body_format": "multipart",
            "body": {
                "n": 1,
                'x"\r\nEvil: 1': "ä",
                "none": None,
                "files": [FILE, {**FILE, "name": "b.txt"}],
                "o": {"a": 1},
            },
            "headers": {"Content-Type": "multipart/form-data"},
        }
    )
    media, _, boundary = request.headers["Content-Type"].partition("; boundary=")
    assert "multipart/form-data" == media
    parts = cast("bytes", request.content).split(f"--{boundary}".encode())
    files = '\r\nContent-Disposition: form-data; name="files"; filename="'
    assert (b"", b"--\r\n") == (parts[0], parts[-1])
    assert [
        b'\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n',
        '\r\nContent-Disposition: form-data; name="x%22%0D%0AEvil: 1"\r\n\r\nä\r\n'.encode(),
        f'{files}a%22__X: y.csv"\r\nContent-Type: text/csv\r\n\r\na,b\r\n'.encode(),
        f'{files}b.txt"\r\nContent-Type: text/csv\r\n\r\na,b\r\n'.encode(),
        b'\r\nContent-Disposition: form-data; name="o"\r\n\r\n{"a":1}\r\n',
    ] == parts[1:-1]


def test_each_try_sends_the_same_form() -> None:
    """A server that compares requests of one idempotency key finds them equal."""
    raw: JsonObject = {"body_format": "multipart", "body": {"file": FILE}}
    assert sent(raw) == sent(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"body_format": "file", "body": {}}, "BODY_UNFIT"),
        ({"body_format": "file", "body": "f"}, "BODY_UNFIT"),
        ({"body_format": "file", "body": None}, "BODY_UNFIT"),
        ({"body_format": "file", "body": {"$file": "forged"}}, "FILE_REFERENCE_INVALID"),
        ({"body_format": "file", "body": {"$file": None}}, "FILE_REFERENCE_INVALID"),
        ({"body_format": "multipart", "body": [FILE]}, "BODY_UNFIT"),
        ({"body_format": "multipart", "body": {"a": {"$file": "forged"}}}, "FILE_REFERENCE_INVALID"),
    ],
)
def test_what_is_no_file_is_not_sent(raw: JsonObject, code: str) -> None:
    """Nothing goes out."""
    assert code == failure({"method": "POST", **raw}).code


def test_numbers_of_any_size_are_sent() -> None:
    """JSON knows no largest number."""
    assert b'{"n":' + b"9" * 30 + b"}" == sent({"body": {"n": int("9" * 30)}}).content


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({}, "a b.bin"),
        ({"content_disposition": 'attachment; filename="x.csv"'}, "x.csv"),
        ({"content_disposition": "attachment; filename=x.csv"}, "x.csv"),
        ({"content_disposition": "attachment; filename=\"x.csv\"; filename*=UTF-8''%C3%A4.csv"}, "ä.csv"),
        ({"content_disposition": 'attachment; filename="../../etc/passwd"'}, ".._.._etc_passwd"),
        ({"content_disposition": "attachment; filename*=UTF-8''..%2F..%0A"}, ".._.._"),
        ({"content_disposition": 'attachment; filename="a\\"b"'}, 'a"b'),
        ({"content_disposition": "filename=" * 100_000}, ("filename=" * 29)[:255]),
    ],
)
def test_a_download_gets_the_name_that_the_server_says(headers: dict[str, str], name: str) -> None:
    """Made harmless; without one, what the address ends in."""
    context, out = exchange({"response": "file"}, answer(200, b"\x00\x01", **headers))
    assert (name, 2, "application/octet-stream") == (
        out["body"]["name"],
        out["body"]["size"],
        out["body"]["media_type"],
    )
    files = cast("ExampleFiles", context.use(FILES))
    assert b"\x00\x01" == files.kept[out["body"]["$file"]].data


def test_a_download_can_be_named() -> None:
    """The parameter counts more than what the server says."""
    assert "mine" == exchange({"response": "file", "file_name": "mine"}, answer())[1]["body"]["name"]


@pytest.mark.parametrize(("status", "retryable"), [(404, False), (503, True)])
def test_a_bad_answer_is_no_file(status: int, retryable: bool) -> None:
    """It is an error that shows the beginning of the body."""
    error = failure({"response": "file"}, answer(status, b"why" * 10_000))
    assert ("HTTP_STATUS", retryable, 2000) == (error.code, error.retryable, len(str(error.details["body"])))


@pytest.mark.parametrize(
    ("raw", "response", "good"),
    [
        ({"success_when": "response.status in [200, 404]"}, answer(404), True),
        ({"success_when": "response.status == 201"}, answer(200), False),
        ({"success_when": "response.body.ok"}, answer(200, b'{"ok": false}', content_type="application/json"), False),
        ({"success_when": "response.body.ok"}, answer(500, b'{"ok": true}', content_type="application/json"), True),
        ({"success_when": "response.status == 404", "response": "file"}, answer(404), True),
        ({"success_when": "response.status == 404", "response": "file"}, answer(200), False),
    ],
)
def test_what_a_success_is_can_be_said(raw: JsonObject, response: HttpResponse, good: bool) -> None:
    """In place of the status alone."""
    if good:
        assert response.status == exchange(raw, response)[1]["status"]
    else:
        assert "HTTP_STATUS" == failure(raw, response).code


@pytest.mark.parametrize(
    ("raw", "media", "expected"),
    [
        ({}, "text/plain; charset=windows-1252", "€"),
        ({"charset": "windows-1252"}, "text/plain; charset=utf-8", "€"),
        ({"charset": "none-such"}, "text/plain", "\ufffd"),
        ({"charset": "idna"}, "text/plain", "\ufffd"),
        ({}, "text/plain; charset=punycode", "\ufffd"),
        ({}, "text/plain; charset=unicode_escape", "\ufffd"),
    ],
)
def test_encodings_of_text_are_known(raw: JsonObject, media: str, expected: Json) -> None:
    """Those that are encodings of text; for others, UTF-8."""
    assert expected == exchange({"response": "text", **raw}, answer(200, b"\x80", content_type=media))[1]["body"]


def test_a_byte_order_mark_counts_more() -> None:
    """Nothing tells more of the encoding."""
    response = answer(200, "é".encode("utf-16"), content_type="text/plain; charset=latin-1")
    assert "é" == exchange({}, response)[1]["body"]


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        ({"body_format": "multipart", "body": {"file": FILE}}, {"file": FILE}),
        ({"body_format": "file", "body": FILE}, FILE),
    ],
)
def test_a_rehearsal_reads_no_file(raw: JsonObject, body: Json) -> None:
    """It shows the reference that would be sent."""
    example = Example("", {"url": URL, "method": "POST", **raw})
    assert body == outcome_of(run_example(NODE, example, rehearse=True))["out"]["request"]["body"]
