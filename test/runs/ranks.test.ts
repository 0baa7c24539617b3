import assert from "node:assert/strict";
import { test } from "node:test";
import { Ranks } from "#nin-cli/runs/ranks.js";
import { Output } from "#nin-cli/terminal/output.js";
import { ranksInProcess } from "../ranks/in-process.js";

const advice = "Start all ranks with the same options and the same version.";

/** What each rank throws; undefined for one that agrees. */
async function disagreements(all: readonly Readonly<Record<string, string>>[]): Promise<unknown[]> {
  const ends = await Promise.allSettled(
    ranksInProcess(all.length).map((each) =>
      new Ranks(each, new Output()).mustAgree(all[each.rank]!, advice),
    ),
  );
  return ends.map((end) => (end.status === "rejected" ? (end.reason as Error).message : undefined));
}

test("ranks of another version of the package, or called otherwise, are named on every rank", async () => {
  const same = { "nin-net": "0.1.0", "--lr": "0.1" };
  assert.deepEqual(await disagreements([same, same, same]), [undefined, undefined, undefined]);
  const version = `Rank 2 on localhost: got nin-net 0.2.0, expected nin-net 0.1.0 as rank 0 has. ${advice}`;
  assert.deepEqual(await disagreements([same, same, { ...same, "nin-net": "0.2.0" }]), [
    version,
    version,
    version,
  ]);
  const missing = `Rank 1 on localhost: got no --lr, expected --lr 0.1 as rank 0 has. ${advice}`;
  assert.deepEqual(await disagreements([same, { "nin-net": "0.1.0" }]), [missing, missing]);
  const more = `Rank 1 on localhost: got --seed 2, expected no --seed as rank 0 has. ${advice}`;
  assert.deepEqual(await disagreements([same, { ...same, "--seed": "2" }]), [more, more]);
});

test("the first rank does first what the others find done", async () => {
  const order: number[] = [];
  await Promise.all(
    ranksInProcess(3).map(async (each) => {
      await new Ranks(each, new Output()).firstRankFirst(async () => {
        if (each.rank === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(each.rank);
      });
    }),
  );
  assert.equal(order[0], 0);
  assert.equal(order.length, 3);
});
