// Disturbs many short trainings, each by one kind of fault at random moments, lets them go on, and
// compares what they leave with what an undisturbed one does.
import { parseArgs } from "node:util";
import { withPlace } from "../../train/fixture.ts";
import { faults } from "./faults.ts";
import { disturbed, undisturbed } from "./round.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
  },
});
const [seed, rounds] = [Number(values.seed), Number(values.rounds)];
const chosen = faults.filter(({ name }) => !values.only || values.only === name);
if (chosen.length === 0 || !Number.isInteger(seed) || !(rounds >= 1)) {
  console.error("Usage: deno task chaos [--seed 1] [--rounds 3] [--only NAME]");
  console.error(`NAME is one of ${faults.map(({ name }) => JSON.stringify(name)).join(", ")}`);
  Deno.exit(2);
}

/** Faults in each run at the most, before it may go on undisturbed. */
const TIMES = 3;

function printRow(name: string, ...cells: unknown[]): void {
  console.log([name.padEnd(18), ...cells.map((cell) => String(cell).padStart(11))].join(""));
}

let isWrong = false;
await withPlace(async (place) => {
  const whole = await undisturbed(place);
  printRow("fault", "runs", "faults", "cut short", "same bits");
  for (const fault of chosen) {
    let hit = 0, cut = 0, same = 0, ran = 0;
    for (let number = 0; number < rounds; number++) {
      const round = await disturbed(fault, whole, seed, number, TIMES);
      if (round.skipped) {
        console.log(`${fault.name}: skipped, ${round.skipped}`);
        break;
      }
      ran++;
      hit += round.faults;
      cut += round.cut;
      if (!round.wrong) same++;
      else console.log(`${fault.name}, run ${number} of seed ${seed}: ${round.wrong}`);
    }
    if (ran > 0) printRow(fault.name, ran, hit, cut, same);
    isWrong ||= same < ran;
  }
});
if (isWrong) Deno.exit(1);
