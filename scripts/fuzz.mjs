// Draws other cases than the tests do for every reader of foreign files, and more of them.
//
//   npm run fuzz -- [--times N] [--seed S] [part of a target's name]
//
// --times: as many times the cases of a test run (default 10); --seed: the first seed (default: drawn from the clock).
// A case that breaks a reader is shrunk and printed with its seed; exit status 1.
import { parseArgs } from "node:util";
import { fuzz } from "../build/test/fuzz/fuzz-target.js";
import { targets } from "../build/test/fuzz/targets.js";
import { wholeNumber } from "./whole-number.mjs";

const { values, positionals } = parseArgs({
  options: { times: { type: "string", default: "10" }, seed: { type: "string" } },
  allowPositionals: true,
});
const times = wholeNumber("--times", values.times, 1);
const first = wholeNumber("--seed", values.seed ?? `${Date.now() % 1_000_000_000}`, 0);
const wanted = targets.filter(({ name }) => positionals.every((part) => name.includes(part)));
if (wanted.length === 0) {
  console.error(`No target's name contains ${positionals.join(", ")}. There are:`);
  for (const { name } of targets) console.error(`  ${name}`);
  process.exit(1);
}

let failures = 0;
for (const target of wanted) {
  let cases = 0;
  let broken;
  for (let round = 0; round < times && broken === undefined; round++) {
    await fuzz(target, target.cases, first + round).catch((error) => {
      broken = error;
    });
    cases += target.cases;
  }
  console.log(`${broken ? "broken" : "held  "}  ${target.name}: ${cases} cases, seeds from ${first}`);
  if (broken !== undefined) console.error(broken.message);
  failures += broken === undefined ? 0 : 1;
}
process.exitCode = failures > 0 ? 1 : 0;
