// What was measured, as Markdown.
import { tables } from "./contestants.mjs";

const [begin, end] = ["<!-- bench -->", "<!-- /bench -->"];

/** Tables whose ratios to the peers are the point. */
const compared = ["training", "forward", "latency"];

/**
 * @param about - date, machine, commit, images and settings of the run
 * @param rows - as race() gives them
 * @param skipped - sentences
 * @param profile - what nin profile prints, if it ran
 */
export function reportOf({ about, rows, skipped, profile }) {
  const others = new Set(rows.map(({ device }) => device).filter((device) => !device.startsWith("cpu ")));
  const devices = new Set(rows.filter(({ device }) => device.startsWith("cpu ")).map(({ device }) => device));
  return [
    `Measured on ${about.date} by \`npm run bench\` on ${about.machine}: ${about.images}, ${count(about.threads, "thread")} for everyone, ${count(about.rounds, "interleaved round")} after a warm-up, commit ${about.commit}. nin-net ${about.version}${[...others].map((name) => `, ${name}`).join("")}.`,
    "",
    ...Object.keys(tables).flatMap((table) => tableOf(table, rows, about)),
    ...(devices.size > 0
      ? ["nin-net's devices:", "", ...[...devices].map((device) => `- ${device}`), ""]
      : []),
    ...(profile === undefined
      ? []
      : ["### Where a training step's time goes", "", "```text", profile, "```", ""]),
    ...(skipped.length > 0 ? ["Not measured:", "", ...skipped.map((line) => `- ${line}`), ""] : []),
  ].join("\n");
}

/** Lines of one table; none if nothing of it was measured. */
export function tableOf(table, rows, about) {
  const own = rows.filter((row) => row.table === table);
  if (own.length === 0) return [];
  const isOurs = ({ name }) => name.startsWith("nin-net");
  const peers = compared.includes(table) ? own.filter((row) => !isOurs(row)) : [];
  const unit = own[0].unit === "gflops" ? "GFLOP/s" : "images/s";
  const hasTime = unit === "images/s" && (table === "latency" || table === "scaling");
  const head = [
    "",
    unit,
    "lowest to highest",
    ...(hasTime ? ["ms an image"] : []),
    ...peers.map(({ name }) => `times ${name}`),
    "peak memory",
  ];
  const lines = own.map((row) => [
    `${row.name}${bitsOf(row.device)}`,
    digits(row.median),
    row.measurements === 1 ? "once" : `${digits(row.lowest)} to ${digits(row.highest)}`,
    ...(hasTime ? [(1000 / row.median).toFixed(1)] : []),
    ...peers.map((peer) => (row.median / peer.median).toFixed(2)),
    `${(row.peakBytes / 1e9).toFixed(2)} GB`,
  ]);
  const format = (cells) => `| ${cells.join(" | ")} |`;
  return [
    `### ${tables[table](about)}`,
    "",
    format(head),
    format(head.map((_, column) => (column === 0 ? "---" : "---:"))),
    ...lines.map(format),
    "",
  ];
}

/** Which vectors nin-net chose on this run, since a busy machine can mislead its measurement at start. */
function bitsOf(device) {
  const bits = /\b(\d+) bits\b/.exec(device)?.[1];
  return bits === undefined ? "" : ` (${bits} bits)`;
}

function count(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Three digits that count, none lost before the point. */
function digits(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The page with a new report between its markers. */
export function withReport(page, report) {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md: expected ${begin} and, after it, ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${report}\n${page.slice(to)}`;
}
