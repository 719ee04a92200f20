/**
 * The ways of connections around what lies between their ends: right angles along the edges of steps, as short and with
 * as few corners as can be. A connection that nothing is in the way of has none: it is drawn as a curve.
 */
import type { Rectangle } from "./geometry";
import { type Line, shortest } from "./shortest-way";
import type { Position } from "./workflow";

export interface Obstacle extends Rectangle {
  /** Nodes for whose connections it is none: what is in it, and the loop that it is the body of. */
  readonly except?: ReadonlySet<string>;
}

export interface Wanted {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly from: Position;
  readonly to: Position;
  /** Ports that lie before this one, seen from above and from below: their connections turn later. */
  readonly above: number;
  readonly below: number;
}

export type Route = readonly Position[];
export type Routes = ReadonlyMap<string, Route>;

/** How far a connection goes straight on before it turns. */
const STUB = 16;
const LANE = 8;
/** Lines along obstacles, and what is the least from them. */
const BESIDE = 16;
const CLEAR = 7;
/** How far around its ends a way is looked for. */
const AROUND = 240;
const SAMPLES = 20;

export function routesOf(wanted: readonly Wanted[], obstacles: readonly Obstacle[]): Routes {
  const index = new Index(obstacles);
  const found = new Map<string, Position[]>();
  for (const one of wanted) {
    const way =
      isBackward(one) || isHidden(one, index) ? (routeOf(one, index) ?? routeOf(one, index, false)) : null;
    if (way !== null) found.set(one.id, way);
  }
  spread(found, wanted);
  return found;
}

function isBackward({ from, to }: Wanted): boolean {
  return to.x < from.x + STUB;
}

/** Whether the curve would pass behind something. */
function isHidden({ source, target, from, to }: Wanted, index: Index): boolean {
  const reach = Math.max((to.x - from.x) / 2, 0);
  for (let sample = 1; sample < SAMPLES; sample += 1) {
    const at = sample / SAMPLES;
    const rest = 1 - at;
    const [first, second, third, last] = [rest ** 3, 3 * rest * rest * at, 3 * rest * at * at, at ** 3];
    const x = first * from.x + second * (from.x + reach) + third * (to.x - reach) + last * to.x;
    const y = (first + second) * from.y + (third + last) * to.y;
    for (const box of index.at(x, y)) if (!isOwn(box, source, target) && holds(box, x, y, 2)) return true;
  }
  return false;
}

function isOwn(box: Obstacle, source: string, target: string): boolean {
  return box.except !== undefined && (box.except.has(source) || box.except.has(target));
}

function holds(box: Rectangle, x: number, y: number, by: number): boolean {
  return x > box.x - by && x < box.x + box.width + by && y > box.y - by && y < box.y + box.height + by;
}

/** Through the bodies of loops where there is no way around them. */
function routeOf(one: Wanted, index: Index, aroundBodies = true): Position[] | null {
  const { from, to, source, target } = one;
  const lane = to.y > from.y ? one.below : one.above;
  const begin = { x: from.x + STUB + lane * LANE, y: from.y };
  const end = { x: to.x - STUB, y: to.y };
  const near = index
    .within(boxAround(begin, end, AROUND))
    .filter((box) => box.except === undefined || (aroundBodies && !isOwn(box, source, target)));
  const lines = { x: [begin.x, end.x], y: [begin.y, end.y] };
  for (const box of near) {
    lines.x.push(box.x - BESIDE, box.x + box.width + BESIDE);
    lines.y.push(box.y - BESIDE, box.y + box.height + BESIDE);
  }
  const isFree = (line: Line) => near.every((box) => !crosses(line, box));
  const way = shortest(begin, end, lines, isFree);
  return way && straightened([from, ...way, to]);
}

function boxAround(one: Position, other: Position, by: number): Rectangle {
  return {
    x: Math.min(one.x, other.x) - by,
    y: Math.min(one.y, other.y) - by,
    width: Math.abs(one.x - other.x) + 2 * by,
    height: Math.abs(one.y - other.y) + 2 * by,
  };
}

function crosses({ from, to }: Line, box: Rectangle): boolean {
  return (
    Math.max(from.x, to.x) > box.x - CLEAR &&
    Math.min(from.x, to.x) < box.x + box.width + CLEAR &&
    Math.max(from.y, to.y) > box.y - CLEAR &&
    Math.min(from.y, to.y) < box.y + box.height + CLEAR
  );
}

