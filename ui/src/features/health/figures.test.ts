import { describe, expect, it } from "vitest";
import { findSettings, formatBytes, shortVersion } from "./figures";

describe("figures of the installation", () => {
  it("are short", () => {
    expect(formatBytes(999)).toBe("999 B");
    expect(formatBytes(1_536)).toBe("1.5 kB");
    expect(formatBytes(123_456_789)).toBe("123 MB");
    expect(shortVersion("PostgreSQL 18.0 on x86_64-pc-linux-gnu, compiled by gcc")).toBe("PostgreSQL 18.0");
    expect(shortVersion("18.1 (Debian 18.1-1)")).toBe("18.1");
  });
});

describe("settings", () => {
  const all = [
    { name: "PORT", description: "Where HTTP listens.", is_set: true },
    { name: "GRPC_PORT", description: "Where gRPC listens.", is_set: false },
  ];

  it("are found by every word, wherever it stands", () => {
    expect(findSettings(all, "port listens", false)).toEqual(all);
    expect(findSettings(all, "grpc", false)).toEqual([all[1]]);
    expect(findSettings(all, "port", true)).toEqual([all[0]]);
  });
});
