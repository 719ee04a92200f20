"""What bodies are, by their media types: one clear reading, or one clear refusal."""

from __future__ import annotations

import gzip
import json

import pytest

from wingbeat.core.errors import WingbeatError
from wingbeat.core.json_value import JsonObject
from wingbeat.services.webhooks.content import (
    Content,
    ContentRefused,
    FileBody,
    FormBody,
    JsonBody,
    TextBody,
    UploadedFile,
    read_content,
)

FORGED: JsonObject = {"$file": "019a9c5e.x.y", "name": "passwd", "size": 1, "sha256": "0" * 64, "path": "/etc/passwd"}


def multipart(*parts: tuple[str, bytes], boundary: str = "b", end: bytes = b"--\r\n") -> bytes:
    """A form of parts, each with its headers and its data."""
    joined = b"".join(f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n" for head, data in parts)
    return joined + f"--{boundary}".encode() + end


def whole(data: bytes, media_type: str = "application/octet-stream") -> FileBody:
    """Bytes that came as they are."""
    return FileBody(UploadedFile("body", "body", media_type, data))


FIELD = ('Content-Disposition: form-data; name="a"', b"1")
FILE = ('Content-Disposition: form-data; name="f"; filename="x.bin"\r\nContent-Type: image/png', b"\x00\xff\r\n-")


@pytest.mark.parametrize(
    ("media_type", "body", "expected"),
    [
        (None, b"", JsonBody(None)),
        ("application/json", b"", JsonBody(None)),
        ("application/json", b'{"a":1}', JsonBody({"a": 1})),
        ("application/json", b"null", JsonBody(None)),
        ("Application/JSON ; Charset=UTF-8", b"[1]", JsonBody([1])),
        ("application/cloudevents+json", b"1", JsonBody(1)),
        ("application/json", json.dumps(FORGED).encode(), JsonBody(FORGED)),
        ("application/json", json.dumps({"files": {"body": FORGED}}).encode(), JsonBody({"files": {"body": FORGED}})),
        ("application/x-www-form-urlencoded", b"a=1&b=2&a=3&c", FormBody({"a": ["1", "3"], "b": "2", "c": ""})),
        ("application/x-www-form-urlencoded", "ä=%C3%BC+x".encode(), FormBody({"ä": "ü x"})),
        ("application/x-www-form-urlencoded", b"%24file=x", FormBody({"$file": "x"})),
        ("text/plain", b"hello", TextBody("hello")),
        ("text/plain; charset=iso-8859-1", b"\xe4", TextBody("ä")),
        ("text/xml", b"<a/>", TextBody("<a/>")),
        ("application/atom+xml", b"<a/>", TextBody("<a/>")),
        ("text/plain", b'{"a":1}', TextBody('{"a":1}')),
        ("application/octet-stream", b"\x00\x01", whole(b"\x00\x01")),
        (None, b'{"a":1}', whole(b'{"a":1}')),
        ("image/png", b"\x89PNG", FileBody(UploadedFile("body", "body", "image/png", b"\x89PNG"))),
        ("application/jsonp", b"{}", FileBody(UploadedFile("body", "body", "application/jsonp", b"{}"))),
        ("multipart/mixed; boundary=b", b"--b--", FileBody(UploadedFile("body", "body", "multipart/mixed", b"--b--"))),
        ("multipart/form-data; boundary=b", multipart(), FormBody({})),
        (
            "multipart/form-data; boundary=b",
            multipart(FIELD, FILE),
            FormBody({"a": "1"}, [UploadedFile("f", "x.bin", "image/png", b"\x00\xff\r\n-")]),
        ),
        (
            'multipart/form-data; boundary="b"; charset=utf-8',
            b"preamble\r\n" + multipart(FIELD, FIELD) + b"epilogue",
            FormBody({"a": ["1", "1"]}),
        ),
        (
            "multipart/form-data; boundary=b",
            multipart(('Content-Disposition: form-data; name="f"; filename=""', b"")),
            FormBody({}, [UploadedFile("f", "", "text/plain", b"")]),
        ),
        (
            "multipart/form-data; boundary=b",
            multipart(("content-disposition: form-data; name=f; filename*=UTF-8''%C3%A4%2F..%2Fb", b"1")),
            FormBody({}, [UploadedFile("f", "ä/../b", "text/plain", b"1")]),
        ),
    ],
)  # fmt: skip
def test_a_body_is_what_its_media_type_says(media_type: str | None, body: bytes, expected: Content) -> None:
    """A file is only ever what came as bytes; JSON and forms that look like a reference to one are what they are."""
    types = [] if media_type is None else [media_type.encode()]
    assert expected == read_content(types, [], body)


JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTI = "multipart/form-data; boundary=b"
HEAD = 'Content-Disposition: form-data; name="a"'


@pytest.mark.parametrize(
    ("media_type", "body", "code"),
    [
        (JSON, b"{", "JSON_SYNTAX"),
        (JSON, b"NaN", "JSON_NOT_A_NUMBER"),
        (JSON, b'{"a":Infinity}', "JSON_NOT_A_NUMBER"),
        (JSON, b'{"a":1,"a":2}', "JSON_DUPLICATE_KEY"),
        (JSON, b"[" * 300 + b"]" * 300, "JSON_TOO_DEEP"),
        (JSON, b"[" * 100_000, "JSON_TOO_DEEP"),
        (JSON, b'"\\u0000"', "JSON_ZERO_CHARACTER"),
        (JSON, b'"\xff"', "JSON_NOT_UTF8"),
        (JSON, '"ä"'.encode("utf-16"), "JSON_NOT_UTF8"),
        (JSON, b"1e999", "JSON_NUMBER_TOO_LARGE"),
        (JSON, b"1 2", "JSON_SYNTAX"),
        (JSON, b" ", "JSON_SYNTAX"),
        (f"{JSON}; charset=utf-16", b"{}", "CHARSET_NOT_TAKEN"),
        (f"{JSON}; charset=base64", b"{}", "CHARSET_NOT_TAKEN"),
        (f"{FORM}; charset=latin-1", b"a=1", "CHARSET_NOT_TAKEN"),
        (FORM, b"a=%ff", "FORM_MALFORMED"),
        (FORM, b"a=\xff", "TEXT_MALFORMED"),
        (FORM, b"a=%00", "FORM_MALFORMED"),
        (FORM, b"&".join([b"a=1"] * 1_001), "FORM_MALFORMED"),
        ("text/plain", b"\xff", "TEXT_MALFORMED"),
        ("text/plain", b"\x00", "TEXT_MALFORMED"),
        ("text/plain; charset=idna", b"a", "CHARSET_NOT_TAKEN"),
        ("text/plain; charset=utf-16", b"a", "TEXT_MALFORMED"),
        ("json", b"{}", "MEDIA_TYPE_NOT_TAKEN"),
        ("application/json, text/plain", b"{}", "MEDIA_TYPE_NOT_TAKEN"),
        ("application/json text", b"{}", "MEDIA_TYPE_NOT_TAKEN"),
        ("", b"{}", "MEDIA_TYPE_NOT_TAKEN"),
        ("a/" + "b" * 200, b"{}", "MEDIA_TYPE_NOT_TAKEN"),
        ("multipart/form-data", b"--b--", "MULTIPART_MALFORMED"),
        ("multipart/form-data; boundary=", b"--b--", "MULTIPART_MALFORMED"),
        ("multipart/form-data; boundary=" + "b" * 71, b"--b--", "MULTIPART_MALFORMED"),
        (MULTI, b"x", "MULTIPART_MALFORMED"),
        (MULTI, b"--b", "MULTIPART_MALFORMED"),
        (MULTI, b"--bx\r\n", "MULTIPART_MALFORMED"),
        (MULTI, b"--b\r\n\r\n--b--", "MULTIPART_MALFORMED"),
        (MULTI, multipart((HEAD, b"1"), end=b""), "MULTIPART_MALFORMED"),
        (MULTI, b"--b\r\n" + HEAD.encode() + b"\r\n\r\n1", "MULTIPART_MALFORMED"),
        (MULTI, multipart(("Content-Disposition: form-data", b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart(('Content-Disposition: attachment; name="a"', b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart((f'{HEAD}; name="b"', b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart(("no colon", b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart((f"{HEAD}\r\nContent-Transfer-Encoding: base64", b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart((f"{HEAD}; filename*=latin-1''x", b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart((HEAD + "x" * 9_000, b"1")), "MULTIPART_MALFORMED"),
        (MULTI, multipart(*[(HEAD, b"1")] * 1_001), "MULTIPART_MALFORMED"),
        (MULTI, multipart((HEAD, b"\xff")), "TEXT_MALFORMED"),
        (MULTI, multipart((HEAD, b"\x00")), "FORM_MALFORMED"),
    ],
)
def test_what_cannot_be_read_has_one_clear_code(media_type: str, body: bytes, code: str) -> None:
    """And nothing comes through that is not what it says."""
    with pytest.raises(WingbeatError) as caught:
        read_content([media_type.encode()], [], body)
    assert code == caught.value.code


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "deflate, gzip", "x-unknown"])
def test_compressed_bodies_are_refused(encoding: str) -> None:
    """However small they are: what they would grow to nobody knows."""
    with pytest.raises(ContentRefused) as caught:
        read_content([b"application/json"], [encoding.encode()], gzip.compress(b"0" * 1_000_000))
    assert "BODY_COMPRESSED" == caught.value.code


def test_a_header_that_is_there_twice_is_refused() -> None:
    """Which of the two is meant nobody knows."""
    with pytest.raises(ContentRefused):
        read_content([b"application/json", b"text/plain"], [], b"{}")


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 40, 90])
def test_no_cut_of_a_form_is_read_as_a_whole(size: int) -> None:
    """Wherever the connection ended."""
    form = multipart(FIELD, FILE)
    with pytest.raises(WingbeatError):
        read_content([MULTI.encode()], [], form[: len(form) - 4 - size])
