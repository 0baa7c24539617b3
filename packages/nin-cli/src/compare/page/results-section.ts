import { html } from "hono/html";
import { duration, grouped, rate, three } from "../../report/figures.ts";
import { explained, type Html, type Section } from "../../report/section.ts";
import { decimalBytes } from "../../terminal/format.ts";
import type { Comparison } from "../comparison.ts";
import { intervalText, trainedText } from "../comparison-text.ts";
import type { ComparisonRow } from "../rows.ts";
import { rowName } from "./row-name.ts";

/** Every figure of every row. */
export function resultsSection({ rows }: Comparison): Section {
  return { id: "results", title: "Results", body: html`${accuracies(rows)}\n${costs(rows)}` };
}

function accuracies(rows: readonly ComparisonRow[]): Html {
  const table = html`<table>
<thead><tr><th scope="col">network</th><th scope="col">test accuracy</th><th scope="col">95 % interval</th><th scope="col">test images</th><th scope="col" class="words">trained</th></tr></thead>
<tbody>
${rows.map((row) => {
  const { runs, accuracy } = row;
  return html`<tr>${rowName(row)}<td>${three(accuracy.mean)}</td><td>${intervalText(accuracy)}</td><td>${grouped(runs[0].testSet.split.count)}</td><td class="words">${trainedText(row)}</td></tr>
`;
})}</tbody></table>`;
  return explained("Accuracy by network", aboutIntervals(rows), table);
}

function costs(rows: readonly ComparisonRow[]): Html {
  const table = html`<table>
<thead><tr><th scope="col">network</th><th scope="col">parameters</th><th scope="col">multiply-adds</th><th scope="col">peak memory</th><th scope="col">an epoch</th><th scope="col">images a second</th></tr></thead>
<tbody>
${rows.map((row) => {
  const { network } = row.runs[0];
  const { peakBytes, secondsPerEpoch, imagesPerSecond } = row;
  return html`<tr>${rowName(row)}<td>${grouped(network.parameters)}</td><td>${grouped(network.multiplyAdds)}</td><td>${peakBytes === null ? "–" : decimalBytes(peakBytes)}</td><td>${secondsPerEpoch === null ? "–" : duration(secondsPerEpoch)}</td><td>${imagesPerSecond === null ? "–" : rate(imagesPerSecond)}</td></tr>
`;
})}</tbody></table>`;
  return explained(
    "Size and speed by network",
    "Multiply-adds are those of one image. Peak memory is what the engine takes for one training step and one batch of test images, data set and Node aside, measured here. An epoch's duration counts everything, images a second training steps alone.",
    table,
  );
}

function aboutIntervals(rows: readonly ComparisonRow[]): string {
  const isSeeded = rows.some(({ accuracy }) => accuracy.method === "t");
  const isSingle = rows.some(({ accuracy }) => accuracy.method === "wilson");
  return [
    ...(isSingle ? ["The interval of one run is Wilson's: how much other test images might change it."] : []),
    ...(isSeeded
      ? [
          "Of several seeds the accuracy is their mean, and the interval Student's t: how much other seeds might change it.",
        ]
      : []),
  ].join(" ");
}
