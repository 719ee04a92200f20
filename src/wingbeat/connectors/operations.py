"""The operations of an OpenAPI document: what each takes, where that goes in a request, and what comes back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from wingbeat.connectors.documents import Document, fields_of, invalid, list_of, text_of
from wingbeat.connectors.schemas import SchemaWriter
from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.core.json_value import Json, JsonObject

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PLACES = ("path", "query", "header", "cookie")
DEFAULT_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
# They are the connection's or the body's business, as OpenAPI says.
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
IN_PATH = re.compile(r"\{([^{}]+)\}")
MOST_OPERATIONS = 5_000
LONGEST_SLUG = 80
LONGEST_HELP = 4_000
# The bodies that can be sent, the first that an operation takes being the one that is sent unless the node says so.
SENDABLE = ("application/json", "multipart/form-data", "application/x-www-form-urlencoded", "text/plain")
FIRST_GOOD, FIRST_OTHER = 200, 300


@dataclass(frozen=True, slots=True)
class ApiParameter:
    """One value that goes into the path, the query, a header or a cookie. `as_json` says that it is sent as JSON."""

    name: str
    place: str
    schema: Json
    help: str = ""
    required: bool = False
    style: str = "simple"
    explode: bool = False
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class ApiBody:
    """What a body may be: a schema for each media type, the preferred first."""

    contents: Mapping[str, Json]
    help: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation. `definitions` are what the schemas refer to; `kinds` the kinds of connection that it accepts."""

    slug: str
    method: str
    path: str
    title: str
    help: str
    server: str
    parameters: tuple[ApiParameter, ...]
    body: ApiBody | None
    answer: Json
    definitions: JsonObject
    kinds: tuple[str, ...]
    needs_connection: bool


@dataclass(frozen=True, slots=True)
class _Found:
    slug: str
    method: str
    path: str
    item: JsonObject
    described: JsonObject
    where: str


