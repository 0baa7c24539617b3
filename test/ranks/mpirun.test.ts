import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { packageVersion } from "#nin-net/train/versions.js";
import { copyPackages } from "../cli/package-copy.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { bitsOf } from "../faults/run-bits.js";
import { behindTinyFolder, cannotMount } from "../faults/tiny-folder.js";
import {
  cannotLaunch,
  type Launcher,
  launch,
  mpich,
  openMpi,
  type RankCall,
  rankProcesses,
  recipe,
  tinyData,
} from "./mpirun.js";

const launchers = [openMpi, mpich];
const skip = launchers.map(cannotLaunch).find((reason) => reason !== false) ?? false;
const timeout = 900_000;

test("any number of ranks, stopped and resumed, ends with the bits of one process", {
  skip,
  timeout,
}, async (t) => {
  const scratch = temporaryFolder(t);
  const begin = ["train", ...recipe, "--data-dir", tinyData(join(scratch, "data"))];
  const whole = join(scratch, "whole");
  const alone = await runNin([...begin, "--epochs", "2", "--out", whole]);
  assert.equal(alone.status, 0, alone.stderr);
  const bits = await bitsOf(whole);

  await t.test("two ranks; the first alone prints", async () => {
    const path = join(scratch, "two");
    const ended = await launch(openMpi, [{ ranks: 2, args: [...begin, "--epochs", "2", "--out", path] }]);
    assert.equal(ended.status, 0, ended.stderr);
    assert.deepEqual(await bitsOf(path), bits);
    assert.deepEqual(
      linesOf(ended.stdout),
      linesOf(alone.stdout).map((line) => line.replaceAll(whole, path)),
    );
    assert.equal(ended.stderr.match(/^Epoch 1/gm)?.length, alone.stderr.match(/^Epoch 1/gm)?.length);
  });

  await t.test("three ranks, one of them told to stop, then four of another MPI, then one", async () => {
    const path = join(scratch, "parts");
    const stop = () => process.kill(rankProcesses(path)[1]!, "SIGTERM");
    const stopped = await launch(
      openMpi,
      [{ ranks: 3, args: [...begin, "--epochs", "2", "--out", path, "--json"] }],
      { at: { text: '"step":1,', act: stop } },
    );
    assert.match(stopped.stdout, /"kind":"done","reason":"stopped"/, stopped.stderr);
    const resume = ["train", "--resume", path, "--data-dir", join(scratch, "data"), "--no-verify"];
    const four = await launch(mpich, [{ ranks: 4, args: resume }]);
    assert.equal(four.status, 0, four.stderr);
    assert.deepEqual(await bitsOf(path), bits);
    const more = await runNin([...resume, "--epochs", "2"]);
    assert.equal(more.status, 0, more.stderr);
    assert.deepEqual(await bitsOf(path), bits);
  });

  await t.test("eight ranks, some without a slice of the batch", async () => {
    const path = join(scratch, "eight");
    const ended = await launch(mpich, [{ ranks: 8, args: [...begin, "--epochs", "2", "--out", path] }]);
    assert.equal(ended.status, 0, ended.stderr);
    assert.deepEqual(await bitsOf(path), bits);
    rmSync(path, { recursive: true });
  });
});

/** Without what is said of the speed, which may take two lines. */
function linesOf(text: string): string[] {
  return text.replace(/^.*examples\/sec[\s\S]*?(?=^Run folder)/m, "").split("\n");
}

/** One rank says what is wrong, in one sentence. */
async function refused(
  launcher: Launcher,
  calls: readonly RankCall[],
  status: number,
  sentence: RegExp,
): Promise<void> {
  const ended = await launch(launcher, calls);
  assert.equal(ended.status, status, ended.stderr);
  const errors = ended.stderr.split("\n").filter((line) => line.startsWith("error: "));
  assert.equal(errors.length, 1, ended.stderr);
  assert.match(errors[0]!, sentence);
  assert.equal(ended.stdout, "");
  assert.doesNotMatch(ended.stderr, /^\s+at /m);
}

