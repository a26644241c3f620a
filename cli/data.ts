import { Argument, Command } from "@commander-js/extra-typings";
import { checkData, type DataFinding } from "../lib/data/data_check.ts";
import { getData } from "../lib/data/get_data.ts";
import { type SourceName, sourceNames, sources } from "../lib/data/sources.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { oneOf } from "./options.ts";
import { type Progress, progress } from "./progress.ts";

const example = `
Examples:
  layermix data get cifar10 --out data
  layermix data get cifar10-c --out data
  layermix data check cifar10-c data/CIFAR-10-C

A download that was interrupted goes on where it stopped, by the same command. What was downloaded is
compared with the published MD5 before it is unpacked; no file is written outside of --out.`;

/** `layermix data`: downloads the official data sets, and checks those that are there. */
export function data() {
  return new Command("data")
    .description("Download CIFAR-10 and CIFAR-100, their -C and -P, and check such folders.")
    .addHelpText("after", example)
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
    .option("--url <address>", "another address of the same archive")
    .option("--keep-archive", "keep the archive too")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and what is there as JSON lines")
    .addHelpText("after", example)
    .action(async (name, { out, url, keepArchive, quiet, json }) => {
      const interrupt = new AbortController();
      const stopListening = listenForInterrupts(interrupt, "what is there is kept");
      const bar = megabytes({ quiet, json });
      try {
        if (!sources[name].md5 && !quiet && !json) {
          console.error(`note: no MD5 of ${name} is published: only its content is checked`);
        }
        const { folder, findings, wasThere } = await getData({
          ...{ name, out, url, keepArchive, signal: interrupt.signal },
          progress: (state) => bar.update(state),
          note: (line) => bar.note(line),
        });
        bar.finish();
        if (json) console.log(JSON.stringify({ name, folder, was_there: wasThere, findings }));
        else if (!quiet) {
          console.log(`${listed(findings)}\n${name} ${wasThere ? "was" : "is"} in ${folder}`);
        }
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
        bar.finish();
        console.error(`stopped; the same command goes on from there`);
        Deno.exitCode = 130;
      } finally {
        bar.finish();
        stopListening();
      }
    });
}

function check() {
  return new Command("check")
    .description("Check that a folder holds a data set, whole and of the right shapes.")
    .addArgument(source())
    .argument("<folder>", "the folder that the official archive holds")
    .option("--quiet", "print nothing but errors")
    .option("--json", "print what was found as JSON")
    .addHelpText("after", example)
    .action(async (name, folder, { quiet, json }) => {
      const findings = await checkData(name, folder);
      const wrong = findings.filter(({ isRight }) => !isRight);
      if (json) console.log(JSON.stringify({ name, folder, findings }));
      else if (!quiet || wrong.length) console.log(listed(quiet ? wrong : findings));
      if (wrong.length) Deno.exitCode = 1;
    });
}

function listed(findings: readonly DataFinding[]): string {
  const width = findings.reduce((most, { name }) => Math.max(most, name.length), 0);
  return findings.map(({ name, found, isRight }) =>
    `${isRight ? "ok   " : "WRONG"}  ${name.padEnd(width)}  ${found}`
  ).join("\n");
}

/** A display of megabytes, one after the other for each task whose total is known by then. */
function megabytes(options: { quiet?: boolean; json?: boolean }) {
  let bar: Progress | undefined, shown: string | undefined;
  const finish = () => bar?.finish();
  return {
    update({ task, done, total = 0 }: { task: string; done: number; total?: number }) {
      const whole = (bytes: number) => Math.round(bytes / 1e6);
      if (shown !== task) {
        finish();
        bar = progress({ ...options, task, total: whole(total), unit: "MB", start: whole(done) });
        shown = task;
      }
      bar!.update(whole(done));
    },
    note(line: string) {
      if (bar) bar.note(line);
      else if (!options.quiet) console.error(line);
    },
    finish,
  };
}
