// Run in each machine before the code: gives it a console and timers, and takes in and gives out JSON. What the code may
// replace later (JSON.stringify, Promise.prototype.then) is taken in hand here first.
(function (write) {
  "use strict";
  const { parse, stringify } = JSON;
  const { now } = Date;
  const call = Function.prototype.call;
  const uncurry = call.bind.bind(call);
  const slice = uncurry(String.prototype.slice);
  const join = uncurry(Array.prototype.join);
  const then = uncurry(Promise.prototype.then);
  const globalEval = eval;
  const WRAPPED = "(async function () {".length;
  const LONGEST_LINE = 10000;
  const LONGEST_STACK = 8000;
  let linesLeft = 0;
  let mostBytes = 0;
  let settled = "";
  let shift = 0;

  function show(value) {
    if (typeof value === "string") return value;
    if (typeof value === "bigint") return `${value}n`;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    try {
      return stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  }

  function log(...values) {
    if (linesLeft <= 0) return;
    const shown = [];
    for (let place = 0; place < values.length; place++) shown[place] = show(values[place]);
    const text = join(shown, " ");
    let from = 0;
    while (linesLeft > 0) {
      const end = text.indexOf("\n", from);
      linesLeft--;
      write(slice(text, from, end < 0 ? text.length : end).slice(0, LONGEST_LINE));
      if (end < 0) break;
      from = end + 1;
    }
  }

  // Every machine is the copy of one, so what is to differ comes from outside: sfc32, seeded anew for each run.
  let state = [1, 2, 3, 4];

  function next() {
    let [a, b, c, d] = state;
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    state = [a, b, c, d];
    return sum >>> 0;
  }

  Math.random = () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;

  globalThis.console = { log, info: log, warn: log, error: log, debug: log, trace: log };

  // Timers: by the time at which they are due, then in the order in which they were set.
  let timers = [];
  let lastTimer = 0;

  function setTimer(run, delay, repeat, rest) {
    if (typeof run !== "function") throw new TypeError("A timer needs a function.");
    const wait = Math.max(0, Number(delay) || 0);
    timers.push({ id: ++lastTimer, due: now() + wait, repeat: repeat ? Math.max(1, wait) : 0, run, rest });
    return lastTimer;
  }

  globalThis.setTimeout = (run, delay, ...rest) => setTimer(run, delay, false, rest);
  globalThis.setInterval = (run, delay, ...rest) => setTimer(run, delay, true, rest);
  globalThis.setImmediate = (run, ...rest) => setTimer(run, 0, false, rest);
  globalThis.clearTimeout = globalThis.clearInterval = globalThis.clearImmediate = (id) => {
    timers = timers.filter((timer) => timer.id !== id);
  };

  function describe(error) {
    if (!(error instanceof Error)) return { kind: "Error", type: typeof error, message: slice(show(error), 0, 2000) };
    const described = { kind: "Error", type: String(error.name), message: slice(String(error.message), 0, 2000) };
    const stack = typeof error.stack === "string" ? error.stack : "";
    const lines = stack.split("\n").filter((line) => line.includes("code.js")).map(unwrap);
    const place = /code\.js:(\d+)(?::(\d+))?/.exec(lines[0] ?? "");
    if (place) described.line = Number(place[1]);
    if (place?.[2]) described.column = Number(place[2]);
    described.stack = slice(join([`${described.type}: ${described.message}`, ...lines], "\n"), 0, LONGEST_STACK);
    if (error instanceof InternalError && error.message === "out of memory") described.kind = "MemoryError";
    if (error instanceof RangeError && error.message === "Maximum call stack size exceeded")
      described.kind = "RecursionError";
    if (error instanceof InternalError && error.message === "stack overflow") described.kind = "RecursionError";
    return described;
  }

  // The place in the code as it was written, without what was put before its first line.
  function unwrap(line) {
    return line.replace(/code\.js:1:(\d+)/, (_, column) => `code.js:1:${Math.max(1, column - shift)}`);
  }

  // Whether there is no memory left even for a small thing.
  function isShort() {
    try {
      return new ArrayBuffer(65536).byteLength === 0;
    } catch {
      return true;
    }
  }

  function fail(error) {
    try {
      settled = `e${stringify(describe(error))}`;
    } catch {
      settled = isShort()
        ? 'e{"kind":"MemoryError"}'
        : 'e{"kind":"Error","type":"unknown","message":"(the error cannot be read)"}';
    }
  }

  // What came before anything ran is said without a stack: there is none.
  function readAsSyntax(error) {
    const described = parse(slice(settled, 1));
    if (error instanceof SyntaxError) described.kind = "SyntaxError";
    delete described.stack;
    settled = `e${stringify(described)}`;
  }

  function bytesOf(text) {
    let bytes = text.length;
    for (let place = 0; place < text.length; place++) {
      const unit = text.charCodeAt(place);
      if (unit > 0x7ff) bytes += unit >= 0xd800 && unit < 0xe000 ? 1 : 2;
      else if (unit > 0x7f) bytes++;
    }
    return bytes;
  }

  function succeed(value) {
    let text;
    try {
      text = stringify(value === undefined ? null : value);
      if (text === undefined) throw new TypeError(`a ${typeof value} is no type of JSON`);
    } catch (error) {
      if (error instanceof InternalError || error instanceof RangeError) return fail(error);
      settled = `e${stringify({ kind: "NotJson", message: error instanceof Error ? error.message : "toJSON threw" })}`;
      return;
    }
    const size = text.length > mostBytes ? text.length : bytesOf(text);
    settled = size > mostBytes ? `e${stringify({ kind: "TooLarge", message: String(size) })}` : `v${text}`;
  }

  return {
    // Before the code: the names that it sees.
    begin(limits, data, seed) {
      state = seed.split(" ").map(Number);
      const limit = parse(limits);
      linesLeft = limit.log_lines;
      mostBytes = limit.output_bytes;
      const names = parse(data);
      for (const name of Object.keys(names))
        Object.defineProperty(globalThis, name, { value: names[name], writable: true, configurable: true });
    },
    // After it: what came of it may still have to be waited for.
    end(how, result) {
      try {
        if (how === "call") {
          shift = WRAPPED;
          result = result();
        }
        if (how === "module") result = then(result, (space) => callMain(space.main ?? space.default, space.default));
        if (how === "script") result = then(result, (last) => callMain(findMain(), last?.value));
        then(Promise.resolve(result), succeed, fail);
      } catch (error) {
        fail(error);
      }
    },
    fail(error, how) {
      if (how === "call") shift = WRAPPED;
      fail(error);
      if (how) readAsSyntax(error);
    },
    refuseModule(name) {
      throw new TypeError(`There is no module '${name}': code cannot import anything.`);
    },
    // What it came to, or nothing yet.
    settled: () => settled,
    // Milliseconds to the next timer, or -1.
    nextTimer() {
      let first = -1;
      for (const timer of timers) if (first < 0 || timer.due < first) first = timer.due;
      return first < 0 ? -1 : Math.max(0, first - now());
    },
    runTimers() {
      const time = now();
      const due = timers.filter((timer) => timer.due <= time).sort((a, b) => a.due - b.due || a.id - b.id);
      for (const timer of due) {
        if (!timers.includes(timer)) continue;
        if (timer.repeat) timer.due = now() + timer.repeat;
        else timers = timers.filter((one) => one !== timer);
        try {
          timer.run(...timer.rest);
        } catch (error) {
          if (!settled) fail(error);
        }
        return;
      }
    },
  };

  function findMain() {
    return globalEval("typeof main === 'function' ? main : undefined");
  }

  function callMain(main, otherwise) {
    return typeof main === "function" ? main(globalThis.input) : otherwise;
  }
});
