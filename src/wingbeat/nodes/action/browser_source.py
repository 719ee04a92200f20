"""Show something in a browser source of a stream, through the Router."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wingbeat.sdk import (
    ROUTER,
    Context,
    Effect,
    Example,
    Json,
    JsonObject,
    NodeType,
    Outcome,
    Parameters,
    Port,
    Template,
    matters,
)


class BrowserSource(Parameters):
    """What to show, and where."""

    source: Template[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        description="The browser source, as the Router knows it.", examples=["alerts", "ticker"]
    )
    action: Literal["show", "update", "hide"] = Field(
        default="show", description="`show` it anew, `update` what it shows, or `hide` it.", examples=["update"]
    )
    content: Template[dict[str, Json]] = Field(
        json_schema_extra=matters(action=("show", "update")),
        default={},
        description="What the source shows.",
        examples=[{"title": "New follower", "text": "{{ trigger.user }}"}],
    )
    duration_seconds: Template[Annotated[float, Field(gt=0, le=86400)] | None] = Field(
        json_schema_extra=matters(action=("show", "update")),
        default=None,
        description="Hide it again after so long; without it, it stays.",
        examples=[8],
    )
    module: str = Field(
        default="browser_source",
        min_length=1,
        max_length=200,
        description="The Router's module that does it.",
        examples=["browser_source"],
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=3600, description="The Router must have answered by then.", examples=[10]
    )


def _request(parameters: BrowserSource) -> JsonObject:
    shown: JsonObject = {
        "source": parameters.source,
        "content": parameters.content,
        "duration_seconds": parameters.duration_seconds,
    }
    return {"module": parameters.module, "action": parameters.action, "parameters": shown}


async def run(parameters: BrowserSource, context: Context) -> Outcome:
    """Ask the Router."""
    seconds = parameters.timeout_seconds
    return Outcome.of(await context.use(ROUTER).execute("modules", _request(parameters), timeout_seconds=seconds))


def rehearse(parameters: BrowserSource, context: Context) -> Outcome:
    """Give the request that would be sent."""
    del context
    return Outcome.of({"rehearsed": True, "target": "modules", "request": _request(parameters)})


def effect_of(parameters: JsonObject) -> Effect:
    """An alert that is shown anew would be seen twice; what a source shows or that it is hidden can be said again."""
    return Effect.IDEMPOTENT if parameters.get("action") in ("update", "hide") else Effect.UNSAFE


NODE = NodeType(
    type="action.browser_source",
    title="Browser source",
    help=(
        "Shows, updates or hides a browser source of a stream: an alert, a ticker, a counter. The Router's module "
        "`browser_source` (or another one) does it: its action `show`, `update` or `hide` gets `source`, `content` and "
        "`duration_seconds`, and what it answers comes out. Updating and hiding may be repeated at any time. Showing "
        "is not: after a broken connection, a time-out or a 5xx it may have been shown, and the node's `on_unknown` "
        "decides. Each try carries the same `Idempotency-Key`."
    ),
    parameters=BrowserSource,
    run=run,
    rehearse=rehearse,
    effect=Effect.UNSAFE,
    effect_of=effect_of,
    uses=(ROUTER,),
    outputs=(Port(help="What the module answers."),),
    examples=(
        Example(
            "show an alert for eight seconds",
            {
                "source": "alerts",
                "content": {"title": "New follower", "text": "{{ trigger.user }}"},
                "duration_seconds": 8,
            },
            trigger={"user": "pingu"},
            world={"router": [{"shown": True}]},
            expect={"out": {"shown": True}},
        ),
        Example(
            "a Router that does not let us in",
            {"source": "alerts", "action": "hide"},
            world={"router": [{"error": "ROUTER_UNAUTHORIZED"}]},
            expect_error="ROUTER_UNAUTHORIZED",
        ),
    ),
)
