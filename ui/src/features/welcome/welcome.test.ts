// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { placeBeside } from "./place-beside";
import { hadTour, useTour } from "./tour-store";

const CARD = { width: 320, height: 180 };
const SCREEN = { width: 1440, height: 900 };

beforeEach(() => localStorage.clear());

test("a card stands beside a place of the bar, and stays on the screen", () => {
  const place = { left: 10, top: 100, width: 196, height: 40 };
  expect(placeBeside(place, CARD, SCREEN)).toEqual({ left: 220, top: 30 });
  expect(placeBeside({ ...place, top: 870 }, CARD, SCREEN)).toEqual({ left: 220, top: 708 });
});

test("on a phone it stands above the bar", () => {
  const phone = { width: 390, height: 800 };
  expect(placeBeside({ left: 100, top: 740, width: 48, height: 48 }, CARD, phone)).toEqual({
    left: 12,
    top: 546,
  });
});

test("whoever had the tour, or left it, is known again, and nobody else", () => {
  useTour.getState().start();
  expect(useTour.getState().step).toBe(0);
  useTour.getState().go(3);
  useTour.getState().end(7);
  expect([useTour.getState().step, hadTour(7), hadTour(8)]).toEqual([null, true, false]);
  localStorage.setItem("wingbeat-tour", "nonsense");
  expect(hadTour(7)).toBe(false);
});
