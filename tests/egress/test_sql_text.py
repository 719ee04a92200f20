"""How an SQL text is read: where its parameters are, where it ends, and what is only quoted."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json
from wingbeat.egress.sql.text import Bound, Dialect, bind, values_for

PG, MY, LITE = Dialect.POSTGRESQL, Dialect.MYSQL, Dialect.SQLITE


@pytest.mark.parametrize(
    ("dialect", "text", "expected", "names"),
    [
        (PG, "SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        (MY, "SELECT :a, :b, :a", "SELECT ?, ?, ?", ("a", "b", "a")),
        (LITE, "SELECT :a;", "SELECT ?;", ("a",)),
        (PG, "SELECT :a::int, x::text", "SELECT $1::int, x::text", ("a",)),
        (PG, "SELECT ':a', \":a\", E'\\':a', $$:a$$, $t$ :a $$ ; $t$, 'it''s :a'", None, ()),
        (PG, "SELECT 1 -- :a ; x\n, /* :b /* ; */ :c */ :d", "SELECT 1 -- :a ; x\n, /* :b /* ; */ :c */ $1", ("d",)),
        (PG, "SELECT a$b$c, x[1 : 2]", None, ()),
        (PG, "SELECT data ? 'x', data ?| :keys", "SELECT data ? 'x', data ?| $1", ("keys",)),
        (MY, "SELECT ':a', \":a \\\" :b\", `:a`, 'it\\'s :a' # :a ;\n, :b -- :c", None, ("b",)),
        (MY, "SELECT 5--:a", "SELECT 5--?", ("a",)),
        (MY, "SELECT @x := :a /* :b */", "SELECT @x := ? /* :b */", ("a",)),
        (LITE, "SELECT [a:b], `:c`, \":d\", 'it''s \\', :e /* ; */", None, ("e",)),
        (PG, "(SELECT 1) UNION (SELECT :x) ; -- end ;", "(SELECT 1) UNION (SELECT $1) ; -- end ;", ("x",)),
        (PG, "SELECT :größe", "SELECT $1öße", ("gr",)),
    ],
)
def test_parameters_are_found_where_they_are(
    dialect: Dialect, text: str, expected: str | None, names: tuple[str, ...]
) -> None:
    """Not in strings, names, comments or casts; everything else stays as it is."""
    bound = bind(text, dialect)
    assert names == bound.names
    if expected is not None or not names:
        assert (expected or text) == bound.text


@pytest.mark.parametrize(
    ("dialect", "text", "code"),
    [
        (PG, "", "SQL_TEXT_INVALID"),
        (PG, " -- nothing\n ;", "SQL_TEXT_INVALID"),
        (PG, "SELECT 'open", "SQL_TEXT_INVALID"),
        (PG, 'SELECT "open', "SQL_TEXT_INVALID"),
        (PG, "SELECT $x$ open $y$", "SQL_TEXT_INVALID"),
        (PG, "SELECT 1 /* open /* */", "SQL_TEXT_INVALID"),
        (PG, "SELECT $1", "SQL_TEXT_INVALID"),
        (MY, "SELECT ?", "SQL_TEXT_INVALID"),
        (MY, "SELECT 1 /*! ; DROP TABLE x */", "SQL_TEXT_INVALID"),
        (MY, "SELECT 1 /*M!50000 DROP TABLE x */", "SQL_TEXT_INVALID"),
        (MY, "SELECT 1 /* open", "SQL_TEXT_INVALID"),
        (LITE, "SELECT ?1", "SQL_TEXT_INVALID"),
        (LITE, "SELECT @x", "SQL_TEXT_INVALID"),
        (LITE, "SELECT 'a\0b'", "SQL_TEXT_INVALID"),
        (PG, "SELECT '\\'; DROP TABLE x; --'", "SQL_SEVERAL_STATEMENTS"),
        (PG, "SELECT 1; SELECT 2", "SQL_SEVERAL_STATEMENTS"),
        (PG, "SELECT 1;;DELETE FROM x", "SQL_SEVERAL_STATEMENTS"),
        (PG, "SELECT 1; 'x'", "SQL_SEVERAL_STATEMENTS"),
        (LITE, "SELECT 1; /* */ x", "SQL_SEVERAL_STATEMENTS"),
        (MY, "SELECT 1; # a\n DROP TABLE x", "SQL_SEVERAL_STATEMENTS"),
        (PG, "-- x\nCOMMIT", "SQL_STATEMENT_REFUSED"),
        (PG, "COPY x FROM PROGRAM 'id'", "SQL_STATEMENT_REFUSED"),
        (MY, "load data local infile '/etc/passwd' into table x", "SQL_STATEMENT_REFUSED"),
        (PG, "S" * 1_000_001, "SQL_TEXT_INVALID"),
    ],
)
def test_texts_that_are_refused(dialect: Dialect, text: str, code: str) -> None:
    """What is open, what is several, and what would end the transaction."""
    with pytest.raises(StepError) as caught:
        bind(text, dialect)
    assert (code, True) == (caught.value.code, bool(caught.value.remedy))


@pytest.mark.parametrize(
    "text", ["(" * 200_000, "/*" * 100_000, "'" * 99_999, ":a" * 100_000, "$a" * 100_000, "-" * 300_000]
)
@pytest.mark.parametrize("dialect", [PG, MY, LITE])
def test_hostile_texts_are_read_in_one_pass(dialect: Dialect, text: str) -> None:
    """Long rows of the same sign end in a result or an error, and not after minutes."""
    try:
        bind(text, dialect)
    except StepError as error:
        assert error.code == "SQL_TEXT_INVALID"  # noqa: PT017 - either is fine


@pytest.mark.parametrize(
    ("parameters", "code"), [({"a": 1}, "SQL_PARAMETER_MISSING"), ({"a": 1, "b": 2, "c": 3}, "SQL_PARAMETER_UNUSED")]
)
def test_parameters_and_places_belong_together(parameters: dict[str, Json], code: str) -> None:
    """A parameter too few or too many is a mistake that is told."""
    bound = Bound("SELECT ?, ?", ("a", "b"), "select")
    with pytest.raises(StepError) as caught:
        values_for(bound, parameters)
    assert (caught.value.code, caught.value.details["parameter"] in {"b", "c"}) == (code, True)
    assert values_for(bound, {"b": None, "a": 1}) == [1, None]
