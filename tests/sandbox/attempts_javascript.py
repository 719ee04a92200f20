"""Programs in JavaScript that try to get out. `input` names a file, a folder and a port that they must not reach.

Each is a published way out of some sandbox, or a variation of one. What they give does not matter as long as it holds
nothing of the outside; most end in an exception.
"""

# ruff: noqa: E501, RUF001 - the attempts read best as dense tables, and look-alike letters are the point of some

from __future__ import annotations

import itertools

PUBLISHED = {
    "CVE-2025-68613 process through this": "this.process.mainModule.require('child_process').execSync('id').toString()",
    "CVE-2025-68613 constructor": "(function(){return this})().constructor.constructor('return process')().env",
    "CVE-2025-68613 template literal": "[][`constructor`][`constructor`]('return process.env')()",
    "CVE-2026-1470 with": "with ({}) { constructor.constructor('return process')().env }",
    "CVE-2026-25049 computed member": "''['constr' + 'uctor']['constr' + 'uctor']('return globalThis.process.env')()",
    "CVE-2026-27577 arrow function": "(() => {}).constructor('return require')()('fs').readFileSync(input.path, 'utf8')",
    "CVE-2026-65591 computed sanitizer": "''[['constructor']][['constructor']]('return process')().env",
    "GHSA-9x83-43r8-5hwc placeholder name": "const $ = {}; $['__proto__'].polluted = process.env",
    "CVE-2026-86076 class field": "class X { __sanitize = (v) => v; static constructor = Function }\nnew X().constructor.constructor('return process')().env",
    "CVE-2026-86083 replaced stringify": "JSON.stringify = (x) => '\"+process.env+\"'; ({ a: 1 })",
    "CVE-2026-86083 replaced parse": "JSON.parse = () => process.env; input",
    "CVE-2025-12735 callable value": "input.constructor.constructor('return process')()",
    "CVE-2026-27495 task runner": "Error.prepareStackTrace = (_, frames) => frames[0].getThis().process; new Error().stack.env",
    "CVE-2026-24118 vm2 promise species": "class P extends Promise { static get [Symbol.species]() { return function (f) { f(() => {}, (e) => e.constructor.constructor('return process')()) } } }\nawait P.resolve(1).then()",
    "CVE-2026-24120 vm2 async stack": "const f = async () => { const e = new Error(); e.name = Symbol(); return e.stack };\ntry { await f() } catch (e) { e.constructor.constructor('return process')().env }",
    "CVE-2026-43997 vm2 proxy handler": "new Proxy({}, { getPrototypeOf() { return this.constructor.constructor('return process')() } }) instanceof Object",
    "CVE-2026-43999 vm2 inspect": "const o = { [Symbol.for('nodejs.util.inspect.custom')](d, o, i) { i.constructor('return process')() } }; console.log(o)",
    "CVE-2026-44005 vm2 getter of arguments": "(function () { return arguments.callee.caller })()",
    "CVE-2026-44007 vm2 buffer": "Buffer.from('x').constructor.constructor('return process')()",
    "CVE-2026-44009 vm2 species of arrays": "class A extends Array { static get [Symbol.species]() { return () => process } }\nnew A(1).map((x) => x)",
    "CVE-2026-45411 vm2 error of the host": "try { null.f() } catch (e) { e.constructor.constructor('return process')().env }",
    "CVE-2026-47137 vm2 stack overflow of the host": "const f = () => { try { f() } catch (e) { return e.constructor.constructor('return process')().env } };\nf()",
    "CVE-2026-47208 vm2 import": "(await import('fs')).readFileSync(input.path, 'utf8')",
    "CVE-2021-21413 isolated-vm reference": "globalThis.$0?.constructor.constructor('return process')()",
    "CVE-2022-39266 isolated-vm cached data": "new Function('x', 'return x', { cachedData: new Uint8Array(100) })()",
    "CVE-2026-0821 typed array": "const a = new Uint8Array(8); a.fill(1, { valueOf() { a.buffer.transfer?.(0); return 0 } }); [...a]",
    "CVE-2026-0822 resized buffer": "const b = new ArrayBuffer(64, { maxByteLength: 4096 }); const a = new Float64Array(b); a.sort((x, y) => { b.resize(0); return x - y }); a.length",
    "CVE-2026-1144 detached buffer": "const b = new ArrayBuffer(64); const a = new DataView(b); b.transfer?.(); a.setFloat64(0, 1.1)",
    "CVE-2026-1145 use after free": "const a = Array.from({ length: 100 }, (_, i) => ({ i })); a.sort(() => { a.length = 0; return Math.random() - 0.5 }); a.length",
    "CVE-2026-73083 required before": "require('module')._load('child_process').execSync('id')",
    "CVE-2026-33881 environment in generated code": "`${globalThis.process?.env.X ?? Deno.env.toObject()}`",
    "CVE-2026-54306 polluted copies": '({}).__proto__.polluted = 1; Object.assign({}, JSON.parse(\'{"__proto__": {"x": 1}}\'))',
}

