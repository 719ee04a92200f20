import { expect, it } from "vitest";
import { describeAgent } from "./agent";

it("a browser is called by its name and its system", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
  expect(describeAgent(chrome)).toBe("Chrome on Linux");
  expect(describeAgent(`${chrome} Edg/140.0`)).toBe("Edge on Linux");
  expect(describeAgent("curl/8.1")).toBe("curl/8.1");
  expect(describeAgent("")).toBe("An unknown program");
});
