import assert from "node:assert/strict";
import { test } from "node:test";
import { rateCurveSvg, rateTable, rateText } from "#nin-cli/report/rate-curve.js";
import type { RateSearch } from "#nin-net/train/find-learning-rate.js";

const search: RateSearch = {
  points: [
    [0.001, 2],
    [0.01, 1.5],
    [0.1, 0.5],
    [1, 900],
  ].map(([lr, loss]) => ({ lr: lr!, lossNats: loss!, smoothedNats: loss! })),
  suggestion: 0.01,
  reason: "diverged",
};

test("a rate has two digits, as one types it", () => {
  assert.deepEqual([0.1259, 4.64e-6, 10, 0.001, 2.96e-4].map(rateText), [
    "0.13",
    "4.6e-6",
    "10",
    "0.001",
    "3e-4",
  ]);
});

test("the table has a bar of the smoothed loss at each rate, three for the first loss being twenty", () => {
  assert.deepEqual(rateTable(search), [
    " rate    loss",
    "0.001   2.000  ####################",
    " 0.01   1.500  ############### <- falls most steeply",
    "  0.1  0.5000  #####",
    "    1   900.0  ##############################",
  ]);
});

test("the curve is over the logarithm, cut off above, with the suggestion as a dot", async () => {
  const svg = await rateCurveSvg(search, { title: "Rates of X" });
  assert.match(
    svg,
    /aria-label="Line chart: Rates of X\. X axis: [^.]*, from -3 to 0\. Y axis: loss \(nats\), from 0 to 3\./,
  );
  // 520 pixels over three powers of ten, 300 over 3 nats.
  assert.match(svg, /data-name="smoothed"><path d="M0,100L173\.33,150L346\.67,250L520,0"/);
  assert.match(svg, /data-name="suggested: 0\.01".*translate\(173\.33,150\)/);
});
