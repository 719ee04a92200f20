"""Base64, and the parts of URLs."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from wingbeat.core.expression.budget import Meter
from wingbeat.core.expression.function import Function, bad_type, bad_value
from wingbeat.core.expression.values import described, to_text
from wingbeat.core.json_value import Json, JsonObject


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise bad_value(
            "The text holds half of a character (a lone surrogate), which cannot be encoded.", "Write whole characters."
        ) from None


def _base64(text: str) -> str:
    return base64.b64encode(_utf8(text)).decode("ascii")


def _base64_url(text: str) -> str:
    return base64.urlsafe_b64encode(_utf8(text)).decode("ascii").rstrip("=")


def _from_base64(text: str) -> str:
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise bad_value("The text is no base64 of UTF-8 text.", "Only text can be decoded here, not files.") from None


def _url_encode(text: str) -> str:
    return quote(_utf8(text), safe="")


def _url_decode(text: str) -> str:
    return unquote(text)


def _url_query(meter: Meter, value: JsonObject) -> str:
    pairs: list[tuple[str, str]] = []
    for key, part in value.items():
        for one in part if type(part) is list else [part]:
            if type(one) in {list, dict}:
                raise bad_type(
                    f"The field {key!r} holds {described(one)}, which a query cannot say.",
                    "Use texts, numbers, or lists of them.",
                )
            pairs.append((key, to_text(one, meter)))
            meter.make(3 * (len(key) + len(pairs[-1][1])))
    return urlencode([(_utf8(key), _utf8(text)) for key, text in pairs])


def _parse_query(meter: Meter, text: str) -> JsonObject:
    found: JsonObject = {}
    for key, value in parse_qsl(text.removeprefix("?"), keep_blank_values=True):
        meter.make(len(key) + len(value))
        old = found.get(key)
        if old is None:
            found[key] = value
        elif type(old) is list:
            old.append(value)
        else:
            found[key] = [old, value]
    return found


def _parse_url(meter: Meter, text: str) -> JsonObject:
    try:
        parts = urlsplit(text)
        port: Json = parts.port
    except ValueError as error:
        raise bad_value(
            f"The text is no URL: {error}.", "Write one as 'https://example.com/path?name=value'."
        ) from None
    return {
        "scheme": parts.scheme,
        "host": parts.hostname or "",
        "port": port,
        "path": parts.path,
        "query": _parse_query(meter, parts.query),
        "fragment": parts.fragment,
    }


# fmt: off
FUNCTIONS = (
    Function(
        "base64", "text", "", "The base64 of the text in UTF-8.",
        example='"Ada".base64()', result="QWRh", run=_base64, aliases=("to_base64",),
    ),
    Function(
        "base64_url", "text", "", "The base64 that needs no escaping in URLs, without `=`.",
        example='"a?>".base64_url()', result="YT8-", run=_base64_url,
    ),
    Function(
        "from_base64", "text", "", "The text that a base64 (of either kind) says.",
        example='"QWRh".from_base64()', result="Ada", run=_from_base64,
    ),
    Function(
        "url_encode", "text", "", "Escaped, so that it can stand anywhere in a URL.",
        example='"a b/c".url_encode()', result="a%20b%2Fc", run=_url_encode,
    ),
    Function(
        "url_decode", "text", "", "With the escapes of URLs resolved.",
        example='"a%20b".url_decode()', result="a b", run=_url_decode,
    ),
    Function(
        "url_query", "object", "", "The query of a URL; a list gives its key several times.",
        example='{"q": "a b", "n": [1, 2]} | url_query', result="q=a+b&n=1&n=2", run=_url_query, metered=True,
    ),
    Function(
        "parse_query", "text", "", "The fields of a query; a key that occurs several times gives a list.",
        example='"q=a+b&n=1&n=2".parse_query()', result={"q": "a b", "n": ["1", "2"]}, run=_parse_query,
        metered=True,
    ),
    Function(
        "parse_url", "text", "", "The parts of a URL: scheme, host, port, path, query, fragment.",
        example='"https://a.org/x?n=1".parse_url()',
        result={"scheme": "https", "host": "a.org", "port": None, "path": "/x", "query": {"n": "1"}, "fragment": ""},
        run=_parse_url, metered=True,
    ),
)
# fmt: on
