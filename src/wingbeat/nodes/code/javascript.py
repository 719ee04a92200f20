"""Run JavaScript code of the user's."""

from __future__ import annotations

from pydantic import Field

from wingbeat.sdk import Context, Example, NodeType, Outcome, Port, drawn_as
from wingbeat.sdk.code import CODE
from wingbeat.sdk.code_parameters import LONGEST_CODE, CodeParameters, run_code


class JavaScriptCode(CodeParameters):
    """The code, what it sees, and what it may use."""

    code: str = Field(
        json_schema_extra=drawn_as("javascript"),
        min_length=1,
        max_length=LONGEST_CODE,
        description=(
            "JavaScript (ES2023). Its value is what it returns at the top level; or what its function `main` returns, "
            "which is called with `input` (an exported `main` or default function of a module as well); or else the "
            "value of its last statement. It is code and no template: `{{ }}` has no meaning in it."
        ),
        examples=[
            "return input.lines.reduce((sum, line) => sum + line.quantity * line.price, 0)",
            "export default async function (input) {\n  return { ...input, seen: true };\n}",
        ],
    )


async def run(parameters: JavaScriptCode, context: Context) -> Outcome:
    """Run the code."""
    return Outcome.of(await run_code("javascript", parameters.code, parameters, context))


NODE = NodeType(
    type="code.javascript",
    title="JavaScript code",
    help=(
        "Runs JavaScript code: the whole language (ES2023, QuickJS), with promises, `await` at the top level, timers "
        "and `console`. The code sees `input` (what came in) and a variable for each of `inputs`, all as plain "
        "objects, arrays, texts and numbers, and gives a value that becomes JSON as `JSON.stringify` makes it: "
        "`undefined` and NaN become null, dates ISO 8601 texts, a Map or a Set `{}`. `console.log` writes to the "
        "step's log. Each run has a machine of its own, which keeps nothing for the next and reaches nothing outside: "
        "no `require`, no `import`, no `fetch`, no `process`, no files, no network, no packages. To fetch or send "
        "something, put a node for that before or after. An exception ends in CODE_ERROR with the line and column in "
        "your code. Promises are waited for within the same time limit. The code is taken to change nothing, so after "
        "a crash it may run again. docs/code.md says more."
    ),
    parameters=JavaScriptCode,
    run=run,
    uses=(CODE,),
    outputs=(Port(help="The value of the code."),),
    examples=(
        Example(
            "add up an order, with `return`",
            {
                "code": (
                    "const total = input.lines.reduce((sum, line) => sum + line.quantity * line.price, 0);\n"
                    "return { total };"
                )
            },
            input={"lines": [{"quantity": 2, "price": 5}, {"quantity": 1, "price": 7}]},
            expect={"out": {"total": 17}},
        ),
        Example(
            "a function `main`, with a further value by name",
            {
                "code": (
                    "async function main(input) {\n"
                    "  console.log('rate', rate);\n"
                    "  return Promise.all(input.map(async (price) => price * rate));\n"
                    "}"
                ),
                "inputs": {"rate": "{{ trigger.rate }}"},
            },
            input=[1, 2.5],
            trigger={"rate": 2},
            expect={"out": [2, 5]},
        ),
        Example(
            "the last statement is the value",
            {"code": "[...input.matchAll(/#(\\w+)/g)].map((found) => found[1])"},
            input="Ship #red and #blue",
            expect={"out": ["red", "blue"]},
        ),
        Example(
            "an exception",
            {"code": "const prices = { tea: { net: 3 } };\nreturn prices[input].net;"},
            input="coffee",
            expect_error="CODE_ERROR",
        ),
        Example(
            "a loop that does not end",
            {"code": "for (;;);", "time_seconds": 0.2},
            expect_error="CODE_TIMEOUT",
        ),
    ),
)
