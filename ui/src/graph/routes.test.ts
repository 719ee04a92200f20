import { describe, expect, it } from "vitest";
import type { Rectangle } from "./geometry";
import { type Obstacle, type Route, routesOf, type Wanted } from "./routes";

const box = (x: number, y: number, width = 200, height = 64): Obstacle => ({ x, y, width, height });
const wanted = (id: string, from: readonly [number, number], to: readonly [number, number]): Wanted => ({
  id,
  source: `${id} begins`,
  target: `${id} ends`,
  from: { x: from[0], y: from[1] },
  to: { x: to[0], y: to[1] },
  above: 0,
  below: 0,
});

function crosses(route: Route, { x, y, width, height }: Rectangle): boolean {
  return route.slice(1).some((to, place) => {
    const from = route[place] ?? to;
    return (
      Math.max(from.x, to.x) > x &&
      Math.min(from.x, to.x) < x + width &&
      Math.max(from.y, to.y) > y &&
      Math.min(from.y, to.y) < y + height
    );
  });
}

describe("ways of connections", () => {
  it("has none where nothing is in the way", () => {
    const boxes = [box(0, 0), box(600, 0), box(300, 200)];
    expect(routesOf([wanted("a", [205, 32], [595, 32])], boxes).size).toBe(0);
  });

  it("leads around what is in the way, with right angles and forward at both ends", () => {
    const boxes = [box(0, 0), box(300, 0), box(300, 90), box(600, 0)];
    const route = routesOf([wanted("a", [205, 32], [595, 32])], boxes).get("a") ?? [];
    expect(route.length).toBeGreaterThan(3);
    expect(route[0]).toEqual({ x: 205, y: 32 });
    expect(route.at(-1)).toEqual({ x: 595, y: 32 });
    for (const one of boxes) expect(crosses(route, one)).toBe(false);
    route.slice(1).forEach((to, place) => {
      const from = route[place] ?? to;
      expect(from.x === to.x || from.y === to.y).toBe(true);
    });
    expect(route[1]?.x).toBeGreaterThan(205);
    expect(route.at(-2)?.x).toBeLessThan(595);
  });

  it("leads back around both ends", () => {
    const boxes = [box(0, 0), box(300, 0)];
    const route = routesOf([wanted("a", [505, 32], [-5, 32])], boxes).get("a") ?? [];
    for (const one of boxes) expect(crosses(route, one)).toBe(false);
  });

  it("goes through the body of a loop only from or to what is in it", () => {
    const body: Obstacle = { ...box(260, -100, 300, 300), except: new Set(["b ends"]) };
    const [around, into] = [wanted("a", [205, 32], [695, 32]), wanted("b", [205, 50], [295, 50])];
    const routes = routesOf([around, into], [box(0, 0), body, box(700, 0)]);
    expect(crosses(routes.get("a") ?? [], body)).toBe(false);
    expect(routes.has("b")).toBe(false);
  });

  it("lays ways side by side that would lie upon each other", () => {
    const wall = box(300, -200, 200, 400);
    const routes = routesOf(
      [wanted("a", [205, 32], [695, 32]), wanted("b", [205, 52], [695, 52])],
      [box(0, 0, 200, 84), wall, box(700, 0, 200, 84)],
    );
    const lowest = (id: string) => Math.max(...(routes.get(id) ?? []).map(({ y }) => y));
    expect(lowest("a")).not.toBe(lowest("b"));
    for (const route of routes.values()) expect(crosses(route, wall)).toBe(false);
  });

  it.each([1e6, 1e20])(
    "finds its way past a step that is %d away, and around the body of a loop as wide",
    (far) => {
      const body: Obstacle = { ...box(900, -100, far, far), except: new Set() };
      const routes = routesOf(
        [wanted("a", [505, 32], [-5, 32]), wanted("b", [far + 205, far], [-5, 50])],
        [box(0, 0), box(300, 0), box(far, far), body],
      );
      expect(crosses(routes.get("a") ?? [], box(300, 0))).toBe(false);
      expect(routes.has("a")).toBe(true);
    },
  );

  it("gives up where a step lies upon another", () => {
    const routes = routesOf([wanted("a", [205, 32], [395, 32])], [box(0, 0), box(190, 0), box(400, 0)]);
    expect(routes.size).toBe(0);
  });
});
