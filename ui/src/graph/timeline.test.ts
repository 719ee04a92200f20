import { describe, expect, it } from "vitest";
import { criticalPath, type JournalLine, moved, ticksOf, timelineOf, zoomed } from "./timeline";

let sequence = 0;

function line(node: string, from: number, to: number, more: Partial<JournalLine> = {}): JournalLine {
  sequence += 1;
  return {
    sequence,
    node_id: node,
    scope: "",
    attempt: 1,
    status: "completed",
    started_at: new Date(from).toISOString(),
    ended_at: new Date(to).toISOString(),
    error_code: null,
    retry_at: null,
    ...more,
  };
}

function kinds(lines: JournalLine[], now: number | null = null) {
  return timelineOf(lines, now).bars.map((bar) => bar.segments.map((one) => [one.kind, one.start, one.end]));
}

describe("timelineOf", () => {
  it("shows each attempt, and the time between two of them", () => {
    const failed = line("a", 0, 10, { status: "failed", retry_at: new Date(50).toISOString() });
    expect(kinds([failed, line("a", 50, 60, { attempt: 2 })])).toEqual([
      [
        ["failed", 0, 10],
        ["before retry", 10, 50],
        ["ran", 50, 60],
      ],
    ]);
  });

  it("shows waits, loops and what is still open up to now, and nothing open of what has ended", () => {
    const waiting = line("a", 0, 5, { status: "waiting" });
    expect(kinds([waiting], 40)).toEqual([
      [
        ["ran", 0, 5],
        ["waited", 5, 40],
      ],
    ]);
    expect(kinds([waiting])).toEqual([[["ran", 0, 5]]]);
    const started = line("b", 0, 0, { status: "started" });
    expect(kinds([started], 30)).toEqual([[["ran", 0, 30]]]);
    expect(timelineOf([started], 30).bars[0]?.status).toBe("running");
    const opened = line("l", 0, 1, { status: "opened" });
    expect(kinds([opened, line("l", 20, 20)])).toEqual([
      [
        ["ran", 0, 1],
        ["inside", 1, 20],
        ["ran", 20, 20],
      ],
    ]);
  });

  it("has a bar for each iteration, and none for the end or for what loops note down", () => {
    const bars = timelineOf([
      line("a", 0, 1, { scope: "l:0" }),
      line("a", 2, 3, { scope: "l:1/m:4" }),
      line("l", 2, 3, { status: "round", scope: "l:1" }),
      line("", 9, 9, { status: "ended" }),
    ]).bars;
    expect(bars.map((bar) => [bar.key, bar.depth])).toEqual([
      ["a@l:0", 1],
      ["a@l:1/m:4", 2],
    ]);
  });
});

describe("criticalPath", () => {
  const lines = [
    { from: "s", to: "quick" },
    { from: "s", to: "slow" },
    { from: "quick", to: "end" },
    { from: "slow", to: "end" },
  ];

  it("goes back over whatever ended last", () => {
    const { bars } = timelineOf([
      line("s", 0, 1),
      line("quick", 1, 2),
      line("slow", 1, 9),
      line("end", 9, 10),
    ]);
    expect([...criticalPath(bars, lines)]).toEqual(["end@", "slow@", "s@"]);
  });

  it("goes through the iterations of a loop, and on to what led to it", () => {
    const { bars } = timelineOf([
      line("s", 0, 1),
      line("l", 1, 1, { status: "opened" }),
      line("a", 1, 5, { scope: "l:0" }),
      line("a", 5, 8, { scope: "l:1" }),
      line("l", 8, 8),
      line("end", 8, 9),
    ]);
    const connections = [
      { from: "s", to: "l" },
      { from: "l", to: "a" },
      { from: "l", to: "end" },
    ];
    expect([...criticalPath(bars, connections)]).toEqual(["end@", "l@", "a@l:1", "a@l:0", "s@"]);
  });

  it("is soon found in a long journal", () => {
    const many = Array.from({ length: 10_000 }, (_, index) =>
      line("a", index, index + 1, { scope: `l:${index}` }),
    );
    const { bars } = timelineOf([line("l", 0, 0, { status: "opened" }), ...many, line("l", 10_000, 10_000)]);
    expect(criticalPath(bars, []).size).toBe(10_001);
  });
});

describe("views", () => {
  const whole = { from: 0, to: 1000 };

  it("keep the moment under the pointer, and stay within the whole", () => {
    expect(zoomed(whole, whole, 0.5, 0.25)).toEqual({ from: 125, to: 625 });
    expect(zoomed({ from: 900, to: 1000 }, whole, 4)).toEqual({ from: 600, to: 1000 });
    expect(moved({ from: 0, to: 100 }, whole, -1)).toEqual({ from: 0, to: 100 });
    expect(moved({ from: 0, to: 100 }, whole, 0.5)).toEqual({ from: 50, to: 150 });
  });

  it("have round ticks", () => {
    expect(ticksOf({ from: 5, to: 1000 }, 0, 5)).toEqual([200, 400, 600, 800, 1000]);
  });
});
