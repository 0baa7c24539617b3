import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { barView } from "#nin-cli/terminal/progress/bar-view.js";
import { epochDone, start, step } from "./events.js";
import { FakeTerminal } from "./fake-terminal.js";

function show(environment: NodeJS.ProcessEnv, columns = 80): string {
  const terminal = new FakeTerminal({ environment, columns });
  {
    using view = barView(terminal.stream);
    view.show(start);
    view.show(step(1, 4));
    view.note("word ".repeat(30).trim());
    view.show(step(1, 10));
    view.show(epochDone(1));
  }
  return terminal.text;
}

test("the bars tell loss, accuracy, images/s and the time left, within 80 columns", () => {
  const shown = show({ TERM: "xterm" }); // "\u001b[1G" returns to the first column
  const text = stripVTControlCharacters(shown);
  assert.match(text, / epoch 1\/2 {2}█{8}░{12} {2}40 % {2}0:07 left {5}loss 1\.400 mean 1\.500/);
  assert.match(text, / run {8}█{4}░{16} {2}20 % {2}0:18 left {5}acc 0\.500 100 images\/s/);
  assert.match(text, / epoch 1\/2 {2}█{20} 100 % {2}testing/);
  assert.match(
    text,
    /epoch 1\/2 {2}loss 1\.250 {2}train acc 0\.500 {2}test acc 0\.625 {2}100 images\/s {2}0:14\n/,
  );
  for (const line of shown.split("\u001b[1G").join("\n").split("\n")) {
    assert.ok(stripVTControlCharacters(line).length <= 80, line);
  }
});

for (const [columns, epochBar] of [
  [30, " epoch 1/2   40 %  0:07 left  "],
  [40, " epoch 1/2   40 %  0:07 left     loss 1."],
  [72, " epoch 1/2  ██████░░░░░░░░░  40 %  0:07 left     loss 1.400 mean 1.500"],
  [120, " epoch 1/2  ████████░░░░░░░░░░░░  40 %  0:07 left     loss 1.400 mean 1.500"],
] as const) {
  test(`at ${columns} columns no bar reaches the edge, where the terminal would go on in another line`, () => {
    const shown = show({ TERM: "xterm" }, columns);
    const lines = shown.split("\u001b[1G").join("\n").split("\n").map(stripVTControlCharacters);
    assert.ok(lines.includes(epochBar), JSON.stringify(lines));
    for (const line of lines.filter((each) => each.includes(" %"))) assert.ok(line.length <= columns, line);
  });
}

test("NO_COLOR takes the colours away and leaves the bars", () => {
  const colour = "\u001b[36m";
  assert.ok(show({ TERM: "xterm" }).includes(colour));
  const plain = show({ TERM: "xterm", NO_COLOR: "1" });
  assert.ok(!plain.includes(colour));
  assert.match(plain, /█{8}░{12}/);
});

test("the cursor is shown and lines wrap again at the end", () => {
  const text = show({ TERM: "xterm" });
  assert.ok(text.lastIndexOf("\u001b[?25h") > text.lastIndexOf("\u001b[?25l"));
  assert.ok(text.lastIndexOf("\u001b[?7h") > text.lastIndexOf("\u001b[?7l"));
});
