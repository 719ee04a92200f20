"""What triggers make of the data that they are given, and which definitions they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.trigger import api, command, event, form, schedule, webhook
from wingbeat.sdk import Example, NodeType
from wingbeat.sdk.testing import outcome_of, run_example

HOSTILE: list[Any] = [None, 5, "text", [], {}, {"text": None}, {"name": 5}, {"__proto__": {}}, {"text": "\0"}]


def begun(kind: NodeType, raw: dict[str, Any], data: Any = None) -> Any:  # noqa: ANN401 - any JSON
    """What comes out, by port."""
    return outcome_of(run_example(kind, Example("", raw, input=data)))


def field(**raw: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A form of one field."""
    return {"fields": [{"name": "it", **raw}]}


@pytest.mark.parametrize(
    ("raw", "sent", "expected"),
    [
        ({"type": "text"}, "<b>", "<b>"),
        ({"type": "text"}, 5, "5"),
        ({"type": "text", "pattern": "[a-z]+"}, "abc", "abc"),
        ({"type": "integer"}, " -7 ", -7),
        ({"type": "integer"}, 7.0, 7),
        ({"type": "number"}, "1e3", 1000.0),
        ({"type": "number"}, "10", 10),
        ({"type": "boolean"}, "off", False),
        ({"type": "date"}, "2024-02-29", "2024-02-29"),
        ({"type": "time"}, "09:30", "09:30:00"),
        ({"type": "datetime"}, "2026-01-31T09:30", "2026-01-31T09:30:00"),
        ({"type": "email"}, "a.b+c@example.com", "a.b+c@example.com"),
        ({"type": "url"}, "https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ({"type": "multi_select", "choices": ["a", "b"]}, ["b", "b"], ["b"]),
        ({"type": "multi_select", "choices": ["a", "b"]}, "a", ["a"]),
        ({"type": "file"}, {"$file": "x", "name": "a"}, {"$file": "x", "name": "a"}),
        ({"type": "integer"}, "", None),
        ({"type": "integer", "default": 3}, None, 3),
    ],
)
def test_a_field_gives_its_type(raw: dict[str, Any], sent: Any, expected: Any) -> None:  # noqa: ANN401 - any JSON
    """From what browsers and programs send."""
    found = begun(form.NODE, field(**raw), {"it": sent})["out"]["it"]
    assert (expected, type(expected)) == (found, type(found))


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ({"required": True}, None),
        ({"required": True}, "  "),
        ({"type": "text"}, True),
        ({"type": "text"}, ["a"]),
        ({"type": "text"}, "a\0"),
        ({"type": "text", "maximum": 3}, "abcd"),
        ({"type": "text", "pattern": "(a+)+b"}, "a" * 100_000),
        ({"type": "integer"}, "1.5"),
        ({"type": "integer"}, True),
        ({"type": "integer"}, "9" * 5000),
        ({"type": "integer"}, "\u0661"),
        ({"type": "integer", "minimum": 1}, 0),
        ({"type": "number"}, "NaN"),
        ({"type": "number"}, "Infinity"),
        ({"type": "number"}, "1e999"),
        ({"type": "boolean"}, "perhaps"),
        ({"type": "date"}, "2026-02-30"),
        ({"type": "date"}, "2026-01-01" * 1000),
        ({"type": "email"}, "a@b@c"),
        ({"type": "email"}, "a@example.com\r\nBcc: x@example.com"),
        ({"type": "email"}, "a" * 100_000),
        ({"type": "url"}, "javascript:alert(1)"),
        ({"type": "url"}, "https://example.com/\nx"),
        ({"type": "select", "choices": ["a"]}, "b"),
        ({"type": "multi_select", "choices": ["a"]}, ["a", "b"]),
        ({"type": "multi_select", "choices": ["a"]}, ["a"] * 100_000),
        ({"type": "file"}, "/etc/passwd"),
    ],
)
def test_a_field_refuses_what_does_not_fit(raw: dict[str, Any], sent: Any) -> None:  # noqa: ANN401 - any JSON
    """With its name, and in no time."""
    with pytest.raises(StepError) as caught:
        begun(form.NODE, field(**raw), {"it": sent})
    errors: Any = caught.value.details["errors"]
    assert ("FORM_INVALID", ["it"]) == (caught.value.code, [error["field"] for error in errors])


def test_all_faults_of_a_form_come_at_once() -> None:
    """So that people need not send it again and again; fields that it does not have are faults too."""
    fields = [{"name": "a", "required": True}, {"name": "b", "type": "date"}]
    with pytest.raises(StepError) as caught:
        begun(form.NODE, {"fields": fields}, {"b": "x", "c": 1})
    errors: Any = caught.value.details["errors"]
    assert {"a", "b", "c"} == {error["field"] for error in errors}


