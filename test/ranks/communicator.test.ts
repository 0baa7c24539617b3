import assert from "node:assert/strict";
import { test } from "node:test";
import { anyRank, gather, soloCommunicator } from "#nin-net/ranks/communicator.js";
import { SharedStop } from "#nin-net/ranks/shared-stop.js";
import { ranksInProcess } from "./in-process.js";

test("every rank gets the values of all, of any length", async () => {
  const values = ["", "a", { b: [1, 2, "ä"] }];
  const gathered = await Promise.all(
    ranksInProcess(3).map((each) => gather<unknown>(each, values[each.rank])),
  );
  assert.deepEqual(gathered, [values, values, values]);
  assert.deepEqual(await gather(soloCommunicator, "alone"), ["alone"]);
});

test("one yes is everybody's, whoever says it", async () => {
  for (const size of [1, 2, 3, 5, 8]) {
    for (let who = -1; who < size; who++) {
      const answers = await Promise.all(ranksInProcess(size).map((each) => anyRank(each, each.rank === who)));
      assert.deepEqual(answers, new Array(size).fill(who >= 0));
    }
  }
});

test("a stop of one rank is a stop of all, from the next agreement on", async () => {
  const own = new AbortController();
  const stops = ranksInProcess(3).map(
    (each) => new SharedStop(each, each.rank === 1 ? own.signal : undefined),
  );
  const agree = () => Promise.all(stops.map((stop) => stop.agree()));
  await agree();
  own.abort();
  assert.deepEqual(
    stops.map(({ signal }) => signal?.aborted),
    [false, false, false],
  );
  await agree();
  assert.deepEqual(
    stops.map(({ signal }) => signal?.aborted),
    [true, true, true],
  );
});

test("a process on its own has its own signal", async () => {
  const own = new AbortController();
  assert.equal(new SharedStop(soloCommunicator, own.signal).signal, own.signal);
});
