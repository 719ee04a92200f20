"""Tables as CSV and as XLSX: read within limits, and written so that no spreadsheet runs what a cell holds."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from wingbeat.sdk import Json, Parameters, StepError
from wingbeat.sdk.charsets import decode_text, find_encoding
from wingbeat.sdk.exact_json import write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_ROWS = 1_000_000
MOST_CELLS = 5_000_000
MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767
# An XLSX is a ZIP; what its parts say that they unpack to, and how many there may be.
MOST_UNPACKED = 150_000_000
MOST_PARTS = 2_000
HEAD_BYTES = 65_536
DELIMITERS = ",;\t|"
# With the wide forms that some spreadsheets take for the same.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SHEET_NAME = re.compile(r"[^\[\]:*?/\\\x00-\x1f]{1,31}")


class TableOptions(Parameters):
    """How a table is written, or to be written."""

    header: bool = Field(
        default=True, description="The first row names the columns, and rows are objects; otherwise they are lists."
    )
    columns: list[str] = Field(
        default=[],
        max_length=MOST_COLUMNS,
        description="Names and order of the columns: for reading without a header, and for writing.",
        examples=[["sku", "price"]],
    )
    delimiter: str = Field(
        default="",
        max_length=1,
        description="CSV: between cells. Unset: found when reading (`,` `;` tab `|`), a comma when writing.",
        examples=[";"],
    )
    sheet: str = Field(
        default="", max_length=100, description="XLSX: the sheet; the first one when reading.", examples=["May"]
    )
    formulas: Literal["neutralise", "keep"] = Field(
        default="neutralise",
        description=(
            "Writing: text that a spreadsheet would run (beginning with = + - @) gets an apostrophe before it in CSV, "
            "and is written as text in XLSX; numbers stay. `keep` writes it as it is."
        ),
        examples=["keep"],
    )


def read_csv(data: bytes, encoding: str, options: TableOptions) -> list[Json]:
    """The rows of a CSV file.

    Raises:
        StepError: `TEXT_MALFORMED`, `TABLE_MALFORMED` or `TABLE_TOO_LARGE`.
    """
    text = read_text(data, encoding)
    delimiter = options.delimiter or _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _as_rows(_bounded(row for row in reader if row), options)
    except csv.Error as error:
        raise _malformed(f"line {reader.line_num}: {error}") from error


def write_csv(value: Json, encoding: str, options: TableOptions) -> bytes:
    """A CSV file of rows: objects or lists.

    Raises:
        StepError: `TABLE_UNFIT` or `TEXT_UNFIT`.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=options.delimiter or ",", lineterminator="\r\n")
    for row in _table_of(value, options):
        writer.writerow([_csv_cell(cell, options) for cell in row])
    return write_text(target.getvalue(), encoding)


