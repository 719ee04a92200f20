/** The editor of one workflow, with what other features bring into it. */
import { useParams } from "@tanstack/react-router";
import { EditorPage } from "@/features/editor/pages/editor";

export function Editor() {
  const { workflowId } = useParams({ strict: false });
  return <EditorPage key={workflowId} workflowId={workflowId ?? ""} />;
}
