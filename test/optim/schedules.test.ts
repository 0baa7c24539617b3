import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { withWarmup } from "#nin-net/optim/schedule.js";
import { createSchedule, scheduleNames, scheduleSchema, schedules } from "#nin-net/optim/schedules.js";

/** By test/oracle/optimizers.py, with PyTorch in float64 at a rate of 1. */
const oracle = JSON.parse(
  readFileSync(new URL("../../../test/oracle/optimizers.json", import.meta.url), "utf8"),
) as {
  readonly schedules: readonly {
    readonly name: string;
    readonly settings: object;
    readonly stepsPerEpoch: number;
    readonly rates: readonly number[];
  }[];
};

for (const { name, settings, stepsPerEpoch, rates } of oracle.schedules) {
  test(`the rates of ${name} ${JSON.stringify(settings)} are PyTorch's`, () => {
    const schedule = createSchedule(scheduleSchema.parse({ name, ...settings }));
    rates.forEach((rate, step) => {
      const got = schedule.factor({ step, steps: rates.length, stepsPerEpoch });
      assert.ok(Math.abs(got - rate) < 1e-12, `step ${step}: ${got}, PyTorch's ${rate}`);
    });
  });
}

test("the rates of constant are 1", () => {
  assert.equal(schedules.constant().factor({ step: 7, steps: 9, stepsPerEpoch: 3 }), 1);
});

test("a warm-up rises in equal steps and leaves the schedule the rest of the run", () => {
  const cosine = schedules.cosine();
  const warm = withWarmup(cosine, 0.5);
  const at = (step: number) => warm.factor({ step, steps: 16, stepsPerEpoch: 8 });
  assert.deepEqual([0, 1, 2, 3].map(at), [0.2, 0.4, 0.6, 0.8]);
  assert.equal(at(4), 1);
  for (let step = 4; step < 16; step++) {
    assert.equal(at(step), cosine.factor({ step: step - 4, steps: 12, stepsPerEpoch: 8 }));
  }
  assert.equal(withWarmup(cosine, 0), cosine);
});

test("schedules say whether they span the run: the others do not depend on how long it is", () => {
  for (const name of scheduleNames) {
    const schedule = createSchedule(scheduleSchema.parse({ name }));
    const factors = [20, 40].map((steps) => schedule.factor({ step: 9, steps, stepsPerEpoch: 5 }));
    assert.equal(factors[0] !== factors[1], schedule.spansRun, name);
  }
});
