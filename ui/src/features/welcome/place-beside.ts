/** Where a card stands that speaks of something on the page: beside it where there is room, else above or below. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const GAP = 14;
const MARGIN = 12;

export function placeBeside(target: Box, card: Size, screen: Size): { left: number; top: number } {
  const right = target.left + target.width + GAP;
  const middle = target.top + target.height / 2 - card.height / 2;
  if (right + card.width + MARGIN <= screen.width && target.width < screen.width / 2) {
    return { left: right, top: within(middle, card.height, screen.height) };
  }
  const below = target.top + target.height + GAP;
  const fits = below + card.height + MARGIN <= screen.height;
  return {
    left: within(target.left + target.width / 2 - card.width / 2, card.width, screen.width),
    top: fits ? below : within(target.top - GAP - card.height, card.height, screen.height),
  };
}

function within(start: number, length: number, screen: number): number {
  return Math.max(MARGIN, Math.min(start, screen - length - MARGIN));
}
