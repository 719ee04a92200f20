/** The ports of a step: dots on its edges, with their names where there are several and what they carry in a tooltip. */
import { Tooltip } from "@mantine/core";
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
        <Tooltip label={several ? `Input “${name}”` : "Input: what comes before this step"} position="left">
          <span className={styles.dot} />
        </Tooltip>
      </Handle>
      {several && (
        <span className={styles.inputName} style={{ top }}>
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
        <span className={styles.outputName} style={{ top }} data-error={isError || undefined}>
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
        <Tooltip
          label={<PortHelp port={port} editable={actions !== null} />}
          multiline
          maw={300}
          position="right"
        >
          <span className={styles.dot} />
        </Tooltip>
      </Handle>
    </>
  );
}

function PortHelp({ port, editable }: { port: DrawnPort; editable: boolean }) {
  const shape = shapeInWords(port.schema);
  return (
    <>
      <div>
        <b>{port.name}</b>
        {shape && <> gives {shape}</>}
      </div>
      {port.help && <div>{port.help}</div>}
      {editable && <div className={styles.hint}>Drag to connect, click to add a step</div>}
    </>
  );
}
