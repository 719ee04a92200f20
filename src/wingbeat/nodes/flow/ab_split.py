"""Send each execution one of several ways, in given shares."""

from __future__ import annotations

import hashlib
import math
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from wingbeat.sdk import (
    GIVEN,
    Carries,
    Context,
    Example,
    Json,
    NodeType,
    Outcome,
    Parameters,
    Port,
    PortName,
    Template,
    matters,
)
from wingbeat.sdk.values import digest

WHOLE = 100.0
# Shares are as a rule written with a few decimals, whose sum need not be exact.
TOLERANCE = 1e-6


class Variant(BaseModel):
    """One of the ways."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: PortName = Field(description="The port of this variant.", examples=["new_mail"])
    percent: float = Field(ge=0, le=100, allow_inf_nan=False, description="Its share, in percent.", examples=[50, 33.3])


def _add_up(variants: list[Variant]) -> list[Variant]:
    names = [variant.name for variant in variants]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"there are two variants '{twice}'; each needs a name of its own")
    total = math.fsum(variant.percent for variant in variants)
    if abs(total - WHOLE) > TOLERANCE:
        raise ValueError(f"the percentages add up to {total:g}, not to 100")
    return variants


class Split(Parameters):
    """The ways and who goes which."""

    variants: Annotated[list[Variant], AfterValidator(_add_up)] = Field(
        min_length=1,
        max_length=100,
        description="The variants with their shares, which add up to 100.",
        examples=[[{"name": "a", "percent": 90}, {"name": "b", "percent": 10}]],
    )
    key: Template[Json] = Field(
        default=None,
        description=(
            "What decides: the same key always goes the same way, in this execution and in any other. Left out, each "
            "run of the node draws for itself, and keeps its lot through retries and crashes."
        ),
        examples=["{{ trigger.user_id }}"],
    )
    experiment: str = Field(
        json_schema_extra=matters(key=GIVEN),
        default="",
        max_length=200,
        description=(
            "With `key`: the name of the experiment, the id of the node if it is left out. Nodes with the same name "
            "and shares send a key the same way; under another name the lots are drawn anew."
        ),
        examples=["checkout-2"],
    )

    @model_validator(mode="after")
    def _experiment_fits(self) -> Self:
        if self.experiment and "key" not in self.model_fields_set:
            raise ValueError("'experiment' belongs to a 'key'")
        return self


def run(parameters: Split, context: Context) -> Outcome:
    """Take the variant in whose share the key's number falls."""
    if "key" in parameters.model_fields_set:
        experiment = parameters.experiment or context.node_id
        drawn = _number(experiment, digest(parameters.key).encode())
    else:
        drawn = _number("", context.idempotency_key.encode())
    return Outcome.to(_pick(parameters.variants, drawn), context.input)


def _number(experiment: str, key: bytes) -> float:
    """From 0 up to 100, evenly spread over the keys and the same for ever."""
    salt = hashlib.blake2b(experiment.encode(), digest_size=16).digest()
    drawn = hashlib.blake2b(key, digest_size=8, salt=salt).digest()
    # 53 bits, which is as much as a float can tell apart.
    return (int.from_bytes(drawn, "big") >> 11) / 2**53 * WHOLE


def _pick(variants: list[Variant], drawn: float) -> str:
    reached = 0.0
    for variant in variants:
        reached += variant.percent
        if drawn < reached:
            return variant.name
    # The shares add up to a little less than 100 by rounding: the last one that has a share at all.
    return next(variant.name for variant in reversed(variants) if variant.percent)


HALVES: list[Json] = [{"name": "a", "percent": 50}, {"name": "b", "percent": 50}]

NODE = NodeType(
    type="flow.ab_split",
    title="A/B split",
    help=(
        "Goes on through one of several variants, in the shares that you give. With a `key` (a customer, a session) "
        "the same key always goes the same way, also in later executions, as long as the experiment's name and the "
        "shares stay; without one, each run draws for itself. Use it to try something out on a part of the traffic."
    ),
    parameters=Split,
    run=run,
    outputs=(
        Port(
            "<variant>",
            "One port for each variant; carries the input.",
            each="variants[].name",
            carries=(Carries("input"),),
        ),
    ),
    examples=(
        Example("all go one way", {"variants": [{"name": "only", "percent": 100}]}, input=1, expect={"only": 1}),
        Example(
            "by customer",
            {"variants": HALVES, "key": "{{ input.customer }}"},
            input={"customer": 1},
            expect={"b": {"customer": 1}},
        ),
        Example(
            "another customer",
            {"variants": HALVES, "key": "{{ input.customer }}"},
            input={"customer": 3},
            expect={"a": {"customer": 3}},
        ),
        Example("by lot, the same after a crash", {"variants": HALVES}, input="x", expect={"b": "x"}),
        Example(
            "a key that is not there",
            {"variants": HALVES, "key": "{{ input.id }}"},
            input={},
            expect_error="EXPRESSION_KEY_MISSING",
        ),
    ),
)