OUTSIDE = (
    "process.env", "process.exit(1)", "process.binding('fs')", "process.mainModule", "process.kill(1)", "globalThis.process", "global.process", "window.location", "self.importScripts('x')", "require('fs').readFileSync(input.path, 'utf8')",
    "require('net').connect(input.port)", "module.constructor._load('fs')", "module.require('os')", "exports.x", "__dirname", "__filename", "import.meta.url", "import fs from 'node:fs'\nexport default fs.readFileSync(input.path)",
    "import * as std from 'std'\nexport default std.loadFile(input.path)", "import * as os from 'os'\nexport default os.exec(['id'])", "await import('qjs:std')", "await import('std')", "await import('data:text/javascript,export default 1')", "await import(input.path)",
    "std.loadFile(input.path)", "std.getenv('WINGBEAT_CANARY')", "std.getenviron()", "std.exit(1)", "std.popen('id', 'r')", "std.evalScript('1')", "std.gc()", "os.exec(['id'])", "os.open(input.path)", "os.Worker", "os.ttyGetWinSize(0)", "scriptArgs", "print(input)", "load(input.path)",
    "read(input.path)", "readFile(input.path)", "quit()", "gc()", "fetch(`http://127.0.0.1:${input.port}/`)", "new XMLHttpRequest()", "new WebSocket(`ws://127.0.0.1:${input.port}`)", "new EventSource('x')", "navigator.sendBeacon('x')", "new Worker('x')", "new SharedWorker('x')",
    "Deno.readTextFileSync(input.path)", "Deno.env.toObject()", "Deno.Command", "Bun.file(input.path).text()", "Bun.env", "WebAssembly.compile(new Uint8Array(8))", "new WebAssembly.Memory({ initial: 65536 })", "new SharedArrayBuffer(1024)",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)", "Atomics.wait(new Int32Array(4), 0, 0, 1e9)", "localStorage.x", "document.cookie", "alert(1)", "queueMicrotask(() => process.exit())", "structuredClone(globalThis)", "performance.now()", "crypto.subtle", "log('x')", "write('x')",
    "console.log.constructor('return this')().process", "console.log.caller", "console.log.call(process)", "setTimeout('process.exit()', 1)", "setTimeout.constructor('return process')()", "eval('process')", "(0, eval)('process')", "new Function('return process')()", "Function('return this')().process",
    "Reflect.construct(Function, ['return process'])()", "Reflect.apply(Function, null, ['return process'])()", "(async () => {}).constructor('return process')()", "(function* () {}).constructor('return process')().next()", "(async function* () {}).constructor('return process')().next()",
    "Object.getPrototypeOf(async function () {}).constructor('return globalThis.process')()", "[].map.constructor('return process')()", "''.sub.constructor('return process')()", "/x/.exec.constructor('return process')()", "Symbol.constructor('return process')()", "Promise.constructor('return process')()",
    "(1n).constructor.constructor('return process')()", "true.constructor.constructor('return process')()", "new Date().constructor.constructor('return process')()", "JSON.constructor.constructor('return process')()", "Math.constructor.constructor('return process')()", "console.constructor.constructor('return process')()",
    "globalThis.constructor.constructor('return process')()", "Error().constructor.constructor('return process')()", "arguments.callee.constructor('return process')()", "new.target.constructor", "this.constructor.constructor('return process')()", "Object.getOwnPropertyNames(globalThis)", "Object.getOwnPropertyDescriptors(globalThis)",
    "Reflect.ownKeys(globalThis).map(String)", "for (const k of Object.getOwnPropertyNames(globalThis)) { const v = globalThis[k]; if (v?.process) v.process.exit() }",
)  # fmt: skip

