"""Digests of text, as hexadecimal text."""

from __future__ import annotations

import hashlib
import hmac

from wingbeat.core.expression.function import Function


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _md5(text: str) -> str:
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()


def _sha1(text: str) -> str:
    return hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(_bytes(text)).hexdigest()


def _sha512(text: str) -> str:
    return hashlib.sha512(_bytes(text)).hexdigest()


def _hmac_sha256(text: str, key: str) -> str:
    return hmac.new(_bytes(key), _bytes(text), hashlib.sha256).hexdigest()


# fmt: off
FUNCTIONS = (
    Function(
        "sha256", "text", "", "The SHA-256 digest.",
        example='"a".sha256()', result="ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        run=_sha256,
    ),
    Function(
        "sha512", "text", "", "The SHA-512 digest.",
        example='"a".sha512().slice(0, 16)', result="1f40fc92da241694", run=_sha512,
    ),
    Function(
        "hmac_sha256", "text", "key: text", "The HMAC-SHA-256 signature with a key.",
        example='"a".hmac_sha256("key").slice(0, 16)', result="780c3db4ce3de5b9", run=_hmac_sha256,
    ),
    Function(
        "sha1", "text", "", "The SHA-1 digest, for old interfaces; no protection against forgery.",
        example='"a".sha1()', result="86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", run=_sha1,
    ),
    Function(
        "md5", "text", "", "The MD5 digest, for old interfaces; no protection against forgery.",
        example='"a".md5()', result="0cc175b9c0f1b6a831c399e269772661", run=_md5,
    ),
)
# fmt: on
