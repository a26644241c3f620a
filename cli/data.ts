import { Argument, Command } from "@commander-js/extra-typings";
import { InvalidArgumentError } from "commander";
import { checksums } from "../lib/data/checksums.ts";
import { checkData, type DataFinding } from "../lib/data/data_check.ts";
import { getData } from "../lib/data/get_data.ts";
import { type SourceName, sourceNames, sources } from "../lib/data/sources.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { oneOf } from "./options.ts";
import { type Progress, progress } from "./progress.ts";

const getExample = `
Examples:
  layermix data get cifar10 --out data
  layermix data get cifar10-c --out data --keep-archive

A download that was interrupted goes on where it stopped, by the same command. What was downloaded is
compared with the published MD5 before it is unpacked; no file is written outside of --out.`;

const checkExample = `
Examples:
  layermix data check cifar10-c data/CIFAR-10-C
  layermix data check cifar100 data --quiet

Each file must be there with its size or shape, its labels and, where it is known, its checksum. It
ends with code 1 where one is wrong.`;

/** `layermix data`: downloads the official data sets, and checks those that are there. */
export function data() {
  return new Command("data")
    .description("Download CIFAR-10 and CIFAR-100, their -C and -P, and check such folders.")
    .addHelpText("after", `${getExample}\n${checkExample}`)
    .addCommand(get())
    .addCommand(check());
}

const source = () =>
  new Argument("<name>", sourceNames.join(", "))
    .argParser<SourceName>(oneOf("the data set", sourceNames));

function get() {
  return new Command("get")
    .description("Download a data set from its official address, check it and unpack it.")
    .addArgument(source())
    .option("--out <folder>", "where its own folder is put", "data")
    .option("--url <address>", "a mirror of the same archive")
    .option("--md5 <digits>", "of the archive, where the mirror has another than the official", md5)
    .option("--keep-archive", "keep the archive too")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and what is there as JSON lines")
    .addHelpText("after", getExample)
    .action(async (name, { quiet, json, ...options }) => {
      const bar = megabytes({ quiet, json });
      if (!(options.md5 ?? sources[name].md5)) {
        bar.note(`note: no MD5 of ${name} is known, so that only its content is checked`);
      }
      await interruptible("the same command goes on from there", async (signal) => {
        const { folder, findings, wasThere, archive } = await getData({
          ...{ name, ...options, signal },
          progress: (state) => bar.update(state),
          note: (line) => bar.note(line),
        }).finally(() => bar.finish());
        if (json) {
          console.log(JSON.stringify({ name, folder, was_there: wasThere, archive, findings }));
        } else if (!quiet) {
          const place = `${name} ${wasThere ? "was" : "is"} in ${folder}`;
          console.log(
            `${listed(findings)}\n${place}${archive ? `, its archive is ${archive}` : ""}`,
          );
        }
      });
    });
}

function check() {
  return new Command("check")
    .description("Check that a folder holds a data set: files, sizes, shapes, labels, checksums.")
    .addArgument(source())
    .argument("<folder>", "the folder that the official archive holds")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and what was found as JSON lines")
    .addHelpText("after", checkExample)
    .action(async (name, folder, { quiet, json }) => {
      const bar = megabytes({ quiet, json });
      await interruptible("nothing was changed", async (signal) => {
        const findings = await checkData(name, folder, {
          ...{ checksums: checksums[name], signal },
          progress: (state) => bar.update(state),
        }).finally(() => bar.finish());
        const wrong = findings.filter(({ isRight }) => !isRight);
        if (json) console.log(JSON.stringify({ name, folder, findings }));
        else if (!quiet || wrong.length) console.log(listed(quiet ? wrong : findings));
        if (wrong.length) Deno.exitCode = 1;
      });
    });
}

/** Does work that Ctrl-C ends, with code 130 and a word of what is then. */
async function interruptible(then: string, work: (signal: AbortSignal) => Promise<void>) {
  const interrupt = new AbortController();
  const stopListening = listenForInterrupts(interrupt, "stopping");
  try {
    await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    console.error(`stopped; ${then}`);
    Deno.exitCode = 130;
  } finally {
    stopListening();
  }
}

function md5(text: string): string {
  if (/^[0-9a-f]{32}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("Expected 32 hexadecimal digits.");
}

function listed(findings: readonly DataFinding[]): string {
  const width = findings.reduce((most, { name }) => Math.max(most, name.length), 0);
  return findings.map(({ name, found, isRight }) =>
    `${isRight ? "ok   " : "WRONG"}  ${name.padEnd(width)}  ${found}`
  ).join("\n");
}

/** A display of megabytes, another one for each task and each total that a server says. */
function megabytes(options: { quiet?: boolean; json?: boolean }) {
  const whole = (bytes: number) => Math.round(bytes / 1e6);
  let bar: Progress | undefined, shown = "";
  return {
    update({ task, done, total = 0 }: { task: string; done: number; total?: number }) {
      if (shown !== `${task} ${total}`) {
        bar?.finish();
        bar = progress({ ...options, task, total: whole(total), unit: "MB", start: whole(done) });
        shown = `${task} ${total}`;
      }
      bar!.update(whole(done));
    },
    note(line: string) {
      if (bar) bar.note(line);
      else if (options.json) console.error(JSON.stringify({ note: line }));
      else if (!options.quiet) console.error(line);
    },
    finish: () => bar?.finish(),
  };
}
