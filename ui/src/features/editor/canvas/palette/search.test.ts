import { describe, expect, it } from "vitest";
import type { NodeType } from "@/graph/node-type";
import { searchSteps } from "./search";

const type = (name: string, title: string, help = "") =>
  ({ type: name, title, help, category: name.split(".")[0] }) as unknown as NodeType;
const TYPES = [
  type("action.http_request", "HTTP request", "Calls a web API."),
  type("action.email", "E-mail", "Sends an e-mail."),
  type("data.sort", "Sort", "Puts a list in order."),
  type("flow.wait_for_webhook", "Wait for a call", "Waits until an address is called."),
];
const titles = (text: string) => searchSteps(TYPES, text).map((one) => one.title);

describe("searching steps", () => {
  it("finds by title, type, category and help, the title first", () => {
    expect(titles("sort")).toEqual(["Sort"]);
    expect(titles("webhook")).toEqual(["Wait for a call"]);
    expect(titles("action")).toEqual(["HTTP request", "E-mail"]);
    expect(titles("call")[0]).toBe("Wait for a call");
  });

  it("forgives letters left out, and wants every word", () => {
    expect(titles("htpreq")).toEqual(["HTTP request"]);
    expect(titles("web api")).toEqual(["HTTP request"]);
    expect(titles("sort xyz")).toEqual([]);
  });

  it("gives all when nothing is typed", () => {
    expect(titles(" ")).toHaveLength(4);
  });
});
