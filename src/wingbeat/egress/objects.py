"""Objects in S3 and what speaks its protocol, over the one HTTP client, so that addresses are checked as everywhere."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from wingbeat.core.errors import StepError
from wingbeat.egress.kinds import S3Config
from wingbeat.sdk.context import HttpResponse
from wingbeat.sdk.folders import Entry, exists, not_found, parts_of, too_many

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from wingbeat.core.json_value import JsonObject
    from wingbeat.egress.http import Egress
    from wingbeat.egress.vault import Opened, Step, Vault
    from wingbeat.sdk.context import HttpStream, Upload

KINDS = ("s3",)
UNSIGNED = "UNSIGNED-PAYLOAD"
SECONDS = 60.0
TRANSFER_SECONDS = 3600.0
PAGE = 1000
EXCERPT = 500
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
LATER = frozenset({429, 500, 502, 503, 504})


class _Signed(NamedTuple):
    """A request as it is sent."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(frozen=True)
class StepBuckets:
    """Buckets as a step sees them, by the ids of connections, as `wingbeat.services.executions.folders` wants them.

    Raises `StepError`: what the vault and the client raise, `FILE_NOT_FOUND`, `FILE_EXISTS`, `PATH_REFUSED`,
    `S3_ACCESS_DENIED` and `S3_FAILED`.
    """

    vault: Vault
    egress: Egress
    step: Step

    async def look(self, connection: str, path: str) -> Entry | None:
        """What is there; a folder where objects lie below."""
        parts = parts_of(path, root=True)
        async with self._bucket(connection) as bucket:
            if parts:
                response = await bucket.send("HEAD", path)
                if response.status == HTTPStatus.OK:
                    return _entry_of(path, response.headers)
                if response.status != HTTPStatus.NOT_FOUND:
                    raise _failure(bucket, response, path)
            _, entries, _ = await bucket.list_page(path, recursive=True, most=1, token="")
            return Entry(path, "folder", 0, "") if entries else None

    async def stream(self, connection: str, path: str) -> AsyncIterator[bytes]:
        """The bytes of an object."""
        parts_of(path)
        async with self._bucket(connection) as bucket:
            signed = bucket.sign("GET", path)
            async with self.egress.stream(
                signed.method,
                signed.url,
                headers=signed.headers,
                timeout_seconds=TRANSFER_SECONDS,
                follow_redirects=False,
            ) as answer:
                if answer.status != HTTPStatus.OK:
                    raise _failure(bucket, bucket.without_secrets(await _whole(answer)), path)
                async for chunk in bucket.opened.scrubber.scrub_chunks(answer.chunks):
                    yield chunk

    async def write(self, connection: str, path: str, content: Upload, *, replace: bool) -> Entry:
        """Write an object; it is there as a whole or not at all."""
        parts_of(path)
        headers = {} if replace else {"If-None-Match": "*"}
        async with self._bucket(connection) as bucket:
            response = await bucket.send("PUT", path, headers=headers, content=content)
            _expect(bucket, response, path)
            return _entry_of(path, response.headers)._replace(size=content.size)

    async def list(self, connection: str, path: str, *, pattern: str, recursive: bool, most: int) -> list[Entry]:
        """The objects below a path, and unless `recursive` the folders."""
        parts_of(path, root=True)
        found: list[Entry] = []
        token = ""
        async with self._bucket(connection) as bucket:
            while True:
                token, entries, more = await bucket.list_page(path, recursive=recursive, most=PAGE, token=token)
                found += [entry for entry in entries if fnmatchcase(entry.path.rpartition("/")[2], pattern)]
                if len(found) > most:
                    raise too_many(most)
                if not more:
                    return sorted(found)

    async def delete(self, connection: str, path: str) -> bool:
        """Delete an object; False if there was none."""
        parts_of(path)
        async with self._bucket(connection) as bucket:
            found = await bucket.send("HEAD", path)
            if found.status == HTTPStatus.NOT_FOUND:
                return False
            _expect(bucket, found, path)
            _expect(bucket, await bucket.send("DELETE", path), path)
            return True

    async def copy(self, connection: str, path: str, to: str, *, replace: bool) -> Entry:
        """Copy an object within its bucket."""
        parts_of(path)
        parts_of(to)
        async with self._bucket(connection) as bucket:
            if not replace and (await bucket.send("HEAD", to)).status == HTTPStatus.OK:
                raise exists(to)
            source = quote(f"/{bucket.config.bucket}/{bucket.key(path)}", safe="/-_.~")
            _expect(bucket, await bucket.send("PUT", to, headers={"x-amz-copy-source": source}), path)
            response = await bucket.send("HEAD", to)
            _expect(bucket, response, to)
            return _entry_of(to, response.headers)

    @asynccontextmanager
    async def _bucket(self, connection: str) -> AsyncIterator[_Bucket]:
        async with self.vault.use(connection, self.step, KINDS) as opened:
            yield _Bucket(opened, opened.config_as(S3Config), self.egress)


