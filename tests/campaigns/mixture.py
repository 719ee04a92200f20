"""Deliveries of every kind to webhooks of every kind, and what each must come to: known before it is sent."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.services.webhooks.signatures import sign_body, sign_timestamped
from wingbeat.services.webhooks.webhooks import ADDRESS
from wingbeat.storage.decisions import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from wingbeat.core.json_value import Json
    from wingbeat.services.webhooks.secrets import SigningKeys

COPIES = 7
# Known before the mixture begins, so that another body under it is always the second.
TAKEN_ID = "taken-before"
JSON = "application/json"
ID_HEADERS = ("X-Delivery-Id", "Idempotency-Key", "X-GitHub-Delivery")
BOUNDARY = "a-boundary-of-parts"
TOO_MANY_BYTES = 20_000_000
LONG_AGO = 3_600


class Hook(NamedTuple):
    """A webhook as its senders know it."""

    webhook_id: UUID
    token: str
    keys: SigningKeys


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sender must hear; `outcome` is what must be recorded, if anything; `of` names it if it has copies."""

    status: int
    code: str | None = None
    outcome: Outcome | None = Outcome.FIRED
    or_limited: bool = False
    of: str | None = None
    hangs_up: bool = False
    body: Json = None
    files: tuple[str, ...] = ()


class Sent(NamedTuple):
    """A delivery."""

    hook: Hook | None
    data: bytes
    wanted: Wanted


