/** What is not said of a node is the same as saying this. */
import type { Json } from "./workflow";

export const NODE_DEFAULTS: Readonly<Record<string, Json>> = {
  name: "",
  parameters: {},
  on_error: "stop",
  on_unknown: "fail",
  retry: null,
  timeout_seconds: null,
  disabled: false,
  notes: "",
};
