"""Parameters: literals stay as they are, templates are evaluated before the run, expressions during it."""

from __future__ import annotations

from typing import Annotated, Any, cast

import pytest
from pydantic import BaseModel, Field

from wingbeat.core.errors import ExpressionError, LimitReached, StepError
from wingbeat.sdk import (
    Expression,
    Json,
    JsonObject,
    LocalsMarker,
    Parameters,
    Template,
    drawn_as,
    item_expression,
)
from wingbeat.sdk.prepare import Prepared, prepare, shape_of
from wingbeat.sdk.testing import ExampleNames


class Part(Parameters):
    """A nested model."""

    label: Template[str] = ""
    when: Expression[bool] | None = None


class Whole(Parameters):
    """One field of each kind."""

    literal: str = ""
    amount: Template[Annotated[float, Field(gt=0)]] = 1
    anything: Template[Json] = None
    rows: Template[list[Json]] = Field(default=[])
    note: Template[str | None] = None
    named: Template[dict[str, str]] = Field(default={})
    question: Annotated[Expression[bool] | None, item_expression()] = None
    parts: list[Part] = Field(default=[])
    part: Part | None = None


def prepared(raw: JsonObject) -> Prepared:
    """The parameters, which must have no faults."""
    ready, problems = prepare(Whole, raw)
    assert problems == ()
    return ready


def resolved(raw: JsonObject, **names: Json) -> Whole:
    """The parameters of one run."""
    return cast("Whole", prepared(raw).resolve(ExampleNames(names)))


def faults(raw: JsonObject) -> list[tuple[str, str]]:
    """Path and code of each fault."""
    return [(problem.path, problem.code) for problem in prepare(Whole, raw)[1]]


def test_literals_are_never_evaluated() -> None:
    """Text with braces in a literal field stays text."""
    assert resolved({"literal": "{{ 1 + 1 }}"}).literal == "{{ 1 + 1 }}"


def test_templates_keep_the_type_of_a_whole_expression() -> None:
    """A text that is one whole expression gives the value itself; within other text it gives text."""
    assert resolved({"anything": "{{ n + 1 }}"}, n=1).anything == 2
    assert resolved({"anything": "n is {{ n }}"}, n=1).anything == "n is 1"


def test_templates_reach_into_documents() -> None:
    """Expressions deep in lists and objects are evaluated."""
    given: JsonObject = {"anything": {"a": ["{{ n }}", {"b": "{{ n * 2 }}"}]}}
    assert resolved(given, n=2).anything == {"a": [2, {"b": 4}]}


def test_templates_in_models_and_lists_of_models() -> None:
    """Nested models are evaluated as well, alone and in lists, next to ones that are constant."""
    whole = resolved({"parts": [{"label": "{{ n }}"}, {"label": "b"}], "part": {"label": "x{{ n }}"}}, n=1)
    assert ([part.label for part in whole.parts], whole.part.label if whole.part else None) == (["1", "b"], "x1")


def test_a_constant_model_survives_beside_an_evaluated_field() -> None:
    """What holds nothing to evaluate is there in every run, as the model that it is."""
    ready = prepared({"anything": "{{ n }}", "parts": [{"label": "a"}]})
    runs = [cast("Whole", ready.resolve(ExampleNames({"n": n}))) for n in (1, 2)]
    assert [(run.anything, [part.label for part in run.parts]) for run in runs] == [(1, ["a"]), (2, ["a"])]


def test_constant_parameters_are_made_once() -> None:
    """Without anything to evaluate, every run gets the very same parameters."""
    ready = prepared({"literal": "a", "amount": 3})
    names = ExampleNames({})
    assert ready.resolve(names) is ready.resolve(names)


def test_numbers_pass_where_text_is_asked_for() -> None:
    """A number that a template gives becomes text where the field is text."""
    assert resolved({"note": "{{ n }}", "named": {"a": "{{ n }}"}}, n=7).note == "7"


