import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { NinNet } from "#nin-net/models/nin.js";
import { runNin, temporaryFolder } from "../cli/run-nin.js";
import { smallRecipe } from "../small-recipe.js";

/** Preloaded into a child, it says when a worker has been at work for a while. */
const saysWhenWorking = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`
    const threads = process.getBuiltinModule("node:worker_threads");
    threads.Worker = class extends threads.Worker {
      constructor(...args) {
        super(...args);
        setTimeout(() => process.stderr.write("a worker is at work\\n"), 1000).unref();
      }
    };
  `)}`,
};

test("one thread: SIGTERM ends an evaluation in the middle of a batch, with status 143", async (t) => {
  const path = join(temporaryFolder(t), "run");
  const recipe = { ...smallRecipe, dataset: "drawn", resize: 224, batchSize: 2000 } as const;
  {
    using run = await RunFolder.create(path, { recipe, versions: {}, datasetChecksum: null });
    await run.saveCheckpoint(new NinNet(), { epoch: 1, step: 0 });
  }
  const { status, stdout, stderr } = await runNin(["evaluate", path, "--threads", "1"], {
    env: saysWhenWorking,
    signalAt: { text: "a worker is at work", signal: "SIGTERM" },
  });
  assert.equal(status, 143, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^Stopped; nothing was changed\.$/m);
});

test("part of the test images says nothing of classes that are left out; of a limit beyond them all are taken", async (t) => {
  const path = join(temporaryFolder(t), "run");
  {
    using run = await RunFolder.create(path, {
      recipe: { ...smallRecipe, dataset: "drawn" },
      versions: {},
      datasetChecksum: null,
    });
    await run.saveCheckpoint(new NinNet(), { epoch: 1, step: 0 });
  }
  const evaluated = async (limit: string) => (await runNin(["evaluate", path, "--limit", limit])).stderr;
  assert.doesNotMatch(await evaluated("3"), /for every test image|not predicted|learned/);
  const all = await evaluated("1001");
  assert.match(all, /^note: --limit 1001: there are 1,000 test images; all are used\.$/m);
  assert.match(all, /Nothing has been learned yet/);
});
