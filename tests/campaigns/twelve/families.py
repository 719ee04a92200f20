"""Four workflows that call others, or whose executions depend on one another."""

from __future__ import annotations

from tests.campaigns.twelve.case import Case, Documents, ask, each, made, pay, trying, workflow
from tests.rig.engine import START, node

from wingbeat.core.json_value import JsonObject

ERROR: JsonObject = {"id": "start", "type": "trigger.error"}
CALLED: JsonObject = {"id": "start", "type": "trigger.workflow"}


def _fulfil(url: str) -> Documents:
    """Children two deep, once and for each; one of them fails, one is not waited for, one waits for an event."""
    skus = (
        "{{ [{'n': trigger.n, 'sku': sku + trigger.order + text(item) if sku != 'bad' else sku} "
        "for sku in trigger.skus] }}"
    )
    return {
        "pack": workflow(
            "Pack",
            [
                CALLED,
                ask(
                    "box",
                    url,
                    "{{ 'never' if input.sku == 'bad' else 'ask' }}/{{ trigger.n }}/{{ trigger.sku }}?fail=1",
                ),
                pay("label", url, "{{ trigger.n }}/label-{{ trigger.sku }}", on_unknown="ask"),
                node("end", "flow.end", output="{{ trigger.sku }} {{ nodes.label.body.paid }}"),
            ],
            "start>box, box>label, label>end",
        ),
        "ship": workflow(
            "Ship",
            [
                CALLED,
                each("rounds", [1, 2], concurrency=2),
                node(
                    "pack",
                    "action.subworkflow",
                    workflow_id="@pack",
                    items=skus,
                    concurrency=2,
                    on_failure="collect",
                ),
                made("packed", "{{ [(one.error.code if 'error' in one else one) for one in input] }}"),
                node("signed", "flow.wait_for_event", name="signed", wait_seconds=600),
                node("both", "flow.merge"),
                node("end", "flow.end", output="{{ {'packed': input.rounds, 'by': input.signed.data.decision} }}"),
            ],
            "start>rounds, rounds.body>pack, pack>packed, start>signed, rounds.done>both, signed>both, both>end",
        ),
        "thanks": workflow(
            "Thank",
            [
                CALLED,
                node("later", "flow.delay", seconds=0.02),
                pay("mail", url, "{{ trigger.n }}/mail", on_unknown="ask"),
                made("mailed", "{{ input.body.paid }}"),
            ],
            "start>later, later>mail, mail>mailed",
        ),
        "fulfil": workflow(
            "Fulfil",
            [
                START,
                each("orders", ["p", "q"], concurrency=2, on_item_error="continue"),
                node(
                    "ship",
                    "action.subworkflow",
                    workflow_id="@ship",
                    input={"n": "{{ trigger.n }}", "order": "{{ item }}", "skus": ["k", "bad"]},
                ),
                node("thank", "action.subworkflow", workflow_id="@thanks", input={"n": "{{ trigger.n }}"}, wait=False),
                made("thanked", "{{ input.execution_id | length }}"),
                node("none", "action.subworkflow", workflow_id="@pack", items=[], on_error="continue"),
                node("joined", "flow.merge"),
                made(
                    "short",
                    {
                        "thanked": "{{ input.thanked }}",
                        "none": "{{ input.none }}",
                        "orders": "{{ input.orders }}",
                    },
                ),
                node("end", "flow.end", output="{{ input }}"),
            ],
            "start>orders, orders.body>ship, start>thank, thank>thanked, start>none, orders.done>joined,"
            "thanked>joined, none>joined, joined>short, short>end",
        ),
    }


FULFIL = Case("fulfil", _fulfil)


def _eager(url: str) -> Documents:
    """The first child that fails ends the step; those under way are cancelled, and what they wait for with them."""
    return {
        "branch": workflow(
            "Ask a branch",
            [
                CALLED,
                node("good", "condition.if", condition="input.k != 3"),
                node("never", "flow.wait_for_event", name="never.comes"),
                node("far", "flow.delay", seconds=3600),
                node("wait", "flow.delay", seconds=0.03),
                node("fails", "flow.stop_and_error", code="CLOSED", message="It is closed."),
            ],
            "start>good, good.true>never, good.true>far, good.false>wait, wait>fails",
        ),
        "told": workflow(
            "Tell of errors",
            [ERROR, made("what", "{{ trigger.error.code }}")],
            "start>what",
        ),
        "office": workflow(
            "Ask an office",
            [
                CALLED,
                node(
                    "branches",
                    "action.subworkflow",
                    workflow_id="@branch",
                    items=[{"k": 1}, {"k": 2}, {"k": 3}],
                    concurrency=3,
                ),
            ],
            "start>branches",
            error_workflow="@told",
        ),
        "eager": workflow(
            "Ask offices",
            [
                START,
                each("offices", ["x", "y"], concurrency=2, on_item_error="continue"),
                node("office", "action.subworkflow", workflow_id="@office", input="{{ item }}", on_error="branch"),
                made("why", "{{ input.error.details.cause.code }}"),
                made("fine", "fine"),
                ask("other", url, "ask/{{ trigger.n }}/other?fail=1"),
                node("both", "flow.merge", mode="any"),
                node("end", "flow.end", output="{{ input }}"),
            ],
            "start>offices, offices.body>office, office>fine, office.error>why, why>both, fine>both, start>other,"
            "offices.done>end",
        ),
    }


