// What was measured, as Markdown.
import { compared, tables } from "./contestants.mjs";

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
  const hasTime = own[0].unit !== "gflops" && (table === "latency" || table === "scaling");
  const how = { compares: compared.includes(table), hasTime };
  return [`### ${tables[table](about)}`, "", ...comparison(own, how), ""];
}

/**
 * A table of rows as race() gives them.
 *
 * @param compares - with a column for each peer that says how many times its speed each row is
 * @param hasTime - with the time of one image
 * @param hasMemory - with the peak memory of the process
 */
export function comparison(rows, { compares = true, hasTime = false, hasMemory = true } = {}) {
  const peers = compares ? rows.filter(({ name }) => !name.startsWith("nin-net")) : [];
  const head = [
    "",
    rows[0].unit === "gflops" ? "GFLOP/s" : "images/s",
    "lowest to highest",
    ...(hasTime ? ["ms an image"] : []),
    ...peers.map(({ name }) => `times ${name}`),
    ...(hasMemory ? ["peak memory"] : []),
  ];
  const lines = rows.map((row) => [
    `${row.name}${bitsOf(row.device)}`,
    digits(row.median),
    row.measurements === 1 ? "once" : `${digits(row.lowest)} to ${digits(row.highest)}`,
    ...(hasTime ? [(1000 / row.median).toFixed(1)] : []),
    ...peers.map((peer) => (row.median / peer.median).toFixed(2)),
    ...(hasMemory ? [`${(row.peakBytes / 1e9).toFixed(2)} GB`] : []),
  ]);
  return markdownTable(head, lines);
}

/** @param words - how many columns from the left hold words; the others hold numbers */
export function markdownTable(head, lines, words = 1) {
  const format = (cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column < words ? "---" : "---:"));
  return [head, rule, ...lines].map(format);
}

/** Which vectors nin-net chose on this run, since a busy machine can mislead its measurement at start. */
function bitsOf(device) {
  const bits = /\b(\d+) bits\b/.exec(device)?.[1];
  return bits === undefined ? "" : ` (${bits} bits)`;
}

export function count(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** Three digits that count, none lost before the point. */
export function digits(value) {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** The page with a new report between the markers of that name. */
export function withReport(page, name, report) {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`The page for the report: expected ${begin} and, after it, ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${report}\n${page.slice(to)}`;
}
