"""An OpenAPI document as a connector: each of its operations is a node type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.connectors.connector import Skipped
from wingbeat.connectors.operation_node import node_of_operation
from wingbeat.connectors.operations import Api
from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk import NodeType


class OpenApiConnector:
    """The operations of a document; see `wingbeat.connectors.connector.Connector`.

    `base_url` replaces the servers that the document names, `source` is where it came from, and `connection` the id of
    the stored connection that its nodes use unless they name another.
    """

    def __init__(
        self, prefix: str, document: JsonObject, *, base_url: str = "", source: str = "", connection: str | None = None
    ) -> None:
        """Read every operation once.

        Raises:
            InvalidInput: the document is not OpenAPI 3, or none of its operations can be used.
        """
        self._prefix = prefix
        self._connection = connection
        self.api = Api(document, base_url=base_url, source=source)
        usable: list[str] = []
        skipped: list[Skipped] = []
        fault: InvalidInput | None = None
        for slug in self.api.slugs:
            try:
                self.api.check(slug)
            except InvalidInput as error:
                fault = error
                skipped.append(Skipped(slug, f"{error.message} {error.remedy}"))
            else:
                usable.append(slug)
        if not usable and fault is not None:
            raise fault
        self.operations = tuple(usable)
        self._usable = frozenset(usable)
        self.skipped = tuple(skipped)

    def title(self, operation: str) -> str:
        """What people call one operation; raises `KeyError`."""
        return self.api.describe(operation)[2]

    def node_type(self, operation: str) -> NodeType:
        """The node type of one operation; raises `KeyError`."""
        if operation not in self._usable:
            raise KeyError(operation)
        return node_of_operation(
            f"{self._prefix}.{operation}", self.api.operation(operation), connection=self._connection
        )
