"""What can be done with connectors: describe a system, have its operations as node types, keep that up to date."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wingbeat.connectors.documents import parse_document
from wingbeat.connectors.openapi import OpenApiConnector
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, StepError
from wingbeat.services.catalog import make_connector, prefix_of
from wingbeat.storage import audit, idempotency
from wingbeat.storage import connectors as rows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.connectors import ConnectorFields, Described, StoredConnector
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.connectors.connector import Connector, Skipped
    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk import Http
    from wingbeat.services.catalog import LiveCatalog
    from wingbeat.storage.pool import Database

OPENAPI, MCP = "openapi", "mcp"
CREATE = "connector.create"
LONGEST_SLUG = 40
FETCH_SECONDS = 60.0
FIRST_FAILING_STATUS = 400


class NodeTypeLine(NamedTuple):
    """One node type of a connector, as a list shows it."""

    type: str
    title: str


class ConnectorDetails(NamedTuple):
    """A connector with its node types, and what of its description gives none; `replayed` as elsewhere."""

    connector: StoredConnector
    node_types: list[NodeTypeLine]
    skipped: tuple[Skipped, ...]
    replayed: bool = False


class ListsTools(Protocol):
    """Asks a server of the Model Context Protocol what it offers."""

    async def list_tools(self, url: str, connection: str | None) -> JsonObject:
        """`{"name": ..., "tools": [...]}`, the tools as the protocol has them; raises `StepError`."""
        ...


class Wanted(NamedTuple):
    """What a caller says about a new connector. The document comes as text, as a value, or from `url`."""

    name: str = ""
    slug: str = ""
    document: Json = None
    url: str = ""
    base_url: str = ""
    connection_id: UUID | None = None


@dataclass(frozen=True)
class Connectors:
    """The use cases of connectors. All raise NotFound for an id that there is not, and DatabaseUnavailable.

    They are the installation's: there for everybody who is signed in, and changed by its administrators alone, which
    the permission of their routes sees to.
    """

    database: Database
    catalog: LiveCatalog
    http: Http
    mcp: ListsTools

    async def create_openapi(self, wanted: Wanted, *, idempotency_key: str | None = None) -> ConnectorDetails:
        """Have each operation of an OpenAPI document as a node type.

        Raises:
            InvalidInput: the document cannot be used (`OPENAPI_...`), or cannot be fetched (`CONNECTOR_UNREACHABLE`).
            Conflict: `CONNECTOR_EXISTS`, when the slug is taken.
        """
        document = await self._document(wanted)
        made = await asyncio.to_thread(
            OpenApiConnector, "api.new", document, base_url=wanted.base_url, source=wanted.url
        )
        fields = ConnectorFields(
            wanted.name or made.api.title, made.api.help, document, wanted.url, wanted.base_url, wanted.connection_id
        )
        return await self._create(OPENAPI, wanted, fields, idempotency_key)

    async def create_mcp(self, wanted: Wanted, *, idempotency_key: str | None = None) -> ConnectorDetails:
        """Have each tool of an MCP server as a node type; its address is `url`.

        Raises:
            InvalidInput: `MCP_NO_TOOLS`, or the server cannot be reached (`CONNECTOR_UNREACHABLE`).
            Conflict: `CONNECTOR_EXISTS`.
        """
        listing = await self._listing(wanted.url, wanted.connection_id)
        named = listing.get("name")
        name = wanted.name or (named if isinstance(named, str) and named else "MCP server")
        fields = ConnectorFields(name, "", listing, wanted.url, "", wanted.connection_id)
        return await self._create(MCP, wanted, fields, idempotency_key)

    async def list(self, principal: Principal) -> list[StoredConnector]:
        """Every connector, by its slug."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return [shown_to(principal, stored) for stored in await rows.list_all(connection)]

    async def get(self, principal: Principal, connector_id: UUID) -> ConnectorDetails:
        """A connector with its node types."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                stored, document = await find(connection, connector_id)
        details = await asyncio.to_thread(_details, stored, document)
        return details._replace(connector=shown_to(principal, stored))

    async def refresh(self, connector_id: UUID, wanted: Wanted | None = None) -> ConnectorDetails:
        """Take the description anew: from `wanted`, else from where it came from; node types follow at once.

        Raises:
            InvalidInput: as for a new one; nothing has changed then.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                stored, _ = await find(connection, connector_id)
        fields = await self._anew(stored, wanted or Wanted())
        described = replace(_describe(stored, fields.document), base_url=fields.base_url, source_url=fields.source_url)
        await asyncio.to_thread(make_connector, described)
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                await find(connection, connector_id, lock=True)
                updated = await rows.update(connection, connector_id, fields)
                await note(connection, updated, "connector.refresh")
        await self.catalog.refresh()
        return await asyncio.to_thread(_details, updated, fields.document)

    async def delete(self, connector_id: UUID, *, force: bool = False) -> StoredConnector:
        """Remove a connector and so its node types.

        Raises:
            Conflict: `CONNECTOR_IN_USE`, unless it is forced; `details.workflows` has some that use it.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                stored, _ = await find(connection, connector_id, lock=True)
                used = await rows.workflows_using(connection, prefix_of(stored.kind, stored.slug) + ".")
                if used and not force:
                    raise Conflict(
                        f"{len(used)} workflow(s) have nodes of '{stored.name}'; nothing was deleted.",
                        code="CONNECTOR_IN_USE",
                        remedy="Change or archive them, or delete with ?force=true: their nodes then have no type.",
                        details={"workflows": list(used)},
                    )
                await rows.delete(connection, connector_id)
                await note(connection, stored, "connector.delete")
        await self.catalog.refresh()
        return stored

    async def _create(
        self, kind: str, wanted: Wanted, fields: ConnectorFields, idempotency_key: str | None
    ) -> ConnectorDetails:
        slug = wanted.slug or slug_of(fields.name)
        connector_id = new_id()
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                if idempotency_key is not None:
                    digest = idempotency.hash_request(kind.encode(), slug.encode(), encode_json(fields.document))
                    earlier = await idempotency.remember(connection, CREATE, idempotency_key, digest, connector_id)
                    if earlier is not None:
                        stored, document = await find(connection, earlier)
                        return _details(stored, document)._replace(replayed=True)
                stored_now = await rows.insert(connection, connector_id, slug, kind, fields)
                if stored_now is None:
                    raise Conflict(
                        f"There is a connector '{slug}' already; nothing was changed.",
                        code="CONNECTOR_EXISTS",
                        remedy="Give another `slug`, or refresh the one that is there.",
                        details={"slug": slug},
                    )
                await note(connection, stored_now, "connector.create")
        await self.catalog.refresh()
        return await asyncio.to_thread(_details, stored_now, fields.document)

    async def _anew(self, stored: StoredConnector, wanted: Wanted) -> ConnectorFields:
        url = wanted.url or stored.source_url
        connection_id = wanted.connection_id or stored.connection_id
        if stored.kind == MCP:
            document = await self._listing(url, connection_id)
        else:
            document = await self._document(wanted._replace(url=url))
        return ConnectorFields(
            wanted.name or stored.name,
            stored.description,
            document,
            url,
            wanted.base_url or stored.base_url,
            connection_id,
            stored.enabled,
        )

    async def _document(self, wanted: Wanted) -> JsonObject:
        if isinstance(wanted.document, dict):
            return wanted.document
        if isinstance(wanted.document, str):
            return await asyncio.to_thread(parse_document, wanted.document.encode("utf-8", "surrogatepass"))
        if wanted.document is None and wanted.url:
            return await asyncio.to_thread(parse_document, await self._fetch(wanted.url))
        raise InvalidInput(
            "There is no document.",
            code="OPENAPI_MISSING",
            remedy="Send `document` (an object, or the text of the file), or the `url` where it is.",
        )

    async def _fetch(self, url: str) -> bytes:
        try:
            response = await self.http.send("GET", url, timeout_seconds=FETCH_SECONDS)
        except StepError as error:
            raise _unreachable(url, error.message, error.remedy) from error
        if response.status >= FIRST_FAILING_STATUS:
            raise _unreachable(url, f"It answered {response.status}.", "Look at the address in a browser.")
        return response.body

    async def _listing(self, url: str, connection_id: UUID | None) -> JsonObject:
        try:
            return await self.mcp.list_tools(url, None if connection_id is None else str(connection_id))
        except StepError as error:
            raise _unreachable(url, error.message, error.remedy) from error


async def note(connection: asyncpg.Connection, stored: StoredConnector, action: str) -> None:
    """Write down what was done with a connector."""
    about: JsonObject = {"slug": stored.slug, "kind": stored.kind}
    event = AuditEvent(Category.AUDIT, action, "connector", str(stored.connector_id), detail=about)
    await audit.write(connection, event)


async def find(
    connection: asyncpg.Connection, connector_id: UUID, *, lock: bool = False
) -> tuple[StoredConnector, Json]:
    """The connector and its document.

    Raises:
        NotFound: there is none with this id.
    """
    found = await rows.get(connection, connector_id, lock=lock)
    if found is None:
        raise NotFound(
            f"There is no connector {connector_id}.",
            code="CONNECTOR_NOT_FOUND",
            remedy="List the connectors to find its id.",
        )
    return found


def shown_to(principal: Principal, stored: StoredConnector) -> StoredConnector:
    """A connector as a caller may see it: where it came from and goes to, and as whom, is the operators' business."""
    return stored if principal.unrestricted else replace(stored, source_url="", base_url="", connection_id=None)


def slug_of(name: str) -> str:
    """A name as the middle of a type's name: small letters, digits and `_`, beginning with a letter."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return (slug if slug[:1].isalpha() else f"api_{slug}".rstrip("_"))[:LONGEST_SLUG].rstrip("_")


def _describe(stored: StoredConnector, document: Json) -> Described:
    return Described(
        stored.connector_id,
        stored.slug,
        stored.kind,
        document,
        stored.source_url,
        stored.base_url,
        stored.connection_id,
        stored.revision,
    )


def _details(stored: StoredConnector, document: Json) -> ConnectorDetails:
    made: Connector = make_connector(_describe(stored, document))
    prefix = prefix_of(stored.kind, stored.slug)
    lines = [NodeTypeLine(f"{prefix}.{operation}", made.title(operation)) for operation in made.operations]
    return ConnectorDetails(stored, lines, made.skipped)


def _unreachable(url: str, why: str, remedy: str) -> InvalidInput:
    return InvalidInput(
        f"The description could not be read from {url.partition('?')[0][:200]}: {why}",
        code="CONNECTOR_UNREACHABLE",
        remedy=remedy,
        details={"url": url.partition("?")[0][:200]},
    )