def test_expressions_see_the_node_s_own_names_first() -> None:
    """A name that the node gives hides one of the run, and the run's others are still there."""
    question = resolved({"question": "item > least"}, item=0, least=5).question
    assert question is not None
    assert [question.evaluate(item=9), question.evaluate(item=2)] == [True, False]


def test_references_leave_out_the_node_s_own_names() -> None:
    """The plan hears of names that the run must provide, not of those that the node brings."""
    references = prepared({"question": "item > least", "anything": "{{ nodes.before.x }}"}).references
    assert {("least", None), ("nodes", "before")} == {(found.name, found.node_id) for found in references}


@pytest.mark.parametrize("source", ["1", "'yes'", "None", "[]", "{}"])
def test_a_condition_must_be_a_boolean(source: str) -> None:
    """Neither truthiness nor null counts as an answer, and the error names the expression."""
    question = resolved({"question": source}).question
    assert question is not None
    with pytest.raises(StepError) as caught:
        question.holds()
    assert ("CONDITION_NOT_BOOLEAN", source) == (caught.value.code, caught.value.details["expression"])


def test_an_error_names_the_parameter_it_came_from() -> None:
    """A template that fails in the run says which parameter holds it."""
    ready = prepared({"parts": [{"label": "{{ absent }}"}]})
    with pytest.raises(ExpressionError) as caught:
        ready.resolve(ExampleNames({}))
    assert caught.value.details["parameter"] == "parts.0.label"


def test_an_error_names_the_text_inside_a_parameter() -> None:
    """The whole way to it; of a budget that all texts share, the parameter that used it up."""
    for text, kind, place in (
        ("{{ absent }}", ExpressionError, "anything.a.1"),
        ("{{ 'x' * 10 ** 9 }}", LimitReached, "anything"),
    ):
        ready = prepared({"anything": {"a": ["fine", text]}})
        with pytest.raises(kind) as caught:
            ready.resolve(ExampleNames({}))
        assert place == caught.value.details["parameter"]


def test_an_error_of_an_expression_names_its_parameter() -> None:
    """Wherever the node evaluates it, and also if it gives no answer."""
    for source in ("absent", "1"):
        part = resolved({"parts": [{"when": source}]}).parts[0]
        assert part.when is not None
        with pytest.raises(StepError) as caught:
            part.when.holds()
        assert ("parts.0.when", source) == (caught.value.details["parameter"], caught.value.details["expression"])


def test_a_value_that_does_not_fit_names_its_parameter() -> None:
    """Constraints hold for what a template gives as well."""
    ready = prepared({"amount": "{{ n }}"})
    with pytest.raises(StepError) as caught:
        ready.resolve(ExampleNames({"n": -1}))
    assert (caught.value.code, caught.value.details["parameter"]) == ("PARAMETER_INVALID", "amount")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"literl": "a"}, [("literl", "parameter_unknown")]),
        ({"amount": 0}, [("amount", "parameter_invalid")]),
        ({"rows": {"a": 1}}, [("rows", "parameter_invalid")]),
        ({"anything": "{{ 1 + }}"}, [("anything", "expression_invalid")]),
        ({"question": "{{ item }}"}, [("question", "expression_invalid")]),
        ({"question": 5}, [("question", "expression_invalid")]),
        ({"parts": [{}, {"when": "1 +"}]}, [("parts.1.when", "expression_invalid")]),
        (
            {"anything": {"a": "{{ ( }}", "b": ["{{ 1 }}", "{{ ) }}"]}},
            [("anything.a", "expression_invalid"), ("anything.b.1", "expression_invalid")],
        ),
        (
            {"parts": [{"label": "a", "x": 1}, 3]},
            [("parts.0.x", "parameter_unknown"), ("parts.1", "parameter_invalid")],
        ),
    ],
)
def test_faults_are_listed_with_their_place(raw: JsonObject, expected: list[tuple[str, str]]) -> None:
    """Every fault of a definition is found before anything runs, all at once."""
    assert sorted(expected) == sorted(faults(raw))


