/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly text: string) {}
}

/** What can stand in a template: text is escaped, markup is not. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * A template of markup: all that is put into it is escaped, for elements and for quoted attributes
 * alike, unless it is markup itself. null, undefined and false are nothing.
 */
export function markup(strings: TemplateStringsArray, ...values: Content[]): Html {
  const parts = strings.map((string, i) => string + (i < values.length ? textOf(values[i]) : ""));
  return new Html(parts.join(""));
}

function textOf(content: Content): string {
  if (content === null || content === undefined || content === false) return "";
  if (content instanceof Html) return content.text;
  if (Array.isArray(content)) return content.map(textOf).join("");
  return visible(String(content)).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Text without control characters, which could turn it around or hide it; line ends stay. */
export function visible(text: string): string {
  return text.replaceAll(/(?!\n)\p{C}/gu, "\uFFFD");
}
