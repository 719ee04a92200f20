/** The typed client of the REST API. `call` unpacks the envelope: data, or an ApiError is thrown. */
import createClient from "openapi-fetch";
import { ApiError, isFromTheWay, readError, unreachable, unreadable } from "./errors";
import { startPatience } from "./patience";
import { noteAnswer, noteSilence } from "./reach";
import { keyFor, noteAnswered, noteUnanswered } from "./repeated";
import type { components, paths } from "./schema";
import { useSession } from "./session";

type SignInState = components["schemas"]["SignInStateShape"];

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
/** How long an answer may take to begin, or to go on; what is sent takes its time as well, on a slow line. */
const PATIENCE_MS = 60_000;
const SLOWEST_BYTES_PER_MS = 8;
// Here nothing is made that could be there twice, and what is sent is nobody's to keep.
const ENTERING = /^\/api\/v1\/auth\//;

/**
 * `fetch` with the session: without an answer it throws an ApiError, and a session that ended is renewed first. What was
 * sent and not answered goes out under the same key when it is sent again, so that it is not done twice.
 */
export async function sessionFetch(request: Request): Promise<Response> {
  if (SAFE.has(request.method)) return go(request, () => answer(request.clone(), 0));
  const body = await request.clone().arrayBuffer();
  const print = printOf(request, body);
  const key = print && keyFor(print);
  return go(request, async () => {
    const sent = request.clone();
    sent.headers.set("X-CSRF-Token", useSession.getState().csrfToken);
    if (key !== null && !sent.headers.has("Idempotency-Key")) sent.headers.set("Idempotency-Key", key);
    try {
      const response = await answer(sent, body.byteLength);
      if (print !== null && key !== null) {
        if (isUndecided(response.status)) noteUnanswered(print, key);
        else noteAnswered(print);
      }
      return response;
    } catch (error) {
      if (print !== null && key !== null) noteUnanswered(print, key);
      throw error;
    }
  });
}

/** Whether the answer leaves open what became of what was sent before under the same key. */
function isUndecided(status: number): boolean {
  return status === 429 || status >= 500;
}

/** What makes a change the same as one before; null for those that need no key. */
function printOf({ method, url }: Request, body: ArrayBuffer): string | null {
  if (method !== "POST" || ENTERING.test(new URL(url).pathname)) return null;
  return `${url} ${new TextDecoder().decode(body)}`;
}

/** Asks until the session is one that holds. */
async function go(request: Request, ask: () => Promise<Response>): Promise<Response> {
  const response = await ask();
  if (useSession.getState().user === null || !(await isOutOfSession(response))) return response;
  if (response.status === 403 && (await tookUpNewSession())) return ask();
  await useSession.getState().renewed();
  if (request.signal.aborted) throw request.signal.reason;
  return go(request, ask);
}

/** Whether it says that the session is over, or another one; a wrong password says neither. */
async function isOutOfSession(response: Response): Promise<boolean> {
  if (response.status !== 401 && response.status !== 403) return false;
  const { code } = await readError(response.clone());
  if (response.status === 403) return code === "CSRF_TOKEN_WRONG";
  return code !== "SIGN_IN_FAILED" && code !== "UNKNOWN_ANSWER";
}

/** In another tab, the same person may have signed out and in again. */
async function tookUpNewSession(): Promise<boolean> {
  const response = await answer(new Request(new URL("/api/v1/auth/session", location.origin)), 0);
  const state: unknown = await response.json().catch(() => null);
  const { user, csrf_token } = (state as { data?: SignInState } | null)?.data ?? {
    user: null,
    csrf_token: null,
  };
  const session = useSession.getState();
  if (user === null || csrf_token === null || user.user_id !== session.user?.user_id) return false;
  if (csrf_token === session.csrfToken) return false;
  session.begin(user, csrf_token);
  return true;
}

async function answer(request: Request, bytes: number): Promise<Response> {
  const late = new AbortController();
  const patience = startPatience(late, PATIENCE_MS + bytes / SLOWEST_BYTES_PER_MS);
  try {
    const response = await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
    if (isFromTheWay(response.status)) noteSilence();
    else noteAnswer();
    return patience.over(response);
  } catch (cause) {
    patience.end();
    if (request.signal.aborted) throw cause;
    noteSilence();
    throw cause instanceof ApiError ? cause : unreachable(cause);
  }
}

export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "",
  fetch: sessionFetch,
});

interface Result<Body> {
  data?: Body;
  response: Response;
  error?: unknown;
}

/**
 * The whole envelope of a good answer, with its `meta`.
 *
 *     const page = await callPage(client.GET("/api/v1/workflows", { params: { query: { per_page: 50 } } }));
 *
 * @throws ApiError
 */
export async function callPage<Body>(asked: Promise<Result<Body>>): Promise<Body> {
  const { data, error, response } = await asked.catch(readable);
  if (response.ok && data !== undefined) return data;
  throw await readError(restored(response, error));
}

/** Only the `data` of a good answer. @throws ApiError */
export async function call<Data>(asked: Promise<Result<{ data: Data }>>): Promise<Data> {
  return (await callPage(asked)).data;
}

/** The answer with its ETag, for the If-Match of a later change. @throws ApiError */
export async function callTagged<Data>(
  asked: Promise<Result<{ data: Data }>>,
): Promise<{ data: Data; etag: string }> {
  const result = await asked.catch(readable);
  const data = await call(Promise.resolve(result));
  return { data, etag: result.response.headers.get("ETag") ?? "" };
}

/** An answer may break off on its way, or be no JSON: what a page of a proxy is. */
function readable(cause: unknown): never {
  if (cause instanceof ApiError || (cause instanceof DOMException && cause.name === "AbortError"))
    throw cause;
  throw cause instanceof SyntaxError ? unreadable(cause) : unreachable(cause);
}

// openapi-fetch has read the body already.
function restored(response: Response, error: unknown): Response {
  return new Response(JSON.stringify(error ?? null), { status: response.status, headers: response.headers });
}