test("what ranks cannot work on is refused by one of them", { skip, timeout }, async (t) => {
  const scratch = temporaryFolder(t);
  const data = tinyData(join(scratch, "data"));
  const call = (...more: readonly string[]) => ["train", ...recipe, "--out", join(scratch, "out"), ...more];
  const good = call("--data-dir", data);

  await t.test("fewer slices than ranks", () =>
    refused(
      mpich,
      [{ ranks: 3, args: [...good, "--slice", "6"] }],
      2,
      /^error: mpirun: got 3 ranks for batches of 2 slices \(11 images, 6 a slice\), expected a slice for each rank at least\. Start fewer ranks, or give a larger --batch-size or a smaller --slice\.$/,
    ),
  );
  for (const args of [["evaluate", "nowhere"], ["compare", "--nets", "nin,lenet"], ["summary"]]) {
    await t.test(`nin ${args[0]}, which each would do alike`, () =>
      refused(
        openMpi,
        [{ ranks: 2, args }],
        2,
        new RegExp(
          `^error: nin ${args[0]}: got 2 ranks, expected one process: they would all do the same\\. Call it without mpirun\\.$`,
        ),
      ),
    );
  }
  await t.test("a GPU", () =>
    refused(
      openMpi,
      [{ ranks: 2, args: [...good, "--device", "gpu"] }],
      2,
      /^error: --device: got gpu on 2 ranks of Open MPI [\d.]+, expected cpu\. Ranks share batches on CPUs alone: leave it out, or use the GPU without mpirun\.$/,
    ),
  );
  await t.test("other options", () =>
    refused(
      mpich,
      [
        { ranks: 1, args: good },
        { ranks: 1, args: [...good, "--lr", "0.3"] },
      ],
      1,
      /^error: Rank 1 on \S+: got --lr 0\.3, expected no --lr as rank 0 has\. Start all ranks with the same options and the same version\.$/,
    ),
  );
  for (const [who, ranks] of [
    ["all of them", [3]],
    ["one of them", [1, 1]],
  ] as const) {
    await t.test(`an unknown option given to ${who}`, () =>
      refused(
        openMpi,
        ranks.map((count, i) => ({
          ranks: count,
          args: i === ranks.length - 1 ? [...good, "--bogus"] : good,
        })),
        2,
        /^error: (Rank 1 on \S+: )?--bogus is not an option of nin train\. /,
      ),
    );
  }
  await t.test("another version", async () => {
    const other = join(scratch, "other-version");
    copyPackages(other);
    const file = join(other, "packages/nin-net/dist/train/versions.js");
    writeFileSync(file, readFileSync(file, "utf8").replace(`"${packageVersion}"`, '"0.0.9"'));
    await refused(
      openMpi,
      [
        { ranks: 1, args: good },
        { ranks: 1, args: good, file: join(other, "bin/nin.js") },
      ],
      1,
      new RegExp(
        `^error: Rank 1 on \\S+: got nin-net 0\\.0\\.9, expected nin-net ${packageVersion} as rank 0 has\\. Start all ranks with the same options and the same version\\.$`,
      ),
    );
  });
  await t.test("other data", () =>
    refused(
      mpich,
      [
        { ranks: 1, args: good },
        { ranks: 1, args: call("--data-dir", tinyData(join(scratch, "other"), 1)) },
      ],
      1,
      /^error: Rank 1 on \S+: got MNIST of SHA-256 \w{12}\.\.\., expected MNIST of SHA-256 \w{12}\.\.\. as rank 0 has\. Give every rank the same data\.$/,
    ),
  );
  await t.test("a folder that one of them does not see", () =>
    refused(
      mpich,
      [
        { ranks: 1, args: good },
        { ranks: 1, args: call("--data-dir", join(scratch, "nowhere")) },
      ],
      1,
      /^error: Rank 1 on \S+: \S+nowhere: no such folder, expected the data folder that --data-dir names\./,
    ),
  );
  await t.test("a run that one of them does not see", { skip: cannotMount }, async () => {
    const path = join(scratch, "unseen");
    const begun = await runNin([...call("--data-dir", data), "--epochs", "1", "--out", path]);
    assert.equal(begun.status, 0, begun.stderr);
    const args = ["train", "--resume", path, "--data-dir", data, "--no-verify", "--epochs", "2"];
    await refused(
      mpich,
      [
        { ranks: 1, args },
        { ranks: 1, args, before: behindTinyFolder(path, 64) },
      ],
      1,
      /^error: Rank 1 on \S+: \S+unseen\/config\.json: cannot be read: there is no such file\. Give the folder that `nin train` named at its end\.$/,
    );
  });
  await t.test("a run that is not there", () =>
    refused(
      openMpi,
      [{ ranks: 2, args: ["train", "--resume", join(scratch, "no-run")] }],
      1,
      /^error: \S+no-run: no such folder, expected a run's, as nin train names it at its end\.$/,
    ),
  );
});

