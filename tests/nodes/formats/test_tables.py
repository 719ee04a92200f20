"""Tables as files: what comes back, what no spreadsheet runs, and what strangers' files cannot do."""

from __future__ import annotations

import io
import zipfile
from typing import cast

import openpyxl
import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.formats.contents import Format, format_of, read_contents, write_contents
from wingbeat.nodes.formats.tables import TableOptions, neutral, read_csv, read_xlsx, write_csv, write_xlsx
from wingbeat.sdk import Json

PLAIN = TableOptions()
ROWS: list[Json] = [{"sku": "a-1", "price": "5"}, {"sku": 'ä "q", ;\n2', "price": None}]


def read(data: bytes, form: Format, encoding: str = "", options: TableOptions = PLAIN) -> Json:
    """The value of a file."""
    return read_contents(data, form, encoding, options)


def failure(data: bytes, form: Format, encoding: str = "", options: TableOptions = PLAIN) -> str:
    """The code of the error that reading ends in."""
    with pytest.raises(StepError) as caught:
        read(data, form, encoding, options)
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a,b\r\n1,2\r\n", {}, [{"a": "1", "b": "2"}]),
        ("a;b\n1;2,5", {}, [{"a": "1", "b": "2,5"}]),
        ("a\tb\n1\t2\n", {}, [{"a": "1", "b": "2"}]),
        ('"a;x",b\n1,2', {}, [{"a;x": "1", "b": "2"}]),
        ("a,b\n1;2", {"delimiter": ";"}, [{"a,b": "1", "column_2": "2"}]),
        ("a,a,\n1,2,3", {}, [{"a": "1", "a_2": "2", "column_3": "3"}]),
        ("a,b\n1", {}, [{"a": "1", "b": None}]),
        ("1,2\n3,4", {"header": False}, [["1", "2"], ["3", "4"]]),
        ("1,2", {"header": False, "columns": ["x"]}, [{"x": "1", "column_2": "2"}]),
        ("\ufeffa\n1", {}, [{"a": "1"}]),
        ('a\n"x\ny ""z"""\n', {}, [{"a": 'x\ny "z"'}]),
        ("a\n\n1\n", {}, [{"a": "1"}]),
        ("", {}, []),
    ],
)
def test_csv_is_read(text: str, options: dict[str, object], expected: Json) -> None:
    """With any usual delimiter, with and without a header, with rows of different lengths."""
    assert expected == read_csv(text.encode(), "", TableOptions.model_validate(options))


def test_what_is_written_is_read() -> None:
    """As CSV and as XLSX, quotes, delimiters and line breaks included."""
    assert [ROWS[0], {"sku": 'ä "q", ;\n2', "price": ""}] == read_csv(write_csv(ROWS, "", PLAIN), "", PLAIN)
    typed: list[Json] = [{"a": 1, "b": 2.5, "c": True, "d": "x", "e": None, "f": [1]}, {"a": "=1+1", "g": "-5"}]
    assert [
        {"a": 1, "b": 2.5, "c": True, "d": "x", "e": None, "f": "[1]", "g": None},
        {"a": "=1+1", "b": None, "c": None, "d": None, "e": None, "f": None, "g": "-5"},
    ] == read_xlsx(write_xlsx(typed, PLAIN), PLAIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("-5", "-5"),
        ("+1.5e3", "+1.5e3"),
        ("-1,5", "-1,5"),
        ("-", "'-"),
        ("plain", "plain"),
        ("", ""),
        ("a=1", "a=1"),
    ],
)
def test_formulas_are_made_harmless(text: str, expected: str) -> None:
    """Numbers stay numbers."""
    assert expected == neutral(text)


def test_no_cell_of_a_workbook_is_a_formula_unless_asked() -> None:
    """It is written as text, as it is; names of columns too."""
    rows: list[Json] = [{"=A1": "=1+1"}]
    kinds = []
    for formulas in ("neutralise", "keep"):
        data = write_xlsx(rows, TableOptions(formulas=formulas))
        sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
        kinds.append([(cell.data_type, cell.value) for row in sheet.iter_rows() for cell in row])
    assert [[("s", "=A1"), ("s", "=1+1")], [("f", "=A1"), ("f", "=1+1")]] == kinds
    assert b"=A1\r\n=1+1\r\n" == write_csv(rows, "", TableOptions(formulas="keep"))


@pytest.mark.parametrize(
    ("data", "form", "encoding", "code"),
    [
        (b"\xff\xfe\xff", "text", "", "TEXT_MALFORMED"),
        (b"caf\xe9", "csv", "", "TEXT_MALFORMED"),
        (b"x", "text", "idna", "ENCODING_UNKNOWN"),
        (b"x", "text", "none-such", "ENCODING_UNKNOWN"),
        (b'a\n"open', "csv", "", "TABLE_MALFORMED"),
        (b'a\n"x"y', "csv", "", "TABLE_MALFORMED"),
        (b"a\n" + b"x" * 200_000, "csv", "", "TABLE_MALFORMED"),
        (b"," * 20_000, "csv", "", "TABLE_TOO_LARGE"),
        (b"", "json", "", "JSON_MALFORMED"),
        (b"{", "json", "", "JSON_MALFORMED"),
        (b"[" * 100_000, "json", "", "JSON_MALFORMED"),
        (b"NaN", "json", "", "JSON_MALFORMED"),
        (b"1\n{\n", "jsonl", "", "JSON_MALFORMED"),
        (b"", "xlsx", "", "TABLE_MALFORMED"),
        (b"PK\x03\x04nonsense", "xlsx", "", "TABLE_MALFORMED"),
        (b"<a><b></a>", "xml", "", "XML_MALFORMED"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml", "", "XML_DOCTYPE_REFUSED"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml", "", "XML_DOCTYPE_REFUSED"),
        (b"<a>" * 10_000, "xml", "", "XML_TOO_LARGE"),
    ],
)
def test_files_that_are_none_are_errors(data: bytes, form: Format, encoding: str, code: str) -> None:
    """Typed, and quickly."""
    assert code == failure(data, form, encoding)