def read_xlsx(data: bytes, options: TableOptions) -> list[Json]:
    """The rows of a sheet of an XLSX file; formulas as the values that they had when the file was saved.

    Raises:
        StepError: `TABLE_MALFORMED`, `TABLE_TOO_LARGE` or `SHEET_UNKNOWN`.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and few need it

    _check_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book[_choose_sheet(options.sheet, book.sheetnames)]
        # What a sheet says of its own size may be anything.
        sheet.reset_dimensions()
        rows = ([_xlsx_value(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
        return _as_rows(_without_empty(_bounded(rows)), options)
    except StepError:
        raise
    except Exception as error:  # a stranger's file makes the library raise anything
        raise _malformed(f"{type(error).__name__}: {str(error)[:200]}") from error


def write_xlsx(value: Json, options: TableOptions) -> bytes:
    """An XLSX file with one sheet of rows: objects or lists.

    Raises:
        StepError: `TABLE_UNFIT`.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and few need it
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - the same

    title = options.sheet or "Sheet1"
    if SHEET_NAME.fullmatch(title) is None:
        raise _unfit(f"'{title[:40]}' is no name that a sheet can have")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in _table_of(value, options):
        cells = []
        for part in row:
            plain = _xlsx_cell(part)
            if isinstance(plain, str) and options.formulas == "neutralise":
                cell = WriteOnlyCell(sheet)
                cell.value = plain
                cell.data_type = "s"
                cells.append(cell)
            else:
                cells.append(plain)
        sheet.append(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_text(data: bytes, encoding: str) -> str:
    """Text without its byte order mark; with no encoding named, UTF-8.

    Raises:
        StepError: `TEXT_MALFORMED` or `ENCODING_UNKNOWN`.
    """
    _check_encoding(encoding)
    try:
        return decode_text(data, encoding, errors="strict")
    except UnicodeDecodeError as error:
        raise StepError(
            f"The file is not text in {encoding or 'UTF-8'}: byte {error.start} does not fit.",
            code="TEXT_MALFORMED",
            remedy="Say in 'encoding' what it is written in, for example windows-1252.",
        ) from error


def write_text(text: str, encoding: str) -> bytes:
    """Text as bytes.

    Raises:
        StepError: `TEXT_UNFIT` or `ENCODING_UNKNOWN`.
    """
    _check_encoding(encoding)
    try:
        return text.encode(encoding or "utf-8")
    except UnicodeEncodeError as error:
        raise StepError(
            f"The character U+{ord(text[error.start]):04X} cannot be written in {encoding or 'UTF-8'}.",
            code="TEXT_UNFIT",
            remedy="Leave 'encoding' out: UTF-8 holds every character.",
        ) from error


def _check_encoding(encoding: str) -> None:
    if encoding and find_encoding(encoding) is None:
        raise StepError(
            f"'{encoding[:40]}' is no encoding of text that is known here.",
            code="ENCODING_UNKNOWN",
            remedy="Use for example utf-8, utf-8-sig, utf-16, windows-1252 or shift_jis.",
        )


def _find_delimiter(text: str) -> str:
    """The likely one that the first line has most of, quoted parts aside."""
    line = re.sub(r'"[^"]*"', "", text[:20_000].partition("\n")[0])
    return max(DELIMITERS, key=line.count)


def _bounded(rows: Iterable[Sequence[Json]]) -> Iterator[list[Json]]:
    """The rows, as long as there are not too many of them or of their cells."""
    cells = 0
    for number, row in enumerate(rows, 1):
        cells += len(row)
        if number > MOST_ROWS or cells > MOST_CELLS or len(row) > MOST_COLUMNS:
            raise StepError(
                f"The table has more than {MOST_ROWS:,} rows, {MOST_CELLS:,} cells or {MOST_COLUMNS:,} columns.",
                code="TABLE_TOO_LARGE",
                remedy="Take a smaller table, or a part of it.",
            )
        yield list(row)


def _without_empty(rows: Iterable[list[Json]]) -> Iterator[list[Json]]:
    """Spreadsheets keep rows that only ever had a format; cells without a value at the end of a row are none."""
    for row in rows:
        while row and row[-1] is None:
            row.pop()
        if row:
            yield row


def _as_rows(rows: Iterator[list[Json]], options: TableOptions) -> list[Json]:
    names = list(options.columns)
    if options.header:
        names = _names([("" if cell is None else str(cell)) for cell in next(rows, [])])
    if not names:
        return list(rows)
    return [_as_object(row, names) for row in rows]


def _as_object(row: list[Json], names: list[str]) -> Json:
    while len(names) < len(row):
        names.append(f"column_{len(names) + 1}")
    return dict(zip(names, row + [None] * (len(names) - len(row)), strict=True))


def _names(given: Iterable[str]) -> list[str]:
    """Names of columns: none empty, and none twice."""
    names: dict[str, None] = {}
    for place, name in enumerate(given, 1):
        plain = name.strip() or f"column_{place}"
        unique, number = plain, 2
        while unique in names:
            unique, number = f"{plain}_{number}", number + 1
        names[unique] = None
    return list(names)


def _table_of(value: Json, options: TableOptions) -> Iterator[list[Json]]:
    """Rows of cells, the names of the columns first."""
    if not isinstance(value, list):
        raise _unfit("it is no list of rows")
    columns = options.columns or _columns_of(value)
    if columns and options.header:
        yield list(columns)
    cells = 0
    for number, row in enumerate(value, 1):
        if isinstance(row, dict):
            found: list[Json] = [row.get(name) for name in columns]
        elif isinstance(row, list):
            found = row
        else:
            raise _unfit(f"row {number} is neither an object nor a list")
        cells += len(found)
        if cells > MOST_CELLS or number > MOST_ROWS:
            raise _unfit(f"it has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells")
        yield found


def _columns_of(rows: Iterable[Json]) -> list[str]:
    """The fields of all rows in the order in which they are first seen."""
    names: dict[str, None] = {}
    for row in rows:
        if isinstance(row, dict):
            names.update(dict.fromkeys(row))
            if len(names) > MOST_COLUMNS:
                raise _unfit(f"it has more than {MOST_COLUMNS:,} columns")
    return list(names)


def _csv_cell(value: Json, options: TableOptions) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return neutral(value) if options.formulas == "neutralise" else value
        case int() | float():
            return repr(value)
        case _:
            return _nested(value)


def _xlsx_cell(value: Json) -> str | int | float | bool | None:
    plain = _nested(value) if isinstance(value, list | dict) else value
    if isinstance(plain, int) and not isinstance(plain, bool) and abs(plain) >= 10**15:
        # A spreadsheet keeps fifteen digits.
        return str(plain)
    if isinstance(plain, str):
        if len(plain) > LONGEST_CELL:
            raise _unfit(f"a text has more than {LONGEST_CELL:,} characters, which a cell cannot hold")
        if found := CONTROL.search(plain):
            raise _unfit(f"a text holds the character U+{ord(found[0]):04X}, which a cell cannot hold")
    return plain


def neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula: one that begins like one, and is no number, gets an apostrophe."""
    if text.startswith(FORMULA_SIGNS) and NUMBER.fullmatch(text) is None:
        return f"'{text}"
    return text


def _nested(value: Json) -> str:
    return write_json(value).decode()


def _xlsx_value(value: object) -> Json:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    # Dates, times and spans.
    written = getattr(value, "isoformat", None)
    return str(written()) if written is not None else str(value)


def _check_archive(data: bytes) -> None:
    """Look at what the parts say that they unpack to, before any is unpacked; none unpacks to more than it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or size > MOST_UNPACKED:
                raise StepError(
                    f"The workbook unpacks to {size:,} bytes in {len(parts):,} parts.",
                    code="TABLE_TOO_LARGE",
                    remedy=f"At most {MOST_UNPACKED:,} bytes are read; take a smaller workbook.",
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        _refuse_doctype(opened.read(HEAD_BYTES))
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        zlib.error,
    ) as error:
        raise _malformed(f"it is no workbook: {error}") from error


def _refuse_doctype(head: bytes) -> None:
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head or b"<\0!\0" in head or b"\0<\0!" in head:
        raise _malformed("a part of it declares a document type or entities")


def _malformed(why: str) -> StepError:
    return StepError(
        f"The table cannot be read: {why}.",
        code="TABLE_MALFORMED",
        remedy="Look at the file: is it of that format, and are its quotes and delimiter as expected?",
    )


def _choose_sheet(asked: str, names: Sequence[str]) -> str:
    name = asked or (names[0] if names else "")
    if name in names:
        return name
    known = ", ".join(f"'{one}'" for one in names[:20])
    raise StepError(
        f"The workbook has no sheet '{name[:100]}'.", code="SHEET_UNKNOWN", remedy=f"It has: {known[:500]}."
    )


def _unfit(why: str) -> StepError:
    return StepError(
        f"The value is no table: {why}.",
        code="TABLE_UNFIT",
        remedy="Give a list of objects, or a list of lists.",
        details={"parameter": "content"},
    )
