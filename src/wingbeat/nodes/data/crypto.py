"""Hashes, signatures, random ids, and bytes written as text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from typing import Annotated, Literal, Self, TypeAlias
from uuid import UUID

import orjson
from pydantic import Field, model_validator

from wingbeat.sdk import (
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
    StepError,
    Template,
    matters,
    needed,
)
from wingbeat.sdk.aside import aside
from wingbeat.sdk.chance import CHANCE
from wingbeat.sdk.signing import SIGNING

Operation: TypeAlias = Literal[
    "hash", "hmac", "sign", "verify", "random_bytes", "random_id", "uuid", "encode", "decode", "compare"
]
Encoding: TypeAlias = Literal["hex", "base64", "base64url"]
BIG = 1_000_000
MOST_BYTES = 64 * 2**20
HASHES: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha384": lambda data: hashlib.sha384(data).digest(),
    "sha512": lambda data: hashlib.sha512(data).digest(),
    "sha3_256": lambda data: hashlib.sha3_256(data).digest(),
    "sha3_512": lambda data: hashlib.sha3_512(data).digest(),
    "blake2b": lambda data: hashlib.blake2b(data).digest(),
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "md5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
}
ALPHABETS = {
    "letters_and_digits": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "digits": "0123456789",
    "readable": "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
}
PURE = frozenset(("hash", "encode", "decode", "compare"))
SIGNED = frozenset(("hmac", "sign", "verify"))


class Crypto(Parameters):
    """What to do, with what."""

    operation: Operation = Field(
        description=(
            "`hash`: the fingerprint of `value`. `hmac`: one with the key of a connection. `sign`: the same as the "
            "connection writes it, with its prefix. `verify`: whether `signature` is that of `value`. "
            "`random_bytes`, `random_id`, `uuid`: something that nobody can guess. `encode`: text as hex or base64. "
            "`decode`: the text again. `compare`: whether `value` and `signature` are the same, in a time that does "
            "not tell where they differ."
        ),
        examples=["hash"],
    )
    value: Template[Json] = Field(
        json_schema_extra=needed(operation=("hash", "hmac", "sign", "verify", "encode", "decode", "compare")),
        default=None,
        description=(
            "The text (as UTF-8), or any JSON, which is written without spaces and with its keys in order. See "
            "`value_format` for bytes."
        ),
        examples=["{{ input.body }}"],
    )
    value_format: Literal["text", "hex", "base64", "base64url"] = Field(
        json_schema_extra=matters(operation=("hash", "hmac", "sign", "verify", "encode", "compare")),
        default="text",
        description="How the bytes are written in `value`; `decode` reads `encoding`.",
        examples=["hex"],
    )
    algorithm: Literal["sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "sha1", "md5"] | None = Field(
        json_schema_extra=matters(operation=("hash", "hmac", "sign", "verify")),
        default=None,
        description=(
            "For `hash`; sha256 without it. `sha1` and `md5` only to fit what exists, since they can be forged. For "
            "`hmac`, `sign` and `verify` the connection says which, unless one of sha256, sha384, sha512 or sha1 is "
            "given here."
        ),
        examples=["sha512"],
    )
    encoding: Encoding = Field(
        json_schema_extra=matters(operation=("hash", "hmac", "random_bytes", "encode", "decode")),
        default="hex",
        description="How bytes are written as text. `sign` and `verify` do as the connection says.",
        examples=["base64"],
    )
    connection: Annotated[str, ConnectionMarker("hmac")] | None = Field(
        json_schema_extra=needed(operation=("hmac", "sign", "verify")),
        default=None,
        description="For `hmac`, `sign` and `verify`: the stored connection that holds the key.",
        examples=["018f2f6e-0000-7000-8000-000000000000"],
    )
    signature: Template[str] = Field(
        json_schema_extra=needed(operation=("verify", "compare")),
        default="",
        description="For `verify` and `compare`: what was given.",
        examples=["{{ trigger.headers['x-signature'] }}"],
    )
    length: int = Field(
        json_schema_extra=matters(operation=("random_bytes", "random_id")),
        default=32,
        ge=1,
        le=1024,
        description="For `random_bytes` how many bytes, for `random_id` how many characters.",
        examples=[10],
    )
    alphabet: Literal["letters_and_digits", "digits", "readable"] = Field(
        json_schema_extra=matters(operation="random_id"),
        default="letters_and_digits",
        description="For `random_id`; `readable` leaves out what looks alike (0 and O, 1 and I).",
        examples=["readable"],
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        signed = self.operation in SIGNED
        if signed != (self.connection is not None):
            raise ValueError("'connection' belongs to 'hmac', 'sign' and 'verify', which need it")
        if signed and self.algorithm not in {None, "sha256", "sha384", "sha512", "sha1"}:
            raise ValueError(f"'{self.operation}' knows sha256, sha384, sha512 and sha1")
        random = self.operation in {"random_bytes", "random_id", "uuid"}
        if random == ("value" in self.model_fields_set):
            raise ValueError(f"'{self.operation}' takes no 'value'" if random else f"'{self.operation}' needs 'value'")
        if self.operation in {"verify", "compare"} and "signature" not in self.model_fields_set:
            raise ValueError(f"'{self.operation}' needs 'signature'")
        return self


async def run(parameters: Crypto, context: Context) -> Outcome:
    """Do it; raises `StepError` for bytes that cannot be read, and what the connection raises."""
    if parameters.operation in PURE:
        return Outcome.of(await _pure(parameters))
    if parameters.operation in SIGNED:
        return Outcome.of(await _signed(parameters, context))
    return Outcome.of(_random(parameters, context))


async def rehearse(parameters: Crypto, context: Context) -> Outcome:
    """Do what needs no key; stand in for the rest with zeros, or true."""
    try:
        if parameters.operation in PURE:
            return Outcome.of(await _pure(parameters))
        if parameters.operation in SIGNED:
            _bytes(parameters)
    except StepError as error:
        context.log(f"would fail: {error.message}", code=error.code)
        return Outcome.of(None)
    context.log("Stands in for what a run would give.")
    stand_in: dict[str, Json] = {
        "verify": True,
        "uuid": str(UUID(int=0, version=4)),
        "random_id": "0" * parameters.length,
        "random_bytes": _written(bytes(parameters.length), parameters.encoding),
    }
    return Outcome.of(stand_in.get(parameters.operation, _written(bytes(32), parameters.encoding)))


async def _pure(parameters: Crypto) -> Json:
    if parameters.operation == "decode":
        return _decoded(parameters)
    data = _bytes(parameters)
    if parameters.operation == "encode":
        return _written(data, parameters.encoding)
    if parameters.operation == "compare":
        return hmac.compare_digest(data, parameters.signature.encode("utf-8", "surrogatepass"))
    function = HASHES[parameters.algorithm or "sha256"]
    digest = aside(lambda: function(data), big=len(data) > BIG)
    return _written(digest if isinstance(digest, bytes) else await digest, parameters.encoding)


async def _signed(parameters: Crypto, context: Context) -> Json:
    algorithm = parameters.algorithm if parameters.algorithm in {"sha256", "sha384", "sha512", "sha1"} else None
    signing = context.use(SIGNING)
    made = await signing.sign(parameters.connection or "", _bytes(parameters), algorithm=algorithm)
    if parameters.operation == "hmac":
        return _written(made.digest, parameters.encoding)
    text = _written(made.digest, "base64" if made.encoding == "base64" else "hex")
    if parameters.operation == "sign":
        return f"{made.prefix}{text}"
    given = parameters.signature.strip().removeprefix(made.prefix)
    given = given.lower() if made.encoding == "hex" else given
    return hmac.compare_digest(text.encode(), given.encode("utf-8", "surrogatepass"))


def _random(parameters: Crypto, context: Context) -> Json:
    chance = context.use(CHANCE)
    if parameters.operation == "uuid":
        return str(UUID(bytes=chance.draw(16), version=4))
    if parameters.operation == "random_bytes":
        return _written(chance.draw(parameters.length), parameters.encoding)
    letters = ALPHABETS[parameters.alphabet]
    # Bytes beyond a multiple of the alphabet's size are passed over, so that no character comes more often.
    fair = 256 - 256 % len(letters)
    drawn = (letters[byte % len(letters)] for byte in chance.draw(parameters.length * 8 + 64) if byte < fair)
    return "".join(letter for letter, _ in zip(drawn, range(parameters.length), strict=False))


def _bytes(parameters: Crypto) -> bytes:
    value = parameters.value
    if parameters.value_format != "text":
        return _read(value, parameters.value_format)
    try:
        data = value.encode() if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, UnicodeEncodeError) as error:
        raise _fault("holds half of a character, a number of more than 64 bits, or nests too deep") from error
    return _bounded(data)


def _bounded(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise _fault(f"is longer than {MOST_BYTES // 2**20} MB")
    return data


def _read(value: Json, encoding: str) -> bytes:
    if not isinstance(value, str):
        raise _fault(f"is no text, and '{encoding}' is written as text")
    text = value.strip()
    try:
        if encoding == "hex":
            return _bounded(binascii.unhexlify(text))
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return _bounded(base64.b64decode(padded, b"-_" if encoding == "base64url" else None, validate=True))
    except (ValueError, UnicodeEncodeError) as error:
        raise _fault(f"is no {encoding}") from error


def _decoded(parameters: Crypto) -> Json:
    try:
        return _read(parameters.value, parameters.encoding).decode()
    except UnicodeDecodeError as error:
        raise _fault("holds bytes that are no text in UTF-8; read them where they are needed") from error


def _written(data: bytes, encoding: Encoding) -> str:
    if encoding == "hex":
        return data.hex()
    if encoding == "base64":
        return base64.b64encode(data).decode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _fault(why: str) -> StepError:
    return StepError(
        f"The value {why}.",
        code="CRYPTO_VALUE_UNFIT",
        remedy="Look at where it comes from; 'value_format' and 'encoding' say how bytes are written.",
        details={"parameter": "value"},
    )


def effect_of(parameters: JsonObject) -> Effect:
    """What needs a key or chance is done again with the same result; the rest is free to recompute."""
    return Effect.PURE if parameters.get("operation") in PURE else Effect.IDEMPOTENT


CONNECTION = "018f2f6e-0000-7000-8000-000000000000"
SIGNATURE = "sha256=2fe14645f6dc4a36c62250de8b78e0dcb92c4846b7956ee7984c13b8a33dc31b"

NODE = NodeType(
    type="data.crypto",
    title="Crypto",
    help=(
        "Makes fingerprints and signatures, checks signatures, makes ids that nobody can guess, and writes bytes as "
        "text. Keys are never parameters: a connection of the kind `hmac` holds them. A step that runs again after a "
        "crash gets the same random id as before. Comparing takes the same time wherever texts differ. What comes out "
        "is text; of `verify` and `compare` it is true or false."
    ),
    parameters=Crypto,
    run=run,
    rehearse=rehearse,
    effect=Effect.IDEMPOTENT,
    effect_of=effect_of,
    uses=(SIGNING, CHANCE),
    outputs=(Port(help="The text, or true or false.", schema={"type": ["string", "boolean"]}),),
    examples=(
        Example(
            "a fingerprint",
            {"operation": "hash", "value": "{{ input }}"},
            input="hello",
            expect={"out": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"},
        ),
        Example(
            "sign a body for a partner",
            {"operation": "sign", "value": "{{ input }}", "connection": CONNECTION},
            input={"b": 2, "a": 1},
            world={"signing": "key"},
            expect={"out": SIGNATURE},
        ),
        Example(
            "check a signature",
            {"operation": "verify", "value": '{"a":1,"b":2}', "signature": "{{ input }}", "connection": CONNECTION},
            input=SIGNATURE,
            world={"signing": "key"},
            expect={"out": True},
        ),
        Example(
            "a code that people can read aloud",
            {"operation": "random_id", "length": 8, "alphabet": "readable"},
            expect={"out": "C6BPDTW4"},
        ),
        Example(
            "text as base64",
            {"operation": "encode", "value": "{{ input }}", "encoding": "base64"},
            input="hé",
            expect={"out": "aMOp"},
        ),
        Example(
            "what is no base64",
            {"operation": "decode", "value": "{{ input }}", "encoding": "base64"},
            input="not base64!",
            expect_error="CRYPTO_VALUE_UNFIT",
        ),
    ),
)
