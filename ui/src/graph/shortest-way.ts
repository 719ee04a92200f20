/** The shortest way with right angles between two places, on given lines: by length, and by corners. */
import type { Position } from "./workflow";

export interface Line {
  readonly from: Position;
  readonly to: Position;
}

/** A corner is as bad as so much length. */
const CORNER = 48;
/** With more crossings of lines than this, looking takes too long. */
const MOST = 12_000;
const STEPS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;
const [EAST, SOUTH, WEST, NORTH] = [0, 1, 2, 3] as const;

interface State {
  readonly column: number;
  readonly row: number;
  readonly heading: number;
  readonly cost: number;
  readonly before: State | null;
}

/** Begins and ends eastward; null where there is no way. `isFree` says of a piece of a line whether it can be gone along. */
export function shortest(
  begin: Position,
  end: Position,
  lines: { readonly x: readonly number[]; readonly y: readonly number[] },
  isFree: (line: Line) => boolean,
): Position[] | null {
  const [xs, ys] = [sorted(lines.x), sorted(lines.y)];
  return xs.length * ys.length > MOST ? null : new Search(xs, ys, end, isFree).from(begin);
}

/** A* over the crossings of lines, each with the direction in which one comes to it. */
class Search {
  private readonly best = new Map<number, number>();
  private readonly open = new Heap();

  constructor(
    private readonly xs: readonly number[],
    private readonly ys: readonly number[],
    private readonly end: Position,
    private readonly isFree: (line: Line) => boolean,
  ) {}

  from(begin: Position): Position[] | null {
    const [column, row] = [this.xs.indexOf(begin.x), this.ys.indexOf(begin.y)];
    this.visit({ column, row, heading: EAST, cost: 0, before: null });
    for (let state = this.open.pop(); state !== null; state = this.open.pop()) {
      const { x, y } = this.at(state.column, state.row);
      if (x === this.end.x && y === this.end.y && state.heading !== WEST) return this.wayTo(state);
      for (const heading of [EAST, SOUTH, WEST, NORTH]) this.go(state, heading);
    }
    return null;
  }

  private go(state: State, heading: number): void {
    if ((heading + 2) % 4 === state.heading) return;
    const [right, down] = STEPS[heading] ?? [0, 0];
    const [column, row] = [state.column + right, state.row + down];
    if (!(column in this.xs) || !(row in this.ys)) return;
    const line = { from: this.at(state.column, state.row), to: this.at(column, row) };
    if (!this.isFree(line)) return;
    const corner = heading === state.heading ? 0 : CORNER;
    this.visit({ column, row, heading, cost: state.cost + distance(line) + corner, before: state });
  }

  private visit(state: State): void {
    const key = (state.row * this.xs.length + state.column) * 4 + state.heading;
    if ((this.best.get(key) ?? Number.POSITIVE_INFINITY) <= state.cost) return;
    this.best.set(key, state.cost);
    const left = distance({ from: this.at(state.column, state.row), to: this.end });
    this.open.push(state, state.cost + left);
  }

  private at(column: number, row: number): Position {
    return { x: this.xs[column] ?? 0, y: this.ys[row] ?? 0 };
  }

  private wayTo(last: State): Position[] {
    const way: Position[] = [];
    for (let state: State | null = last; state !== null; state = state.before)
      way.push(this.at(state.column, state.row));
    return way.reverse();
  }
}

function distance({ from, to }: Line): number {
  return Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
}

function sorted(values: readonly number[]): number[] {
  return [...new Set(values)].sort((one, other) => one - other);
}

/** What costs least comes first. */
class Heap {
  private readonly states: State[] = [];
  private readonly costs: number[] = [];

  push(state: State, cost: number): void {
    let place = this.states.length;
    for (
      let above = (place - 1) >> 1;
      place > 0 && (this.costs[above] ?? 0) > cost;
      above = (place - 1) >> 1
    ) {
      this.put(place, above);
      place = above;
    }
    this.states[place] = state;
    this.costs[place] = cost;
  }

  pop(): State | null {
    const first = this.states[0];
    const [last, cost] = [this.states.pop(), this.costs.pop()];
    if (first === undefined || last === undefined || cost === undefined) return null;
    if (this.states.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below + 1 < this.states.length && (this.costs[below + 1] ?? 0) < (this.costs[below] ?? 0))
        below += 1;
      if (below >= this.states.length || (this.costs[below] ?? 0) >= cost) break;
      this.put(place, below);
      place = below;
    }
    this.states[place] = last;
    this.costs[place] = cost;
    return first;
  }

  private put(place: number, from: number): void {
    this.states[place] = this.states[from] as State;
    this.costs[place] = this.costs[from] as number;
  }
}