/** Corners alone. */
function straightened(points: readonly Position[]): Position[] {
  return points.filter((point, place) => {
    const [before, after] = [points[place - 1], points[place + 1]];
    if (before === undefined || after === undefined) return true;
    const sameX = before.x === point.x && point.x === after.x;
    const sameY = before.y === point.y && point.y === after.y;
    return !sameX && !sameY;
  });
}

interface Piece {
  readonly route: Position[];
  readonly place: number;
  readonly one: Wanted;
  readonly at: number;
  readonly begin: number;
  readonly end: number;
}

/** Ways that would lie upon each other lie side by side. Those from or to the same port stay together. */
function spread(routes: ReadonlyMap<string, Position[]>, wanted: readonly Wanted[]): void {
  for (const across of ["x", "y"] as const) {
    const byLine = new Map<number, Piece[]>();
    for (const one of wanted) {
      for (const piece of piecesOf(one, routes.get(one.id) ?? [], across)) {
        const others = byLine.get(piece.at);
        if (others) others.push(piece);
        else byLine.set(piece.at, [piece]);
      }
    }
    for (const pieces of byLine.values()) if (pieces.length > 1) sideBySide(pieces, across);
  }
}

/** Those on lines across, without the first and the last, which are at ports. */
function piecesOf(one: Wanted, route: Position[], across: "x" | "y"): Piece[] {
  const along = across === "x" ? "y" : "x";
  return route.slice(1, -2).flatMap((from, index) => {
    const to = route[index + 2];
    if (to === undefined || from[across] !== to[across]) return [];
    const [begin, end] = [Math.min(from[along], to[along]), Math.max(from[along], to[along])];
    return [{ route, place: index + 1, one, at: from[across], begin, end }];
  });
}

const APART = 6;

function sideBySide(pieces: readonly Piece[], across: "x" | "y"): void {
  const lanes: Piece[][] = [];
  for (const piece of pieces.toSorted((one, other) => one.begin - other.begin)) {
    const lane = lanes.find((taken) => taken.every((other) => canShare(piece, other)));
    if (lane) lane.push(piece);
    else lanes.push([piece]);
  }
  lanes.forEach((lane, number) => {
    const by = Math.max(-2, Math.min(2, number - (lanes.length - 1) / 2)) * APART;
    for (const { route, place } of lane) {
      for (const at of [place, place + 1]) {
        const point = route[at];
        if (point) route[at] = { ...point, [across]: point[across] + by };
      }
    }
  });
}

function canShare(one: Piece, other: Piece): boolean {
  if (one.end < other.begin || other.end < one.begin) return true;
  const [first, second] = [one.one, other.one];
  return isAt(first.from, second.from) || isAt(first.to, second.to);
}

function isAt(one: Position, other: Position): boolean {
  return one.x === other.x && one.y === other.y;
}

const CELL = 256;
/** What lies in more cells than this, as where a step is very far from the others, is compared with all instead. */
const MOST_CELLS = 4_096;
/** Where cells can still be counted. */
const FARTHEST = 1e9;

/** Which obstacles are near a place. */
class Index {
  private readonly cells = new Map<string, Obstacle[]>();
  private readonly wide: Obstacle[] = [];

  constructor(private readonly obstacles: readonly Obstacle[]) {
    for (const box of obstacles) {
      if (isWide(box)) {
        this.wide.push(box);
        continue;
      }
      for (const key of cellsOf(box)) {
        const cell = this.cells.get(key);
        if (cell) cell.push(box);
        else this.cells.set(key, [box]);
      }
    }
  }

  at(x: number, y: number): readonly Obstacle[] {
    const near = this.cells.get(`${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`) ?? NONE;
    return this.wide.length === 0 ? near : [...near, ...this.wide];
  }

  within(box: Rectangle): Obstacle[] {
    if (isWide(box)) return this.obstacles.filter((one) => overlaps(one, box));
    const found = new Set<Obstacle>(this.wide.filter((one) => overlaps(one, box)));
    for (const key of cellsOf(box)) for (const one of this.cells.get(key) ?? NONE) found.add(one);
    return [...found];
  }
}

function isWide({ x, y, width, height }: Rectangle): boolean {
  if (Math.max(Math.abs(x), Math.abs(y)) > FARTHEST) return true;
  return (width / CELL + 2) * (height / CELL + 2) > MOST_CELLS;
}

function overlaps(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

const NONE: readonly Obstacle[] = [];

function* cellsOf({ x, y, width, height }: Rectangle): Generator<string> {
  for (let column = Math.floor((x - CLEAR) / CELL); column <= (x + width + CLEAR) / CELL; column += 1)
    for (let row = Math.floor((y - CLEAR) / CELL); row <= (y + height + CLEAR) / CELL; row += 1)
      yield `${column} ${row}`;
}
