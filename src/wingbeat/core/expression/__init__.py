"""The expression language: `{{ user.name | upper }}`, compiled once to closures over JSON values.

Nothing here can reach the host. What can be written is in docs/expressions.md. The way of an expression: `scanner`
(stand-ins for what the parser must not see), `compiler` (allow-list of syntax), `lookups`, `operators`, `loops` and
`calls` (closures), `table` and `functions/` (what can be called).
"""

from wingbeat.core.expression.budget import DEFAULT_BUDGET, Budget
from wingbeat.core.expression.function import Function
from wingbeat.core.expression.names import Names, Reference
from wingbeat.core.expression.table import FAMILIES, FUNCTIONS
from wingbeat.core.expression.template import Expression, Template, compile_expression, compile_template, has_template

__all__ = [
    "DEFAULT_BUDGET",
    "FAMILIES",
    "FUNCTIONS",
    "Budget",
    "Expression",
    "Function",
    "Names",
    "Reference",
    "Template",
    "compile_expression",
    "compile_template",
    "has_template",
]
