import { html, raw } from "hono/html";
import { lineChartSvg, type Marker, type Point, type Series } from "../../report/line-chart.ts";
import type { Html, Section } from "../../report/section.ts";
import type { Comparison } from "../comparison.ts";
import { type Against, accuracyPoints, lossPoints } from "../curve-points.ts";
import type { ComparisonRow } from "../rows.ts";

/** The page's style says what these are, in the light and in the dark. */
const chartColours = { background: "none", ink: "var(--ink)", grid: "var(--line)" };
const curveColours = 6;
const markers: readonly Marker[] = ["circle", "square", "triangle"];
const dashes: readonly (readonly number[] | undefined)[] = [undefined, [7, 4], [2, 3]];

/** Accuracy and loss of all rows laid over each other, over epochs and over seconds. */
export async function curvesSection({ rows }: Comparison): Promise<Section> {
  const section = { id: "curves", title: "Curves" };
  const shown = rows.filter(({ runs: [{ epochs }] }) => epochs.length > 0);
  if (shown.length === 0) return { ...section, body: html`<p>No epoch was finished.</p>` };
  const accuracies = (against: Against) =>
    chart(
      "test accuracy",
      against,
      shown.map(({ runs }) => accuracyPoints(runs, against)),
      rows,
      shown,
      true,
    );
  const losses = (against: Against) =>
    chart(
      "training loss (nats)",
      against,
      shown.map(({ runs: [run] }) => lossPoints(run, against)),
      rows,
      shown,
      false,
    );
  const charts = [
    await accuracies("epochs"),
    await accuracies("seconds"),
    await losses("epochs"),
    await losses("seconds"),
  ];
  const isSeeded = shown.some(({ runs }) => runs.length > 1);
  const seeds = isSeeded
    ? " Of several seeds the accuracies are means, the losses those of the lowest seed."
    : "";
  return {
    ...section,
    body: html`<p class="about">Test accuracy after each epoch, and the loss of the training steps, averaged over fiftieths of an epoch. Seconds are those of the run, tests included.${seeds}</p>
<div class="charts">
${charts}</div>`,
  };
}

async function chart(
  what: string,
  against: Against,
  points: readonly (readonly Point[])[],
  rows: readonly ComparisonRow[],
  shown: readonly ComparisonRow[],
  isMarked: boolean,
): Promise<Html> {
  const title = `${what[0]!.toUpperCase()}${what.slice(1)} over ${against}`;
  const svg = await lineChartSvg({
    title: "",
    x: {
      title: against === "epochs" ? "epoch" : "seconds",
      isWhole: against === "epochs",
      domain: [0, Math.max(1, ...points.flat().map(({ x }) => x))],
    },
    left: { title: what, ...(isMarked && { domain: [0, 1] as const }) },
    series: shown.map((row, i) => seriesOf(row.label, points[i]!, rows.indexOf(row), isMarked)),
    colours: chartColours,
  });
  return html`<div><h3>${title}</h3>
<div class="curves">${raw(svg)}</div></div>
`;
}

/** Told apart by colour, marker and dash. */
function seriesOf(name: string, points: readonly Point[], index: number, isMarked: boolean): Series {
  const dash = dashes[Math.floor(index / curveColours) % dashes.length];
  return {
    name,
    points,
    colour: `var(--curve-${(index % curveColours) + 1})`,
    ...(dash && { dash }),
    ...(isMarked ? { marker: markers[index % markers.length]! } : { width: 1.5 }),
  };
}
