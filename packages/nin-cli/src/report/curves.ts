import type { Spec } from "vega";

/** One epoch of a run, as {@link curvesSvg} draws it. */
export interface CurvePoint {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch, in training mode. */
  readonly trainLossNats: number;
  /** 0..1, over the epoch, in training mode. */
  readonly trainAccuracy: number;
  /** 0..1, in evaluation mode, after the epoch. */
  readonly testAccuracy: number;
}

export interface CurvesOptions {
  /** Empty: none. */
  readonly title: string;
  /** Lines under the title. */
  readonly subtitle?: readonly string[];
  /** Default: for paper. */
  readonly colours?: CurveColours;
}

/** Colours of a picture, in CSS's words. */
export interface CurveColours {
  readonly background: string;
  /** Of text, axes and ticks. */
  readonly ink: string;
  readonly grid: string;
  /** Of train loss, train accuracy and test accuracy. */
  readonly curves: readonly [string, string, string];
}

/** Okabe & Ito's palette, the third one darker, on white. */
const onPaper: CurveColours = {
  background: "white",
  ink: "black",
  grid: "#e4e4e4",
  curves: ["#0072b2", "#d55e00", "#007a5a"],
};

/** The three curves, told apart by colour, dash and marker. */
const curves = [
  { name: "train loss", scale: "loss", dash: [], marker: "circle" },
  { name: "train accuracy", scale: "accuracy", dash: [7, 4], marker: "square" },
  { name: "test accuracy", scale: "accuracy", dash: [2, 3], marker: "triangle-up" },
] as const;

/**
 * Draws train loss, train accuracy and test accuracy over epochs.
 *
 * @param points - one for each epoch, in order; a single one is drawn as three markers
 * @returns an SVG document
 */
export async function curvesSvg(points: readonly CurvePoint[], options: CurvesOptions): Promise<string> {
  // Loaded when a picture is wanted, so that every other command starts without it.
  const vega = await import("vega");
  const view = new vega.View(vega.parse(curvesSpec(points, options)), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function curvesSpec(
  points: readonly CurvePoint[],
  { title, subtitle, colours = onPaper }: CurvesOptions,
): Spec {
  const epochs = points.map((point) => point.epoch);
  const first = Math.min(...epochs);
  const last = Math.max(...epochs);
  const values = points.flatMap((point) => [
    { curve: "train loss", epoch: point.epoch, value: point.trainLossNats },
    { curve: "train accuracy", epoch: point.epoch, value: point.trainAccuracy },
    { curve: "test accuracy", epoch: point.epoch, value: point.testAccuracy },
  ]);
  const finiteLosses = points.map((point) => point.trainLossNats).filter(Number.isFinite);
  const wholeEpochs = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const everyNth = Math.ceil(wholeEpochs.length / 12);

  const axis = { domainColor: colours.ink, tickColor: colours.ink, labelColor: colours.ink };

  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    description: `${title || "Curves"}: train loss, train accuracy and test accuracy over ${points.length} epochs`,
    background: colours.background,
    width: 520,
    height: 300,
    padding: 12,
    autosize: "pad",
    ...(title !== "" && {
      title: {
        text: title,
        ...(subtitle && { subtitle: [...subtitle] }),
        color: colours.ink,
        subtitleColor: colours.ink,
        fontSize: 15,
        subtitleFontSize: 12,
        offset: 12,
      },
    }),
    data: [{ name: "table", values: values.filter(({ value }) => Number.isFinite(value)) }],
    scales: [
      {
        name: "x",
        type: "linear",
        range: "width",
        zero: false,
        domain: first === last ? [first - 1, last + 1] : [first, last],
      },
      {
        name: "loss",
        type: "linear",
        range: "height",
        nice: true,
        domain: [0, Math.max(0.1, ...finiteLosses)],
      },
      { name: "accuracy", type: "linear", range: "height", domain: [0, 1] },
      {
        name: "colour",
        type: "ordinal",
        domain: curves.map(({ name }) => name),
        range: [...colours.curves],
      },
      {
        name: "marker",
        type: "ordinal",
        domain: curves.map(({ name }) => name),
        range: curves.map(({ marker }) => marker),
      },
    ],
    axes: [
      {
        orient: "bottom",
        scale: "x",
        title: "epoch",
        titleColor: colours.ink,
        ...axis,
        values: wholeEpochs.filter((_, i) => i % everyNth === 0),
        format: "d",
      },
      {
        orient: "left",
        scale: "loss",
        title: "loss (nats)",
        titleColor: colours.ink,
        ...axis,
        grid: true,
        gridColor: colours.grid,
        tickCount: 5,
      },
      {
        orient: "right",
        scale: "accuracy",
        title: "accuracy",
        titleColor: colours.ink,
        ...axis,
        tickCount: 5,
        format: ".1f",
      },
    ],
    marks: curves.flatMap(({ name, scale, dash, marker }, i) => {
      const colour = colours.curves[i]!;
      const rows = `from ${name}`;
      const place = { x: { scale: "x", field: "epoch" }, y: { scale, field: "value" } };
      return [
        {
          type: "group" as const,
          name,
          data: [
            {
              name: rows,
              source: "table",
              transform: [{ type: "filter" as const, expr: `datum.curve === '${name}'` }],
            },
          ],
          marks: [
            {
              type: "line" as const,
              aria: false, // the whole is described, points alone say nothing
              from: { data: rows },
              encode: {
                enter: {
                  ...place,
                  stroke: { value: colour },
                  strokeWidth: { value: 2 },
                  strokeDash: { value: [...dash] },
                },
              },
            },
            {
              type: "symbol" as const,
              aria: false,
              from: { data: rows },
              encode: {
                enter: { ...place, shape: { value: marker }, fill: { value: colour }, size: { value: 36 } },
              },
            },
          ],
        },
      ];
    }),
    legends: [
      {
        orient: "bottom",
        direction: "horizontal",
        columns: 3,
        fill: "colour",
        shape: "marker",
        symbolSize: 60,
        labelFontSize: 12,
        labelColor: colours.ink,
        offset: 14,
        columnPadding: 24,
      },
    ],
  };
}