@pytest.mark.parametrize(
    "raw",
    [
        {"fields": []},
        {"fields": [{"name": "a"}, {"name": "a"}]},
        field(type="select"),
        field(type="text", choices=["a"]),
        field(type="integer", default="many"),
        field(type="text", pattern="(?=x)"),
        field(type="text", pattern="a{1,1000}{1,1000}"),
        field(type="integer", minimum=3, maximum=1),
        field(type="password"),
        {"fields": [{"name": "a b"}]},
    ],
)
def test_forms_that_make_no_sense_are_faults(raw: dict[str, Any]) -> None:
    """They are found when the workflow is saved."""
    assert form.NODE.read(raw).problems


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("!go a 5 the rest of it", {"a": "a", "n": 5, "r": "the rest of it"}),
        ("  !GO 'two words' 5", {"a": "two words", "n": 5, "r": None}),
        ("!run x", {"a": "x", "n": 1, "r": None}),
        ('!go "it\'s" 2 "quoted rest"', {"a": "it's", "n": 2, "r": '"quoted rest"'}),
    ],
)
def test_a_command_has_its_arguments(text: str, arguments: dict[str, Any]) -> None:
    """By their places, with their types."""
    raw = {
        "name": "go",
        "aliases": ["run"],
        "arguments": [
            {"name": "a", "required": True},
            {"name": "n", "type": "integer", "default": 1},
            {"name": "r", "type": "rest"},
        ],
    }
    assert arguments == begun(command.NODE, raw, {"text": text})["out"]["arguments"]


@pytest.mark.parametrize(
    "message",
    [{"text": "go"}, {"text": "!gone"}, {"text": ""}, {"text": "!go", "platform": "elsewhere"}, {"text": "! go"}],
)
def test_what_is_no_such_command_ends_there(message: dict[str, Any]) -> None:
    """Without an error, and nothing behind it runs."""
    assert {} == begun(command.NODE, {"name": "go", "platforms": ["here"]}, message)


@pytest.mark.parametrize("text", ["!go", "!go x y", "!go " + "x" * 20_000, '!go "' * 1000])
def test_a_command_with_wrong_arguments_tells_how_it_is_written(text: str) -> None:
    """As people are used to."""
    raw = {"name": "go", "arguments": [{"name": "n", "type": "integer", "required": True}]}
    with pytest.raises(StepError) as caught:
        begun(command.NODE, raw, {"text": text})
    assert ("COMMAND_INVALID", "!go <n>") == (caught.value.code, caught.value.details.get("usage"))


@pytest.mark.parametrize(
    "raw",
    [
        {"name": "a b"},
        {"name": "a", "arguments": [{"name": "x", "type": "rest"}, {"name": "y"}]},
        {"name": "a", "arguments": [{"name": "x"}, {"name": "y", "required": True}]},
        {"name": "a", "arguments": [{"name": "x"}, {"name": "x"}]},
    ],
)
def test_commands_that_make_no_sense_are_faults(raw: dict[str, Any]) -> None:
    """They are found when the workflow is saved."""
    assert command.NODE.read(raw).problems


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a.b.c", False),
        ("a.*", "a", False),
        ("a.**", "a.b.c", True),
        ("**", "anything.at.all", True),
        ("*.*.*", "a." * 50_000, False),
        ("a.b", "A.B", False),
    ],
)
def test_an_event_fits_a_pattern(pattern: str, name: str, fits: bool) -> None:
    """Part by part."""
    assert fits == bool(begun(event.NODE, {"name": pattern}, {"name": name}))


@pytest.mark.parametrize("name", ["", "a..b", "a*", "**.a", "*a.b", ".a"])
def test_patterns_that_make_no_sense_are_faults(name: str) -> None:
    """They are found when the workflow is saved."""
    assert event.NODE.read({"name": name}).problems


def test_a_filter_must_say_yes_or_no() -> None:
    """As every condition."""
    with pytest.raises(StepError) as caught:
        begun(event.NODE, {"name": "a", "filter": "event.data"}, {"name": "a", "data": 1})
    assert "CONDITION_NOT_BOOLEAN" == caught.value.code


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"cron": "* * * * *", "every_seconds": 5},
        {"cron": "* * * *"},
        {"cron": "60 * * * *"},
        {"cron": "0 0 31 2 *"},
        {"cron": "0 0 * * fri-mon"},
        {"cron": "*/0 * * * *"},
        {"cron": "x" * 100_000},
        {"cron": "\u0661 * * * *"},
        {"cron": "0 0 * * *", "zone": "Europe/Nowhere"},
        {"cron": "0 0 * * *", "zone": "../../etc/passwd"},
        {"every_seconds": 0},
        {"every_seconds": -5},
    ],
)
def test_schedules_that_never_come_are_faults(raw: dict[str, Any]) -> None:
    """They are found when the workflow is saved."""
    assert schedule.NODE.read(raw).problems


@pytest.mark.parametrize("data", HOSTILE)
@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (form.NODE, field()),
        (command.NODE, {"name": "go"}),
        (event.NODE, {"name": "go"}),
        (schedule.NODE, {"every_seconds": 5}),
        (api.NODE, {"schema": {"type": "object", "required": ["id"]}}),
        (webhook.NODE, {}),
    ],
)
def test_any_data_is_taken_or_refused(kind: NodeType, raw: dict[str, Any], data: Any) -> None:  # noqa: ANN401 - any JSON
    """Never with anything else than an error of the step."""
    codes = {"FORM_INVALID", "COMMAND_INVALID", "EVENT_INVALID", "API_DATA_INVALID"}
    try:
        begun(kind, raw, data)
        code = None
    except StepError as error:
        code = error.code
    assert code is None or code in codes
