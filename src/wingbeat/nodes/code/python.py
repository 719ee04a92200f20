"""Run Python code of the user's."""

from __future__ import annotations

from pydantic import Field

from wingbeat.sdk import Context, Example, NodeType, Outcome, Port, drawn_as
from wingbeat.sdk.code import CODE
from wingbeat.sdk.code_parameters import LONGEST_CODE, CodeParameters, run_code


class PythonCode(CodeParameters):
    """The code, what it sees, and what it may use."""

    code: str = Field(
        json_schema_extra=drawn_as("python"),
        min_length=1,
        max_length=LONGEST_CODE,
        description=(
            "Python 3.14. Its value is what it returns at the top level; or what its function `main` returns, which is "
            "called with the variables that its parameters name (a first parameter of another name gets `input`); or "
            "else the value of its last line. It is code and no template: `{{ }}` has no meaning in it."
        ),
        examples=[
            "return sum(line['quantity'] * line['price'] for line in input['lines'])",
            "import statistics\n\ndef main(input):\n    return statistics.mean(input['values'])",
        ],
    )


async def run(parameters: PythonCode, context: Context) -> Outcome:
    """Run the code."""
    return Outcome.of(await run_code("python", parameters.code, parameters, context))


NODE = NodeType(
    type="code.python",
    title="Python code",
    help=(
        "Runs Python code: the whole language (CPython 3.14) and the modules of its standard library that need no "
        "files, network or other processes; docs/code.md lists them. The code sees `input` (what came in) and a "
        "variable for each of `inputs`, all as plain dictionaries, lists, texts and numbers, and gives a value that "
        "must be JSON: dates become ISO 8601 texts, tuples and sets lists, dataclasses objects, Decimal a number. "
        "`print` writes to the step's log; `await` works at the top level. Each run has a machine of its own, which "
        "keeps nothing for the next and reaches nothing outside: no files, no environment, no network, no packages. "
        "To fetch or send something, put a node for that before or after. An exception ends in CODE_ERROR with the "
        "line in your code. The code is taken to change nothing, so after a crash it may run again."
    ),
    parameters=PythonCode,
    run=run,
    uses=(CODE,),
    outputs=(Port(help="The value of the code."),),
    examples=(
        Example(
            "add up an order, with `return`",
            {
                "code": (
                    "total = sum(line['quantity'] * line['price'] for line in input['lines'])\nreturn {'total': total}"
                )
            },
            input={"lines": [{"quantity": 2, "price": 5}, {"quantity": 1, "price": 7}]},
            expect={"out": {"total": 17}},
        ),
        Example(
            "a function `main`, with further values by name",
            {
                "code": (
                    "from datetime import date, timedelta\n\n"
                    "def main(order, days=14):\n"
                    "    due = date.fromisoformat(order['date']) + timedelta(days=days)\n"
                    "    print('due', due)\n"
                    "    return {'id': order['id'], 'due': due}\n"
                ),
                "inputs": {"order": "{{ trigger.order }}", "days": 30},
            },
            trigger={"order": {"id": 7, "date": "2026-01-15"}},
            expect={"out": {"id": 7, "due": "2026-02-14"}},
        ),
        Example(
            "the last line is the value",
            {"code": "import re\nre.findall(r'#(\\w+)', input)"},
            input="Ship #red and #blue",
            expect={"out": ["red", "blue"]},
        ),
        Example(
            "an exception",
            {"code": "prices = {'tea': 3}\nreturn prices[input]"},
            input="coffee",
            expect_error="CODE_ERROR",
        ),
        Example(
            "a loop that does not end",
            {"code": "while True:\n    pass", "time_seconds": 0.2},
            expect_error="CODE_TIMEOUT",
        ),
    ),
)
