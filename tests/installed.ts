/** Whether a program is there and, with these arguments, ends well; where it is not, Deno throws at once. */
export function isInstalled(program: string, args: readonly string[] = ["--version"]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}
