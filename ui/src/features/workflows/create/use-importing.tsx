/** Importing files: each becomes a draft; what it lacks here is told. */
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { type Imported, useImport } from "../api";
import type { WorkflowLinks } from "../links";
import { readUpload } from "./read-upload";

export interface Importing {
  take(files: readonly File[]): void;
  busy: boolean;
  /** The last that came with problems, until it is dismissed. */
  lacking: Imported | null;
  dismiss(): void;
}

export function useImporting(folder: string, links: WorkflowLinks): Importing {
  const { history } = useRouter();
  const importing = useImport();
  const [lacking, setLacking] = useState<Imported | null>(null);

  async function one(file: File, alone: boolean): Promise<void> {
    try {
      const imported = await importing.mutateAsync({ file: await readUpload(file), folder });
      if (imported.problems.length > 0) setLacking(imported);
      else if (alone) history.push(links.workflow(imported.workflow_id));
      if (imported.problems.length === 0) notifyDone(`“${imported.name}” is imported as a draft.`);
    } catch (error) {
      notifyError(`import “${file.name}”`, error);
    }
  }

  async function all(files: readonly File[]): Promise<void> {
    for (const file of files) await one(file, files.length === 1);
  }
  return {
    take: (files) => void all(files),
    busy: importing.isPending,
    lacking,
    dismiss: () => setLacking(null),
  };
}