class Mixture:
    """Makes the deliveries, the same kinds in every hundred."""

    def __init__(self, hooks: dict[str, Hook]) -> None:
        self._hooks = hooks
        self._again = 0
        self._kinds: list[Callable[[int], Sent]] = [
            make for weight, make in (*self._good(), *self._refused(), *self._unreadable()) for _ in range(weight)
        ]

    def make(self, number: int) -> Sent:
        """The delivery with a number; neighbours are of different kinds."""
        return self._kinds[number * 37 % len(self._kinds)](number)

    def flood(self, number: int) -> Sent:
        """One for the webhook that takes few."""
        return self._signed("tight", _json(number), Wanted(202, or_limited=True))

    def first(self) -> Sent:
        """The one whose id others take."""
        return self._signed("open", _json(0), Wanted(202), f"X-Delivery-Id: {TAKEN_ID}")

    def _good(self) -> list[tuple[int, Callable[[int], Sent]]]:
        def of(
            kind: str, make: Callable[[int], bytes], body: Callable[[int], Json], *files: str
        ) -> Callable[[int], Sent]:
            return lambda n: self._signed("open", make(n), Wanted(202, body=body(n), files=files), _type(kind))

        def form(n: int) -> Json:
            return {"n": str(n), "name": ["Ada", "Bö"]}

        return [
            (20, of(JSON, _json, lambda n: {"n": n, "name": "Bö"})),
            (4, of("application/cloudevents+json; charset=utf-8", _json, lambda n: {"n": n, "name": "Bö"})),
            (5, of("application/x-www-form-urlencoded", lambda n: b"n=%d&name=Ada&name=B%%C3%%B6" % n, form)),
            (2, of(f"multipart/form-data; boundary={BOUNDARY}", _parts, lambda n: {"n": str(n)}, "upload")),
            (4, of("text/plain", lambda n: f"Bö {n}".encode(), lambda n: f"Bö {n}")),
            (2, of("text/csv; charset=iso-8859-1", lambda n: f"Bö;{n}".encode("latin-1"), lambda n: f"Bö;{n}")),
            (3, of("application/xml", lambda n: b"<n>%d</n>" % n, lambda n: f"<n>{n}</n>")),
            (2, of("application/octet-stream", lambda n: b"\0\xff%d" % n, lambda _: None, "body")),
            (1, lambda n: self._signed("open", b"\0\xfe%d" % n, Wanted(202, files=("body",)), "X-Sender: nobody")),
            (2, lambda _: self._signed("open", b"", Wanted(202), "X-Sender: nobody")),
            (6, self._stamped),
            (3, lambda n: self._plain("free", _json(n), Wanted(202, body={"n": n, "name": "Bö"}), method="PUT")),
            (14, self._copy),
            (1, lambda n: self._signed("patient", _json(n), Wanted(200))),
            (1, lambda n: self._signed("answering", _json(n), Wanted(201))),
            (5, self.flood),
        ]

    def _refused(self) -> list[tuple[int, Callable[[int], Sent]]]:
        def signed(n: int, change: Callable[[str], str]) -> Sent:
            hook, body = self._hooks["open"], _json(n)
            wanted = Wanted(401, "SIGNATURE_WRONG", Outcome.SIGNATURE_WRONG)
            return self._plain(
                "open", body, wanted, _signature(change(sign_body(hook.keys, hook.token, body).decode()))
            )

        def foreign(n: int) -> Sent:
            other, body = self._hooks["tight"], _json(n)
            wanted = Wanted(401, "SIGNATURE_WRONG", Outcome.SIGNATURE_WRONG)
            return self._plain("open", body, wanted, _signature(sign_body(other.keys, other.token, body).decode()))

        missing = Wanted(401, "SIGNATURE_MISSING", Outcome.SIGNATURE_WRONG)
        elsewhere = Wanted(403, "ADDRESS_REFUSED", Outcome.ADDRESS_REFUSED)
        nowhere = Wanted(404, "WEBHOOK_NOT_FOUND", None)
        return [
            (1, lambda n: self._plain("open", _json(n), missing)),
            (1, lambda n: signed(n, lambda one: one[:-2])),
            (1, lambda n: signed(n, lambda one: one + "00")),
            (1, lambda n: signed(n, str.upper)),
            (1, lambda n: signed(n, lambda one: one.removeprefix("sha256="))),
            (1, foreign),
            (1, lambda n: self._stamped(n, -LONG_AGO)),
            (2, lambda n: self._signed("elsewhere", _json(n), elsewhere)),
            (2, lambda n: self._signed("elsewhere", _json(n), elsewhere, "X-Forwarded-For: 10.1.2.3")),
            (2, lambda n: self._signed("off", _json(n), Wanted(404, "WEBHOOK_NOT_FOUND", Outcome.DISABLED))),
            (2, lambda n: Sent(None, _request("POST", f"nobody-has-this-token-{n}", _json(n)), nowhere)),
            (1, lambda n: Sent(None, _request("POST", "short", _json(n)), nowhere)),
            (1, self._too_large),
        ]

    def _unreadable(self) -> list[tuple[int, Callable[[int], Sent]]]:
        def of(status: int, code: str, make: Callable[[int], bytes], *headers: str) -> Callable[[int], Sent]:
            return lambda n: self._signed("open", make(n), Wanted(status, code, Outcome.INVALID), *headers)

        reused = Wanted(409, "DELIVERY_ID_REUSED", Outcome.DUPLICATE)
        refused = Wanted(405, "WEBHOOK_METHOD_REFUSED", Outcome.INVALID)
        return [
            (1, of(400, "JSON_SYNTAX", lambda n: b'{"n": %d' % n, _type(JSON))),
            (1, of(415, "BODY_COMPRESSED", _json, _type(JSON), "Content-Encoding: gzip")),
            (1, of(415, "CHARSET_NOT_TAKEN", _json, _type(f"{JSON}; charset=utf-16"))),
            (1, of(415, "MEDIA_TYPE_NOT_TAKEN", _json, _type(JSON), _type("text/plain"))),
            (1, of(400, "TEXT_MALFORMED", lambda n: b"\0%d" % n, _type("text/plain"))),
            (1, lambda n: self._signed("open", _json(n), reused, f"X-Delivery-Id: {TAKEN_ID}")),
            (1, lambda n: self._plain("open", _json(n), refused, method="DELETE")),
        ]

    def _copy(self, _number: int) -> Sent:
        """One of several of the same delivery, which come one soon after the other, by different headers."""
        group, copy = divmod(self._again, COPIES)
        self._again += 1
        name = f"{ID_HEADERS[copy % len(ID_HEADERS)]}: again-{group}"
        return self._signed("open", _json(group), Wanted(202, of=f"again-{group}"), name)

    def _stamped(self, number: int, since: int = 0) -> Sent:
        hook, body = self._hooks["stamped"], _json(number)
        own_id, at = b"stamped-%d" % number, b"%d" % (time.time() + since)
        headers = {"Webhook-Id": own_id, "Webhook-Timestamp": at}
        headers["Webhook-Signature"] = b"v1,none " + sign_timestamped(hook.keys, own_id, at, body)
        wanted = Wanted(202, body={"n": number, "name": "Bö"})
        if since:
            wanted = Wanted(401, "SIGNATURE_EXPIRED", Outcome.SIGNATURE_WRONG)
        return self._plain("stamped", body, wanted, *(f"{name}: {value.decode()}" for name, value in headers.items()))

    def _too_large(self, _number: int) -> Sent:
        head = f"POST {ADDRESS}{self._hooks['open'].token} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        data = f"{head}Content-Length: {TOO_MANY_BYTES}\r\n\r\n".encode()
        return Sent(None, data, Wanted(413, "BODY_TOO_LARGE", None, hangs_up=True))

    def _signed(self, name: str, body: bytes, wanted: Wanted, *headers: str) -> Sent:
        hook = self._hooks[name]
        return self._plain(name, body, wanted, _signature(sign_body(hook.keys, hook.token, body).decode()), *headers)

    def _plain(self, name: str, body: bytes, wanted: Wanted, *headers: str, method: str = "POST") -> Sent:
        hook = self._hooks[name]
        return Sent(hook, _request(method, hook.token, body, *headers), wanted)


def _request(method: str, token: str, body: bytes, *headers: str) -> bytes:
    said = [f"{method} {ADDRESS}{token} HTTP/1.1", "Host: 127.0.0.1", *headers, f"Content-Length: {len(body)}"]
    if not any(header.startswith(("Content-Type", "X-Sender")) for header in headers):
        said.append(_type(JSON))
    return "\r\n".join(said).encode() + b"\r\n\r\n" + body


def _type(media_type: str) -> str:
    return f"Content-Type: {media_type}"


def _signature(text: str) -> str:
    return f"X-Webhook-Signature: {text}"


def _json(number: int) -> bytes:
    return json.dumps({"n": number, "name": "Bö"}, ensure_ascii=False).encode()


def _parts(number: int) -> bytes:
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="n"\r\n\r\n{number}\r\n'
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="upload"; filename="a.bin"\r\n\r\n'
    return field.encode() + file.encode() + b"\0\xff" + f"\r\n--{BOUNDARY}--\r\n".encode()
