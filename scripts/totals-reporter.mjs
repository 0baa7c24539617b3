// A reporter for Node's test runner: the files that took longest, then one line, `N passed, N failed, N skipped`.
// The counts come as diagnostics (`pass 12`), the only form that Node 20 has too; it tells no times of files.
import { relative } from "node:path";

const slowestShown = 25;

export default async function* totals(source) {
  const counts = { pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
  const files = [];
  for await (const { type, data } of source) {
    if (type === "test:summary" && data.file)
      files.push({ seconds: data.duration_ms / 1000, file: data.file });
    if (type !== "test:diagnostic" || data.nesting !== 0) continue;
    const [, name, value] = /^(\w+) (\d+)$/.exec(data.message) ?? [];
    if (Object.hasOwn(counts, name)) counts[name] = Number(value);
  }
  if (files.length > slowestShown) {
    files.sort((a, b) => b.seconds - a.seconds);
    const lines = files
      .slice(0, slowestShown)
      .map(({ seconds, file }) => `${seconds.toFixed(1).padStart(8)} s  ${relative(process.cwd(), file)}`);
    yield `Slowest files:\n${lines.join("\n")}\n`;
  }
  const skipped = counts.skipped + counts.todo;
  yield `${counts.pass} passed, ${counts.fail + counts.cancelled} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}
