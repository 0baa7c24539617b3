import type { RatePoint, RateSearch } from "nin-net";
import { tableLines } from "../terminal/format.ts";
import { lineChartSvg } from "./line-chart.ts";

/** Rows of the table, about. */
const tableRows = 20;
/** Characters of the longest bar. */
const barWidth = 30;

/** A rate as one types it: two digits, `0.13`, `4.6e-6`. */
export function rateText(lr: number): string {
  const short = Number(lr.toPrecision(2));
  return short < 1e-3 ? short.toExponential() : String(short);
}

/** The loss over the rate as a table with bars, every few steps and where the suggestion is. */
export function rateTable({ points, suggestion }: RateSearch): string[] {
  const every = Math.max(1, Math.ceil(points.length / tableRows));
  const shown = points.filter((point, i) => i % every === 0 || point.lr === suggestion);
  const top = ceilingOf(points);
  return tableLines(
    [
      ["rate", "loss", ""],
      ...shown.map((point) => [
        rateText(point.lr),
        point.smoothedNats.toPrecision(4),
        bar(point.smoothedNats / top) + (point.lr === suggestion ? " <- falls most steeply" : ""),
      ]),
    ],
    ["right", "right", "left"],
  );
}

function bar(share: number): string {
  return "#".repeat(Math.round(barWidth * Math.min(1, share)));
}

/** Where curves are cut off: what explodes would leave nothing to be seen of the rest. */
function ceilingOf(points: readonly RatePoint[]): number {
  return 1.5 * (points[0]?.smoothedNats ?? 1);
}

/**
 * The loss over the logarithm of the rate; losses above one and a half times the first are drawn at the upper edge.
 *
 * @param heading - title, and lines under it
 * @returns an SVG document
 */
export function rateCurveSvg(
  { points, suggestion }: RateSearch,
  heading: { readonly title: string; readonly subtitle?: readonly string[] },
): Promise<string> {
  const top = ceilingOf(points);
  const over = (y: (point: RatePoint) => number) =>
    points.map((point) => ({ x: Math.log10(point.lr), y: Math.min(top, y(point)) }));
  const suggested = points.find(({ lr }) => lr === suggestion);
  return lineChartSvg({
    ...heading,
    x: { title: "learning rate, logarithm to base 10" },
    left: { title: "loss (nats)", domain: [0, top] },
    series: [
      { name: "loss of each step", points: over((point) => point.lossNats), colour: "#8ab8d9", width: 1 },
      { name: "smoothed", points: over((point) => point.smoothedNats), colour: "#0072b2" },
      ...(suggested
        ? [
            {
              name: `suggested: ${rateText(suggested.lr)}`,
              points: [{ x: Math.log10(suggested.lr), y: Math.min(top, suggested.smoothedNats) }],
              colour: "#d55e00",
              marker: "circle",
            } as const,
          ]
        : []),
    ],
    colours: { background: "white", ink: "black", grid: "#e4e4e4" },
  });
}
