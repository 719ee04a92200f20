"""Four workflows of branches that join, of waits for what comes from outside, and of errors that others handle."""

from __future__ import annotations

from tests.campaigns.twelve.case import Case, Documents, Fork, ask, each, made, pay, trying, workflow
from tests.rig.engine import START, node

from wingbeat.core.json_value import Json


def _joins(url: str) -> Documents:
    """Branches with a limit, joined by key, by place, all, and by who comes first; dead ones among them."""
    left: list[Json] = [{"id": n, "a": n} for n in (1, 2, 3)]
    right: list[Json] = [{"id": n, "b": n} for n in (2, 3, 4)]
    return {
        "patient": workflow(
            "Wait for ever",
            [{"id": "start", "type": "trigger.workflow"}, node("never", "flow.wait_for_event", name="never.comes")],
            "start>never",
        ),
        "joins": workflow(
            "Bring together",
            [
                START,
                node("ways", "flow.parallel", branches=["left", "right", "race", "dead"], limit=2),
                made("left", left),
                ask("slow", url, "ask/{{ trigger.n }}/right?fail=2"),
                made("right", right),
                node("keyed", "flow.merge", mode="by_key", key="item.id"),
                node("placed", "flow.merge", mode="by_position"),
                node("first", "flow.merge", mode="any"),
                node("soon", "flow.delay", seconds=0.02),
                node("never", "flow.wait_for_event", name="never.comes"),
                node("long", "flow.delay", seconds=3600),
                node("child", "action.subworkflow", workflow_id="@patient"),
                node("signed", "flow.wait_for_event", name="signed"),
                node("closed", "condition.if", condition="false"),
                made("unreached", 1),
                node("off", "data.transform", value="{{ 1 / 0 }}", disabled=True),
                {**made("pinned", "real"), "pinned_output": "not real"},
                node("all", "flow.merge", mode="all"),
                node("items", "loop.foreach", items="{{ nodes.keyed }}", concurrency=4),
                node("which", "condition.if", condition="item.id % 2 == 0"),
                node("try", "data.transform", value="{{ [][0] }}", on_error="continue"),
                made("good", "good {{ item.id }}"),
                node("or", "flow.fallback"),
                made("other", "other {{ item.id }}"),
                node(
                    "end",
                    "flow.end",
                    output={
                        "items": "{{ input }}",
                        "placed": "{{ nodes.all.placed }}",
                        "words": "{{ nodes.all.off.word + nodes.all.first.word + nodes.all.pinned }}",
                    },
                ),
            ],
            "start>ways, ways.left>left, ways.right>slow, slow>right, left>keyed, right>keyed, left>placed,"
            "right>placed, ways.race>soon, ways.race>never, ways.race>long, ways.race>child, soon>first, never>first,"
            "long>first, child>first,"
            "ways.dead>closed, closed.true>unreached, closed.false>off, unreached>all, off>all, start>pinned,"
            "pinned>all, placed>all, first>all, keyed>all, all>signed, signed>items,"
            "items.body>which, which.true>try, try>or, which.true>good, good>or, which.false>other, items.done>end",
        ),
    }


JOINS = Case("joins", _joins, {"word": "x"}, fork=Fork("which", "items:1"))


def _approvals(url: str) -> Documents:
    """Requests that wait for people, in iterations at once: some are told yes, some no, some nothing."""
    request = "{{ loop.parent.parent.item }}-{{ loop.parent.item }}-{{ index }}"
    return {
        "approvals": workflow(
            "Approve what is asked for",
            [
                START,
                each("departments", ["it", "hr"], concurrency=2),
                each("requests", [0, 1, 2], concurrency=3, on_item_error="continue"),
                node("round", "loop.while", condition="index < 2", collect="results"),
                node(
                    "decision",
                    "flow.wait_for_event",
                    name="decided.*",
                    filter="event.data.who == loop.parent.item",
                    wait_seconds="{{ 0.15 if loop.parent.item == 2 else 600 }}",
                ),
                node(
                    "yes",
                    "condition.switch",
                    value="{{ input.data.decision }}",
                    cases=[
                        {"port": "yes", "equals": "yes"},
                        {"port": "no", "equals": "no"},
                    ],
                ),
                pay(
                    "order",
                    url,
                    f"{{{{ trigger.n }}}}/order-{request}",
                    on_unknown="ask",
                ),
                made("ordered", "{{ input.body.paid }}"),
                node("late", "data.transform", value="escalated"),
                node("refused", "data.transform", value="{{ {}['refused'] }}"),
                node("outcome", "flow.merge", mode="any"),
                node("leave", "condition.if", condition="input != 'escalated'"),
                node("enough", "loop.break"),
                node(
                    "sign",
                    "action.approval",
                    title="{{ 'approved' if item == 'it' else 'rejected' }}",
                    approvers=["ada", "bo"],
                    rule="all",
                    escalations=[{"after_seconds": 0.02, "approvers": ["cy"]}],
                ),
                node("ignored", "action.approval", title="late", approvers="dan", expires_in_seconds=0.05),
                node("task", "action.task", title="do {{ item }}", wait=True),
                made("done", "{{ [nodes.task.result, nodes.ignored.status] }}"),
                made("signed", "{{ [input.status, input.outcome] }}"),
                made("unsigned", "{{ [input.status, input.outcome] }}"),
                node("call", "flow.wait_for_webhook", methods=["POST"]),
                node(
                    "end",
                    "flow.end",
                    output={
                        "called": "{{ nodes.call.body.ok }}",
                        "departments": "{{ nodes.departments }}",
                    },
                ),
            ],
            "start>departments, departments.body>sign, sign.approved>signed, sign.rejected>unsigned,"
            "departments.body>task, task>ignored, ignored.expired>done, departments.body>requests,"
            "requests.body>round, round.body>decision, decision>yes,"
            "decision.timeout>late, yes.yes>order, order>ordered, yes.no>refused, ordered>outcome, late>outcome,"
            "refused>outcome, outcome>leave, leave.true>enough, departments.done>call, call>end",
        )
    }


