import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { CalmRun } from "./calm-run.js";
import { type ChildEnd, tinyRun } from "./child.js";
import { faultTest } from "./fault-test.js";
import { bitsOf, contentsOf } from "./run-bits.js";

const calm = await CalmRun.make();
after(() => calm[Symbol.dispose]());

faultTest("workerEndedInRun", async (happens) => {
  const path = calm.folder("worker");
  const { status, stderr } = await tinyRun(path, "begin", 2, { endsWorker: true });
  await happens("the run ends with exit status 1", () => assert.equal(status, 1));
  await happens("resumed, it comes to the same bits", () => calm.checkResumed(path, 1));
  return stderr.replace(/code \d+/, "code <code>");
});

faultTest("checkpointGone", async (happens) => {
  const path = calm.folder("gone");
  cpSync(calm.folder("calm"), path, { recursive: true });
  rmSync(join(path, "checkpoint.safetensors"));
  const before = contentsOf(path);
  const { status, stderr } = await tinyRun(path, "resume", 2);
  await happens("a resume is refused with exit status 1", () => assert.equal(status, 1));
  await happens("nothing of the run is changed", () => assert.deepEqual(contentsOf(path), before));
  return stderr.replace(path, "<run>");
});

faultTest("twoProcesses", async (happens) => {
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
  await happens("the second is refused with exit status 1", () => assert.equal(status, 1));
  await happens("the first goes on undisturbed, to the same bits", async () => {
    assert.deepEqual([first.status, first.stderr], [0, ""]);
    assert.deepEqual(await bitsOf(path), calm.bits);
  });
  return stderr.replace(path, "<run>").replace(/process \d+/, "process <number>");
});
