import { cannotRead } from "./error.ts";
import imagenet1kText from "./imagenet_1k_wnids.txt" with { type: "text" };
import imagenet200Text from "./imagenet_200_wnids.txt" with { type: "text" };
import imagenetAText from "./imagenet_a_wnids.txt" with { type: "text" };
import { readReason } from "./system_errors.ts";

/** The 200 classes of ImageNet-200, which are those of ImageNet-R, as WordNet numbers in order. */
export const imagenet200: readonly string[] = imagenet200Text.trim().split("\n");

/** The 200 classes of ImageNet-A, as WordNet numbers in order; 86 of them are ImageNet-R's too. */
export const imagenetA: readonly string[] = imagenetAText.trim().split("\n");

/** The 1000 classes of ImageNet-1k, as WordNet numbers in order: that of torchvision's networks. */
export const imagenet1k: readonly string[] = imagenet1kText.trim().split("\n");

/** Lists that have a name. */
const known: Record<string, readonly string[]> = {
  "imagenet-200": imagenet200,
  "imagenet-1k": imagenet1k,
};

/**
 * A list of classes: `imagenet-200`, `imagenet-1k`, or a file with the first word of each line a class's folder
 * name. Empty lines and those that begin with # are passed over.
 *
 * @throws {DataError} that names the file when it cannot be read, or holds no class or one twice
 */
export async function readClassList(nameOrPath: string): Promise<readonly string[]> {
  const list = known[nameOrPath];
  if (list) return list;
  const expected = `${Object.keys(known).join(", ")} or a file of class names`;
  const text = await Deno.readTextFile(nameOrPath).catch((error: Error) => {
    throw cannotRead(nameOrPath, expected, readReason(error));
  });
  const names = text.split("\n").map((line) => line.trim().split(/\s/)[0]!)
    .filter((name) => name && !name.startsWith("#"));
  if (names.length === 0) throw cannotRead(nameOrPath, expected, "no class in it");
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice) throw cannotRead(nameOrPath, "each class once", `${twice} twice`);
  return names;
}
