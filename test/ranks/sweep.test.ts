import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../cli/run-nin.js";
import { cannotLaunch, launch, mpich, openMpi, tinyData } from "./mpirun.js";

const skip = [openMpi, mpich].map(cannotLaunch).find((reason) => reason !== false) ?? false;

test("ranks share the runs of a sweep, and a run that fails ends none of the others", {
  skip,
  timeout: 300_000,
}, async (t) => {
  const scratch = temporaryFolder(t);
  const out = join(scratch, "sweep");
  const call = [
    ...["sweep", "--dataset", "mnist", "--no-verify", "--net", "nin-small", "--widths", "4,4,4"],
    ...["--epochs", "1", "--data-dir", tinyData(join(scratch, "data")), "--out", out],
  ];
  // Rank 0 has the first and the third run, and ends with the one that diverges.
  const { status, stdout, stderr } = await launch(openMpi, [
    { ranks: 2, args: [...call, "--lr", "0.1,0.2,1e30"] },
  ]);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /^3 runs into \S+sweep, a new sweep: 3 new; 1 at a time\.$/m);
  assert.match(stderr, /^lr=0\.1: test acc .*\(1 of 2\); running: lr=1e\+30$/m);
  assert.match(stderr, /^lr=0\.2: test acc .*\(1 of 1\)$/m);
  assert.equal(stderr.match(/^error: /gm)?.length, 1, stderr);
  assert.match(stderr, /^error: lr=1e\+30: The test loss after epoch 1 is not finite: /m);
  assert.match(stdout, /^lr=0\.1 +0\.\d+ .*\nlr=0\.2 +0\.\d+ /m);
  assert.ok(existsSync(join(out, "compare.html")));

  await t.test("another launcher finds all of it done", async () => {
    const again = await launch(mpich, [{ ranks: 2, args: [...call, "--lr", "0.1,0.2"] }]);
    assert.equal(again.status, 0, again.stderr);
    assert.match(
      again.stderr,
      /^2 runs in \S+sweep: 2 done; 1 at a time\. 1 other run there is left alone\.$/m,
    );
    assert.doesNotMatch(again.stderr, /test acc/);
  });
});
