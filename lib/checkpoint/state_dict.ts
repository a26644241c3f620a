import { PickleError, show } from "../pickle/error.ts";
import { TorchTensor } from "./torch_tensor.ts";

/** Where training scripts put a state dict in what they save, the likeliest first. */
const PLACES = ["state_dict", "model_state_dict", "model", "net"];

/** What wrappers of networks put before every name: DataParallel and torch.compile. */
const PREFIXES = ["module.", "_orig_mod."];

/** How deep a state dict may lie, as in {model: {state_dict: …}}. */
const DEEPEST = 3;

/**
 * The state dict in what a PyTorch file holds: a dictionary of tensors by name.
 *
 * @throws {PickleError} when there is none, saying which keys there are
 */
export function findStateDict(
  value: unknown,
): { path: string[]; entries: Map<unknown, unknown> } {
  const place = search(value, []);
  if (place) return place;
  const places = PLACES.join(", ");
  const found = value instanceof TorchTensor
    ? "a single tensor"
    : value instanceof Map
    ? `a dictionary of ${list([...value.keys()])}`
    : show(value);
  throw new PickleError(`a state dict at the top or under ${places}`, found);
}

function search(
  value: unknown,
  path: string[],
): { path: string[]; entries: Map<unknown, unknown> } | undefined {
  if (!(value instanceof Map)) return undefined;
  for (const place of path.length < DEEPEST ? PLACES : []) {
    const found = search(value.get(place), [...path, place]);
    if (found) return found;
  }
  for (const [name, tensor] of value) {
    if (typeof name === "string" && tensor instanceof TorchTensor) return { path, entries: value };
  }
  return undefined;
}

/** The first few names of many, and how many there are. */
function list(names: unknown[]): string {
  if (names.length === 0) return "nothing";
  const rest = names.length > 8 ? ` and ${names.length - 8} more` : "";
  return names.slice(0, 8).map(show).join(", ") + rest;
}

/** Whether a refused global looks like a network's class: the file holds a module, not weights. */
export function isNetworkClass(global: string): boolean {
  return /^(torch|torchvision|timm)\./.test(global) || /^__main__\./.test(global);
}

/** Takes the prefixes of wrappers off, again and again, where every name has them. */
export function stripPrefixes<Value>(
  entries: ReadonlyMap<string, Value>,
): { stripped: string[]; renamed: Map<string, Value> } {
  const stripped: string[] = [];
  let renamed = new Map(entries);
  for (;;) {
    const names = [...renamed.keys()];
    const prefix = PREFIXES.find((prefix) =>
      names.length > 0 && names.every((name) => name.startsWith(prefix))
    );
    if (prefix === undefined) return { stripped, renamed };
    stripped.push(prefix);
    renamed = new Map([...renamed].map(([name, value]) => [name.slice(prefix.length), value]));
  }
}
