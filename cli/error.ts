import { CommanderError } from "commander";
import { oneLine } from "../lib/one_line.ts";

/** A command line that asks for something impossible, such as two flags that exclude each other. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** What the user sees of an error, for standard error, and the exit code of the process. */
export interface Failure {
  text: string;
  code: 0 | 1 | 2;
}

/**
 * One line `layermix: <message>` for any error, with its stack and causes below when `debug` is
 * set. The code is 2 for a wrong command line, else 1; Commander has already printed its own
 * message, and throws even to end after help with code 0.
 */
export function describeFailure(error: unknown, debug: boolean): Failure {
  if (error instanceof CommanderError) {
    return { text: "", code: error.exitCode === 0 ? 0 : 2 };
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  const line = `layermix: ${oneLine(message.trim().replace(/\s*\n\s*/g, " "))}\n`;
  const details = debug ? `${Deno.inspect(error)}\n` : "";
  return { text: line + details, code: error instanceof UsageError ? 2 : 1 };
}

/**
 * Runs a command-line program and ends the process with code 1, or 2 for a wrong command line,
 * when it throws. `--debug` or the environment's LAYERMIX_DEBUG=1 also shows where.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const { text, code } = describeFailure(error, isDebugging());
    await Deno.stderr.write(new TextEncoder().encode(text));
    Deno.exit(code);
  }
}

function isDebugging(): boolean {
  if (Deno.args.includes("--debug")) return true;
  const { state } = Deno.permissions.querySync({ name: "env", variable: "LAYERMIX_DEBUG" });
  return state === "granted" && Deno.env.get("LAYERMIX_DEBUG") === "1";
}
