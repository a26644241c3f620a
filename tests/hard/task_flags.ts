import { parseArgs } from "node:util";

/**
 * The flags of a task, each with one value; ends it with its usage where `isRight` says no, and where
 * there is a flag that it does not know.
 *
 * @param defaults by the names of the flags; undefined where a flag may be left out
 */
export function taskFlags<Name extends string, Optional extends string = never>(
  usage: string,
  defaults: Record<Name, string>,
  optional: readonly Optional[],
  isRight: (flags: Record<Name, string> & Partial<Record<Optional, string>>) => boolean,
): Record<Name, string> & Partial<Record<Optional, string>> {
  const options = Object.fromEntries([...Object.keys(defaults), ...optional].map((name) => {
    return [name, { type: "string" as const }];
  }));
  try {
    const { values } = parseArgs({ options });
    const flags = { ...defaults, ...values } as ReturnType<typeof taskFlags<Name, Optional>>;
    if (isRight(flags)) return flags;
  } catch {
    // The usage says what there is.
  }
  console.error(usage);
  Deno.exit(2);
}
