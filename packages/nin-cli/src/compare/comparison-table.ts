import { duration, rate } from "../report/figures.ts";
import { decimalBytes, grouped, tableLines } from "../terminal/format.ts";
import type { Comparison } from "./comparison.ts";
import { intervalText, pText, trainedText } from "./comparison-text.ts";

/** A comparison for a terminal. */
export function comparisonLines({ rows, pairs, claims, notes }: Comparison): string[] {
  const networks = tableLines(
    [
      ["", "parameters", "multiply-adds", "memory", "epoch", "images/s"],
      ...rows.map(({ label, runs: [{ network }], peakBytes, secondsPerEpoch, imagesPerSecond }) => [
        label,
        grouped(network.parameters),
        grouped(network.multiplyAdds),
        peakBytes === null ? "-" : decimalBytes(peakBytes),
        secondsPerEpoch === null ? "-" : duration(secondsPerEpoch),
        imagesPerSecond === null ? "-" : rate(imagesPerSecond),
      ]),
    ],
    ["left", "right"],
  );
  const results = tableLines(
    [
      ["", "test acc", "95 % interval", "trained"],
      ...rows.map((row) => [
        row.label,
        row.accuracy.mean.toFixed(3),
        intervalText(row.accuracy),
        trainedText(row),
      ]),
    ],
    ["left", "right", "right", "left"],
  );
  return [
    ...networks,
    "",
    ...results,
    ...(pairs.length === 0
      ? []
      : [
          "",
          "Images that one of two has right and the other has wrong, and McNemar's test:",
          ...tableLines(
            [
              ["first", "second", "only first", "only second", "p", "test"],
              ...pairs.map(({ first, second, onlyFirst, onlySecond, test }) => [
                first.label,
                second.label,
                grouped(onlyFirst.length),
                grouped(onlySecond.length),
                pText(test.p),
                test.method,
              ]),
            ],
            ["left", "left", "right", "right", "right", "left"],
          ),
        ]),
    ...(claims.length === 0 ? [] : ["", "What the series says, and what was measured:"]),
    ...claims.flatMap(({ claim, holds, measured }) => [
      `${verdicts[`${holds}`]} ${claim}`,
      `      ${measured}`,
    ]),
    ...(notes.length === 0 ? [] : ["", ...notes]),
  ];
}

const verdicts = { true: "yes: ", false: "no:  ", null: "?:   " } as const;