INSIDE = (
    "Object.prototype.toJSON = () => 'hacked'; ({ a: 1 })", "Array.prototype.toJSON = () => { throw 1 }; [1]", "String.prototype.toJSON = () => 'hacked'; 'x'", "Object.prototype.then = function (f) { f('hacked') }; ({ a: 1 })", "Object.prototype.get = () => 'x'; ({ a: 1 })", "Object.prototype.value = 1; ({ a: 1 })",
    "Object.prototype.kind = 'MemoryError'; throw new Error('x')", "Object.prototype.main = () => 'hacked'; 1", "Object.defineProperty(Object.prototype, 'kind', { set() { throw 1 } }); throw new Error('x')", "Object.defineProperty(Object.prototype, 'id', { get() { return 1 }, set() {} }); setTimeout(() => {}, 1); 1",
    "Array.prototype.push = () => { throw 1 }; setTimeout(() => {}, 1); 1", "Array.prototype.filter = () => null; setTimeout(() => {}, 1); await 1; 2", "Array.prototype[Symbol.iterator] = function* () { yield process }; [...[1]]", "Promise.prototype.then = () => { throw 1 }; 1", "Promise.resolve = () => 5; 1",
    "globalThis.Promise = class {}; 1", "globalThis.JSON = null; ({ a: 1 })", "globalThis.Error = null; null.x", "globalThis.Object = null; 1", "globalThis.InternalError = 5; null.x", "globalThis.SyntaxError = 5; null.x", "delete globalThis.globalThis; 1", "Function.prototype.call = () => 'hacked'; 1", "Function.prototype.bind = null; 1",
    "Function.prototype.apply = null; console.log(1)", "String.prototype.slice = () => 'x'; console.log('a')", "String.prototype.indexOf = () => 0; console.log('a')", "RegExp.prototype.exec = () => { throw 1 }; null.x", "String.prototype.split = () => { throw 1 }; null.x", "Symbol.iterator = null; [...[1]]", "Date.now = () => NaN; setTimeout(() => {}, 5); 1",
    "Error.prepareStackTrace = () => { throw 1 }; null.x", "Error.prepareStackTrace = () => ({ includes: 1 }); null.x", "Error.stackTraceLimit = 1e9; null.x", "Error.captureStackTrace?.({})", "Object.freeze(Object.prototype); null.x", "Object.setPrototypeOf(globalThis, new Proxy({}, { get() { return process } })); nothing", "Object.setPrototypeOf(Object.prototype, {})",
    "new Proxy({}, { ownKeys() { throw 1 } })", "new Proxy([], { get(t, k) { return k === 'length' ? 2 ** 53 : 1 } })", "new Proxy({}, { get() { return new Proxy({}, this) } })", "new Proxy(function () {}, {})", "({ get x() { return this } })", "({ toJSON() { return this } })", "({ toJSON() { return { toJSON: this.toJSON } } })", "const a = []; a.length = 2 ** 32 - 1; a",
    "const o = {}; for (let i = 0; i < 1e5; i++) o['k' + i] = i; Object.keys(o).length", "throw new Proxy(new Error('x'), { get() { throw 1 } })", "throw new Proxy({}, { getPrototypeOf() { throw 1 } })", "throw Object.assign(new Error('x'), { name: { toString() { throw 1 } } })", "throw Object.assign(new Error('x'), { stack: 'code.js:1:1\\n'.repeat(1e5) })", "throw Object.create(Error.prototype)",
    "throw new AggregateError([new Error('x')])", "throw function () {}", "throw Symbol('x')", "throw 1n", "throw undefined", "try { for (;;) throw 1 } catch { }", "label: { break label } 1", "})(); process.exit(); (function(){", "}); process.exit(); //", "*/ process.exit() /*", "return 1 }) ; globalThis.x = 1; (async function () { return 2",
    "<!-- html comment\n1", "#!/bin/sh\n1", "'use strict'; this.process", "'use asm'; 1", "\\u0070rocess.env", "proc\\u{65}ss.env", "ｐｒｏｃｅｓｓ.env", "glob\\u0061lThis.process", "console = null; 1", "console.log = null; 1", "input = null; 1", "delete globalThis.input; 1", "for (let i = 0; i < 5000; i++) console.log(i)", "console.log('x'.repeat(1e6))", "console.log(...Array(1e5))",
    "console.log(new Proxy({}, { get() { throw 1 } }))", "console.log({ toJSON() { throw 1 } })", "console.log(Object.create(null))", "console.log({ toString() { throw 1 }, toJSON: undefined, a: 1n })", "console.log(Symbol('x'))", "console.log(new Proxy(new Error('x'), { get() { throw 1 } }))", "setInterval(() => {}, 0); 1", "clearTimeout({})", "setTimeout()",
    "const f = () => setTimeout(f, 0); f(); 1", "new RegExp('(a+)+$').test('a'.repeat(20) + 'b')", "/(?:)/[Symbol.replace]('x', { toString() { throw 1 } })", "'x'.repeat(2 ** 30)", "new Array(2 ** 32)", "new ArrayBuffer(2 ** 40)", "Array(1e6).fill('x').join('x'.repeat(100)).length", "'x'.padEnd(2 ** 29).length", "BigInt(2) ** BigInt(1e6) % 7n === 2n", "new Date(8.64e15 + 1).toISOString()",
    "new Intl.DateTimeFormat('de').format()", "new FinalizationRegistry(() => process.exit()).register({}, 1); 1", "new WeakRef({}).deref()", "Reflect.construct(Array, [1], Function)", "Function.prototype.toString.call(console.log)", "Object.getOwnPropertySymbols(globalThis).length", "async function f() { await f() }\nf().catch(() => 1); 1", "Promise.reject(new Error('unhandled')); await 1; 2",
)  # fmt: skip

