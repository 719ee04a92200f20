"""Go on with the first of several inputs that has not failed."""

from __future__ import annotations

from wingbeat.sdk import ERROR, Arrival, Context, Example, Json, NodeType, Outcome, Parameters, Port, StepError

MOST_CAUSES = 20


class Fallback(Parameters):
    """Takes no parameters: the order of the connections is the order of preference."""


def run(parameters: Fallback, context: Context) -> Outcome:
    """The first that succeeded; raises `StepError` when none did."""
    del parameters
    failures: list[Arrival] = []
    for arrival in context.arrivals:
        if not arrival.failed and arrival.port != ERROR:
            return Outcome.of(arrival.value)
        failures.append(arrival)
    raise _exhausted(failures)


def _exhausted(failures: list[Arrival]) -> StepError:
    causes: list[Json] = [_cause(arrival) for arrival in failures[:MOST_CAUSES]]
    names = ", ".join(f"'{arrival.node_id}'" for arrival in failures[:MOST_CAUSES])
    return StepError(
        f"Every input has failed: {names}." if failures else "No input has come.",
        code="FALLBACK_EXHAUSTED",
        remedy="See details.causes; connect one more node, after the others, whose value serves if all else fails.",
        details={"causes": causes, "cause_count": len(failures)},
    )


def _cause(arrival: Arrival) -> Json:
    value = arrival.value
    error = value.get(ERROR) if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return {"node": arrival.node_id}
    told = ("code", "message", "fault", "node", "scope", "attempt")
    return {"node": arrival.node_id, **{name: error[name] for name in told if name in error}}


DOWN: Json = {"error": {"code": "HTTP_STATUS", "message": "503", "node": "live"}}

NODE = NodeType(
    type="flow.fallback",
    title="Fallback",
    help=(
        "Goes on with the value of the first input, in the order in which the workflow lists the connections, that did "
        "not come from a failure. What comes out of a port `error`, or from a node that failed and went on by "
        "`on_error: continue`, is a failure; branches that were not taken do not count at all. If there are failures "
        "only, the fallback fails itself and lists them. Give the nodes before it `on_error: continue` (all are tried "
        "at the same time), or lead the port `error` of one to the next (tried one after the other) and all their "
        "values here."
    ),
    parameters=Fallback,
    run=run,
    outputs=(Port(help="The value of the first input that succeeded, unchanged."),),
    examples=(
        Example(
            "the first one works",
            {},
            arrivals=(Arrival("live", "out", {"rate": 2}), Arrival("stored", "out", {"rate": 1})),
            expect={"out": {"rate": 2}},
        ),
        Example(
            "the first one has failed",
            {},
            arrivals=(Arrival("live", "out", DOWN, failed=True), Arrival("stored", "out", {"rate": 1})),
            expect={"out": {"rate": 1}},
        ),
        Example(
            "all have failed",
            {},
            arrivals=(Arrival("live", "out", DOWN, failed=True),),
            expect_error="FALLBACK_EXHAUSTED",
        ),
    ),
)
