import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { noteSilence, onReturn, reach } from "./reach";

describe("whether the server answers", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is asked until it does; one request without an answer is no return of the server", async () => {
    let isThere = true;
    vi.stubGlobal("fetch", async () => new Response(null, { status: isThere ? 200 : 502 }));
    const returned = vi.fn();
    const stop = onReturn(returned);
    noteSilence();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([reach.getState().answers, returned.mock.calls.length]).toEqual([true, 0]);
    isThere = false;
    noteSilence();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reach.getState().answers).toBe(false);
    isThere = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect([reach.getState().answers, returned.mock.calls.length]).toEqual([true, 1]);
    stop();
  });
});
