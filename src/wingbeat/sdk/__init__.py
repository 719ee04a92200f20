"""What the author of a node type writes against: this package, and nothing else of Wingbeat."""

from __future__ import annotations

from wingbeat.core.errors import LimitReached, StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.node_kind import Effect, Join, Role
from wingbeat.core.outcome import (
    BODY,
    DONE,
    ERROR,
    OUT,
    AfterBreak,
    Await,
    End,
    OnItemError,
    OpenLoop,
    Operation,
    Outcome,
    Result,
    Round,
    VariableChange,
    Wait,
)
from wingbeat.sdk.connection import ConnectionMarker
from wingbeat.sdk.context import Arrival, Context, Http, HttpResponse, HttpStream, Upload
from wingbeat.sdk.files import FILES, FileFacts, Files, KeptFile
from wingbeat.sdk.folders import FOLDERS, Entry, Folders, Place
from wingbeat.sdk.names import PortName, VariableName
from wingbeat.sdk.node_type import Example, NodeType
from wingbeat.sdk.parameters import (
    Expression,
    LocalsMarker,
    NeverLiteral,
    Parameters,
    Template,
    drawn_as,
    item_expression,
)
from wingbeat.sdk.port import Carries, Port
from wingbeat.sdk.relevance import GIVEN, LEFT_OUT, matters, needed
from wingbeat.sdk.router import ROUTER, Router
from wingbeat.sdk.tool import Tool
from wingbeat.sdk.waits import WAITS, Signal

__all__ = [
    "BODY",
    "DONE",
    "ERROR",
    "FILES",
    "FOLDERS",
    "GIVEN",
    "LEFT_OUT",
    "OUT",
    "ROUTER",
    "WAITS",
    "AfterBreak",
    "Arrival",
    "Await",
    "Carries",
    "ConnectionMarker",
    "Context",
    "Effect",
    "End",
    "Entry",
    "Example",
    "Expression",
    "FileFacts",
    "Files",
    "Folders",
    "Http",
    "HttpResponse",
    "HttpStream",
    "Join",
    "Json",
    "JsonObject",
    "KeptFile",
    "LimitReached",
    "LocalsMarker",
    "NeverLiteral",
    "NodeType",
    "OnItemError",
    "OpenLoop",
    "Operation",
    "Outcome",
    "Parameters",
    "Place",
    "Port",
    "PortName",
    "Result",
    "Role",
    "Round",
    "Router",
    "Signal",
    "StepError",
    "Template",
    "Tool",
    "Upload",
    "VariableChange",
    "VariableName",
    "Wait",
    "drawn_as",
    "item_expression",
    "matters",
    "needed",
]
