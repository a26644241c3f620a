/** A command of a document, as a shell would run it. */
export interface DocumentedCommand {
  /** The document's path. */
  document: string;
  /** Its words; the first one is the program. */
  words: string[];
}

const root = new URL("../../", import.meta.url);

/** README.md, CONTRIBUTING.md and all of docs/. */
export function documents(): string[] {
  const docs = [...Deno.readDirSync(new URL("docs", root))].map(({ name }) => `docs/${name}`);
  return ["README.md", "CONTRIBUTING.md", ...docs.filter((name) => name.endsWith(".md")).sort()];
}

/** The commands of the blocks that are marked as a shell's. */
export function documentedCommands(document: string): DocumentedCommand[] {
  const text = Deno.readTextFileSync(new URL(document, root));
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)]
    .flatMap(([, block]) => block!.replaceAll(/\\\n\s*/g, "").split("\n"))
    .map((line) => ({ document, words: wordsOf(line) }))
    .filter(({ words }) => words.length > 0);
}

/** Words as a shell takes them apart: quotes keep spaces, # begins a comment. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    if (word.startsWith("#")) break;
    words.push(word.replaceAll(/["']/g, ""));
  }
  return words;
}

/** A word with all variables of the shell in it set to 1. */
export const withVariables = (word: string) => word.replaceAll(/\$\{?[A-Z_]+\}?/g, "1");