def archive(**parts: bytes) -> bytes:
    """A ZIP with these parts, packed as well as can be."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in parts.items():
            opened.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return target.getvalue()


def changed(part: str, data: bytes) -> bytes:
    """A workbook with one part replaced."""
    source = zipfile.ZipFile(io.BytesIO(write_xlsx([{"a": 1}], PLAIN)))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in source.namelist():
            opened.writestr(name, data if name == part else source.read(name))
    return target.getvalue()


SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (archive(xl__workbook_xml=b"\0" * 200_000_000), "TABLE_TOO_LARGE"),
        (archive(**{f"p{number}_xml": b"" for number in range(2_001)}), "TABLE_TOO_LARGE"),
        (archive(a_xml=b"<a/>"), "TABLE_MALFORMED"),
        (changed("xl/worksheets/sheet1.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "TABLE_MALFORMED"),
        (
            changed("xl/workbook.xml", b" " * 70_000 + b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
            "TABLE_MALFORMED",
        ),
        (changed("xl/worksheets/sheet1.xml", b"<worksheet"), "TABLE_MALFORMED"),
    ],
    ids=["bomb", "many parts", "another archive", "entities", "late entities", "cut"],
)
def test_hostile_workbooks_are_errors(data: bytes, code: str) -> None:
    """What they unpack to is looked at before it is unpacked."""
    assert code == failure(data, "xlsx")


def test_a_lone_cell_far_away_costs_little() -> None:
    """A sheet may say that it has a million rows of thousands of columns, and hold one cell."""
    cell = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row>'
    with pytest.raises(StepError) as caught:
        read_xlsx(changed("xl/worksheets/sheet1.xml", SHEET % cell), TableOptions(header=False))
    assert "TABLE_TOO_LARGE" == caught.value.code


def test_empty_rows_at_the_end_are_none() -> None:
    """Nor are empty cells at the end of a row."""
    row = b'<row r="1"><c r="A1"><v>1</v></c><c r="C1"/></row><row r="9"><c r="A9"/></row>'
    assert [[1]] == read_xlsx(changed("xl/worksheets/sheet1.xml", SHEET % row), TableOptions(header=False))


def test_a_sheet_is_chosen_by_its_name() -> None:
    """One that is not there is an error that names those that are."""
    data = write_xlsx([["x"]], TableOptions(sheet="May"))
    assert [["x"]] == read_xlsx(data, TableOptions(sheet="May", header=False))
    assert "SHEET_UNKNOWN" == failure(data, "xlsx", options=TableOptions(sheet="June"))


@pytest.mark.parametrize(
    ("value", "form", "code"),
    [
        ({"a": 1}, "csv", "TABLE_UNFIT"),
        ([1], "csv", "TABLE_UNFIT"),
        ("text", "xlsx", "TABLE_UNFIT"),
        ([["x" * 40_000]], "xlsx", "TABLE_UNFIT"),
        ([["a\x00b"]], "xlsx", "TABLE_UNFIT"),
        ([["half \ud800"]], "xlsx", "TABLE_UNFIT"),
        ([["half \ud800"]], "csv", "TEXT_UNFIT"),
        ({"a": 1}, "text", "CONTENT_UNFIT"),
        (None, "text", "CONTENT_UNFIT"),
        ({"a": 1}, "jsonl", "CONTENT_UNFIT"),
        ("no base64!", "base64", "CONTENT_UNFIT"),
        ([1, 2], "xml", "XML_VALUE_UNFIT"),
    ],
)
def test_values_that_do_not_fit_are_errors(value: Json, form: Format, code: str) -> None:
    """Nothing is written in part, or cut."""
    with pytest.raises(StepError) as caught:
        write_contents(value, form, "", PLAIN)
    assert code == caught.value.code


@pytest.mark.parametrize(
    ("value", "form", "data"),
    [
        ("text", "text", b"text"),
        ({"a": [1, None]}, "json", b'{"a":[1,null]}\n'),
        ([{"a": 1}, 2], "jsonl", b'{"a":1}\n2\n'),
        ({"a": "b"}, "xml", b"<a>b</a>"),
        ("AAE=", "base64", b"\x00\x01"),
        (int("9" * 30), "json", b"9" * 30 + b"\n"),
    ],
)
def test_values_are_written_in_their_format(value: Json, form: Format, data: bytes) -> None:
    """And come back where the format holds them."""
    assert data == write_contents(value, form, "", PLAIN)
    assert value == read(data, form)


def test_encodings_are_kept() -> None:
    """Named ones, and those that a byte order mark tells."""
    assert b"\x80" == write_contents("€", "text", "windows-1252", PLAIN)
    assert "€" == read(b"\x80", "text", "windows-1252")
    assert "€" == read("€".encode("utf-16"), "text")
    assert b"\xef\xbb\xbfa\r\n" == write_csv([["a"]], "utf-8-sig", PLAIN)
    with pytest.raises(StepError) as caught:
        write_contents("日", "text", "latin-1", PLAIN)
    assert "TEXT_UNFIT" == caught.value.code


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.CSV", "csv"), ("a/b.xlsx", "xlsx"), ("a", None), ("a.bin", None), (".json", "json"), ("", None)],
)
def test_a_name_tells_the_format(name: str, form: str | None) -> None:
    """By its ending."""
    assert form == cast("str | None", format_of(name))
