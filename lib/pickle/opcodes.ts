import { PickleError, show } from "./error.ts";
import { decimal, escaped, floating, longOf, rawUnicode, utf8 } from "./text.ts";
import type { Machine } from "./unpickle.ts";
import { ENTRY, isStateful, keyOf, listOf } from "./values.ts";

/** The instruction "." that ends a pickle. */
export const STOP = 0x2e;

type Run = (machine: Machine) => void;

/** Instructions that push a value read from the bytes that follow. */
const values: Record<string, (machine: Machine) => unknown> = {
  "N": () => null,
  "\x88": () => true,
  "\x89": () => false,
  "]": () => [],
  ")": () => [],
  "}": () => new Map(),
  "\x8f": () => new Set(),
  "I": ({ reader }) => {
    const line = reader.shortLine();
    return line === "00" ? false : line === "01" ? true : decimal(line);
  },
  "L": ({ reader }) => decimal(reader.shortLine().replace(/L$/, "")),
  "J": ({ reader }) => reader.i32(),
  "K": ({ reader }) => reader.u8(),
  "M": ({ reader }) => reader.u16(),
  "\x8a": ({ reader }) => longOf(reader.take(reader.u8())),
  "\x8b": ({ reader }) => longOf(reader.take(reader.u32())),
  "F": ({ reader }) => floating(reader.shortLine()),
  "G": ({ reader }) => reader.f64(),
  "S": ({ reader }) => escaped(reader.line()),
  "T": ({ reader }) => reader.take(reader.u32()),
  "U": ({ reader }) => reader.take(reader.u8()),
  "B": ({ reader }) => reader.take(reader.u32()),
  "C": ({ reader }) => reader.take(reader.u8()),
  "\x8e": ({ reader }) => reader.take(reader.u64()),
  "\x96": ({ reader }) => reader.take(reader.u64()),
  "V": ({ reader }) => rawUnicode(reader.line()),
  "X": ({ reader }) => utf8(reader.take(reader.u32())),
  "\x8c": ({ reader }) => utf8(reader.take(reader.u8())),
  "\x8d": ({ reader }) => utf8(reader.take(reader.u64())),
};

function entries(machine: Machine, target: unknown, flat: unknown[]): void {
  if (!(target instanceof Map)) throw new PickleError("a dictionary to add to", show(target));
  if (flat.length % 2) throw new PickleError("keys with values", `${flat.length} values`);
  machine.spend(flat.length / 2 * ENTRY);
  for (let i = 0; i < flat.length; i += 2) target.set(keyOf(flat[i]), flat[i + 1]);
}

function added(machine: Machine, target: unknown, items: unknown[]): Set<unknown> {
  if (!(target instanceof Set)) throw new PickleError("a set to add to", show(target));
  machine.spend(items.length * ENTRY);
  for (const item of items) target.add(keyOf(item));
  return target;
}

function append(target: unknown, items: unknown[]): void {
  const list = listOf(target, "what is added to");
  for (const item of items) list.push(item);
}

/** Tuples of the topmost `count` values. */
function tuple(count: number): Run {
  return (machine) => {
    const items = Array.from({ length: count }, () => machine.pop());
    machine.make(items.reverse());
  };
}

/** Instructions for containers and marks. */
const containers: Record<string, Run> = {
  "(": (machine) => machine.mark(),
  "0": (machine) => machine.discard(),
  "1": (machine) => void machine.popMark(),
  "2": (machine) => machine.push(machine.top()),
  "t": (machine) => machine.make(machine.popMark()),
  "l": (machine) => machine.make(machine.popMark()),
  "\x85": tuple(1),
  "\x86": tuple(2),
  "\x87": tuple(3),
  "d": (machine) => {
    const made = new Map();
    entries(machine, made, machine.popMark());
    machine.make(made);
  },
  "\x91": (machine) => machine.make(added(machine, new Set(), machine.popMark())),
  "a": (machine) => {
    const item = machine.pop();
    append(machine.top(), [item]);
  },
  "e": (machine) => {
    const items = machine.popMark();
    append(machine.top(), items);
  },
  "s": (machine) => {
    const value = machine.pop();
    const key = machine.pop();
    entries(machine, machine.top(), [key, value]);
  },
  "u": (machine) => {
    const flat = machine.popMark();
    entries(machine, machine.top(), flat);
  },
  "\x90": (machine) => {
    const items = machine.popMark();
    added(machine, machine.top(), items);
  },
};

/** Instructions that store and recall values. */
const memory: Record<string, Run> = {
  "p": (machine) => machine.store(Number(decimal(machine.reader.shortLine()))),
  "q": (machine) => machine.store(machine.reader.u8()),
  "r": (machine) => machine.store(machine.reader.u32()),
  "\x94": (machine) => machine.store(),
  "g": (machine) => machine.recall(Number(decimal(machine.reader.shortLine()))),
  "h": (machine) => machine.recall(machine.reader.u8()),
  "j": (machine) => machine.recall(machine.reader.u32()),
};

/** Instructions that name or call globals; what may be named is up to `Machine.find`. */
const calls: Record<string, Run> = {
  "c": (machine) => {
    const module = machine.reader.shortLine();
    machine.push(machine.find(module, machine.reader.shortLine()));
  },
  "\x93": (machine) => {
    const name = machine.pop();
    const module = machine.pop();
    if (typeof name !== "string" || typeof module !== "string") {
      throw new PickleError("the name of a global", show(typeof name === "string" ? module : name));
    }
    machine.push(machine.find(module, name));
  },
  "i": (machine) => {
    const module = machine.reader.shortLine();
    const global = machine.find(module, machine.reader.shortLine());
    machine.make(machine.call(global, machine.popMark()));
  },
  "o": (machine) => {
    const [global, ...args] = machine.popMark();
    machine.make(machine.call(global, args));
  },
  "R": call,
  "\x81": call,
  "\x92": (machine) => {
    const named = machine.pop();
    if (!(named instanceof Map) || named.size > 0) {
      throw new PickleError("no named arguments", show(named));
    }
    call(machine);
  },
  "b": (machine) => {
    const state = machine.pop();
    const target = machine.top();
    if (isStateful(target)) target.setState(state, machine);
    // Attributes of a dictionary, such as the version numbers of a state dict, are no weights.
    else if (!(target instanceof Map)) throw new PickleError("a value with state", show(target));
  },
  "P": (machine) => machine.make(machine.persistent(machine.reader.shortLine())),
  "Q": (machine) => machine.make(machine.persistent(machine.pop())),
};

function call(machine: Machine): void {
  const args = machine.pop();
  machine.make(machine.call(machine.pop(), args));
}

/** Instructions about the pickle itself. */
const framing: Record<string, Run> = {
  "\x80": ({ reader }) => {
    const protocol = reader.u8();
    if (protocol > 5) throw new PickleError("a pickle of protocol 0 to 5", `protocol ${protocol}`);
  },
  // A frame says how much a reader may fetch at once; all of it is in memory here.
  "\x95": ({ reader }) => void reader.u64(),
};

/** What each instruction does, by its byte; sparse. */
export const opcodes: readonly (Run | undefined)[] = (() => {
  const table: (Run | undefined)[] = new Array(256).fill(undefined);
  for (const [code, read] of Object.entries(values)) {
    table[code.charCodeAt(0)] = (machine) => machine.make(read(machine));
  }
  for (const part of [containers, memory, calls, framing]) {
    for (const [code, run] of Object.entries(part)) table[code.charCodeAt(0)] = run;
  }
  return table;
})();