APPROVALS = Case("approvals", _approvals)


def _saga(url: str) -> Documents:
    """A booking that fails half-way is undone in parallel, and the workflow for errors hears of it."""
    return {
        "told": workflow(
            "Tell of errors",
            [
                {"id": "start", "type": "trigger.error"},
                pay("tell", url, "{{ trigger.trigger.data.n }}/told", on_unknown="ask"),
                node("end", "flow.end", output={"code": "{{ trigger.error.code }}", "paid": "{{ input.body.paid }}"}),
            ],
            "start>tell, tell>end",
        ),
        "saga": workflow(
            "Book a journey",
            [
                START,
                node("done", "data.variable", name="done", value=[]),
                each("legs", [["train", "hotel"], ["plane"]]),
                each("choices", "{{ item }}", concurrency=2),
                pay("book", url, "{{ trigger.n }}/book-{{ item }}", on_unknown="ask"),
                node("mark", "data.variable", name="done", operation="append", value="{{ item }}"),
                node("plane", "condition.if", condition="item == 'plane'"),
                ask("seat", url, "never/{{ trigger.n }}/seat"),
                made("fine", "{{ item }}"),
                node("handler", "flow.error_handler", nodes=["legs"]),
                each("undo", "{{ done | sort }}", concurrency=3),
                pay("cancel", url, "{{ trigger.n }}/cancel-{{ item }}", on_unknown="retry", retry=trying(3)),
                made("undone", "{{ input.body.paid }}"),
                node(
                    "stop",
                    "flow.stop_and_error",
                    code="JOURNEY_OFF",
                    message="Undone {{ input | length }}.",
                    details={"cause": "{{ nodes.handler.error.cause.code }}"},
                ),
                node("end", "flow.end", output="{{ input }}"),
            ],
            "start>done, done>legs, legs.body>choices, choices.body>book, book>mark, mark>plane, plane.true>seat,"
            "plane.false>fine, legs.done>end, handler>undo, undo.body>cancel, cancel>undone, undo.done>stop",
            error_workflow="@told",
        ),
    }


SAGA = Case("saga", _saga, repeats=frozenset({"cancel"}))


def _review(url: str) -> Documents:
    """Stops in front of steps of parallel iterations, which somebody edits; later a fork of one iteration."""
    return {
        "review": workflow(
            "Review texts",
            [
                START,
                node("limit", "data.variable", name="limit", value=2),
                each("texts", ["a", "b", "c"], concurrency=3),
                made("draft", "{{ item }}{{ item }}"),
                each("parts", [1, 2], concurrency=2, on_item_error="continue"),
                made("part", "{{ loop.parent.item }}{{ item }}"),
                node("check", "data.transform", value="{{ ['x'][1 if input == 'b2' else 0] + input }}"),
                node("pause", "flow.delay", seconds=0.02),
                node("joined", "flow.merge"),
                made(
                    "text",
                    {
                        "parts": "{{ [(p.error.code if p.is_object() else p) for p in input.parts] }}",
                        "draft": "{{ input.draft }}",
                    },
                ),
                pay("print", url, "{{ trigger.n }}/print-{{ item }}", on_unknown="fail", on_error="branch"),
                made("printed", {"paid": "{{ input.body.paid }}", "text": "{{ nodes.text }}"}),
                made("unprinted", {"paid": "{{ input.error.code }}", "text": "{{ nodes.text }}"}),
                node("end", "flow.end", output={"texts": "{{ input }}", "limit": "{{ limit }}"}),
            ],
            "start>limit, limit>texts, texts.body>draft, draft>joined, draft>parts, parts.body>part, part>check,"
            "check>pause, parts.done>joined, joined>text,"
            "text>print, print>printed, print.error>unprinted, texts.done>end",
        )
    }


REVIEW = Case(
    "review",
    _review,
    breakpoints=({"node": "check", "condition": "input != 'a1'"}, {"node": "print"}),
    edits={"check": "edited"},
    fork=Fork("part", "texts:1/parts:0", "forked"),
)
FLOWS = (JOINS, APPROVALS, SAGA, REVIEW)