test("nin profile says what ranks spend in exchanges, once", { skip, timeout }, async () => {
  const args = ["profile", "--batch-size", "2", "--net", "nin-small", "--threads", "1"];
  const { status, stdout, stderr } = await launch(openMpi, [{ ranks: 2, args: [...args, "--json"] }]);
  assert.deepEqual([status, stderr], [0, ""]);
  const measured = JSON.parse(stdout) as {
    readonly ranks: number;
    readonly seconds: number;
    readonly exchangeSeconds: number;
  };
  assert.equal(measured.ranks, 2);
  assert.ok(0 < measured.exchangeSeconds && measured.exchangeSeconds < measured.seconds);

  const shown = await launch(mpich, [{ ranks: 2, args }]);
  assert.match(
    shown.stdout,
    /^Training step, batch 2, 28 x 28: .*\non cpu \(.*\)\n[\d.]+ ms of it \([\d.]+%\) in exchanges between 2 ranks, waiting included;\s/,
  );
  assert.equal(shown.stdout.match(/^together /gm)?.length, 1);
  assert.equal((await runNin(args)).stdout.includes("exchanges"), false);
});

test("ranks of MPICH that npx starts say what to start instead", { skip }, async () => {
  const args = ["train", ...recipe];
  const ended = await launch(mpich, [{ ranks: 2, before: ["npx", "--offline"], args }]);
  assert.notEqual(ended.status, 0);
  assert.equal(ended.stderr.match(/^error: .* cannot reach the launcher: .*$/gm)?.length, 2, ended.stderr);
  assert.doesNotMatch(ended.stderr, /MPI_Init|Segmentation/);
});

test("a launcher's environment without its other ranks is never a run of its own", {
  skip,
}, async (t: TestContext) => {
  const out = join(temporaryFolder(t), "out");
  const cases = [
    [
      { OMPI_COMM_WORLD_RANK: "0", OMPI_COMM_WORLD_SIZE: "2" },
      /^error: This process was started as rank 0 of 2 by Open MPI, but Open MPI \S+ \(libmpi\.so\.40\) says rank 0 of 1\. Start with the mpirun of that library, or of the one that the launcher belongs to\.\n$/,
    ],
    [
      { PMI_RANK: "1", PMI_SIZE: "2" },
      /^error: This process was started as rank 1 of 2 by MPICH, but MPICH \S+ \(libmpich\.so\.12\) says rank 0 of 1\./,
    ],
    [
      // What Node keeps there is no socket; the other is not open.
      { PMI_RANK: "0", PMI_SIZE: "2", PMI_FD: "3" },
      /^error: This process was started as rank 0 of 2 by MPICH, but cannot reach the launcher: the socket PMI_FD=3 did not get here\. /,
    ],
    [
      { PMI_RANK: "1", PMI_SIZE: "2", PMI_FD: "987" },
      /PMI_FD=987 did not get here\. Programs in between, such as npx, do not hand it on\. Start node_modules\/\.bin\/nin in place of npx nin\.\n$/,
    ],
    [
      { SLURM_PROCID: "0", SLURM_STEP_NUM_TASKS: "4", LD_LIBRARY_PATH: "/nowhere" },
      /^error: This process was started as rank 0 of 4 by SLURM, but /,
    ],
  ] as const;
  for (const [env, sentence] of cases) {
    const ended = await runNin(["train", ...recipe, "--out", out], { env });
    assert.equal(ended.status, 1, ended.stderr);
    assert.match(ended.stderr, sentence);
  }
});
