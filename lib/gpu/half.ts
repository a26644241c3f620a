import { GpuError } from "./error.ts";
import type { Launch } from "./kernel.ts";

/** How activations and their gradients may be stored; arithmetic is f32 whatever is stored. */
export const precisions = ["f32", "f16"] as const;
/** One of them. */
export type Precision = typeof precisions[number];

/** What kernels declare, what it is stored as in halves, and how it is turned into that and back. */
const stored: Record<string, { half: string; load: string; store: string }> = {
  "f32": { half: "f16", load: "f32(v)", store: "f16(v)" },
  "vec4<f32>": { half: "vec4<f16>", load: "vec4<f32>(v)", store: "vec4<f16>(v)" },
  "mat4x4<f32>": {
    half: "array<vec4<f16>, 4>",
    load: `mat4x4<f32>(${[0, 1, 2, 3].map((i) => `vec4<f32>(v[${i}])`).join(", ")})`,
    store: `array<vec4<f16>, 4>(${[0, 1, 2, 3].map((i) => `vec4<f16>(v[${i}])`).join(", ")})`,
  },
};

const known = new Map<string, string>();

/** A launch whose code reads and writes the halves of those of its buffers that hold halves. */
export function inPrecision(launch: Launch): Launch {
  const names = Object.entries(launch.bindings).flatMap(([name, { half }]) => half ? [name] : []);
  if (names.length === 0) return launch;
  const key = `${names.sort().join()} ${launch.code}`;
  const code = known.get(key) ?? inHalves(launch.code, names);
  known.set(key, code);
  return { ...launch, code };
}

/**
 * WGSL that does the same with the named arrays stored as f16: each `name[i]` that is read becomes
 * the f32 of what is there, and each assignment to one rounds to the nearest f16 (beyond 65,504 to
 * infinity). So kernels are written once, and sums are never of halves.
 *
 * @throws {GpuError} when a name is not declared as an array of f32, vec4<f32> or mat4x4<f32>
 */
export function inHalves(code: string, names: readonly string[]): string {
  const access: string[] = [];
  let text = code.replace(/\/\/.*/g, "");
  for (const name of names) {
    const declared = new RegExp(`(var<storage[^>]*>\\s+${name}\\s*:\\s*)array<(.*)>;`);
    const [whole, start, type] = declared.exec(text) ?? [];
    const how = stored[type ?? ""];
    if (!how) {
      throw new GpuError(`Cannot store ${name} in f16: expected an array of f32 but found ${type}`);
    }
    access.push(
      `fn ${name}_at(i: u32) -> ${type} {\n  let v = ${name}[i];\n  return ${how.load};\n}`,
    );
    if (whole!.includes("read_write")) {
      access.push(`fn ${name}_store(i: u32, v: ${type}) {\n  ${name}[i] = ${how.store};\n}`);
    }
    text = text.replace(whole!, `${start}array<${how.half}>;`);
  }
  return `enable f16;\n${byFunctions(text, names)}\n${access.join("\n")}\n`;
}

/** `name[i]` as `name_at(i)`, and `name[i] = v;` as `name_store(i, v);`, for all names. */
function byFunctions(text: string, names: readonly string[]): string {
  const found = new RegExp(`(?<![.\\w])(${names.join("|")})\\[`).exec(text);
  if (!found) return text;
  const name = found[1]!, start = found.index + found[0].length;
  const end = closing(text, start);
  const at = `u32(${byFunctions(text.slice(start, end), names)})`;
  const rest = text.slice(end + 1);
  const assigned = /^\s*([-+*/]?)=(?!=)([^;]*);/.exec(rest);
  const before = text.slice(0, found.index);
  if (!assigned) return `${before}${name}_at(${at})${byFunctions(rest, names)}`;
  const [statement, operator, expression] = assigned;
  const value = byFunctions(expression!.trim(), names);
  const result = operator ? `${name}_at(${at}) ${operator} (${value})` : value;
  const after = byFunctions(rest.slice(statement.length), names);
  return `${before}${name}_store(${at}, ${result});${after}`;
}

/** Where the bracket is closed that was opened before `start`. */
function closing(text: string, start: number): number {
  let depth = 1, at = start;
  while (depth > 0) {
    const character = text[at++];
    if (character === undefined) throw new GpuError("Cannot store in f16: a bracket stays open");
    depth += Number(character === "[") - Number(character === "]");
  }
  return at - 1;
}
