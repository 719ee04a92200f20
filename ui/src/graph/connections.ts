/** What a connection is called, and its ports where it does not name them. */
import type { Connection } from "./workflow";

export const OUT = "out";
export const IN = "in";

export interface End {
  readonly node: string;
  readonly port: string;
}

export function sourceOf(connection: Connection): End {
  return { node: connection.from, port: connection.from_port ?? OUT };
}

export function targetOf(connection: Connection): End {
  return { node: connection.to, port: connection.to_port ?? IN };
}

/** The id of a connection: two have the same id when they lead from the same port to the same port. */
export function connectionId(connection: Connection): string {
  const from = sourceOf(connection);
  const to = targetOf(connection);
  return `${from.node}/${encodeURIComponent(from.port)}>${to.node}/${encodeURIComponent(to.port)}`;
}

export function makeConnection(from: End, to: End): Connection {
  return { from: from.node, from_port: from.port, to: to.node, to_port: to.port };
}
