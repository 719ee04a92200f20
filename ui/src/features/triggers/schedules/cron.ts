/** Cron expressions in words, and those that a simple form can make. What is valid is for the server to say. */

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const SHORTCUTS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** "At 09:00, Monday to Friday"; empty for what is not understood. */
export function cronInWords(text: string): string {
  const fields = (SHORTCUTS[text.trim().toLowerCase()] ?? text.trim().toLowerCase()).split(/\s+/);
  if (fields.length !== 5) return "";
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  const time = timeInWords(minute, hour);
  const when = [dayInWords(day, weekday), monthInWords(month)];
  if (time === null || when.includes(null)) return "";
  const words = [time, ...when].filter(Boolean).join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function timeInWords(minute: string, hour: string): string | null {
  const every = /^\*\/(\d+)$/.exec(minute)?.[1];
  const hours = listInWords(hour, (one) => one.padStart(2, "0"));
  if (hours === null || listInWords(minute, (one) => one) === null) return null;
  if (minute === "*" || every) {
    const often = minute === "*" ? "every minute" : `every ${every} minutes`;
    return hour === "*" ? often : `${often} in the ${plain(hour) ? "hour" : "hours"} ${hours}`;
  }
  if (hour === "*") return `every hour at minute ${listInWords(minute, (one) => one)}`;
  if (plain(minute) && /^[\d,]+$/.test(hour)) {
    const clock = (one: string) => `${one.padStart(2, "0")}:${minute.padStart(2, "0")}`;
    return `at ${listInWords(hour, clock)}`;
  }
  return `at minute ${listInWords(minute, (one) => one)} of the hours ${hours}`;
}

function dayInWords(day: string, weekday: string): string | null {
  const free = (field: string) => field === "*" || field === "?";
  const days = free(day) ? "" : dayOfMonth(day);
  const weekdays = free(weekday) ? "" : weekdayInWords(weekday);
  if (days === null || weekdays === null) return null;
  return days && weekdays ? `${days} or ${weekdays}` : days || weekdays;
}

function dayOfMonth(day: string): string | null {
  if (day === "l") return "on the last day of the month";
  const every = /^\*\/(\d+)$/.exec(day)?.[1];
  if (every) return `every ${every} days of the month`;
  const list = listInWords(day, (one) => one);
  return list === null ? null : `on ${plain(day) ? "day" : "days"} ${list} of the month`;
}

const NTH = ["", "first", "second", "third", "fourth", "fifth"];

function weekdayInWords(weekday: string): string | null {
  const nth = /^(\w+)#([1-5])$/.exec(weekday);
  const named = (one: string) => nameOf(one, DAYS, (number) => number % 7);
  if (nth) {
    const name = named(nth[1] ?? "");
    return name === null ? null : `on the ${NTH[Number(nth[2])]} ${name} of the month`;
  }
  const last = /^l(\w+)$/.exec(weekday)?.[1];
  if (last) {
    const name = named(last);
    return name === null ? null : `on the last ${name} of the month`;
  }
  return listInWords(weekday, named);
}

function monthInWords(month: string): string | null {
  if (month === "*") return "";
  const list = listInWords(month, (one) => nameOf(one, MONTHS, (number) => number - 1));
  return list === null ? null : `in ${list}`;
}

function nameOf(text: string, names: readonly string[], place: (number: number) => number): string | null {
  if (/^\d+$/.test(text)) return names[place(Number(text))] ?? null;
  return text.length >= 3 ? (names.find((name) => name.toLowerCase().startsWith(text)) ?? null) : null;
}

/** A list of values and ranges, perhaps with steps: "1, 3 and 5 to 7"; null for what is none. */
function listInWords(field: string, name: (one: string) => string | null): string | null {
  if (field === "*") return "";
  const parts = field.split(",").map((part) => rangeInWords(part, name));
  if (parts.includes(null)) return null;
  const last = parts.pop();
  return parts.length > 0 ? `${parts.join(", ")} and ${last}` : (last ?? null);
}

function rangeInWords(part: string, name: (one: string) => string | null): string | null {
  const found = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part);
  if (!found) return null;
  const [, from = "", to, step] = found;
  if (from === "*") return step ? `every ${step}` : "";
  const [first, last] = [name(from), to ? name(to) : ""];
  if (first === null || last === null) return null;
  const range = last ? `${first} to ${last}` : first;
  return step ? `every ${step} of ${range}` : range;
}

function plain(field: string): boolean {
  return /^\d+$/.test(field);
}

/** What the simple form can say; `time` is HH:MM, days of the week count from Sunday as 0. */
export type Simple =
  | { readonly every: "minutes"; readonly minutes: number }
  | { readonly every: "hour"; readonly minute: number }
  | { readonly every: "day"; readonly time: string }
  | { readonly every: "week"; readonly days: readonly number[]; readonly time: string }
  | { readonly every: "month"; readonly day: number; readonly time: string };

export function toCron(simple: Simple): string {
  switch (simple.every) {
    case "minutes":
      return simple.minutes === 1 ? "* * * * *" : `*/${simple.minutes} * * * *`;
    case "hour":
      return `${simple.minute} * * * *`;
    case "day":
      return `${clock(simple.time)} * * *`;
    case "week":
      return `${clock(simple.time)} * * ${[...simple.days].sort().join(",") || "*"}`;
    case "month":
      return `${clock(simple.time)} ${simple.day} * *`;
  }
}

/** The simple form of an expression; null for one that it cannot say. */
export function readSimple(cron: string): Simple | null {
  const fields = cron.trim().toLowerCase().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (fields.length !== 5 || month !== "*") return null;
  if (plain(minute) && plain(hour)) return readAtTime(minute, hour, day, weekday);
  if (hour !== "*" || day !== "*" || weekday !== "*") return null;
  if (plain(minute)) return { every: "hour", minute: Number(minute) };
  const every = minute === "*" ? "1" : /^\*\/(\d+)$/.exec(minute)?.[1];
  return every ? { every: "minutes", minutes: Number(every) } : null;
}

function readAtTime(minute: string, hour: string, day: string, weekday: string): Simple | null {
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day !== "*") return weekday === "*" && plain(day) ? { every: "month", day: Number(day), time } : null;
  if (weekday === "*") return { every: "day", time };
  const days = readDays(weekday);
  return days === null ? null : { every: "week", days, time };
}

function readDays(field: string): number[] | null {
  const days: number[] = [];
  for (const part of field.split(",")) {
    const [from = "", to] = part.split("-");
    const [first, last] = [dayNumber(from), dayNumber(to ?? from)];
    if (first === null || last === null || last < first) return null;
    for (let day = first; day <= last; day += 1) days.push(day % 7);
  }
  return [...new Set(days)].sort();
}

function dayNumber(text: string): number | null {
  if (/^[0-7]$/.test(text)) return Number(text);
  const place = DAYS.findIndex((name) => text.length >= 3 && name.toLowerCase().startsWith(text));
  return place < 0 ? null : place;
}

function clock(time: string): string {
  const [hour = "0", minute = "0"] = time.split(":");
  return `${Number(minute)} ${Number(hour)}`;
}

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** "Every 5 minutes". */
export function intervalInWords(seconds: number): string {
  const [size, unit] = UNITS.find(([one]) => seconds >= one && seconds % one === 0) ?? [1, "second"];
  const number = seconds / size;
  return number === 1 ? `Every ${unit}` : `Every ${number} ${unit}s`;
}
