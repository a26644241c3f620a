import { packSource } from "../pack/open_pack.ts";
import type { PictureSource, SharedSource } from "../picture_source.ts";
import { pictureTree } from "../picture_tree.ts";

/** The source that another thread opened. */
export function openShared(shared: SharedSource): PictureSource {
  return shared.kind === "tree" ? pictureTree(shared) : packSource(shared);
}
