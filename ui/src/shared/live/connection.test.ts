import { afterEach, describe, expect, it, vi } from "vitest";
import { enter, link } from "./connection";

const sockets = vi.hoisted(() => [] as { connected: boolean; connect: () => void; close: () => void }[]);

vi.mock("socket.io-client", () => ({
  io: () => {
    const socket = {
      connected: false,
      active: false,
      on: () => socket,
      onAny: () => socket,
      connect: vi.fn(),
      close: vi.fn(),
    };
    sockets.push(socket);
    return socket;
  },
}));

const room = () => ({ name: "executions", after: () => 0, joined: () => {}, heard: () => {} });

describe("the connection for live events", () => {
  afterEach(() => void vi.useRealTimers());

  it("is one at a time: what was closed stays closed when the network comes back", async () => {
    vi.useFakeTimers();
    const leave = enter(room());
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    leave();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(link.getState().state).toBe("idle");
    enter(room());
    await vi.waitFor(() => expect(sockets).toHaveLength(2));
    globalThis.dispatchEvent(new Event("online"));
    const [first, second] = sockets;
    expect(first?.close).toHaveBeenCalledOnce();
    expect(first?.connect).not.toHaveBeenCalled();
    expect(second?.connect).toHaveBeenCalledOnce();
  });
});
