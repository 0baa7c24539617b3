import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsCsv } from "#nin-cli/report/metrics-csv.js";

test("a line for each epoch under a line of names, every digit kept", () => {
  const epoch = {
    kind: "epoch",
    epoch: 1,
    trainLossNats: 2.302585092994045,
    trainAccuracy: 0.1,
    testLossNats: 2.25,
    testAccuracy: 1 / 3,
    imagesPerSecond: 60.5,
    seconds: 1000,
  } as const;
  assert.equal(
    metricsCsv([epoch, { ...epoch, epoch: 2, testAccuracy: 1 }]),
    "epoch,trainLossNats,trainAccuracy,testLossNats,testAccuracy,imagesPerSecond,seconds\n" +
      "1,2.302585092994045,0.1,2.25,0.3333333333333333,60.5,1000\n" +
      "2,2.302585092994045,0.1,2.25,1,60.5,1000\n",
  );
});