def test_every_fault_says_how_to_mend_it() -> None:
    """A fault has a message and a fix."""
    _, problems = prepare(Whole, {"question": 5, "amount": "x", "nothing": 1, "anything": "{{ ( }}"})
    assert [bool(problem.message and problem.fix) for problem in problems] == [True] * 4


def test_big_values_are_not_walked_through() -> None:
    """A list of JSON values comes out as it went in, without a copy of what it holds."""
    row: dict[str, Json] = {"a": [1, {"b": 2}]}
    assert resolved({"rows": "{{ given }}"}, given=[row]).rows[0] is row


@pytest.mark.parametrize(
    ("annotation", "hint"),
    [
        (Template[str] | None, "outermost"),
        (list[Template[str]], "outermost"),
        (dict[str, Expression[bool]], "Expression"),
        (Annotated[Template[float], Field(gt=0)], "constraints inside"),
        (Annotated[Template[list[Json]], Field(min_length=1)], "constraints inside"),
        (Template[Annotated[list[Json], Field(min_length=1)]], "not checked here"),
    ],
)
def test_declarations_that_would_not_hold_are_refused(annotation: Any, hint: str) -> None:  # noqa: ANN401 - any type
    """A field that the compiler would overlook fails when the node type is made, not in somebody's workflow."""
    model: type[BaseModel] = type("Wrong", (Parameters,), {"__annotations__": {"field": annotation}})
    with pytest.raises(TypeError, match=hint):
        shape_of(model)


def test_the_schema_tells_the_kinds_apart() -> None:
    """A form can see what is a template, what an expression, and which names it may use."""
    properties = Whole.model_json_schema()["properties"]
    kinds = {name: field.get("x-wingbeat") for name, field in properties.items()}
    assert (kinds["amount"], kinds["anything"], kinds["literal"]) == ("template", "template", None)
    assert properties["question"]["x-wingbeat-names"] == ["item", "index"]
    assert properties["amount"]["anyOf"][1]["type"] == "string"


def test_a_form_is_told_what_a_text_holds() -> None:
    """The mark stands beside that of a template, and changes nothing of what is accepted."""

    class Query(Parameters):
        """A statement."""

        sql: Template[str] = Field(json_schema_extra=drawn_as("sql"))

    schema = Query.model_json_schema()["properties"]["sql"]
    assert (schema["x-wingbeat"], schema["x-wingbeat-editor"], schema["type"]) == ("template", "sql", "string")


def test_own_names_are_told_to_the_form() -> None:
    """The marker passes its names on in the order given."""
    assert LocalsMarker(("response",)).names == ("response",)


def fix_of(raw: JsonObject) -> list[str]:
    """What each fault says to do."""
    return [problem.fix for problem in prepare(Strict, raw)[1]]


class Inner(Parameters):
    """A nested model with one parameter that must be there."""

    title: str
    weight: int = 1


class Strict(Parameters):
    """One of each."""

    name: str
    inner: list[Inner] = Field(default=[])


def test_an_unknown_parameter_names_the_closest_and_all_that_are_known() -> None:
    """Whoever mistypes a name is told the right one; inside of a list, those that its items take."""
    assert fix_of({"name": "a", "inner": [{"title": "b", "wieght": 2}]}) == [
        "Did you mean 'weight'? Known are: title (required), weight."
    ]
    assert fix_of({"name": "a", "zzzzz": 1}) == ["Known are: name (required), inner."]


def test_a_missing_parameter_names_all_that_are_known() -> None:
    """With those that are required marked."""
    assert fix_of({}) == ["Known are: name (required), inner."]
    assert fix_of({"name": "a", "inner": [{}]}) == ["Known are: title (required), weight."]


def test_only_the_first_of_very_many_unknown_parameters_get_a_suggestion() -> None:
    """Comparing is slow, and a request may hold any number of them."""
    fixes = fix_of({"name": "a", **{f"nam{number}": 1 for number in range(1000)}})
    assert (1000, True) == (len(fixes), 0 < sum("Did you mean" in fix for fix in fixes) < 1000)
