import { describe, expect, it } from "vitest";
import { initialValues, missingFields, readFaults, readFields } from "./form-field";

const fields = readFields([
  { name: "reason", required: true },
  { name: "count", type: "integer", default: 3, minimum: 1 },
  { name: "sizes", type: "multi_select", choices: ["s", "m"], required: true, label: "Sizes" },
]);

describe("fields of a form", () => {
  it("get what the server left out", () => {
    expect(fields[0]).toMatchObject({ type: "text", label: "reason", choices: [] });
    expect(fields[1]).toMatchObject({ minimum: 1 });
    expect(fields[2]?.label).toBe("Sizes");
  });

  it("begin with their defaults", () => {
    expect(initialValues(fields)).toEqual({ reason: null, count: 3, sizes: null });
  });

  it("are missing when they are required and empty", () => {
    expect(missingFields(fields, { reason: "", sizes: [] })).toEqual(["reason", "sizes"]);
    expect(missingFields(fields, { reason: "so", sizes: ["s"] })).toEqual([]);
  });
});

describe("faults of fields", () => {
  it("are read from the details of an error", () => {
    expect(readFaults({ fields: { count: "is too small" } })).toEqual({ count: "is too small" });
    expect(readFaults({})).toEqual({});
  });
});