EAGER = Case("eager", _eager)


def _quota(url: str) -> Documents:
    """Turns that are waited for, retries with growing pauses, time-outs of steps, and variables from all sides."""
    return {
        "quota": workflow(
            "Keep to the quota",
            [
                START,
                node("zero", "data.variable", name="sum", value=0),
                node("list", "data.variable", name="seen", value=[]),
                each("lanes", [1, 2, 3], concurrency=3),
                each("calls", [1, 2], concurrency=2, on_item_error="continue"),
                node("turn", "flow.rate_limit", key="lane-{{ trigger.n }}", limit=3, window_seconds=0.05),
                ask("call", url, "ask/{{ trigger.n }}/{{ loop.parent.item }}{{ item }}?fail=3", retry=trying(8)),
                node("slow", "flow.wait_for_event", name="never.comes", wait_seconds=0.05),
                node("add", "data.variable", name="sum", operation="increment", value="{{ index + loop.parent.item }}"),
                node("own", "data.variable", name="mine", scope="iteration", value="{{ item }}"),
                node(
                    "see", "data.variable", name="seen", operation="append", value="{{ loop.parent.item * 10 + mine }}"
                ),
                node("odd", "condition.if", condition="item == 2 and loop.parent.item == 2"),
                made("bad", "{{ nothing_here ?? [1][5] }}"),
                made("good", "{{ mine }}"),
                node("twice", "data.deduplicate", items="{{ [s % 10 for s in seen] }}"),
                node(
                    "end",
                    "flow.end",
                    output={
                        "sum": "{{ sum }}",
                        "seen": "{{ seen | sort }}",
                        "lanes": "{{ nodes.lanes_given }}",
                        "unique": "{{ input | sort }}",
                    },
                ),
                made("lanes_given", "{{ [[(c.error.code if c.is_object() else c) for c in lane] for lane in input] }}"),
            ],
            "start>zero, zero>list, list>lanes, lanes.body>calls, calls.body>turn, turn>call, turn>slow, call>add,"
            "slow.timeout>add, add>own, own>see, see>odd, odd.true>bad, odd.false>good, lanes.done>lanes_given,"
            "lanes_given>twice, twice.unique>end",
        )
    }


QUOTA = Case("quota", _quota, pauses=True)


def _answer(url: str) -> Documents:
    """Answers whoever waits, and works on: children in a loop, whose errors end in a fallback."""
    return {
        "rate": workflow(
            "Ask for a rate",
            [
                {
                    "id": "start",
                    "type": "trigger.workflow",
                    "parameters": {
                        "inputs": [
                            {"name": "n", "type": "integer"},
                            {"name": "pair", "type": "text"},
                        ]
                    },
                },
                ask(
                    "live",
                    url,
                    "{{ 'never' if input.pair == 'b' else 'ask' }}/{{ trigger.n }}/{{ input.pair }}",
                    on_error="branch",
                ),
                ask("stored", url, "ask/{{ trigger.n }}/stored-{{ trigger.pair }}?fail=1", on_error="branch"),
                node("or", "flow.fallback"),
                node("end", "flow.end", output="{{ input.body.value }}"),
            ],
            "start>live, live>or, live.error>stored, stored>or, stored.error>or, or>end",
        ),
        "answer": workflow(
            "Answer and work on",
            [
                START,
                node("answer", "action.respond", status=202, body={"accepted": "{{ trigger.word }}"}),
                each("days", [1, 2], concurrency=2),
                each("pairs", ["a", "b", 3], concurrency=3, on_item_error="continue"),
                node(
                    "rate",
                    "action.subworkflow",
                    workflow_id="@rate",
                    input={"n": "{{ trigger.n }}", "pair": "{{ item }}"},
                ),
                made("worth", "{{ input * loop.parent.item }}"),
                node("all", "flow.error_handler"),
                made("handled", "{{ input.errors | length }}"),
                node("fail", "action.http_request", url=f"{url}/never/{{{{ trigger.n }}}}/fail", retry=trying(2)),
                made("days_given", "{{ [[(p.error.code if p.is_object() else p) for p in day] for day in input] }}"),
                node("end", "flow.end", output="{{ input }}"),
                node("last", "flow.merge"),
            ],
            "start>answer, answer>days, start>fail, days.body>pairs, pairs.body>rate, rate>worth, all>handled,"
            "days.done>days_given, days_given>last, handled>last, last>end",
        ),
    }


ANSWER = Case("answer", _answer, {"word": "yes"})
FAMILIES = (FULFIL, EAGER, QUOTA, ANSWER)
