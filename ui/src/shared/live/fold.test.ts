import { describe, expect, it } from "vitest";
import type { ExecutionEvent, StandingEvent, StepEvent } from "./events";
import { fold, joined, type LiveExecution, unheard } from "./fold";
import { runStatesOf } from "./run-states";

const ABOUT = { execution_id: "e", workflow_id: "w", timestamp: "2026-11-20T12:00:00Z" };

function step(sequence: number | null, node: string, more: Partial<StepEvent> = {}): StepEvent {
  const plain = { scope: "", attempt: 1, port: "out", duration_ms: 2 };
  return { ...ABOUT, ...plain, event: "step_completed", sequence, node, ...more };
}

function stands(event: StandingEvent["event"], more: Partial<StandingEvent> = {}): StandingEvent {
  const status = event === "started" || event === "resumed" ? "running" : event;
  return { ...ABOUT, event, status, sequence: 0, ...more };
}

function hear(...events: ExecutionEvent[]): LiveExecution {
  return events.reduce(fold, unheard("e"));
}

describe("what is known of an execution that is watched", () => {
  it("counts each row of the journal once, in whatever it comes and however often", () => {
    const again = [step(1, "a"), step(2, "b")];
    const live = hear(
      ...again,
      { ...ABOUT, event: "steps", sequence: 3, steps: [...again, step(3, "b")], counts: [] },
      step(3, "b"),
    );
    expect(live.sequence).toBe(3);
    expect([live.nodes.get("a")?.completed, live.nodes.get("b")?.completed]).toEqual([1, 2]);
    expect(live.latest.map((one) => one.sequence)).toEqual([1, 2, 3]);
  });

  it("takes counts for what they are, and the steps beside them as the last ones only", () => {
    const live = hear({
      ...ABOUT,
      event: "steps",
      sequence: 900,
      steps: [step(900, "body", { scope: "orders:449" })],
      counts: [{ node: "body", completed: 450, failed: 0, retried: 0, ports: { out: 440, small: 10 } }],
    });
    expect(live.nodes.get("body")).toMatchObject({ completed: 450, ports: { out: 440, small: 10 } });
    expect(live.nodes.get("orders")?.iteration).toBe(449);
  });

  it("knows which steps are under way, and that none is once it rests or has ended", () => {
    const begun = hear(step(null, "slow", { event: "step_started" }), {
      ...ABOUT,
      event: "running",
      running: { slow: 3 },
    });
    expect(begun.nodes.get("slow")?.running).toBe(3);
    expect(runStatesOf(begun).get("slow")?.status).toBe("running");
    expect(fold(begun, step(4, "slow")).nodes.get("slow")?.running).toBe(2);
    expect(fold(begun, stands("cancelled")).nodes.get("slow")?.running).toBe(0);
    const unsafe = hear(step(1, "mail", { event: "step_started" }), step(2, "mail"));
    expect(unsafe.nodes.get("mail")?.running).toBe(0);
  });

  it("does not grow with what it hears", () => {
    let live = unheard("e");
    for (let sequence = 1; sequence <= 2_000; sequence += 1)
      live = fold(live, step(sequence, "body", { scope: `loop:${sequence}` }));
    expect(live.latest.length).toBe(200);
    expect(live.nodes.size).toBe(2);
    expect(live.nodes.get("body")?.completed).toBe(2_000);
  });

  it("says why it is refused, and goes on when it is let in again", () => {
    const refused = joined(unheard("e"), { ok: false, error: { error_code: "X", message: "No." } });
    expect(refused.refusal).toEqual({ code: "X", message: "No." });
    expect(joined(refused, { ok: true, status: "running" })).toMatchObject({
      refusal: null,
      status: "running",
    });
    // What came before its end is still to be heard.
    expect(joined(unheard("e"), { ok: true, status: "completed" }).status).toBeNull();
  });
});

describe("what the canvas draws of it", () => {
  it("gives each node its state, and the same object while nothing changed", () => {
    const live = hear(
      stands("started"),
      step(1, "start"),
      step(2, "loop", { event: "loop_started", total: 4, port: null }),
      step(3, "call", { event: "step_retrying", scope: "loop:1", error: { code: "E", message: "No." } }),
    );
    const states = runStatesOf(live);
    expect([...states].map(([node, { status }]) => [node, status])).toEqual([
      ["start", "completed"],
      ["loop", "running"],
      ["call", "retrying"],
    ]);
    expect(states.get("loop")).toMatchObject({ iterations: { done: 1, of: 4 }, ports: { body: 2 } });
    expect(states.get("call")?.error).toEqual({ code: "E", message: "No." });
    const after = runStatesOf(fold(live, step(4, "other")));
    expect(after.get("start")).toBe(states.get("start"));
  });

  it("shows where it rests, and at its end what it never came to", () => {
    const paused = hear(
      step(1, "start"),
      stands("paused", { steps: [{ node: "next", scope: "", attempt: 1 }] }),
    );
    expect(runStatesOf(paused, ["start", "next", "last"]).get("next")?.status).toBe("paused");
    expect(runStatesOf(fold(paused, stands("resumed"))).has("next")).toBe(false);
    const over = fold(fold(paused, step(2, "next")), stands("completed", { duration_ms: 9, sequence: 3 }));
    expect(over).toMatchObject({ status: "completed", durationMs: 9, sequence: 3 });
    expect(runStatesOf(over, ["start", "next", "last"]).get("last")?.status).toBe("skipped");
  });

  it("shows where a limit stopped it, though that step never ended", () => {
    const error = { code: "LOOP_ITERATIONS", message: "Too often.", node: "loop" } as never;
    const over = hear(step(1, "start"), stands("failed", { error }));
    const state = runStatesOf(over, ["start", "loop", "last"]).get("loop");
    expect([state?.status, state?.error?.message]).toEqual(["failed", "Too often."]);
  });
});
