import { html } from "hono/html";
import { wrapped } from "../terminal/format.ts";
import { type LinearScale, linearScale } from "./linear-scale.ts";
import type { Html } from "./section.ts";

export interface LineChart {
  /** Empty: none. */
  readonly title: string;
  /** Lines under the title. */
  readonly subtitle?: readonly string[];
  readonly x: Axis;
  readonly left: Axis;
  readonly right?: Axis;
  /** Drawn in this order. */
  readonly series: readonly Series[];
  readonly colours: ChartColours;
}

export interface Axis {
  readonly title: string;
  /** Default: from the data; on the left and on the right, 0 is included. */
  readonly domain?: readonly [number, number];
  /** Whether ticks are at whole numbers only, as of epochs. */
  readonly isWhole?: boolean;
}

/** A line through points; where a value is not finite, it is interrupted. */
export interface Series {
  readonly name: string;
  /** In the order of x. */
  readonly points: readonly Point[];
  /** Which axis y is read from. Default: left */
  readonly axis?: "left" | "right";
  readonly colour: string;
  /** Pixels on and off. Default: a solid line */
  readonly dash?: readonly number[];
  /** Default: none, but a single point is drawn as a dot. */
  readonly marker?: Marker;
  /** Pixels. Default: 2 */
  readonly width?: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Marker = keyof typeof markerShapes;

/** Colours as CSS has them. */
export interface ChartColours {
  readonly background: string;
  /** Of text, axes and ticks. */
  readonly ink: string;
  readonly grid: string;
}

/** Around the point. */
const markerShapes = {
  circle: "M3.4,0A3.4,3.4,0,1,1,-3.4,0A3.4,3.4,0,1,1,3.4,0Z",
  square: "M-3,-3h6v6h-6Z",
  triangle: "M-3.6,3L0,-3.3L3.6,3Z",
} as const;

/** Pixels of the area that the series are drawn in. */
const plot = { width: 520, height: 300 };
/** Pixels around the plot. */
const padding = 14;
const tickSize = 5;
const labelSize = 11;
/** Between markers of a series; with more points, not every one is marked. */
const markerDistance = 11;
/** Of a character, in font sizes: an estimate, as the viewer chooses the font. */
const characterWidth = 0.6;

/**
 * Draws series as lines over a common x axis, with an axis for y on the left and, if wanted, another on the right.
 *
 * @returns an SVG document; it states its own size and can be put into a page as it is
 */
export async function lineChartSvg(chart: LineChart): Promise<string> {
  const scales = scalesOf(chart);
  const left = padding + 28 + labelWidth(scales.left);
  const right = padding + (scales.right ? 28 + labelWidth(scales.right) : 10);
  const width = left + plot.width + right;
  const heading = headingOf(chart, width);
  const top = padding + heading.height;
  const legend = legendOf(chart);
  const height = top + plot.height + 52 + legend.height + padding;
  const { ink, background } = chart.colours;
  const svg =
    await html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${description(chart, scales)}" font-family="sans-serif" font-size="${labelSize}">
<rect width="${width}" height="${height}" fill="${background}"/>
<g fill="${ink}" text-anchor="middle">${heading.text}</g>
<g transform="translate(${left},${top})">
${axes(chart, scales)}
${chart.series.map((series) => seriesGroup(series, scales.x, yScale(scales, series)))}
<g transform="translate(0,${plot.height + 52})" fill="${ink}" font-size="12">${legend.items}</g>
</g>
</svg>
`;
  return svg.toString();
}

interface Scales {
  readonly x: LinearScale;
  readonly left: LinearScale;
  readonly right: LinearScale | undefined;
}

function scalesOf({ x, left, right, series }: LineChart): Scales {
  const xs = series.flatMap(({ points }) => points.map((point) => point.x));
  const vertical = (axis: Axis, side: "left" | "right") => {
    const on = series.filter((one) => (one.axis ?? "left") === side);
    const ys = on.flatMap(({ points }) => points.map((point) => point.y));
    const [low, high] = extent(ys) ?? [0, 0];
    const domain = axis.domain ?? [Math.min(0, low), Math.max(0, high) || (low < 0 ? 0 : 1)];
    return linearScale(domain, { ...axis, pixels: plot.height, intervals: 5, isNice: true });
  };
  return {
    x: linearScale(x.domain ?? extent(xs) ?? [0, 1], { ...x, pixels: plot.width, intervals: 10 }),
    left: vertical(left, "left"),
    right: right && vertical(right, "right"),
  };
}

/** The least and the greatest finite value. */
function extent(values: readonly number[]): readonly [number, number] | undefined {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  return finite.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [finite[0]!, finite[0]!],
  );
}

function yScale({ left, right }: Scales, { axis }: Series): LinearScale {
  return axis === "right" && right ? right : left;
}

function labelWidth({ ticks }: LinearScale): number {
  return Math.ceil(Math.max(...ticks.map(({ label }) => label.length)) * labelSize * characterWidth);
}

function headingOf({ title, subtitle = [] }: LineChart, width: number): { text: Html[]; height: number } {
  const lines = [
    ...(title === "" ? [] : [{ text: title, size: 15, weight: "bold" }]),
    ...(title === "" ? [] : subtitle).map((text) => ({ text, size: 12, weight: "normal" })),
  ].flatMap(({ text, size, weight }) =>
    wrapped(text, Math.floor((width - 2 * padding) / (size * characterWidth))).map((line) => ({
      text: line,
      size,
      weight,
    })),
  );
  let y = padding;
  const text = lines.map((line) => {
    y += Math.round(1.3 * line.size);
    return html`<text x="${width / 2}" y="${y - 4}" font-size="${line.size}" font-weight="${line.weight}">${line.text}</text>`;
  });
  return { text, height: lines.length === 0 ? 0 : y - padding + 10 };
}

/** Lines at half pixels are sharp. */
const sharp = (pixels: number): number => Math.round(pixels) + 0.5;

function axes({ x, left, right, colours }: LineChart, scales: Scales): Html {
  const { width, height } = plot;
  const rows = scales.left.ticks.map(({ value }) => sharp(height - scales.left.at(value)));
  const sides = [
    { title: left.title, scale: scales.left, at: 0, outwards: -1, anchor: "end" },
    ...(right && scales.right
      ? [{ title: right.title, scale: scales.right, at: width, outwards: 1, anchor: "start" }]
      : []),
  ];
  return html`<path d="${rows.map((y) => `M0,${y}h${width}`).join("")}" stroke="${colours.grid}" fill="none"/>
<g stroke="${colours.ink}" fill="none"><path d="M0.5,${height + 0.5}h${width}${scales.x.ticks.map(({ value }) => `M${sharp(scales.x.at(value))},${height + 0.5}v${tickSize}`).join("")}"/>${sides.map(
    ({ scale, at, outwards }) =>
      html`<path d="M${at + 0.5},0.5v${height}${scale.ticks.map(({ value }) => `M${at + 0.5},${sharp(height - scale.at(value))}h${outwards * tickSize}`).join("")}"/>`,
  )}</g>
<g fill="${colours.ink}" text-anchor="middle">${scales.x.ticks.map(({ value, label }) => html`<text x="${fixed(scales.x.at(value))}" y="${height + 18}">${label}</text>`)}<text x="${width / 2}" y="${height + 36}" font-weight="bold">${x.title}</text></g>
${sides.map(
  ({ title, scale, at, outwards, anchor }) =>
    html`<g fill="${colours.ink}" text-anchor="${anchor}">${scale.ticks.map(({ value, label }) => html`<text x="${at + outwards * 8}" y="${fixed(height - scale.at(value) + 4)}">${label}</text>`)}<text transform="translate(${at + outwards * (18 + labelWidth(scale))},${height / 2}) rotate(${outwards * 90})" text-anchor="middle" font-weight="bold">${title}</text></g>
`,
)}`;
}

function seriesGroup(series: Series, x: LinearScale, y: LinearScale): Html {
  const { name, colour, dash, width = 2, marker } = series;
  const segments = segmentsOf(series.points).map((points) =>
    points.map((point) => ({ x: x.at(point.x), y: plot.height - y.at(point.y) })),
  );
  const lines = segments.filter(({ length }) => length > 1).map(thinned);
  const d = lines.map(
    (points) => `M${points.map((point) => `${fixed(point.x)},${fixed(point.y)}`).join("L")}`,
  );
  const marked =
    marker === undefined ? segments.filter(({ length }) => length === 1).flat() : markedOf(segments);
  const shape = markerShapes[marker ?? "circle"];
  return html`<g class="series" data-name="${name}"><path d="${d.join("")}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linejoin="round"${dashAttribute(dash)}/><g fill="${colour}">${marked.map((point) => html`<path d="${shape}" transform="translate(${fixed(point.x)},${fixed(point.y)})"/>`)}</g></g>
`;
}

function dashAttribute(dash: readonly number[] | undefined): Html {
  return dash === undefined ? html`` : html` stroke-dasharray="${dash.join(",")}"`;
}

/** The points between values that are not finite. */
function segmentsOf(points: readonly Point[]): readonly (readonly Point[])[] {
  const segments: Point[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.y) && Number.isFinite(point.x)) segments.at(-1)!.push(point);
    else segments.push([]);
  }
  return segments.filter(({ length }) => length > 0);
}

/**
 * Of points that share a column of pixels, only the first, lowest, highest and last: the line covers the same pixels.
 *
 * @see Jugel, Jerzak, Hackenbroich & Markl 2014, "M4: A Visualization-Oriented Time Series Data Aggregation"
 */
function thinned(points: readonly Point[]): readonly Point[] {
  const columns = new Map<number, Point[]>();
  for (const point of points) {
    const column = Math.floor(point.x);
    const known = columns.get(column);
    if (known) known.push(point);
    else columns.set(column, [point]);
  }
  return [...columns.values()].flatMap((column) => {
    if (column.length <= 4) return column;
    const [low, high] = extent(column.map(({ y }) => y))!;
    const kept = new Set([
      column[0]!,
      column.find(({ y }) => y === low)!,
      column.find(({ y }) => y === high)!,
      column.at(-1)!,
    ]);
    return column.filter((point) => kept.has(point));
  });
}

/** Every point, as long as their markers do not touch, and all that no line leads to. */
function markedOf(segments: readonly (readonly Point[])[]): readonly Point[] {
  let previous = Number.NEGATIVE_INFINITY;
  return segments.flatMap((points) =>
    points.filter(({ x }) => {
      const isMarked = points.length === 1 || x - previous >= markerDistance;
      if (isMarked) previous = x;
      return isMarked;
    }),
  );
}

/** Names of the series beside what their lines look like, in columns. */
function legendOf({ series }: LineChart): { items: Html[]; height: number } {
  const sample = 28;
  const column = Math.max(...series.map(({ name }) => sample + 8 + 12 * characterWidth * name.length + 20));
  const columns = Math.max(1, Math.min(series.length, Math.floor((plot.width + 20) / column)));
  const start = Math.max(0, (plot.width - (columns * column - 20)) / 2);
  const items = series.map(({ name, colour, dash, width = 2, marker }, i) => {
    const x = fixed(start + (i % columns) * column);
    const y = 8 + 20 * Math.floor(i / columns);
    const drawn = marker
      ? html`<path d="${markerShapes[marker]}" transform="translate(${sample / 2},0)" fill="${colour}"/>`
      : html``;
    return html`<g transform="translate(${x},${y})"><path d="M0,0h${sample}" stroke="${colour}" stroke-width="${width}"${dashAttribute(dash)}/>${drawn}<text x="${sample + 8}" y="4">${name}</text></g>`;
  });
  return { items, height: 20 * Math.ceil(series.length / columns) };
}

/** What the picture shows, for those who do not see it. */
function description({ title, x, left, right, series }: LineChart, scales: Scales): string {
  const axis = (name: string, { title }: Axis, { domain }: LinearScale) =>
    `${name}: ${title}, from ${fixed(domain[0])} to ${fixed(domain[1])}.`;
  const sentences = [
    title === "" ? "Line chart." : `Line chart: ${title}.`,
    axis("X axis", x, scales.x),
    axis(right ? "Left axis" : "Y axis", left, scales.left),
    ...(right && scales.right ? [axis("Right axis", right, scales.right)] : []),
    ...series.map(({ name, points }) => {
      const finite = points.filter(({ y }) => Number.isFinite(y));
      if (finite.length === 0) return `${name}: no values.`;
      return `${name}: ${significant(finite[0]!.y)} to ${significant(finite.at(-1)!.y)}.`;
    }),
  ];
  return sentences.join(" ");
}

/** Two decimals of a pixel, no trailing zeros. */
function fixed(value: number): number {
  return Number(value.toFixed(2));
}

function significant(value: number): number {
  return Number(value.toPrecision(3));
}
