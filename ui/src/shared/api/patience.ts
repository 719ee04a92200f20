/** How long an answer is waited for: until it begins, and then from each part of it to the next. */
import { tooLate } from "./errors";

export interface Patience {
  /** The answer has begun; its parts are awaited now. */
  over(response: Response): Response;
  end(): void;
}

export function startPatience(late: AbortController, milliseconds: number): Patience {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    clearTimeout(timer);
    timer = setTimeout(() => late.abort(tooLate()), milliseconds);
  };
  const end = () => clearTimeout(timer);
  begin();
  return {
    over(response) {
      if (response.body === null) {
        end();
        return response;
      }
      begin();
      const parts = new TransformStream<Uint8Array, Uint8Array>({
        transform(part, controller) {
          begin();
          controller.enqueue(part);
        },
        flush: end,
      });
      const { status, statusText, headers } = response;
      return new Response(response.body.pipeThrough(parts), { status, statusText, headers });
    },
    end,
  };
}
