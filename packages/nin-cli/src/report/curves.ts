import { type ChartColours, lineChartSvg, type Point, type Series } from "./line-chart.ts";

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
  /** The loss over the steps, x in epochs, y in nats; default: none. */
  readonly stepLosses?: readonly Point[];
  /** Default: for paper. */
  readonly colours?: CurveColours;
}

export interface CurveColours extends ChartColours {
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

/**
 * Draws train loss, train accuracy and test accuracy over epochs, told apart by colour, dash and marker, and the loss
 * over the steps as a thin line.
 *
 * @param points - one for each epoch, in order; a single one is drawn as three markers
 * @returns an SVG document
 */
export function curvesSvg(
  points: readonly CurvePoint[],
  { colours = onPaper, stepLosses = [], ...heading }: CurvesOptions,
): Promise<string> {
  const over = (y: (point: CurvePoint) => number) => points.map((point) => ({ x: point.epoch, y: y(point) }));
  const [trainLoss, trainAccuracy, testAccuracy] = colours.curves;
  const series: readonly Series[] = [
    ...(stepLosses.length > 1
      ? [{ name: "loss of the steps", points: stepLosses, colour: trainLoss, width: 1 } as const]
      : []),
    {
      name: "train loss",
      points: over((point) => point.trainLossNats),
      colour: trainLoss,
      marker: "circle",
    },
    {
      name: "train accuracy",
      axis: "right",
      points: over((point) => point.trainAccuracy),
      colour: trainAccuracy,
      dash: [7, 4],
      marker: "square",
    },
    {
      name: "test accuracy",
      axis: "right",
      points: over((point) => point.testAccuracy),
      colour: testAccuracy,
      dash: [2, 3],
      marker: "triangle",
    },
  ];
  return lineChartSvg({
    ...heading,
    x: { title: "epoch", isWhole: true },
    left: { title: "loss (nats)" },
    right: { title: "accuracy", domain: [0, 1] },
    series,
    colours,
  });
}