class Api:
    """The operations of a document, by their slugs. Each is read when it is asked for.

    `base_url` replaces the servers that the document names; `source` is where the document came from.
    """

    def __init__(self, document: JsonObject, *, base_url: str = "", source: str = "") -> None:
        """List the operations.

        Raises:
            InvalidInput: the document is not OpenAPI 3, or holds no operation; see `details.path`.
        """
        self._document = Document(document)
        self._checking = SchemaWriter(self._document)
        self._base_url = base_url
        self._source = source
        info = fields_of(document.get("info"))
        self.title = text_of(info.get("title")) or "API"
        self.help = text_of(info.get("description")) or text_of(info.get("summary"))
        self.version = text_of(info.get("version"))
        self._found = dict(self._list())
        if not self._found:
            raise invalid("OPENAPI_EMPTY", "The document has no operations.", "Give one with `paths`.", path="/paths")

    @property
    def slugs(self) -> tuple[str, ...]:
        """The names of the operations, in the document's order."""
        return tuple(self._found)

    def describe(self, slug: str) -> tuple[str, str, str]:
        """Method, path and title of an operation; raises `KeyError`."""
        found = self._found[slug]
        return found.method, found.path, _title(found)

    def check(self, slug: str) -> None:
        """Raise what `operation` would raise; what operations share is looked at once."""
        self._read(slug, self._checking)

    def operation(self, slug: str) -> ApiOperation:
        """One operation, whole.

        Raises:
            KeyError: there is none of that name.
            InvalidInput: it cannot be used; `details.path` says where the document is wrong.
        """
        return self._read(slug, SchemaWriter(self._document))

    def _read(self, slug: str, writer: SchemaWriter) -> ApiOperation:
        found = self._found[slug]
        kinds, needed = self._security(found)
        return ApiOperation(
            slug=slug,
            method=found.method.upper(),
            path=found.path,
            title=_title(found),
            help=_help(found),
            server=self._server(found),
            parameters=tuple(self._parameters(found, writer)),
            body=self._body(found, writer),
            answer=True if writer is self._checking else self._answer(found),
            definitions=writer.definitions,
            kinds=kinds,
            needs_connection=needed,
        )

    def _list(self) -> Iterator[tuple[str, _Found]]:
        taken: set[str] = set()
        listed = fields_of(self._document.root.get("paths"))
        paths: JsonObject = {path: item for path, item in listed.items() if not path.startswith("x-")}
        for path, item in self._document.objects(paths, "/paths"):
            for method in METHODS:
                described = item.get(method)
                if not isinstance(described, dict):
                    continue
                slug = _free(_slug(described, method, path), taken)
                taken.add(slug)
                if len(taken) > MOST_OPERATIONS:
                    raise invalid(
                        "OPENAPI_TOO_LARGE",
                        f"The document has more than {MOST_OPERATIONS} operations.",
                        "Give a document with the part of the API that you need.",
                    )
                yield slug, _Found(slug, method, path, item, described, f"/paths/{path}/{method}")

    def _parameters(self, found: _Found, writer: SchemaWriter) -> Iterator[ApiParameter]:
        """Those of the operation, before those of its path; names in the path that nobody describes are texts."""
        seen: set[tuple[str, str]] = set()
        in_path = IN_PATH.findall(found.path)
        for holder, where in ((found.described, found.where), (found.item, f"/paths/{found.path}")):
            for place, listed in enumerate(list_of(holder.get("parameters"))):
                described = self._document.object_at(listed, f"{where}/parameters/{place}")
                parameter = self._parameter(described, writer, f"{where}/parameters/{place}")
                ignored = parameter.place == "header" and parameter.name.lower() in IGNORED_HEADERS
                stray = parameter.place == "path" and parameter.name not in in_path
                if not ignored and not stray and (parameter.place, parameter.name) not in seen:
                    seen.add((parameter.place, parameter.name))
                    yield parameter
        for name in in_path:
            if ("path", name) not in seen:
                seen.add(("path", name))
                yield ApiParameter(name, "path", {"type": "string"}, required=True)

    def _parameter(self, described: JsonObject, writer: SchemaWriter, where: str) -> ApiParameter:
        name, place = text_of(described.get("name")), text_of(described.get("in"))
        if not name or place not in PLACES:
            raise invalid(
                "OPENAPI_INVALID",
                f"The parameter at {where} has no name or no place.",
                "Mend the document.",
                path=where,
            )
        style = text_of(described.get("style")) or DEFAULT_STYLES[place]
        explode = described.get("explode")
        content = fields_of(described.get("content"))
        schema = described.get("schema")
        if content:
            schema = fields_of(next(iter(content.values()))).get("schema")
        written = writer.write(schema)
        if "example" in described and isinstance(written, dict):
            written = {**written, "examples": [described["example"]]}
        return ApiParameter(
            name=name,
            place=place,
            schema=written,
            help=text_of(described.get("description")),
            required=place == "path" or described.get("required") is True,
            style=style,
            explode=explode if isinstance(explode, bool) else style == "form",
            as_json=bool(content),
        )

    def _body(self, found: _Found, writer: SchemaWriter) -> ApiBody | None:
        given = found.described.get("requestBody")
        if given is None:
            return None
        described = self._document.object_at(given, f"{found.where}/requestBody")
        contents: dict[str, Json] = {}
        for media, content in self._document.objects(described.get("content"), f"{found.where}/requestBody/content"):
            essence = media.partition(";")[0].strip().lower()
            contents[essence] = writer.write(content.get("schema"))
        if not contents:
            return None
        ordered = dict(sorted(contents.items(), key=lambda entry: _preference(entry[0])))
        return ApiBody(ordered, text_of(described.get("description")), described.get("required") is True)

    def _answer(self, found: _Found) -> Json:
        """The schema of the first good answer's body that is JSON, with its own definitions; True where unknown."""
        try:
            schema = self._schema_of_answer(found)
            writer = SchemaWriter(self._document)
            written = writer.write(schema)
        except InvalidInput:
            # What comes out need not be known for the operation to be used.
            return True
        if isinstance(written, dict) and writer.definitions:
            return {**written, "$defs": writer.definitions}
        return written

    def _schema_of_answer(self, found: _Found) -> Json:
        answers = self._document.objects(found.described.get("responses"), f"{found.where}/responses")
        for status, answer in sorted(answers, key=itemgetter(0)):
            if status.upper() != "2XX" and not (status.isdecimal() and FIRST_GOOD <= int(status) < FIRST_OTHER):
                continue
            for media, content in fields_of(answer.get("content")).items():
                if is_json(media.partition(";")[0].strip().lower()):
                    return fields_of(content).get("schema")
        return True

    def _server(self, found: _Found) -> str:
        if self._base_url:
            return self._base_url.rstrip("/")
        for holder in (found.described, found.item, self._document.root):
            for server in list_of(holder.get("servers")):
                address = urljoin(self._source, _with_defaults(fields_of(server)))
                if urlsplit(address).scheme in {"http", "https"}:
                    return address.rstrip("/")
        raise invalid(
            "OPENAPI_NO_SERVER",
            f"The document does not say on which server {found.method.upper()} {found.path} is.",
            "Give the connector a `base_url`, such as https://api.example.com/v1.",
            path="/servers",
        )

    def _security(self, found: _Found) -> tuple[tuple[str, ...], bool]:
        """The kinds of connection that fit, and whether one is needed."""
        listed = found.described.get("security", self._document.root.get("security"))
        schemes = fields_of(fields_of(self._document.root.get("components")).get("securitySchemes"))
        wanted = [fields_of(entry) for entry in list_of(listed)]
        kinds: dict[str, None] = {}
        for name in (name for entry in wanted for name in entry):
            scheme = schemes.get(name)
            if scheme is not None:
                kinds |= dict.fromkeys(
                    _kinds_of(self._document.object_at(scheme, f"/components/securitySchemes/{name}"))
                )
        return tuple(kinds) or HTTP_KINDS, bool(wanted) and all(wanted)


