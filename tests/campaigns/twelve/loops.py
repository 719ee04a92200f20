"""Four workflows that are mostly loops: three deep, several iterations at once, with errors in some of them."""

from __future__ import annotations

from tests.campaigns.twelve.case import Case, Documents, Fork, ask, each, made, pay, workflow
from tests.rig.engine import START, node

from wingbeat.core.json_value import JsonObject

# What the iterations gave, or the code of the error.
SHORT = "{{ [(one.error.code if one.is_object() else one) for one in input] }}"


def _orders(url: str) -> Documents:
    """Orders, their lines, and asking about each until it is confirmed; a line that cannot be had ends alone."""
    return {
        "orders": workflow(
            "Confirm orders",
            [
                START,
                node("none", "data.variable", name="log", value=[]),
                each("orders", "{{ trigger.orders }}", concurrency=3),
                made("order", "{{ item }}"),
                each("lines", "{{ nodes.order.lines }}", concurrency=2, on_item_error="continue"),
                node("tries", "data.variable", name="tries", value=0, scope="iteration"),
                node("until", "loop.while", condition="index < 6", check="after", collect="results"),
                node("count", "data.variable", name="tries", operation="increment", scope="iteration"),
                ask("stock", url, "ask/{{ trigger.n }}/{{ loop.parent.item.sku }}?fail={{ loop.parent.item.fail }}"),
                node("odd", "condition.if", condition="index < loop.parent.item.rounds"),
                node("again", "loop.continue"),
                node("seen", "data.variable", name="log", operation="append", value="{{ loop.parent.item.sku }}"),
                node("enough", "loop.break"),
                ask("reserve", url, "{{ 'never' if item.sku == 'x9' else 'ask' }}/{{ trigger.n }}/{{ item.sku }}-r"),
                made("line", {"sku": "{{ item.sku }}", "rounds": "{{ nodes.until | length }}"}),
                made("note", {"order": "{{ item.id }}", "lines": "{{ input | length }}"}),
                node("both", "flow.merge", mode="combine"),
                made("bare", {"id": "{{ item.id }}"}),
                node("end", "flow.end", output={"orders": "{{ input }}", "log": "{{ log | sort }}"}),
            ],
            "start>none, none>orders, orders.body>order, order>lines, lines.body>tries, tries>until, until.body>count,"
            "count>stock, stock>odd, odd.true>again, odd.false>seen, seen>enough, until.done>reserve, reserve>line,"
            "lines.done>note, order>bare, note>both, bare>both, orders.done>end",
        )
    }


ORDERS = Case(
    "orders",
    _orders,
    {
        "orders": [
            {
                "id": "A",
                "lines": [
                    {"sku": "a1", "fail": 0, "rounds": 1},
                    {"sku": "x9", "fail": 0, "rounds": 0},
                    {"sku": "a3", "fail": 1, "rounds": 0},
                ],
            },
            {"id": "B", "lines": [{"sku": "b1", "fail": 2, "rounds": 2}]},
            {"id": "C", "lines": []},
        ]
    },
    fork=Fork("line", "orders:0/lines:0"),
)


def _stock(url: str) -> Documents:
    """A table through streams, in batches, with what was there before left out; the error of one batch is kept."""
    schema: JsonObject = {"type": "object", "required": ["never"]}
    return {
        "stock": workflow(
            "Take stock",
            [
                START,
                made("table", [{"n": n, "site": n % 3} for n in range(14)]),
                each("rows", "{{ input }}", concurrency=4, collect="blob", batch_size=2),
                ask("price", url, "ask/{{ trigger.n }}/batch{{ index }}?fail={{ index % 2 }}"),
                made("priced", {"rows": "{{ item }}", "cents": "{{ input.body.value }}", "pad": "x" * 600}),
                each("stream", "{{ input }}", concurrency=3, on_item_error="continue", failed_items="keep"),
                node("big", "condition.if", condition="index == 4"),
                node("bad", "data.validate", value="{{ item }}", json_schema=schema, on_invalid="fail"),
                each("single", "{{ item.rows }}", concurrency=2, collect_value="[result.n, result.site]"),
                made("one", "{{ item }}"),
                node("numbers", "flow.merge", mode="any"),
                node(
                    "fresh",
                    "data.deduplicate",
                    items=[{"run": "{{ trigger.n }}", "n": n % 4} for n in range(12)],
                    against="earlier",
                    memory="stock",
                ),
                made("new", "{{ input | length }}"),
                node("together", "flow.merge"),
                node("end", "flow.end", output={"all": "{{ input }}"}),
            ],
            "start>table, table>rows, rows.body>price, price>priced, rows.done>stream, stream.body>big, big.true>bad,"
            "big.false>single, single.body>one, bad.valid>numbers, single.done>numbers, stream.done>together,"
            "start>fresh, fresh.unique>new, new>together, together>end",
        )
    }


