// Kills one of three ranks at random moments of a short run, as the tests do but more often, and resumes it.
//
//   npm run kill-ranks -- [--times N] [--seed S] [--from K]
//
// --times: kills (default 50); --seed: what the moments follow from (default: drawn from the clock); --from: begins with
// the K-th, to go on with a series that was interrupted. The first that goes wrong ends it, with exit status 1.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  calmRun,
  checkResumed,
  checkWhole,
  describeMoment,
  killMoment,
  killRank,
} from "../build/test/faults/rank-runs.js";
import { cannotLaunch, mpich, openMpi } from "../build/test/ranks/mpirun.js";
import { wholeNumber } from "./whole-number.mjs";

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "50" },
    seed: { type: "string" },
    from: { type: "string", default: "1" },
  },
});
const times = wholeNumber("--times", values.times, 1);
const seed = wholeNumber("--seed", values.seed ?? `${Date.now() % 1_000_000_000}`, 0);
const from = wholeNumber("--from", values.from, 1);
const reason = [openMpi, mpich].map(cannotLaunch).find((each) => each !== false);
if (reason) {
  console.error(reason);
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), "nin-kills-"));
try {
  const calm = await calmRun(scratch);
  let longest = 0;
  let killed = 0;
  for (let kill = from; killed < times; kill++) {
    const moment = killMoment(seed, kill);
    const path = join(scratch, `killed-${kill}`);
    const { ranks, launcher } = moment.resumedBy;
    try {
      const seconds = await killRank(calm, path, moment);
      if (seconds === undefined) continue; // the run was over
      if (seconds > 10) throw new Error(`there were processes for ${seconds.toFixed(1)} s`);
      await checkWhole(path);
      await checkResumed(calm, path, ranks, launcher);
      killed++;
      longest = Math.max(longest, seconds);
      const by = ranks === 1 ? "one process" : `${ranks} ranks of ${launcher.name}`;
      console.log(
        `${kill}: ${describeMoment(moment)}: all ended in ${seconds.toFixed(2)} s; resumed by ${by}`,
      );
    } catch (error) {
      throw new Error(`seed ${seed}, kill ${kill}, ${describeMoment(moment)}: ${error.message}`, {
        cause: error,
      });
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  }
  console.log(
    `${killed} kills by seed ${seed}: all processes had ended within ${longest.toFixed(2)} s, ` +
      "each run was resumed to the same bits",
  );
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
