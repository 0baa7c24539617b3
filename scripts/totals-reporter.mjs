// A reporter for Node's test runner: one line, `N passed, N failed, N skipped`, from the runner's own counts.
// They come as diagnostics (`pass 12`), the only form that Node 20 has too.
export default async function* totals(source) {
  const counts = { pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
  for await (const event of source) {
    if (event.type !== "test:diagnostic" || event.data.nesting !== 0) continue;
    const [, name, value] = /^(\w+) (\d+)$/.exec(event.data.message) ?? [];
    if (Object.hasOwn(counts, name)) counts[name] = Number(value);
  }
  const skipped = counts.skipped + counts.todo;
  yield `${counts.pass} passed, ${counts.fail + counts.cancelled} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}