STOCK = Case("stock", _stock)


def _survey(url: str) -> Documents:
    """Loops that are broken, and loops that fail as a whole while others of their iterations run."""
    answers = (
        "{{ 'never' if item == 2 and loop.parent.item == 1 and loop.parent.parent.item == 1 else 'ask' }}"
        "/{{ trigger.n }}/p{{ loop.parent.parent.item }}{{ loop.parent.item }}{{ item }}?fail={{ item % 2 }}"
    )
    # How many of those get so far of which one fails is left to chance.
    counted = "{{ 0 if loop.parent.item == 1 and loop.parent.parent.item == 1 else 1 }}"
    return {
        "survey": workflow(
            "Ask around",
            [
                START,
                node("zero", "data.variable", name="answers", value=0),
                each("regions", [0, 1, 2], concurrency=3, on_item_error="continue"),
                each("homes", [0, 1, 2, 3], after_break="cancel"),
                node("home", "condition.if", condition="item == 2 and loop.parent.item == 0"),
                node("stop", "loop.break"),
                each("people", [0, 1, 2], concurrency=3, on_error="branch"),
                ask("answer", url, answers),
                node("rest", "flow.delay", seconds=0.02),
                node("given", "data.variable", name="answers", operation="increment", value=counted),
                made("said", "{{ input | length }}"),
                made("silent", "{{ input.error.code }}"),
                node("one", "flow.merge", mode="any"),
                made("region", "{{ input }}"),
                node("odd", "condition.if", condition="item == 2"),
                node("fails", "data.transform", value="{{ [1][7] }}", on_error="continue"),
                node("broken", "flow.fallback"),
                made("fine", "{{ input }}"),
                node(
                    "end",
                    "flow.end",
                    output={"regions": SHORT},
                ),
            ],
            "start>zero, zero>regions, regions.body>homes, homes.body>home, home.true>stop, home.false>people,"
            "people.body>answer, answer>rest, rest>given, people.done>said, people.error>silent, said>one, silent>one,"
            "homes.done>region, region>odd, odd.true>fails, fails>broken, odd.false>fine, regions.done>end",
        )
    }


SURVEY = Case("survey", _survey, pauses=True)


def _payroll(url: str) -> Documents:
    """Payments in parallel iterations, each kind with its own answer to a crash in the middle."""
    return {
        "payroll": workflow(
            "Pay wages",
            [
                START,
                each("teams", ["red", "blue"], concurrency=2),
                each("staff", [1, 2, 3], concurrency=3, on_item_error="continue"),
                node(
                    "kind",
                    "condition.switch",
                    value="{{ item }}",
                    cases=[
                        {"port": "asks", "equals": 1},
                        {"port": "fails", "equals": 2},
                    ],
                ),
                pay("asked", url, "{{ trigger.n }}/asked-{{ loop.parent.item }}", on_unknown="ask"),
                pay(
                    "given_up",
                    url,
                    "{{ trigger.n }}/given_up-{{ loop.parent.item }}",
                    on_unknown="fail",
                    on_error="continue",
                ),
                pay("again", url, "{{ trigger.n }}/again-{{ loop.parent.item }}", on_unknown="retry", retry=None),
                node("paid", "flow.merge", mode="any"),
                node("slip", "data.transform", value="{{ input.body.paid ?? input.error.code }}"),
                node("tell", "data.variable", name="slips", operation="append", value="{{ item }}"),
                node("none", "data.variable", name="slips", value=[]),
                node("end", "flow.end", output={"teams": "{{ input }}", "slips": "{{ slips | sort }}"}),
            ],
            "start>none, none>teams, teams.body>staff, staff.body>kind, kind.asks>asked, kind.fails>given_up,"
            "kind.default>again, asked>paid, given_up>paid, again>paid, paid>slip, slip>tell, teams.done>end",
        )
    }


PAYROLL = Case("payroll", _payroll, repeats=frozenset({"again"}))
LOOPS = (ORDERS, STOCK, SURVEY, PAYROLL)
