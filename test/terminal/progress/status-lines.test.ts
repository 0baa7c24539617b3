import assert from "node:assert/strict";
import { test } from "node:test";
import { bar, percentage, StatusLines } from "#nin-cli/terminal/progress/status-lines.js";
import { FakeTerminal } from "./fake-terminal.js";

/** What a terminal shows after it has received text: enough of one for what is sent to it here. */
function screenAfter(text: string): { lines: string[]; cursor: boolean; wraps: boolean } {
  const screen = { lines: [""], cursor: true, wraps: true };
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what terminals are told
  for (const [token] of text.matchAll(/\x1b\[\??\d*[A-Za-z]|\n|[^\x1b\n]+/g)) {
    if (token === "\n") {
      row++;
      column = 0;
      screen.lines[row] ??= "";
    } else if (token === "\x1b[1G") column = 0;
    else if (token === "\x1b[0J") {
      screen.lines.length = row + 1;
      screen.lines[row] = screen.lines[row]!.slice(0, column);
    } else if (token.endsWith("A")) row -= Number(token.slice(2, -1));
    else if (token.startsWith("\x1b[?25")) screen.cursor = token.endsWith("h");
    else if (token.startsWith("\x1b[?7")) screen.wraps = token.endsWith("h");
    else if (!token.startsWith("\x1b")) {
      screen.lines[row] = screen.lines[row]!.slice(0, column) + token;
      column += token.length;
    } else assert.fail(JSON.stringify(token));
    assert.ok(row >= 0);
  }
  return screen;
}

test("lines are drawn again in place, what is logged stays above them, and at the end they go", () => {
  const terminal = new FakeTerminal();
  const lines = new StatusLines(terminal.stream);
  lines.update(["a 1", "b 1"]);
  assert.deepEqual(screenAfter(terminal.text), { lines: ["a 1", "b 1"], cursor: false, wraps: false });
  lines.update(["a 2", "b 2"]); // perhaps too soon to be drawn, but drawn with the next line that is logged
  lines.log("first");
  assert.deepEqual(screenAfter(terminal.text).lines, ["first", "a 2", "b 2"]);
  lines.update(["c"]);
  lines.log("word ".repeat(20).trim());
  const wrapped = ["word ".repeat(16).trim(), "word word word word"];
  assert.deepEqual(screenAfter(terminal.text).lines, ["first", ...wrapped, "c"]);
  lines[Symbol.dispose]();
  lines[Symbol.dispose]();
  lines.update(["late"]);
  assert.deepEqual(screenAfter(terminal.text), {
    lines: ["first", ...wrapped, ""],
    cursor: true,
    wraps: true,
  });
  lines.log("after");
  assert.deepEqual(screenAfter(terminal.text).lines, ["first", ...wrapped, "after", ""]);
});

test("an update that came too soon is drawn a little later", async () => {
  const terminal = new FakeTerminal();
  using lines = new StatusLines(terminal.stream);
  lines.update(["1"]);
  lines.update(["2"]);
  lines.update(["3"]);
  const alive = setInterval(() => {}, 1000); // the timer itself keeps no process going
  while (screenAfter(terminal.text).lines[0] !== "3") await new Promise((resolve) => setTimeout(resolve, 10));
  clearInterval(alive);
});

test("lines can be left as they were last", () => {
  const terminal = new FakeTerminal();
  const lines = new StatusLines(terminal.stream);
  lines.update(["50 %"]);
  lines.update(["100 %"]);
  lines.keep();
  assert.deepEqual(screenAfter(terminal.text), { lines: ["100 %", ""], cursor: true, wraps: true });
});

test("no exit listener is left behind", () => {
  const before = process.listenerCount("exit");
  for (let i = 0; i < 20; i++) new StatusLines(new FakeTerminal().stream)[Symbol.dispose]();
  assert.equal(process.listenerCount("exit"), before);
});

test("bars and percentages", () => {
  assert.equal(bar(0.5, 4), "██░░");
  assert.equal(
    bar(1.5, 3, (text) => `<${text}>`),
    "<███>",
  );
  assert.deepEqual([0, 0.29, 0.999, 1].map(percentage), ["0", "29", "99", "100"]);
});