async def try_bucket(opened: Opened, egress: Egress) -> None:
    """Look for one object; raises as the other ways into a bucket do."""
    await _Bucket(opened, opened.config_as(S3Config), egress).list_page("", recursive=True, most=1, token="")


class _Bucket:
    """One bucket with the keys to it, for one use."""

    def __init__(self, opened: Opened, config: S3Config, egress: Egress) -> None:
        self.opened = opened
        self.config = config
        self._egress = egress

    def key(self, path: str) -> str:
        """The key of an object: the connection's prefix before its path."""
        prefix = self.config.prefix.strip("/")
        return "/".join(part for part in (prefix, path.strip("/")) if part)

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Upload | None = None,
    ) -> HttpResponse:
        """One request about an object."""
        signed = self.sign(method, path, headers=headers)
        response = await self._egress.send(
            signed.method,
            signed.url,
            headers=signed.headers,
            content=content,
            timeout_seconds=SECONDS if content is None else TRANSFER_SECONDS,
            follow_redirects=False,
        )
        return self.without_secrets(response)

    def without_secrets(self, response: HttpResponse) -> HttpResponse:
        """An answer that does not send back what it was sent: the id of the key, and the token of temporary keys."""
        return response._replace(body=self.opened.scrubber.scrub_bytes(response.body))

    async def list_page(self, path: str, *, recursive: bool, most: int, token: str) -> tuple[str, list[Entry], bool]:
        """A page of what is below a path: the token of the next one, the entries, and whether there is more."""
        key = self.key(path)
        query = {"list-type": "2", "max-keys": str(most), "prefix": f"{key}/" if key else ""}
        query |= {} if recursive else {"delimiter": "/"}
        query |= {"continuation-token": token} if token else {}
        signed = self.sign("GET", None, query=query)
        response = self.without_secrets(
            await self._egress.send(
                "GET", signed.url, headers=signed.headers, timeout_seconds=SECONDS, follow_redirects=False
            )
        )
        if response.status == HTTPStatus.NOT_FOUND:
            raise StepError(
                f"There is no bucket '{self.config.bucket}'.",
                code="S3_BUCKET_UNKNOWN",
                remedy="Check the connection's bucket, region and endpoint.",
            )
        _expect(self, response, path)
        return _read_page(response, len(self.config.prefix.strip("/")))

    def sign(
        self,
        method: str,
        path: str | None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> _Signed:
        """A request with its signature (SigV4), about an object or about the bucket."""
        from botocore.auth import S3SigV4Auth  # noqa: PLC0415 - heavy, and few need it
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - the same
        from botocore.credentials import Credentials  # noqa: PLC0415 - the same

        url = self._url("" if path is None else self.key(path))
        if self.opened.allowed_hosts:
            self.opened.require_host(urlsplit(url).hostname or "")
        if query:
            url += "?" + "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))
        sent = {"Accept-Encoding": "identity", "Accept": "*/*", "User-Agent": "wingbeat", **(headers or {})}
        request = AWSRequest(method=method, url=url, headers=sent)
        # The body's own digest would have to be known before it is sent; its length and TLS guard it.
        request.headers["X-Amz-Content-SHA256"] = UNSIGNED
        request.context["payload_signing_enabled"] = False
        keys = Credentials(
            self.opened.reveal("access_key_id") or "",
            self.opened.reveal("secret_access_key") or "",
            self.opened.reveal("session_token"),
        )
        S3SigV4Auth(keys, "s3", self.config.region).add_auth(request)
        return _Signed(method, url, {name: value for name, value in request.headers.items() if name.lower() != "host"})

    def _url(self, key: str) -> str:
        config = self.config
        # They become parts of a host's name.
        for text in (config.bucket, config.region):
            if NAME.fullmatch(text) is None:
                raise StepError(
                    f"'{text[:80]}' is no name of a bucket or region.",
                    code="S3_NAME_INVALID",
                    remedy="Correct the connection: letters, digits, dots and hyphens.",
                )
        path = quote(key, safe="/-_.~")
        if config.endpoint_url is not None:
            return f"{config.endpoint_url.rstrip('/')}/{config.bucket}/{path}".removesuffix("/" if not key else "")
        host = f"s3.{config.region}.amazonaws.com"
        # A certificate covers one part before the service's name.
        if "." in config.bucket:
            return f"https://{host}/{config.bucket}/{path}"
        return f"https://{config.bucket}.{host}/{path}"


def _read_page(response: HttpResponse, prefix: int) -> tuple[str, list[Entry], bool]:
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415 - few need it

    try:
        root: Element = fromstring(response.body)
    except Exception as error:  # whatever is wrong with a stranger's XML
        raise StepError(
            "The list of objects cannot be read.",
            code="S3_FAILED",
            remedy="Ask whoever runs the service whether it speaks the protocol of S3.",
        ) from error
    skipped = prefix + 1 if prefix else 0
    entries = [
        Entry(_text(one, "Key")[skipped:], "file", int(_text(one, "Size") or 0), _text(one, "LastModified"))
        for one in _children(root, "Contents")
        if not _text(one, "Key").endswith("/")
    ]
    entries += [
        Entry(_text(one, "Prefix")[skipped:].removesuffix("/"), "folder", 0, "")
        for one in _children(root, "CommonPrefixes")
    ]
    token = _text(root, "NextContinuationToken")
    return token, entries, _text(root, "IsTruncated") == "true" and bool(token)


def _children(element: Element, name: str) -> Sequence[Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _text(element: Element, name: str) -> str:
    return next((child.text or "" for child in _children(element, name)), "")


def _entry_of(path: str, headers: Mapping[str, str]) -> Entry:
    size = headers.get("content-length", "0")
    try:
        modified = parsedate_to_datetime(headers.get("last-modified", "")).isoformat()
    except ValueError:
        modified = ""
    return Entry(path, "file", int(size) if size.isdecimal() else 0, modified)


def _expect(bucket: _Bucket, response: HttpResponse, path: str) -> None:
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _failure(bucket, response, path)


def _failure(bucket: _Bucket, response: HttpResponse, path: str) -> StepError:
    status = response.status
    if status == HTTPStatus.NOT_FOUND:
        return not_found(path)
    if status in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT}:
        return exists(path)
    details: JsonObject = {"status": status, "body": response.body[:EXCERPT].decode(errors="replace").replace("\0", "")}
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}:
        return StepError(
            f"The bucket '{bucket.config.bucket}' does not permit this at '{path}' ({status}).",
            code="S3_ACCESS_DENIED",
            remedy="Check the keys of the connection, what they may do, and its region.",
            details=details,
        )
    if status in LATER:
        bucket.opened.note_failure()
    return StepError(
        f"The bucket '{bucket.config.bucket}' answered {status} at '{path}'.",
        code="S3_FAILED",
        remedy="Check the connection's region and endpoint; 5xx and 429 may pass.",
        details=details,
        retryable=status in LATER,
        uncertain=status in LATER,
    )


async def _whole(answer: HttpStream) -> HttpResponse:
    body = b""
    async for chunk in answer.chunks:
        body += chunk
        if len(body) >= EXCERPT:
            break
    return HttpResponse(answer.status, answer.headers, body, answer.url)
