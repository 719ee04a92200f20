"""Templates: texts with `{{ }}` anywhere within a JSON value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wingbeat.core.errors import ExpressionError, LimitReached
from wingbeat.core.expression import Budget, Reference, compile_template, has_template
from wingbeat.core.json_value import Json


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ user.age }}", 36),
        ("{{user.tags}}", ["a", "b"]),
        ("{{ nothing }}", None),
        ("Hi {{ user.name }}!", "Hi Ada!"),
        ("{{ user.name }}{{ user.age }}", "Ada36"),
        (" {{ user.age }}", " 36"),
        ("<{{ nothing }}>", "<>"),
        ("<{{ yes }}>", "<true>"),
        ("<{{ 1.0 }}>", "<1.0>"),
        ("<{{ {'a': [1, null, 'ä']} }}>", '<{"a":[1,null,"ä"]}>'),
        ("{{ '{{' }}", "{{"),
        ("{{ '{{' }} x {{ '}}' }}", "{{ x }}"),
        ("{{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("{{{'a': {'b': 1}}}}", {"a": {"b": 1}}),
        ("{{ [x\n for x in numbers] }}", [3, 1, 2]),
        ("plain } }} text", "plain } }} text"),
        ({"a": ["{{ zero }}", {"{{ key }}": "{{ text }}"}], "b": 1}, {"a": [0, {"{{ key }}": "workflow"}], "b": 1}),
        (5, 5),
    ],
)
def test_value(template: Json, expected: Json, fill: Callable[..., Json]) -> None:
    """One whole `{{ }}` keeps its kind, all else is text; keys are left alone."""
    assert expected == fill(template)


def test_data_is_never_evaluated(fill: Callable[..., Json]) -> None:
    """What comes out of data is not read as a template again."""
    assert fill("a {{ x }}", {"x": "{{ 1 + 1 }}"}) == "a {{ 1 + 1 }}"
    assert fill("{{ x + x }}", {"x": "{{"}) == "{{{{"


@pytest.mark.parametrize(
    ("template", "code", "position", "path"),
    [
        ("Hi {{ user.name", "EXPRESSION_UNCLOSED", 3, None),
        ("Hi {{ user.name }", "EXPRESSION_INVALID", 16, None),
        ("Hi {{ }}", "EXPRESSION_INVALID", 5, None),
        ("ä {{ 1 + }}", "EXPRESSION_INVALID", 7, None),
        ({"a": ["x", "ä {{ open(1) }}"]}, "EXPRESSION_FUNCTION_UNKNOWN", 5, "a.1"),
    ],
)
def test_refused(template: Json, code: str, position: int, path: str | None) -> None:
    """A template that cannot be read says where, in which of its texts."""
    with pytest.raises(ExpressionError) as caught:
        compile_template(template)
    assert (code, position) == (caught.value.code, caught.value.position)
    assert path == caught.value.details.get("path")


def test_error_points_into_the_text(fill: Callable[..., Json]) -> None:
    """An error while evaluating has an offset in the text of the template."""
    with pytest.raises(ExpressionError) as caught:
        fill("Hi {{ user.nmae }}")
    assert (caught.value.position, caught.value.details["expression"]) == (11, "Hi {{ user.nmae }}")


def test_constant() -> None:
    """A value without expressions is given back as it is."""
    value: Json = {"a": ["}}", 1]}
    template = compile_template(value)
    assert (template.constant, template.references) == (True, ())
    assert not has_template(value)
    assert has_template([{"a": "{{ x }}"}])
    assert not has_template({"{{ x }}": 1})


def test_references() -> None:
    """All expressions of a template add their references, with positions in their own text."""
    template = compile_template({"a": "x {{ b ?? 1 }}", "c": ["{{ nodes.d }}"]})
    assert (Reference("b", None, 5, optional=True), Reference("nodes", "d", 3)) == template.references


def test_parts_share_a_budget(fill: Callable[..., Json]) -> None:
    """Many small expressions cannot do together what one may not."""
    with pytest.raises(LimitReached) as caught:
        fill(["{{ 'x' * 400 }}"] * 3, budget=Budget(output_size=1_000))
    assert caught.value.code == "EXPRESSION_BUDGET_SIZE"


def test_deep_template() -> None:
    """A template that nests without end is refused, and one without expressions is left alone at any depth."""
    for inner, refused in (("{{ 1 }}", True), ("plain", False)):
        value: Json = inner
        for _ in range(100_000):
            value = [value]
        if refused:
            with pytest.raises(ExpressionError) as caught:
                compile_template(value)
            assert caught.value.code == "EXPRESSION_TOO_DEEP"
        else:
            assert compile_template(value).constant
        while isinstance(value, list):
            value = value.pop()


def test_the_same_text_in_two_places(fill: Callable[..., Json]) -> None:
    """What is compiled once holds no values, and a position is that within the text around it."""
    assert ["1!", "2!", "1!"] == [fill("{{ n }}!", {"n": n}) for n in (1, 2, 1)]
    places = [compile_template(text).references for text in ("{{ n }}", "at {{ n }}", "{{ n }}")]
    assert [(Reference("n", None, 3),), (Reference("n", None, 6),), (Reference("n", None, 3),)] == places


def test_a_refused_text_is_refused_again() -> None:
    """A refusal is made anew each time, since whoever gets it adds to it."""
    refusals = []
    for _ in range(2):
        with pytest.raises(ExpressionError) as refused:
            compile_template({"a": "{{ 1 + }}"})
        refusals.append(refused.value)
    assert refusals[0] is not refusals[1]
    assert refusals[0].details == refusals[1].details