HTTP_KINDS = ("api_key", "bearer", "basic", "oauth2_client_credentials", "oauth2_authorization_code", "hmac")
OAUTH_KINDS = ("oauth2_client_credentials", "oauth2_authorization_code", "bearer")


def _kinds_of(scheme: JsonObject) -> tuple[str, ...]:
    match scheme.get("type"), text_of(scheme.get("scheme")).lower():
        case "http", "basic":
            return ("basic",)
        case "http", "bearer":
            return OAUTH_KINDS
        case "apiKey", _:
            return ("api_key",)
        case (("oauth2" | "openIdConnect"), _):
            return OAUTH_KINDS
    return HTTP_KINDS


def is_json(media: str) -> bool:
    """Whether a media type is JSON, whatever it is about."""
    return media in {"application/json", "text/json", "*/*"} or media.endswith("+json")


def _preference(media: str) -> int:
    if is_json(media):
        return 0
    return SENDABLE.index(media) if media in SENDABLE else len(SENDABLE)


def _with_defaults(server: JsonObject) -> str:
    address = text_of(server.get("url"))
    for name, variable in fields_of(server.get("variables")).items():
        address = address.replace(f"{{{name}}}", text_of(fields_of(variable).get("default")))
    return address


def _title(found: _Found) -> str:
    named = text_of(found.described.get("summary")).strip() or text_of(found.described.get("operationId")).strip()
    return named[:120] or f"{found.method.upper()} {found.path}"[:120]


def _help(found: _Found) -> str:
    said = text_of(found.described.get("description")).strip() or text_of(found.described.get("summary")).strip()
    outdated = " It is deprecated." if found.described.get("deprecated") is True else ""
    return f"Sends {found.method.upper()} {found.path}.{outdated} {said}"[:LONGEST_HELP].strip()


def _slug(described: JsonObject, method: str, path: str) -> str:
    named = text_of(described.get("operationId")) or f"{method}_{path}"
    return re.sub(r"[^A-Za-z0-9]+", "_", named).strip("_")[:LONGEST_SLUG] or method


def _free(slug: str, taken: set[str]) -> str:
    name, count = slug, 1
    while name in taken:
        count += 1
        name = f"{slug}_{count}"
    return name
