/**
 * A text as one line that shows what it is: line ends become a space, and characters that a terminal
 * would obey, such as escapes and changes of direction, become "?". Names and contents of hostile
 * files are in messages, too.
 */
export function oneLine(text: string): string {
  return text.replaceAll(
    /[\p{C}\u2028\u2029]+/gu,
    (hidden) => /[\n\r\u2028\u2029]/.test(hidden) ? " " : "?",
  );
}

/** Characters of a longer message that are kept: of its beginning, which names the file, and end. */
const KEPT = { first: 1200, last: 300 };

/** An error whose message is one line of bounded length, whatever of a file is in it. */
export class OneLineError extends Error {
  /** Makes one line of the message. */
  constructor(message?: string, options?: ErrorOptions) {
    super(message && shortened(oneLine(message)), options);
  }
}

function shortened(line: string): string {
  const { first, last } = KEPT;
  return line.length > first + last ? `${line.slice(0, first)} … ${line.slice(-last)}` : line;
}
