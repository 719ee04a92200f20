"""Declared inputs: what fits, what is filled in, and what is said about the rest."""

from __future__ import annotations

import pytest

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json
from wingbeat.sdk.declared_inputs import DeclaredInput, check_inputs

VALUES: dict[str, Json] = {
    "text": "a",
    "number": 1.5,
    "integer": 1,
    "boolean": True,
    "list": [],
    "object": {},
    "null": None,
}


@pytest.mark.parametrize("wanted", [kind for kind in VALUES if kind != "null"])
@pytest.mark.parametrize("given", VALUES)
def test_each_type_takes_its_own_values(wanted: str, given: str) -> None:
    """And a number may be a whole one; null is none of them."""
    declared = [DeclaredInput.model_validate({"name": "x", "type": wanted})]
    fits = wanted == given or (wanted, given) == ("number", "integer")
    value: Json = {"x": VALUES[given]}
    if fits:
        assert value == check_inputs(declared, value)
        return
    with pytest.raises(StepError) as refused:
        check_inputs(declared, value)
    assert "SUBWORKFLOW_INPUT_INVALID" == refused.value.code


def test_every_fault_is_told_at_once() -> None:
    """With the name that was probably meant; and not more than anybody reads."""
    declared = [DeclaredInput.model_validate({"name": "order_id"})]
    with pytest.raises(StepError) as refused:
        check_inputs(declared, {"order_ids": 1, **{f"x{number}": 1 for number in range(1000)}})
    assert "'order_id' is missing" in refused.value.message
    assert "did you mean 'order_id'" in refused.value.message
    assert len(refused.value.message) < 3000


@pytest.mark.parametrize("given", [[], "x", 7])
def test_what_is_no_object_holds_no_inputs(given: Json) -> None:
    """Nothing at all is an empty object."""
    declared = [DeclaredInput.model_validate({"name": "x", "required": False, "default": 3})]
    assert {"x": 3} == check_inputs(declared, None)
    with pytest.raises(StepError):
        check_inputs(declared, given)
