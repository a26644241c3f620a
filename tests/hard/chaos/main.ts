// Disturbs many short trainings, each by one kind of fault at random moments, lets them go on, and
// compares what they leave with what an undisturbed one does.
import { withPlace } from "../../train/fixture.ts";
import { taskFlags } from "../task_flags.ts";
import { faults } from "./faults.ts";
import { disturbed, undisturbed } from "./round.ts";

const usage = `\
Usage: deno task chaos [--seed 1] [--rounds 3] [--only NAME]
NAME is one of ${faults.map(({ name }) => JSON.stringify(name)).join(", ")}`;
const flags = taskFlags(
  usage,
  { seed: "1", rounds: "3" },
  ["only"],
  ({ seed, rounds, only }) =>
    /^\d{1,9}$/.test(seed) && /^[1-9]\d{0,5}$/.test(rounds) &&
    faults.some(({ name }) => name === (only ?? name)),
);
const seed = Number(flags.seed), rounds = Number(flags.rounds);
const chosen = faults.filter(({ name }) => name === (flags.only ?? name));

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
