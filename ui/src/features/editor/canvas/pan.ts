/** How far a view is moved so that a part of it can be seen, and no further. Pure. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is added to what is seen: nothing where the part is seen with some room around it; its middle where it is too large. */
export function shiftInto(part: Span, frame: Span, room: number): number {
  const most = Math.max(0, Math.min(room, (frame.to - frame.from - (part.to - part.from)) / 2));
  if (part.to - part.from > frame.to - frame.from) return (frame.from + frame.to - part.from - part.to) / 2;
  if (part.from < frame.from + most) return frame.from + most - part.from;
  if (part.to > frame.to - most) return frame.to - most - part.to;
  return 0;
}
