/** The typed client of the REST API. `call` unpacks the envelope: data, or an ApiError is thrown. */
import createClient from "openapi-fetch";
import { readError, unreachable } from "./errors";
import type { paths } from "./schema";
import { useSession } from "./session";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function withToken(request: Request): Request {
  if (SAFE.has(request.method)) return request;
  const prepared = new Request(request);
  prepared.headers.set("X-CSRF-Token", useSession.getState().csrfToken);
  return prepared;
}

/** `fetch` with the session: without an answer it throws an ApiError, and a session that ended is renewed first. */
export async function sessionFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(withToken(request)).catch((cause: unknown) => {
    if (request.signal.aborted) throw cause;
    throw unreachable(cause);
  });
  if (response.status !== 401 || useSession.getState().user === null) return response;
  await useSession.getState().renewed();
  return sessionFetch(again);
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
  const { data, error, response } = await asked;
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
  const result = await asked;
  const data = await call(Promise.resolve(result));
  return { data, etag: result.response.headers.get("ETag") ?? "" };
}

// openapi-fetch has read the body already.
function restored(response: Response, error: unknown): Response {
  return new Response(JSON.stringify(error ?? null), { status: response.status, headers: response.headers });
}
