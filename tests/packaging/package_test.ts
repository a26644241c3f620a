import assert from "node:assert/strict";
import { join } from "node:path";
import { layermixVersion } from "../../lib/version.ts";
import { packageProgram } from "../../packaging/package.ts";
import { digest, type Ended, ended, type Place, withPlace } from "../train/fixture.ts";

const isLinux = Deno.build.os === "linux";

/** The packaged program in a folder of its own. */
interface Packaged {
  file: string;
  place: Place;
  /** Runs it as a user with a new home would, without this process's variables. */
  layermix(...args: string[]): Promise<Ended>;
}

async function withPackage(test: (packaged: Packaged) => Promise<void>): Promise<void> {
  await withPlace(async (place) => {
    const file = place.path("layermix");
    await Deno.writeFile(file, await packageProgram(), { mode: 0o755 });
    await Deno.mkdir(place.path("home"));
    await test({ file, place, layermix: (...args) => run(file, place, args) });
  });
}

/** Starts it without this process's variables. */
function command(file: string, { root, path }: Place, args: string[], env = {}): Deno.Command {
  const variables = { PATH: "/usr/bin:/bin", HOME: path("home"), ...env };
  const output = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(file, { args, cwd: root, clearEnv: true, env: variables, ...output });
}

async function run(...what: Parameters<typeof command>): Promise<Ended> {
  return ended(await command(...what).output());
}

/** Ends a run by Ctrl-C once its first checkpoint is there. */
async function interrupted(file: string, place: Place, args: string[]): Promise<Ended> {
  const child = command(file, place, args).spawn();
  const checkpoint = place.path("part/last.safetensors");
  while (!await Deno.stat(checkpoint).catch(() => undefined)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill("SIGINT");
  return ended(await child.output());
}

const small = ["--layers", "10", "--widen-factor", "1", "--no-tune", "--quiet"];

Deno.test({
  name: "the packaged file trains, resumes, evaluates and draws, with nothing else there",
  ignore: !isLinux,
  fn: () =>
    withPackage(async ({ file, place, layermix }) => {
      const passes = async (...args: string[]) => {
        const { code, stdout, stderr } = await layermix(...args);
        assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
        return stdout;
      };
      assert.equal(await passes("--version"), `${layermixVersion}\n`);
      assert.match(await passes("doctor"), /passed: a kernel ran/);
      const data = ["--data-path", place.data, "--mixing-set", place.mixing];
      await passes("samples", ...data, "--index", "0", "--draws", "1", "--out", "grid.png");
      assert.deepEqual((await Deno.readFile(place.path("grid.png"))).slice(1, 4), ascii("PNG"));

      const train = ["train", "cifar", ...data, ...small, "--batch-size", "4", "--epochs", "4"];
      await passes(...train, "--save", "whole");
      const part = [...train, "--save", "part", "--save-every", "1"];
      assert.equal((await interrupted(file, place, part)).code, 130);
      await passes("train", "cifar", "--resume", "--save", "part", "--quiet");
      const last = async (run: string) =>
        digest(await Deno.readFile(place.path(`${run}/last.safetensors`)));
      assert.equal(await last("part"), await last("whole"));

      const evaluated = ["evaluate", "cifar", "whole/last.safetensors", "--data-path", place.data];
      const suites = ["--suites", "clean,c", "--make", "--no-tune", "--json"];
      const results = JSON.parse(await passes(...evaluated, ...suites));
      assert.equal(results.suites.c.rows.length, 75, "made by threads");
      await passes("report", "whole", "-o", "report.html");
    }),
});

Deno.test({
  name: "the packaged file says what is wrong with it or its place",
  ignore: !isLinux,
  fn: () =>
    withPackage(async ({ file, place, layermix }) => {
      const wrong = await layermix("train", "cifar", "--nothing");
      assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
      const cut = place.path("cut"), bytes = await Deno.readFile(file);
      await Deno.writeFile(cut, bytes.subarray(0, bytes.length / 2), { mode: 0o755 });
      await Deno.mkdir(place.path("other"));
      const damaged = await run(cut, place, ["--version"], { HOME: place.path("other") });
      assert.deepEqual([damaged.code, damaged.stdout], [1, ""]);
      assert.match(damaged.stderr, /^layermix: Cannot unpack into [^\n]+\/cut is damaged\n$/);
      assert.deepEqual([...Deno.readDirSync(place.path("other/.cache/layermix"))], []);

      // A home in which nothing can be made, so that a folder of the user's own is.
      const temporary = place.path("tmp");
      await Deno.mkdir(temporary);
      const homeless = { HOME: "/proc", TMPDIR: temporary };
      const { code, stdout } = await run(file, place, ["--version"], homeless);
      assert.deepEqual([code, stdout], [0, `${layermixVersion}\n`]);
      const [folder] = [...Deno.readDirSync(temporary)];
      assert.equal(Deno.statSync(join(temporary, folder!.name)).mode! & 0o777, 0o700);
    }),
});

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
