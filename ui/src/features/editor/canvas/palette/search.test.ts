import { describe, expect, it } from "vitest";
import type { NodeType } from "@/graph/node-type";
import { searchSteps } from "./search";

const type = (name: string, title: string, help = "") =>
  ({
    type: name,
    title,
    help,
    category: name.split(".")[0],
    role: name.split(".")[0],
  }) as unknown as NodeType;
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

  it("gives a loop before what belongs into one", () => {
    const types = [
      { ...type("loop.break", "Break"), role: "break" },
      { ...type("loop.foreach", "For each"), role: "loop" },
    ];
    expect(searchSteps(types, "loop").map((one) => one.title)).toEqual(["For each", "Break"]);
  });

  it("prefers what starts a workflow while nothing does", () => {
    const types = [
      type("action.subworkflow", "Sub-workflow"),
      type("trigger.workflow", "Called by a workflow", "Begins when an HTTP request comes."),
      type("action.http_request", "HTTP request"),
    ];
    expect(searchSteps(types, "workflow")[0]?.role).toBe("action");
    expect(searchSteps(types, "workflow", true)[0]?.role).toBe("trigger");
    expect(searchSteps(types, "http", true)[0]?.title).toBe("HTTP request");
  });

  it("gives all when nothing is typed", () => {
    expect(titles(" ")).toHaveLength(4);
  });
});
