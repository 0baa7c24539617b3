/** A profile as text, within 80 columns. */
import { type Profile, type Roofline, resizeText, totals } from "nin-net";
import { rate, tableLines, wrapped } from "./format.ts";

interface About {
  readonly task: "train" | "forward";
  readonly batchSize: number;
  /** What the network sees, in pixels. */
  readonly resize: readonly [height: number, width: number];
  readonly device: string;
  /** Left out for one process. */
  readonly ranks?: number;
  readonly without: readonly string[];
}

/** What has less of the whole time is added up in one line. */
const leastShare = 0.001;

/** What was measured, and the roofline. */
export function profileHeading(
  about: About,
  { images, seconds, exchangeSeconds }: Profile,
  roofline: Roofline | undefined,
): string[] {
  const what = about.task === "train" ? "Training step" : "Forward pass";
  const { device, ranks, batchSize, resize, without } = about;
  return [
    `${what}, batch ${batchSize}, ${resizeText(resize)}: ${milliseconds(seconds)} ms, ${rate(images / seconds)} images/s`,
    `on ${device}`,
    ...(exchangeSeconds === undefined
      ? []
      : wrapped(
          `${milliseconds(exchangeSeconds)} ms of it (${percent(exchangeSeconds / seconds)}) in exchanges between ` +
            `${ranks} ranks, waiting included; below is the first rank's part`,
          80,
        )),
    ...(without.length > 0 ? wrapped(`without the rewriting passes: ${without.join(", ")}`, 80) : []),
    ...(roofline
      ? [
          `max, measured here: ${tenths(roofline.flopsPerSecond)} GFLOP/s (micro-kernel), ${tenths(roofline.bytesPerSecond)} GB/s (copy)`,
        ]
      : []),
  ];
}

/** A line an op; below it its kernels, if it has several. Shares are of the whole time and of the roofline, if known. */
export function opTable({ rows, seconds }: Profile, roofline: Roofline | undefined): string[] {
  const kernels = totals(rows);
  const ops = [...new Set(kernels.map(({ op }) => op))]
    .map((op) => {
      const parts = kernels.filter((kernel) => kernel.op === op);
      return { op, parts, ...sumOf(parts) };
    })
    .sort((a, b) => b.seconds - a.seconds);
  const line = (name: string, part: Sum) => [
    name,
    milliseconds(part.seconds),
    percent(part.seconds / seconds),
    ...against(part.flops, part.seconds, roofline?.flopsPerSecond),
    ...against(part.bytes, part.seconds, roofline?.bytesPerSecond),
  ];
  const shown = ops.filter((op) => op.seconds >= leastShare * seconds);
  const rest = ops.filter((op) => !shown.includes(op));
  const table = [
    ["op, kernel", "ms", "time", "GFLOP/s", "of max", "GB/s", "of max"],
    ...shown.flatMap(({ op, parts, ...sum }) => {
      const large = parts.filter((part) => part.seconds >= leastShare * seconds);
      const single = large.length < 2;
      return [
        line(op ?? "(moving data)", sum),
        ...(single ? [] : large.map((part) => line(`  ${part.kernel}`, part))),
      ];
    }),
    ...(rest.length > 0 ? [line(`${rest.length} more ops`, sumOf(rest))] : []),
    line("together", sumOf(kernels)),
  ];
  return [
    ...tableLines(table, ["left", "right"]),
    "",
    ...wrapped(
      "GFLOP/s: operations of the plain convolution, also where Winograd's algorithm needs fewer. " +
        "GB/s: tensors read and written, also where they stay in a cache. Both can pass 100%.",
      80,
    ),
  ];
}

/** A line an instruction, in the order in which they were compiled. */
export function instructionTable({ rows, seconds }: Profile): string[] {
  const table = [
    ["kernel", "result", "ms", "time", "GFLOP/s", "GB/s"],
    ...rows.map((row) => [
      row.kernel,
      row.shape?.join("x") ?? "",
      milliseconds(row.seconds),
      percent(row.seconds / seconds),
      billions(row.flops, row.seconds),
      billions(row.bytes, row.seconds),
    ]),
  ];
  return tableLines(table, ["left", "left", "right"]);
}

interface Sum {
  readonly seconds: number;
  readonly flops: number;
  readonly bytes: number;
}

function sumOf(parts: readonly Sum[]): Sum {
  return parts.reduce(
    (sum, { seconds, flops, bytes }) => ({
      seconds: sum.seconds + seconds,
      flops: sum.flops + flops,
      bytes: sum.bytes + bytes,
    }),
    { seconds: 0, flops: 0, bytes: 0 },
  );
}

/** Billions a second and the share of the ceiling; blank where there is nothing to count or compare with. */
function against(amount: number, seconds: number, ceiling: number | undefined): [string, string] {
  if (amount === 0 || seconds === 0) return ["", ""];
  return [billions(amount, seconds), ceiling === undefined ? "" : percent(amount / seconds / ceiling)];
}

function billions(amount: number, seconds: number): string {
  return amount === 0 || seconds === 0 ? "" : tenths(amount / seconds);
}

/** In billions. */
function tenths(perSecond: number): string {
  return (perSecond / 1e9).toFixed(1);
}

function milliseconds(seconds: number): string {
  return (1000 * seconds).toFixed(1);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
