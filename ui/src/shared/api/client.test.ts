// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, client, sessionFetch } from "./client";
import type { ApiError } from "./errors";
import { reach } from "./reach";
import { useSession } from "./session";

const ADA = { user_id: 7, username: "ada" } as never;
const answer = (status: number, body: unknown) => Response.json(body, { status });
const refusal = (status: number, error_code: string) =>
  answer(status, { success: false, message: "No.", error_code, details: {} });
const asked: Request[] = [];

function answering(...answers: (() => Response | Promise<Response>)[]): void {
  vi.stubGlobal(
    "fetch",
    vi.fn(async (request: Request) => {
      asked.push(request);
      return (answers.shift() ?? (() => answer(200, { data: {} })))();
    }),
  );
}

const post = (body: object) =>
  sessionFetch(new Request("http://place/api/v1/workflows", { method: "POST", body: JSON.stringify(body) }));
const keyOf = (request: Request | undefined) => request?.headers.get("Idempotency-Key");
const lost = () => Promise.reject(new TypeError("Failed to fetch"));

describe("the client", () => {
  beforeEach(() => {
    asked.length = 0;
    vi.useFakeTimers();
    useSession.getState().begin(ADA, "first");
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    useSession.setState({ user: null, expired: false });
  });

  it("sends again under the same key what was not answered, and nothing else", async () => {
    answering(lost, () => answer(504, "<html>"));
    await expect(post({ name: "a" })).rejects.toMatchObject({ code: "UNREACHABLE" });
    await post({ name: "a" });
    await post({ name: "a" });
    await post({ name: "b" });
    await post({ name: "a" });
    const [first, second, third, other, later] = asked.map(keyOf);
    expect([second, third]).toEqual([first, first]);
    expect(new Set([first, other, later]).size).toBe(3);
  });

  it("keeps to that key while the answers leave open what became of it", async () => {
    answering(
      lost,
      () => refusal(429, "RATE_LIMITED"),
      () => refusal(500, "INTERNAL_ERROR"),
    );
    await expect(post({ name: "c" })).rejects.toMatchObject({ code: "UNREACHABLE" });
    for (let time = 0; time < 3; time += 1) await post({ name: "c" });
    expect(new Set(asked.map(keyOf)).size).toBe(1);
  });

  it("takes a wrong password for an answer, and not for the end of the session", async () => {
    answering(() => refusal(401, "SIGN_IN_FAILED"));
    const body = { username: "ada", password: "wrong" };
    await expect(call(client.POST("/api/v1/auth/login", { body }))).rejects.toMatchObject({ status: 401 });
    expect(useSession.getState().expired).toBe(false);
  });

  it("takes up the session that the same person has begun in another tab", async () => {
    const state = { data: { user: ADA, csrf_token: "second" } };
    answering(
      () => refusal(403, "CSRF_TOKEN_WRONG"),
      () => answer(200, state),
    );
    expect((await post({})).status).toBe(200);
    const [first, , again] = asked.map((request) => request.headers.get("X-CSRF-Token"));
    expect([first, again]).toEqual(["first", "second"]);
  });

  it("waits for who was here when it is somebody else's session now", async () => {
    const state = { data: { user: { user_id: 8 }, csrf_token: "theirs" } };
    answering(
      () => refusal(403, "CSRF_TOKEN_WRONG"),
      () => answer(200, state),
    );
    const sent = post({});
    await vi.waitFor(() => expect(useSession.getState().expired).toBe(true));
    useSession.getState().begin(ADA, "third");
    expect((await sent).status).toBe(200);
    expect(asked.at(-1)?.headers.get("X-CSRF-Token")).toBe("third");
  });

  it("says what is wrong of a page of a proxy, of half an answer and of none", async () => {
    const read = () => call(client.GET("/api/v1/workflows"));
    for (const body of ["<html>Sign in to this network</html>", '{"data": [{"na']) {
      answering(() => new Response(body));
      await expect(read()).rejects.toMatchObject({ code: "UNKNOWN_ANSWER" });
    }
    vi.stubGlobal("fetch", (_: Request, { signal }: RequestInit) => {
      return new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    });
    const late = read().catch((error: ApiError) => error.code);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await late).toBe("NO_ANSWER_IN_TIME");
    expect(reach.getState().answers).toBe(false);
  });
});
