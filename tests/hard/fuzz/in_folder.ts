/**
 * Does work with an empty folder, which is removed after it: in memory, where the system has such a
 * place, since parsers that write wait for the disk.
 */
export async function inFolder<Result>(
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const options = { prefix: "layermix-fuzz-" };
  const folder = await Deno.makeTempDir({ ...options, dir: "/dev/shm" })
    .catch(() => Deno.makeTempDir(options));
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
