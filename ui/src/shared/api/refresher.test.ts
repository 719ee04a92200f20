import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRefresher } from "./refresher";

describe("asking again", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("waits for an answer that is on its way, and then happens once", async () => {
    const queries = new QueryClient();
    const queryKey = ["list"];
    const answers: ((value: string) => void)[] = [];
    const read = () => new Promise<string>((resolve) => answers.push(resolve));
    void queries.fetchQuery({ queryKey, queryFn: read });
    const invalidated = vi.spyOn(queries, "invalidateQueries");
    const refresher = createRefresher(queries, () => [queryKey], 100);
    refresher.changed();
    refresher.changed();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(invalidated).not.toHaveBeenCalled();
    answers[0]?.("old");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(invalidated).toHaveBeenCalledExactlyOnceWith({ queryKey });
    refresher.changed();
    refresher.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(invalidated).toHaveBeenCalledOnce();
  });
});
