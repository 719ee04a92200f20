/** A workflow as a file. */
import type { Workflow } from "@/graph/workflow";

export function downloadDefinition(workflow: Workflow): void {
  const text = JSON.stringify(workflow, null, 2);
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${fileName(workflow.name)}.json`;
  link.click();
  URL.revokeObjectURL(address);
}

function fileName(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, "-").replaceAll(/^[-.]+|-+$/g, "") || "workflow";
}
