/** A refusal of the API, or no answer at all, as one error that says what, why and what to do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly details: Record<string, unknown>;
  readonly requestId: string;

  constructor(
    message: string,
    about: { status: number; code: string; details?: Record<string, unknown>; requestId?: string },
  ) {
    super(message);
    this.name = "ApiError";
    this.status = about.status;
    this.code = about.code;
    this.details = about.details ?? {};
    this.remedy = typeof this.details.remedy === "string" ? this.details.remedy : "";
    this.requestId = about.requestId ?? "";
  }
}

/** The error in the body of an answer that is not good. */
export async function readError(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("X-Request-Id") ?? "";
  const body: unknown = await response.json().catch(() => null);
  if (isErrorBody(body)) {
    return new ApiError(body.message, {
      status: response.status,
      code: body.error_code,
      details: body.details,
      requestId,
    });
  }
  return foreign(response.status, requestId);
}

/** What a page of a proxy is, or an answer that broke off. */
export function unreadable(cause: unknown): ApiError {
  const error = foreign(0);
  error.cause = cause;
  return error;
}

function foreign(status: number, requestId = ""): ApiError {
  return new ApiError("The answer that came is none of Wingbeat's, or not all of it.", {
    status,
    code: "UNKNOWN_ANSWER",
    details: { remedy: "A proxy on the way may have answered. Try again; if it stays, tell your operator." },
    requestId,
  });
}

/** Whether it is no answer of the server itself: nobody knows what became of what was sent. */
export function isFromTheWay(status: number): boolean {
  return status === 0 || (status >= 502 && status <= 504);
}

/** Whether the same may be granted a little later. */
export function isForNow(error: unknown): boolean {
  return error instanceof ApiError && (isFromTheWay(error.status) || error.status === 429);
}

/** What `fetch` throws when there was no answer. */
export function unreachable(cause: unknown): ApiError {
  const error = new ApiError("The server cannot be reached.", {
    status: 0,
    code: "UNREACHABLE",
    details: { remedy: "Check the connection, and try again when it is back." },
  });
  error.cause = cause;
  return error;
}

/** What stands for an answer that did not come in time. */
export function tooLate(): ApiError {
  return new ApiError("The server has not answered for a minute.", {
    status: 0,
    code: "NO_ANSWER_IN_TIME",
    details: { remedy: "Try again: what was done all the same is not done a second time." },
  });
}

interface ErrorBody {
  message: string;
  error_code: string;
  details: Record<string, unknown>;
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "error_code" in body && "message" in body;
}
