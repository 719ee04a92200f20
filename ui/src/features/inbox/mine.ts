/** Whom things wait for. People are asked by id, name, role or community. */

/** Whether one of these names has not decided yet. */
export function asksMe(approval: { undecided: readonly string[] }, names: ReadonlySet<string>): boolean {
  return approval.undecided.some((name) => names.has(name));
}

/** Whether a task is somebody's with these names. */
export function isMine(task: { assignee: string }, names: ReadonlySet<string>): boolean {
  return names.has(task.assignee);
}

/** Those for these names first, each part in the order that it had. */
export function mineFirst<Thing>(
  things: readonly Thing[],
  mine: (thing: Thing) => boolean,
): { mine: Thing[]; others: Thing[] } {
  return { mine: things.filter(mine), others: things.filter((thing) => !mine(thing)) };
}
