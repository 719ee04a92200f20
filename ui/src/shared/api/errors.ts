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
  return new ApiError("The server gave an answer that is none of Wingbeat's.", {
    status: response.status,
    code: "UNKNOWN_ANSWER",
    details: { remedy: "A proxy on the way may have answered. Try again; if it stays, tell your operator." },
    requestId,
  });
}

/** What `fetch` throws when there was no answer. */
export function unreachable(cause: unknown): ApiError {
  const error = new ApiError("The server cannot be reached.", {
    status: 0,
    code: "UNREACHABLE",
    details: {
      remedy:
        "Check the connection. Nothing that you did here is lost; it is tried again when the server answers.",
    },
  });
  error.cause = cause;
  return error;
}

interface ErrorBody {
  message: string;
  error_code: string;
  details: Record<string, unknown>;
}

function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === "object" && body !== null && "error_code" in body && "message" in body;
}
