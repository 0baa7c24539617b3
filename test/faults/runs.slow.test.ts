import assert from "node:assert/strict";
import { after } from "node:test";
import { CalmRun } from "./calm-run.js";
import { type ChildEnd, tinyRun } from "./child.js";
import { faultTest } from "./fault-test.js";
import { bitsOf } from "./run-bits.js";

const calm = await CalmRun.make();
after(() => calm[Symbol.dispose]());

faultTest("workerEndedInRun", async () => {
  const path = calm.folder("worker");
  const { status, stderr } = await tinyRun(path, "begin", 2, { endsWorker: true });
  assert.equal(status, 1);
  await calm.checkResumed(path, 1);
  return stderr.replace(/code \d+/, "code <code>");
});

faultTest("twoProcesses", async () => {
  const path = calm.folder("shared");
  let second: Promise<ChildEnd> | undefined;
  const first = await tinyRun(path, "begin", 2, {
    onBegun(child) {
      // It keeps still until the other has had its try.
      child.kill("SIGSTOP");
      second = tinyRun(path, "resume", 2).finally(() => child.kill("SIGCONT"));
    },
  });
  const { status, stderr } = await second!;
  assert.equal(status, 1);
  assert.deepEqual([first.status, first.stderr], [0, ""]);
  assert.deepEqual(await bitsOf(path), calm.bits);
  return stderr.replace(path, "<run>").replace(/process \d+/, "process <number>");
});
