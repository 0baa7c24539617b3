import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { callNin } from "../cli/call-nin.js";

// After a change on purpose: UPDATE_EXPECTED=1 npm test -- cli/help, then read the difference.
for (const command of [
  "",
  "summary",
  "train",
  "evaluate",
  "report",
  "compare",
  "sweep",
  "predict",
  "explain",
  "export",
  "import",
  "serve",
  "data",
  "profile",
  "devices",
]) {
  test(`nin ${command} --help reads as expected, in 80 columns, and ends with an example`, async () => {
    const file = `test/cli/expected/help-${command || "nin"}.txt`;
    const ended = await callNin(command ? [command, "--help"] : ["--help"]);
    const { status, stderr } = ended;
    for (const line of ended.stdout.split("\n")) assert.ok(line.length <= 80, line);
    const stdout = ended.stdout
      .replaceAll(/,\s+(?:robust|fast): [^)]*\)/g, ")") // tuned without touching this test
      .replace(/(\nOptions of nin train[^\n]*\n)[\s\S]*?(?=\nGlobal Options:)/, "$1  ...\n"); // stand in its own help
    assert.equal(status, 0);
    assert.equal(stderr, "");
    if (process.env.UPDATE_EXPECTED) writeFileSync(file, stdout);
    assert.equal(stdout, readFileSync(file, "utf8"));
    assert.match(stdout, /\nExamples?:\n( {2}npx nin .+\n)+$/);
  });
}
