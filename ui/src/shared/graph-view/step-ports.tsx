/** The ports of a step: dots on its edges, with their names where there are several and what they carry in a tooltip. */
import { Handle, Position } from "@xyflow/react";
import { portOffset } from "@/graph/geometry";
import { ERROR } from "@/graph/ports";
import { shapeInWords } from "./describe";
import { useDrawingActions } from "./drawing";
import { type DrawnPort, handleId, type StepElement } from "./elements";
import styles from "./step.module.css";

export function StepPorts({ data }: { data: StepElement["data"] }) {
  const { node, inputs, outputs } = data;
  return (
    <>
      {inputs.map((name, place) => (
        <Input key={name} name={name} top={portOffset(place, inputs.length)} several={inputs.length > 1} />
      ))}
      {outputs.map((port, place) => (
        <Output
          key={port.name}
          nodeId={node.id}
          port={port}
          top={portOffset(place, outputs.length)}
          several={outputs.length > 1}
        />
      ))}
    </>
  );
}

interface InputProps {
  name: string;
  top: number;
  several: boolean;
}

function Input({ name, top, several }: InputProps) {
  return (
    <>
      <Handle
        type="target"
        position={Position.Left}
        id={handleId(name)}
        className={styles.port}
        style={{ top }}
      >
        <span
          className={styles.dot}
          data-hint={several ? `Input “${name}”` : "Input: what comes before this step"}
        />
      </Handle>
      {several && (
        <span className={styles.inputName} aria-hidden="true" style={{ top }}>
          {name}
        </span>
      )}
    </>
  );
}

interface OutputProps {
  nodeId: string;
  port: DrawnPort;
  top: number;
  several: boolean;
}

function Output({ nodeId, port, top, several }: OutputProps) {
  const actions = useDrawingActions();
  const isError = port.name === ERROR || port.lost === true;
  return (
    <>
      {several && (
        <span
          className={styles.outputName}
          aria-hidden="true"
          style={{ top }}
          data-error={isError || undefined}
        >
          {port.name}
        </span>
      )}
      <Handle
        type="source"
        position={Position.Right}
        id={handleId(port.name)}
        className={styles.port}
        style={{ top }}
        data-error={isError || undefined}
        onClick={(event) => {
          event.stopPropagation();
          actions?.addAfter(nodeId, port.name, { x: event.clientX + 24, y: event.clientY - 20 });
        }}
      >
        <span className={styles.dot} data-hint={portHint(port, actions !== null)} />
        {actions !== null && port.free && <span className={styles.more} />}
      </Handle>
    </>
  );
}

function portHint(port: DrawnPort, editable: boolean): string {
  const shape = shapeInWords(port.schema);
  const lines = [shape ? `${port.name}: gives ${shape}` : port.name, port.help];
  if (editable) lines.push("Drag to connect, click to add a step.");
  return lines.filter(Boolean).join("\n");
}