SUBJECTS = (
    "input",
    "[]",
    "''",
    "(0)",
    "({})",
    "(() => 0)",
    "/x/",
    "console",
    "console.log",
    "setTimeout",
    "globalThis",
    "Math",
    "JSON",
    "Symbol('x')",
    "Promise.resolve()",
    "new Error()",
    "new Proxy({}, {})",
    "(function () { return arguments })()",
)
KEYS = (
    "constructor",
    "__proto__",
    "prototype",
    "caller",
    "callee",
    "arguments",
    "__defineGetter__",
    "__lookupGetter__",
    "toString",
    "valueOf",
    "apply",
    "call",
    "bind",
)
PAYLOADS = (
    "return process.env",
    "return globalThis.process",
    "return require('fs')",
    "return import('fs')",
    "return this.constructor.constructor('return process')()",
)
ACCESSES = (
    "['{}']",
    "[`{}`]",
    "[['{}']]",
    ".{}",
    "?.{}",
    "['{}'.split('').join('')]",
    "[String.fromCharCode(...[...'{}'].map((c) => c.charCodeAt()))]",
)


def generated() -> list[str]:
    """Combinations of what the others are made of."""
    functions = [
        f"{subject}{access.format('constructor')}{access.format('constructor')}(`{payload}`)()"
        for subject, access, payload in itertools.product(SUBJECTS, ACCESSES, PAYLOADS)
    ]
    keys = [
        f"String({subject}{access.format(key)}?.{other})"
        for subject, access, key, other in itertools.product(SUBJECTS, ACCESSES[:2], KEYS, KEYS[:3])
    ]
    return [*functions, *keys]


WRITTEN = [*PUBLISHED.values(), *OUTSIDE, *INSIDE]
