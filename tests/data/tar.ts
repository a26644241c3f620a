import { type Header, pack } from "tar-stream";

/** A file or folder of an archive. */
export type Entry = Partial<Header> & { name: string; content?: string | Uint8Array };

/** A tar archive of entries, as any program may write it. */
export async function tarOf(entries: readonly Entry[]): Promise<Uint8Array<ArrayBuffer>> {
  const archive = pack();
  for (const { content = "", ...header } of entries) archive.entry(header, content as string);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
