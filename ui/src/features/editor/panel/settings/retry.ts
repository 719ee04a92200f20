/** How soon a failed step is tried again. The formula is that of src/wingbeat/core/retry.py. Pure. */
import type { RetryPolicy } from "@/graph/workflow";

export const RETRY_DEFAULTS = {
  max_attempts: 1,
  backoff_seconds: 2,
  factor: 2,
  max_delay_seconds: 300,
  jitter: 0.1,
} as const;

const SHOWN = 8;

/** Seconds before the second, third ... attempt, without the jitter, which shortens them. */
export function delaysOf(policy: RetryPolicy): number[] {
  const attempts = policy.max_attempts ?? RETRY_DEFAULTS.max_attempts;
  const first = policy.backoff_seconds ?? RETRY_DEFAULTS.backoff_seconds;
  const factor = policy.factor ?? RETRY_DEFAULTS.factor;
  const most = policy.max_delay_seconds ?? RETRY_DEFAULTS.max_delay_seconds;
  return Array.from({ length: Math.max(0, attempts - 1) }, (_, at) => Math.min(first * factor ** at, most));
}

export function shownDelays(policy: RetryPolicy): { shown: number[]; more: number; total: number } {
  const all = delaysOf(policy);
  return {
    shown: all.slice(0, SHOWN),
    more: Math.max(0, all.length - SHOWN),
    total: all.reduce((a, b) => a + b, 0),
  };
}
