/** Calls `test` with the path of a new, empty folder, and removes the folder after it. */
export async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "layermix-test-" });
  try {
    await test(folder);
  } finally {
    // A test may have made it read-only.
    await Deno.chmod(folder, 0o700);
    await Deno.remove(folder, { recursive: true });
  }
}
