/** The one connection for live events of this page. It comes back by itself, and joins again where it was. */
import type { Socket } from "socket.io-client";
import { createStore } from "zustand";
import { useSession } from "../api/session";
import type { Joined } from "./events";

export type LinkState = "idle" | "connecting" | "connected" | "reconnecting";

/** One room, and who is told of it. `after` is asked at each join. */
export interface Room {
  readonly name: string;
  after(): number;
  joined(answer: Joined): void;
  heard(event: string, body: Readonly<Record<string, unknown>>): void;
}

export const link = createStore<{ state: LinkState }>(() => ({ state: "idle" }));

const LONGEST_ANSWER_MS = 15_000;
const LONGEST_HANDSHAKE_MS = 10_000;
/** What is in the way of WebSockets may let requests through; several processes take WebSockets alone. */
const WAYS = [
  ["websocket", "polling"],
  ["polling", "websocket"],
] as const;
const AGAIN_MS = 5_000;
/** What is not to be heard now may be in a while: somebody may be given back the right to it. */
const KNOCK_MS = 30_000;
/** After the last room is left, the connection is kept for as long, for whoever comes from one page to another. */
const LINGER_MS = 20_000;
const REFUSED_FOR_NOW = new Set(["RATE_LIMITED", "TOO_MANY_FAILURES", "DATABASE_UNAVAILABLE"]);

const rooms = new Map<string, Room>();
const knocking = new Map<string, ReturnType<typeof setTimeout>>();
let opening: Promise<Socket | null> | null = null;
/** The one that counts: what a connection before it hears or wants is nobody's business any more. */
let current: Socket | null = null;
let lingering: ReturnType<typeof setTimeout> | undefined;

/** Joins a room; call what is given back to leave it. */
export function enter(room: Room): () => void {
  clearTimeout(lingering);
  rooms.set(room.name, room);
  if (link.getState().state === "idle") link.setState({ state: "connecting" });
  void open().then((socket) => {
    if (socket?.connected && rooms.get(room.name) === room) join(socket, room);
  });
  return () => leave(room);
}

/** Says something to the server, if it can be reached just now. */
export function say(event: string, body: Readonly<Record<string, unknown>>): void {
  void opening?.then((socket) => {
    if (socket?.connected) socket.emit(event, body);
  });
}

function leave(room: Room): void {
  if (rooms.get(room.name) !== room) return;
  rooms.delete(room.name);
  void opening?.then((socket) => {
    if (socket?.connected && !rooms.has(room.name)) socket.emit("leave", { room: room.name });
  });
  if (rooms.size === 0) lingering = setTimeout(close, LINGER_MS);
}

function close(): void {
  if (rooms.size > 0) return;
  void opening?.then((socket) => socket?.close());
  opening = null;
  current = null;
  link.setState({ state: "idle" });
}

function open(): Promise<Socket | null> {
  opening ??= connect().catch(() => {
    // The library itself could not be loaded: the network is gone.
    opening = null;
    setTimeout(() => rooms.size > 0 && open(), AGAIN_MS);
    return null;
  });
  return opening;
}

async function connect(): Promise<Socket | null> {
  const { io } = await import("socket.io-client");
  // Whoever wanted it may have left meanwhile.
  if (rooms.size === 0) {
    opening = null;
    return null;
  }
  const socket = io({
    path: "/api/socket",
    transports: [...WAYS[0]],
    tryAllTransports: true,
    // A proxy that cuts a WebSocket as it opens says nothing more.
    timeout: LONGEST_HANDSHAKE_MS,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
  });
  current = socket;
  listen(socket);
  return socket;
}

function listen(socket: Socket): void {
  let failures = 0;
  socket.on("connect", () => {
    link.setState({ state: "connected" });
    for (const room of rooms.values()) join(socket, room);
  });
  socket.on("disconnect", (reason) => {
    if (socket !== current) return;
    link.setState({ state: "reconnecting" });
    // The server ended it: it says why before, in `ending`, and does not expect to be asked at once.
    if (reason === "io server disconnect") setTimeout(() => again(socket), 500);
  });
  socket.on("connect_error", (error: Error & { data?: { error_code?: string } }) => {
    link.setState({ state: "reconnecting" });
    // Each try begins in another way than the one before, until one of them leads through.
    failures += 1;
    socket.io.opts.transports = [...(WAYS[failures % WAYS.length] ?? WAYS[0])];
    if (socket.active) return;
    const code = error.data?.error_code ?? "";
    if (REFUSED_FOR_NOW.has(code)) setTimeout(() => again(socket), AGAIN_MS);
    else
      void useSession
        .getState()
        .renewed()
        .then(() => again(socket));
  });
  socket.onAny((event: string, body: Readonly<Record<string, unknown>>) => {
    for (const room of rooms.values()) room.heard(event, body);
    if (event !== "left") return;
    const { execution_id, workflow_id } = body;
    knockAt(socket, execution_id === undefined ? `workflow:${workflow_id}` : `execution:${execution_id}`);
  });
}

function again(socket: Socket): void {
  if (socket === current && !socket.connected) socket.connect();
}

globalThis.addEventListener?.("online", () => current && again(current));

function join(socket: Socket, room: Room): void {
  socket
    .timeout(LONGEST_ANSWER_MS)
    .emitWithAck("join", { room: room.name, after_sequence: room.after() })
    .then((answer: Joined) => {
      if (rooms.get(room.name) === room) answered(socket, room, answer);
    })
    // Without an answer the connection is broken; it is joined again with the next one.
    .catch(() => {});
}

function answered(socket: Socket, room: Room, answer: Joined): void {
  const isForNow = REFUSED_FOR_NOW.has(answer.error?.error_code ?? "");
  if (answer.ok || !isForNow) room.joined(answer);
  if (!answer.ok) knockAt(socket, room.name, isForNow ? AGAIN_MS : KNOCK_MS);
}

/** Asks again after a while to be let into a room, for as long as anybody here wants to be there. */
function knockAt(socket: Socket, name: string, pause = KNOCK_MS): void {
  clearTimeout(knocking.get(name));
  const knock = () => {
    knocking.delete(name);
    const room = rooms.get(name);
    if (socket.connected && room !== undefined) join(socket, room);
  };
  knocking.set(name, setTimeout(knock, pause));
}
