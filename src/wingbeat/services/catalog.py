"""Every node type that there is: those of the installation, and those that connectors give, as they are now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import structlog

from wingbeat.connectors.documents import fields_of
from wingbeat.connectors.mcp_node import McpServer
from wingbeat.connectors.openapi import OpenApiConnector
from wingbeat.core.errors import WingbeatError
from wingbeat.sdk import NodeType
from wingbeat.storage import connectors as rows
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from wingbeat.connectors.connector import Connector
    from wingbeat.core.node_kind import Catalog
    from wingbeat.storage.connectors import Described
    from wingbeat.storage.pool import Database

log = structlog.get_logger()


class LiveCatalog(Mapping[str, NodeType]):
    """Node types by their names. Looking one up does no I/O; `refresh` takes in what connectors have become.

    A node type of a connector is made when it is first asked for: a document may have hundreds.
    """

    def __init__(self, database: Database, installed: Mapping[str, NodeType]) -> None:
        self._database = database
        self._installed = installed
        self._number = 0
        self._connectors: dict[str, Connector] = {}
        self._made: dict[str, NodeType] = {}
        self._lock = asyncio.Lock()

    @property
    def number(self) -> int:
        """Changes when what is in here may have changed."""
        return self._number

    async def refresh(self) -> bool:
        """Take in every change of a connector that was committed before the call. Gives whether there was one.

        Raises:
            DatabaseUnavailable: nothing has changed here.
        """
        async with self._lock:
            with translate_errors():
                async with self._database.spare() as connection:
                    if await rows.read_change_number(connection) == self._number:
                        return False
                    async with connection.transaction(isolation="repeatable_read", readonly=True):
                        number = await rows.read_change_number(connection)
                        described = await rows.list_enabled(connection)
            self._connectors = await asyncio.to_thread(_make_all, described)
            self._made = {}
            self._number = number
            return True

    def installed(self) -> Mapping[str, NodeType]:
        """Those that come with the installation, without those of connectors."""
        return self._installed

    def __getitem__(self, name: str) -> NodeType:
        """The node type; raises `KeyError`."""
        installed = self._installed.get(name)
        if installed is not None:
            return installed
        made = self._made.get(name)
        if made is None:
            prefix, _, operation = name.rpartition(".")
            made = self._made[name] = self._connectors[prefix].node_type(operation)
        return made

    def __contains__(self, name: object) -> bool:
        """Whether there is such a type."""
        if name in self._installed:
            return True
        prefix, _, operation = str(name).rpartition(".")
        connector = self._connectors.get(prefix)
        return connector is not None and operation in connector.operations

    def __iter__(self) -> Iterator[str]:
        """Every name, the installed ones first."""
        yield from self._installed
        for prefix, connector in self._connectors.items():
            for operation in connector.operations:
                yield f"{prefix}.{operation}"

    def __len__(self) -> int:
        """How many there are."""
        return len(self._installed) + sum(len(connector.operations) for connector in self._connectors.values())


async def bring_up_to_date(catalog: Catalog) -> None:
    """Take in what connectors have become, where the catalogue has any."""
    if isinstance(catalog, LiveCatalog):
        await catalog.refresh()


def prefix_of(kind: str, slug: str) -> str:
    """What the names of a connector's node types begin with."""
    return f"{'mcp' if kind == 'mcp' else 'api'}.{slug}"


def make_connector(described: Described) -> Connector:
    """What gives the node types of a connector.

    Raises:
        InvalidInput: its document cannot be used.
    """
    prefix, document = prefix_of(described.kind, described.slug), fields_of(described.document)
    connection = None if described.connection_id is None else str(described.connection_id)
    if described.kind == "mcp":
        return McpServer(prefix, document, url=described.source_url, connection=connection)
    return OpenApiConnector(
        prefix, document, base_url=described.base_url, source=described.source_url, connection=connection
    )


def _make_all(described: list[Described]) -> dict[str, Connector]:
    """Each by its prefix; one that this release cannot read is left out, with a line in the log."""
    made: dict[str, Connector] = {}
    for one in described:
        try:
            made[prefix_of(one.kind, one.slug)] = make_connector(one)
        except WingbeatError as error:
            log.warning("connector_unusable", connector=one.slug, error=error.message)
    return made
