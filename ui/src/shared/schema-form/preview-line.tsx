/** What an expression gives with the data that is known, or why it gives nothing. */
import { Badge, Button, Text } from "@mantine/core";
import { IconAlertCircle, IconEqual } from "@tabler/icons-react";
import type { Json } from "@/graph/workflow";
import { kindOf, type Preview } from "../code/expression/scope";
import classes from "./form.module.css";
import { Prose } from "./prose";

interface Props {
  preview: Preview | null;
  stale: boolean;
  text: string;
  onFix: (text: string) => void;
}

export function PreviewLine({ preview, stale, text, onFix }: Props) {
  return (
    <div aria-live="polite" className={classes.preview} data-stale={stale || undefined}>
      {preview?.ok && <PreviewValue value={preview.value} note={preview.note} />}
      {preview && !preview.ok && <PreviewFault fault={preview} text={text} onFix={onFix} />}
    </div>
  );
}

const SHOWN = 600;

function PreviewValue({ value, note }: { value: Json; note: string | undefined }) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <div className={classes.result}>
      <IconEqual size={14} aria-label="gives" className={classes.resultIcon} />
      <span className={classes.resultText}>
        {text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text || "(empty text)"}
        {note && <Text span size="xs" c="dimmed">{` ${note}`}</Text>}
      </span>
      <Badge size="xs" variant="default" tt="none" fw={500} className={classes.kind}>
        {kindOf(value)}
      </Badge>
    </div>
  );
}

interface FaultProps {
  fault: Extract<Preview, { ok: false }>;
  text: string;
  onFix: (text: string) => void;
}

function PreviewFault({ fault, text, onFix }: FaultProps) {
  const { closest, position } = fault;
  const fix = closest !== null && position !== null ? replaceWord(text, position, closest) : null;
  return (
    <div className={classes.result} data-fault>
      <IconAlertCircle size={14} aria-hidden="true" className={classes.resultIcon} />
      <span className={classes.resultText}>
        <Prose text={`${fault.message} ${fault.remedy}`.trim()} />
      </span>
      {fix !== null && (
        <Button size="compact-xs" variant="light" color="red" onClick={() => onFix(fix)}>
          Use {closest}
        </Button>
      )}
    </div>
  );
}

/** The text with another word at a position. */
export function replaceWord(text: string, position: number, word: string): string {
  const length = /^[\p{L}\p{N}_]+/u.exec(text.slice(position))?.[0].length ?? 0;
  return text.slice(0, position) + word + text.slice(position + length);
}
