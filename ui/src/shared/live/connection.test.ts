// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { enter, link } from "./connection";

interface Wire {
  connected: boolean;
  connect: () => void;
  close: () => void;
  arrive: () => void;
  say: (event: string, body: object) => void;
}

const sockets = vi.hoisted(() => [] as Wire[]);
const answers = vi.hoisted(() => [] as object[]);

vi.mock("socket.io-client", () => ({
  io: () => {
    const socket = {
      connected: false,
      active: false,
      on: (event: string, hear: () => void) => {
        if (event === "connect") socket.arrive = hear;
        return socket;
      },
      emit: () => socket,
      arrive: () => {},
      onAny: (hear: Wire["say"]) => {
        socket.say = hear;
        return socket;
      },
      timeout: () => ({ emitWithAck: async () => answers.shift() ?? { ok: true } }),
      say: (() => {}) as Wire["say"],
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
    const leaveAgain = enter(room());
    await vi.waitFor(() => expect(sockets).toHaveLength(2));
    globalThis.dispatchEvent(new Event("online"));
    const [first, second] = sockets;
    expect(first?.close).toHaveBeenCalledOnce();
    expect(first?.connect).not.toHaveBeenCalled();
    expect(second?.connect).toHaveBeenCalledOnce();
    leaveAgain();
    await vi.advanceTimersByTimeAsync(60_000);
  });

  it("asks again for what may not be heard, and hears it when the right is given back", async () => {
    vi.useFakeTimers();
    sockets.length = 0;
    const heard: string[] = [];
    const gone = { ok: false, error: { error_code: "NOT_FOUND", message: "It is gone." } };
    answers.push({ ok: true }, gone);
    const leave = enter({
      ...room(),
      name: "workflow:1",
      joined: ({ ok }) => heard.push(ok ? "in" : "out"),
      heard: (event) => heard.push(event),
    });
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    const [socket] = sockets as [Wire];
    socket.connected = true;
    socket.arrive();
    await vi.waitFor(() => expect(heard).toEqual(["in"]));
    socket.say("left", { workflow_id: "1" });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(heard).toEqual(["in", "left", "out"]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(heard).toEqual(["in", "left", "out", "in"]);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(heard).toHaveLength(4);
    leave();
    await vi.advanceTimersByTimeAsync(60_000);
  });
});
