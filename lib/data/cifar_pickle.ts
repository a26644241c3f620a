import { builtins } from "../pickle/builtins.ts";
import { PickleError, show } from "../pickle/error.ts";
import { NumpyArray, numpyGlobals } from "../pickle/numpy.ts";
import { unpickle } from "../pickle/unpickle.ts";
import { textOf } from "../pickle/values.ts";
import { cannotRead } from "./error.ts";

/** All that CIFAR's pickles name; whatever else one names is refused and not run. */
const globals = new Map([...builtins, ...numpyGlobals]);

/** A batch of CIFAR's python version. */
export interface PickledBatch {
  /** One for each record; not checked against the number of classes. */
  labels: number[];
  /** (records × `size`) bytes. */
  pixels: Uint8Array;
}

/**
 * Reads a batch of CIFAR's python version, as Python 2 or 3 wrote it: a dictionary of `data`,
 * an array (records × size) of bytes, and a list of labels.
 *
 * @param key of the labels, "labels" or "fine_labels"
 * @param size bytes of a picture
 * @throws {DataError} when it is no such pickle, is damaged, or names code
 */
export async function readPickledBatch(
  path: string,
  key: string,
  size: number,
): Promise<PickledBatch> {
  const expected = `a pickle of ${size}-byte pictures and their ${key}`;
  const batch = await readDictionary(path, expected);
  const data = batch.get("data");
  const isPictures = data instanceof NumpyArray && data.type.code === "u1" &&
    data.shape.length === 2 && data.shape[1] === size;
  if (!isPictures) {
    const found = data instanceof NumpyArray
      ? `data of shape [${data.shape}] and type ${data.type.code}`
      : `${data === undefined ? "no" : show(data)} data`;
    throw cannotRead(path, expected, found);
  }
  const records = data.shape[0]!;
  if (records === 0) throw cannotRead(path, expected, "no picture");
  const labels = batch.get(key);
  const found = !Array.isArray(labels)
    ? `no list of ${key}`
    : labels.length !== records
    ? `${labels.length} ${key} of ${records} pictures`
    : labels.every((label) => typeof label === "number")
    ? undefined
    : `${key} that are no numbers`;
  if (found) throw cannotRead(path, expected, found);
  return { labels: labels as number[], pixels: data.bytes };
}

/**
 * Reads the names of the classes of CIFAR's python version.
 *
 * @param key "label_names" or "fine_label_names"
 * @throws {DataError} when there are not `count` of them
 */
export async function readPickledNames(
  path: string,
  key: string,
  count: number,
): Promise<string[]> {
  const expected = `a pickle of ${count} class names`;
  const names = (await readDictionary(path, expected)).get(key);
  if (!Array.isArray(names)) throw cannotRead(path, expected, `no list of ${key}`);
  if (names.length !== count) throw cannotRead(path, expected, String(names.length));
  try {
    return names.map((name) => textOf(name, "a class name"));
  } catch (error) {
    if (error instanceof PickleError) throw cannotRead(path, error.expected, error.found);
    throw error;
  }
}

async function readDictionary(path: string, expected: string): Promise<Map<unknown, unknown>> {
  const bytes = await Deno.readFile(path).catch((error: Error) => {
    throw cannotRead(path, expected, error.message);
  });
  if (bytes.length === 0) throw cannotRead(path, expected, "an empty file");
  try {
    const { value } = unpickle(bytes, { globals });
    if (value instanceof Map) return value;
    throw cannotRead(path, expected, show(value));
  } catch (error) {
    if (error instanceof PickleError) throw cannotRead(path, error.expected, error.found);
    throw error;
  }
}
