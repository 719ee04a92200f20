import { expect, it } from "vitest";
import { strictly } from "./strictly";

it("keeps of an address only what its page reads out of it", () => {
  const read = strictly(({ tab }) => (tab === "forms" ? { tab } : {}));
  expect(read({ tab: "forms", more: 1 })).toEqual({ tab: "forms" });
  // Named, because the router would put back what is not.
  expect(Object.keys(read({ tab: "nonsense" }))).toEqual(["tab"]);
  expect(read({ tab: "nonsense" })).toEqual({ tab: undefined });
});
