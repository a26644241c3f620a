import { isDeepStrictEqual } from "node:util";
import type { Entry } from "../comparison/entry.ts";
import type { Group } from "../comparison/group.ts";
import { isObject } from "../../shape.ts";
import { type Html, markup } from "./markup.ts";

type Fact = [name: string, value: unknown];

/** The full recipe of a group's networks, closed at first. */
export function recipeDetails({ entries, label }: Group): Html {
  const paths = [...new Set(entries.map(({ run }) => run.path))].join(", ");
  return markup`<details><summary>${label}: ${paths}</summary>${
    entries.map(entryDetails)
  }</details>\n`;
}

function entryDetails({ run, paths, results }: Entry): Html {
  const { flags, settings, tuning: trained, ...described } = run.description ?? {};
  const told = run.description ? { ...described, kernels: kernels(trained) } : {};
  const parts: [string, Fact[]][] = [
    ["Flags", factsOf(flags)],
    // Settings are the flags with those of the network apart: what is the same is told once.
    ["Settings", factsOf(without(settings, flags))],
    ["Training", factsOf(run.log.length ? { ...told, epochs_logged: run.log.length } : told)],
    ["Evaluation", results ? evaluationFacts(results) : []],
  ];
  const source = run.description
    ? null
    : markup`<p class="less">Without run.json: as the results tell it.</p>`;
  return markup`<h4><code>${paths.join(", ")}</code></h4>${source}${parts.map(factList)}`;
}

function factList([title, facts]: [string, Fact[]]): Html {
  if (facts.length === 0) return markup``;
  const items = facts.map(([name, value]) =>
    markup`<dt>${name}</dt><dd><code>${shown(value)}</code></dd>\n`
  );
  return markup`<h5>${title}</h5><dl>${items}</dl>`;
}

function evaluationFacts(results: NonNullable<Entry["results"]>): Fact[] {
  const { checkpoint, layermix, adapter, tuning, data, sources, options, model, date } = results;
  const { header, ...file } = checkpoint;
  return factsOf({
    ...{ layermix, date, checkpoint: file, model, adapter, kernels: kernels(tuning), data },
    ...{
      sources: Object.fromEntries(
        Object.entries(sources).map(([name, one]) => [name, sourceOf(one)]),
      ),
    },
    options,
    ...(header ? { settings: (header as unknown as Record<string, unknown>).settings } : {}),
  });
}

/** A source without the list of its files. */
function sourceOf(source: object): object {
  const { found: _, ...others } = source as Record<string, unknown>;
  return others;
}

function kernels(tuning: unknown): string {
  const best = isObject(tuning) && isObject(tuning.best) ? Object.keys(tuning.best).length : 0;
  return best ? `the fastest of those timed, for ${best} shapes` : "fixed";
}

function without(settings: unknown, flags: unknown): Record<string, unknown> {
  const [all, known] = [settings, flags].map((one) => isObject(one) ? one : {});
  return Object.fromEntries(
    Object.entries(all!).filter(([name, value]) => !isDeepStrictEqual(known![name], value)),
  );
}

/** Values by the path of their names, such as "data.train.count". */
function factsOf(values: unknown, prefix = ""): Fact[] {
  if (!isObject(values)) return [];
  return Object.entries(values).flatMap(([name, value]) =>
    isObject(value) && Object.keys(value).length
      ? factsOf(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value] as Fact]
  );
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "none";
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
