import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { Output } from "#nin-cli/terminal/output.js";
import { runsView } from "#nin-cli/terminal/progress/runs-view.js";
import { start, step } from "./events.js";
import { FakeTerminal } from "./fake-terminal.js";

function shown(isTTY: boolean): string {
  const terminal = new FakeTerminal({ isTTY });
  {
    using view = runsView(new Output(terminal.stream, terminal.stream));
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) view.begin(name);
    view.show("b", start);
    view.show("b", step(1, 4));
    view.end("a", "test acc 0.500, 1.0 s (1 of 7)");
    for (const name of ["c", "d", "e", "f"]) view.end(name, "done");
    view.end("g", "done");
    view.end("b", "done");
  }
  return terminal.text;
}

test("in a pipe there is a line for each run that has ended, with what is running", () => {
  assert.deepEqual(shown(false).trimEnd().split("\n"), [
    "a: test acc 0.500, 1.0 s (1 of 7); running: b, c, d, e and 2 more",
    "c: done; running: b, d, e, f and 1 more",
    "d: done; running: b, e, f and g",
    "e: done; running: b, f and g",
    "f: done; running: b and g",
    "g: done; running: b",
    "b: done",
  ]);
});

test("on a terminal the running runs stand at the foot, below those that have ended", () => {
  const text = stripVTControlCharacters(shown(true));
  // Sixteen steps are left at one a second, and two tests of one second.
  assert.match(
    text,
    / b {2}epoch 1\/2 {2}step 4\/10 {2}loss 1\.500 {2}0:18 left\n c {2}starting\n d {2}starting/,
  );
  assert.doesNotMatch(text, /: done\n a /);
  assert.match(text, /a: test acc 0\.500, 1\.0 s \(1 of 7\)\n b {2}epoch 1\/2/);
});
