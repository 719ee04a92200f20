"""Read and write files: in folders that the operator names, in buckets, and as references."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wingbeat.nodes.formats.contents import MEDIA_TYPES, Format, format_of, read_contents, write_contents
from wingbeat.nodes.formats.tables import TableOptions
from wingbeat.sdk import (
    FILES,
    FOLDERS,
    ConnectionMarker,
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Place,
    Port,
    StepError,
    Template,
    Upload,
    matters,
    needed,
)
from wingbeat.sdk.files import is_reference, too_large
from wingbeat.sdk.folders import parts_of

BIG = 50_000
REPEATABLE = frozenset({"read", "list", "info", "delete", "parse", "make"})
ON_FILES = ("read", "write", "append", "list", "info", "delete", "copy", "move")
NEEDS_PLACE = frozenset(ON_FILES)
Path = Annotated[str, Field(max_length=1000)]


class File(Parameters):
    """What to do, where, and in which format."""

    operation: Literal["read", "write", "append", "list", "info", "delete", "copy", "move", "parse", "make"] = Field(
        description=(
            "`read`, `write`, `append`, `list`, `info`, `delete`, `copy` and `move` are about files in a `folder` or "
            "behind a `connection`. `parse` makes a value of a file reference or of text, `make` a file reference of a "
            "value."
        ),
        examples=["read", "make"],
    )
    folder: str = Field(
        json_schema_extra=matters(operation=ON_FILES),
        default="",
        max_length=64,
        description="A folder by its name in FILE_ROOTS.",
        examples=["reports"],
    )
    connection: Annotated[str | None, ConnectionMarker("s3")] = Field(
        json_schema_extra=matters(operation=ON_FILES),
        default=None,
        description="A stored connection to a bucket, in place of a folder.",
        examples=["018f2f6e-7c1e-7a44-9b3e-2f1d6a5c9b01"],
    )
    path: Template[Path] = Field(
        json_schema_extra=needed(operation=("read", "write", "append", "delete", "copy", "move"))
        | matters(operation=ON_FILES),
        default="",
        description="Relative to the folder, with / between its parts; for `list`, empty is the folder itself.",
        examples=["orders/{{ input.date }}.csv"],
    )
    to: Template[Path] = Field(
        json_schema_extra=needed(operation=("copy", "move")),
        default="",
        description="For `copy` and `move`: the new path, in the same place.",
        examples=["done/{{ input.name }}"],
    )
    content: Template[Json] = Field(
        json_schema_extra=needed(operation=("write", "append", "parse", "make")),
        default=None,
        description=(
            "For `write`, `append` and `make`: the value, or a file reference, whose bytes are written as they are. "
            "For `parse`: a file reference, or text."
        ),
        examples=["{{ input.rows }}", "{{ input.file }}"],
    )
    format: Literal["auto", "file", "text", "json", "jsonl", "csv", "xlsx", "xml", "base64"] = Field(
        json_schema_extra=matters(operation=("read", "write", "append", "parse", "make")),
        default="auto",
        description=(
            "`auto` goes by the ending of the path or name: reading an unknown one gives a reference. `file`: read as "
            "a reference, of whatever size. Tables (`csv`, `xlsx`) are lists of objects. XML is as in `data.xml`."
        ),
        examples=["csv"],
    )
    encoding: str = Field(
        json_schema_extra=matters(operation=("read", "write", "append", "parse", "make")),
        default="",
        max_length=40,
        description="Of text; unset: UTF-8, or what a byte order mark says. Writing utf-8-sig makes one.",
        examples=["windows-1252"],
    )
    table: TableOptions = Field(
        json_schema_extra=matters(
            operation=("read", "write", "append", "parse", "make"), format=("auto", "csv", "xlsx")
        ),
        default=TableOptions(),
        description="For `csv` and `xlsx`.",
        examples=[{"delimiter": ";", "header": False}],
    )
    name: Template[Annotated[str, Field(max_length=255)]] = Field(
        json_schema_extra=matters(operation="make"),
        default="",
        description="For `make`: what to call the file.",
        examples=["orders.xlsx"],
    )
    if_exists: Literal["replace", "fail"] = Field(
        json_schema_extra=matters(operation=("write", "copy", "move")),
        default="replace",
        description="For `write`, `copy` and `move`: what if there is a file.",
        examples=["fail"],
    )
    missing: Literal["fail", "null"] = Field(
        json_schema_extra=matters(operation="read"),
        default="fail",
        description="For `read`: what comes out if there is no file.",
        examples=["null"],
    )
    pattern: str = Field(
        json_schema_extra=matters(operation="list"),
        default="*",
        min_length=1,
        max_length=200,
        description="For `list`: which names, with * and ?.",
        examples=["*.csv"],
    )
    recursive: bool = Field(
        json_schema_extra=matters(operation="list"),
        default=False,
        description="For `list`: also what is in folders further down.",
    )
    max_entries: int = Field(
        json_schema_extra=matters(operation="list"),
        default=1000,
        ge=1,
        le=100_000,
        description="For `list`: more are an error.",
        examples=[100],
    )
    max_bytes: int = Field(
        json_schema_extra=matters(operation=("read", "append", "parse")),
        default=10_000_000,
        ge=1,
        le=100_000_000,
        description="For reading into a value and for `append`: larger files are an error; references may be.",
        examples=[1_000_000],
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        given = self.model_fields_set
        if self.operation in NEEDS_PLACE and bool(self.folder) == (self.connection is not None):
            raise ValueError(f"'{self.operation}' needs either 'folder' or 'connection'")
        if self.operation in NEEDS_PLACE - {"list", "info"} and "path" not in given:
            raise ValueError(f"'{self.operation}' needs 'path'")
        if self.operation in {"copy", "move"} and "to" not in given:
            raise ValueError(f"'{self.operation}' needs 'to'")
        if self.operation in {"write", "append", "parse", "make"} and "content" not in given:
            raise ValueError(f"'{self.operation}' needs 'content'")
        return self

    @property
    def place(self) -> Place:
        """Where the path begins."""
        return Place(self.folder, self.connection or "")


async def run(parameters: File, context: Context) -> Outcome:
    """Do it; raises `StepError`."""
    match parameters.operation:
        case "read":
            return Outcome.of(await _read(parameters, context))
        case "write" | "append":
            return Outcome.of(await _write(parameters, context))
        case "parse":
            return Outcome.of(await _parse(parameters, context))
        case "make":
            return Outcome.of(await _make(parameters, context))
        case _:
            return Outcome.of(await _handle(parameters, context))


async def _handle(parameters: File, context: Context) -> Json:
    """What concerns files as a whole, and not what is in them."""
    folders, place, path = context.use(FOLDERS), parameters.place, parameters.path
    replace = parameters.if_exists == "replace"
    match parameters.operation:
        case "list":
            found = await folders.list(
                place, path, pattern=parameters.pattern, recursive=parameters.recursive, most=parameters.max_entries
            )
            return [entry.to_json() for entry in found]
        case "delete":
            return {"deleted": await folders.delete(place, path)}
        case "copy":
            return (await folders.copy(place, path, parameters.to, replace=replace)).to_json()
        case "move":
            return (await folders.move(place, path, parameters.to, replace=replace)).to_json()
        case _:
            entry = await folders.look(place, path)
            return {"exists": False} if entry is None else {"exists": True, **entry.to_json()}


async def _read(parameters: File, context: Context) -> Json:
    folders, files = context.use(FOLDERS), context.use(FILES)
    form = _format(parameters, parameters.path)
    chunks = folders.stream(parameters.place, parameters.path)
    try:
        if form is None:
            known = format_of(parameters.path)
            media_type = MEDIA_TYPES[known] if known is not None else "application/octet-stream"
            return await files.keep_stream(chunks, name=parameters.path.rpartition("/")[2], media_type=media_type)
        data = await _gather(chunks, parameters.max_bytes)
    except StepError as error:
        if error.code == "FILE_NOT_FOUND" and parameters.missing == "null":
            return None
        raise
    return await _to_value(data, form, parameters)


async def _write(parameters: File, context: Context) -> Json:
    folders, place, path = context.use(FOLDERS), parameters.place, parameters.path
    replace = parameters.if_exists == "replace"
    content = parameters.content
    if parameters.operation == "append":
        if is_reference(content):
            data = (await context.use(FILES).load(content, most_bytes=parameters.max_bytes)).data
        else:
            data = await _to_bytes(parameters, path)
            if len(data) > parameters.max_bytes:
                raise too_large(len(data), parameters.max_bytes)
        return (await folders.append(place, path, data)).to_json()
    if is_reference(content):
        files = context.use(FILES)
        upload = Upload(files.look_at(content).size, lambda: files.stream(content))
    else:
        data = await _to_bytes(parameters, path)
        upload = Upload(len(data), lambda: _whole(data))
    return (await folders.write(place, path, upload, replace=replace)).to_json()


async def _parse(parameters: File, context: Context) -> Json:
    content = parameters.content
    if isinstance(content, str):
        return await _to_value(content.encode("utf-8", "replace"), _known(parameters, ""), parameters, encoding="utf-8")
    kept = await context.use(FILES).load(content, most_bytes=parameters.max_bytes)
    return await _to_value(kept.data, _known(parameters, kept.name), parameters)


async def _make(parameters: File, context: Context) -> Json:
    form = _known(parameters, parameters.name)
    data = await _to_bytes(parameters, parameters.name)
    name = parameters.name or f"file.{ {'text': 'txt', 'base64': 'bin'}.get(form, form) }"
    return await context.use(FILES).keep(data, name=name, media_type=MEDIA_TYPES[form])


def _format(parameters: File, name: str) -> Format | None:
    """The format of a file; None where it stays a file."""
    if parameters.format == "file":
        return None
    return format_of(name) if parameters.format == "auto" else parameters.format


def _known(parameters: File, name: str) -> Format:
    form = _format(parameters, name)
    if form is None:
        raise StepError(
            f"It is not known which format '{name[:120]}' has.",
            code="FORMAT_UNKNOWN",
            remedy="Say it in 'format': text, json, jsonl, csv, xlsx, xml or base64.",
            details={"parameter": "format"},
        )
    return form


async def _to_value(data: bytes, form: Format, parameters: File, *, encoding: str | None = None) -> Json:
    said = parameters.encoding if encoding is None else encoding
    if form == "xlsx" or len(data) > BIG:
        return await asyncio.to_thread(read_contents, data, form, said, parameters.table)
    return read_contents(data, form, said, parameters.table)


async def _to_bytes(parameters: File, name: str) -> bytes:
    form = _known(parameters, name)
    content = parameters.content
    big = form == "xlsx" or isinstance(content, list) or (isinstance(content, str) and len(content) > BIG)
    if big:
        return await asyncio.to_thread(write_contents, content, form, parameters.encoding, parameters.table)
    return write_contents(content, form, parameters.encoding, parameters.table)


async def _gather(chunks: AsyncIterator[bytes], most: int) -> bytes:
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) > most:
            raise too_large(None, most)
    return bytes(gathered)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def rehearse(parameters: File, context: Context) -> Outcome:
    """Convert as a run would, and say what would be done in which place; nothing is read or written there."""
    if parameters.operation in {"parse", "make"}:
        return await run(parameters, context)
    parts_of(parameters.path, root=parameters.operation in {"list", "info"})
    said: JsonObject = {"rehearsed": True, "operation": parameters.operation, "path": parameters.path}
    if parameters.operation in {"copy", "move"}:
        parts_of(parameters.to)
        said["to"] = parameters.to
    if parameters.operation in {"write", "append"} and not is_reference(parameters.content):
        said["bytes"] = len(await _to_bytes(parameters, parameters.path))
    return Outcome.of(said)


def effect_of(parameters: JsonObject) -> Effect:
    """What comes to the same when it is done twice may be repeated: not adding, not moving, not what must be new."""
    operation = parameters.get("operation")
    repeatable = operation in REPEATABLE or (
        operation in {"write", "copy"} and parameters.get("if_exists", "replace") == "replace"
    )
    return Effect.IDEMPOTENT if repeatable else Effect.UNSAFE


NODE = NodeType(
    type="action.file",
    title="File",
    help=(
        "Reads and writes files, and turns their contents into values and back: text, JSON, JSON Lines, CSV, XLSX and "
        "XML. Files are in folders that the operator names in FILE_ROOTS (nothing else of the machine can be reached, "
        "by no path and through no link), in S3 buckets behind a stored connection, or references that other nodes "
        "gave. A file is written as a whole or not at all. Bytes that need not be looked at pass through as a "
        "reference (`format` file), whatever their size. Tables are lists of objects by the names in the first row; "
        "all cells of a CSV file are text. Text that a spreadsheet would run as a formula is made harmless when a "
        "table is written. Reading, listing, deleting and replacing may be repeated at any time. Appending, moving, "
        "and writing what must not be there yet is never repeated silently: after a crash the node's `on_unknown` "
        "decides."
    ),
    parameters=File,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    effect_of=effect_of,
    uses=(FILES, FOLDERS),
    outputs=(
        Port(
            help=(
                "`read` and `parse`: the value, or a reference. `make`: a reference. `list`: a list of `path`, `kind`, "
                "`size`, `modified`. `info`: `exists`, and the same. `write`, `append`, `copy`, `move`: the file as it "
                "is now. `delete`: whether there was something (`deleted`)."
            )
        ),
    ),
    examples=(
        Example(
            "read a table",
            {"operation": "read", "folder": "inbox", "path": "orders/{{ input }}.csv"},
            input="may",
            world={"folders": {"inbox/orders/may.csv": "sku;price\r\na-1;5\r\n"}},
            expect={"out": [{"sku": "a-1", "price": "5"}]},
        ),
        Example(
            "write a table that no spreadsheet runs",
            {"operation": "make", "name": "orders.csv", "content": "{{ input }}"},
            input=[{"sku": "=cmd()", "price": -5}],
            expect={
                "out": {
                    "$file": "kept-1",
                    "name": "orders.csv",
                    "media_type": "text/csv",
                    "size": 23,
                    "sha256": "5f05ceba0917fcbb6ec2f3779b8dd47c0acdbf06254d95f84f772df0c3587852",
                }
            },
        ),
        Example(
            "what came in the inbox",
            {"operation": "list", "folder": "inbox", "pattern": "*.csv", "recursive": True},
            world={"folders": {"inbox/orders/may.csv": "a", "inbox/readme.txt": "b"}},
            expect={
                "out": [{"path": "orders/may.csv", "kind": "file", "size": 1, "modified": "2026-01-02T03:04:05+00:00"}]
            },
        ),
        Example(
            "move it when it is done",
            {"operation": "move", "folder": "inbox", "path": "may.csv", "to": "done/may.csv"},
            world={"folders": {"inbox/may.csv": "a"}},
            expect={
                "out": {"path": "done/may.csv", "kind": "file", "size": 1, "modified": "2026-01-02T03:04:05+00:00"}
            },
        ),
        Example(
            "no path leads out of a folder",
            {"operation": "delete", "folder": "inbox", "path": "../../etc/passwd"},
            expect_error="PATH_REFUSED",
        ),
    ),
)
