import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

/**
 * Pages in this order, each with what must be done before: the first one trains the run that the others use. Not those
 * whose calls need what a test cannot bring: data.md the downloaded data sets, import.md PyTorch's files, compare.md an
 * hour of training; devices.md tells of the machine.
 */
const pages: readonly (readonly [page: string, before?: string])[] = [
  ["train"],
  ["evaluate"],
  ["predict"],
  ["explain"],
  ["report"],
  ["export", "nin train --dataset synthetic --limit 8 --test-limit 8 --epochs 1 --out runs/tutorial"],
  ["summary"],
];

/** Calls on those pages that are shown and not run, because they need downloaded images. */
const notRun: readonly string[] = ["nin train --preset fast --find-lr"];

/** A call that a page shows, and what it prints there. */
interface Shown {
  readonly command: string;
  /** Without the indentation; a line `...` is any lines. */
  readonly output: readonly string[];
  /** Where in the page's lines the output begins. */
  readonly at: number;
}

/** Calls in indented code: `    $ nin summary` and the lines below it. */
function shownIn(lines: readonly string[]): Shown[] {
  return lines.flatMap((line, i) => {
    const command = /^ {4}\$ (.*)/.exec(line)?.[1];
    if (command === undefined) return [];
    const output: string[] = [];
    for (let at = i + 1; isOutput(lines, at); at++) output.push(lines[at]!.slice(4));
    return [{ command, output, at: i + 1 }];
  });
}

/** An empty line belongs to what is printed if more of it follows. */
function isOutput(lines: readonly string[], at: number): boolean {
  const line = lines[at];
  if (line === undefined || line.startsWith("    $ ")) return false;
  return line.startsWith("    ") || (line === "" && isOutput(lines, at + 1));
}

/** Replaces what depends on the machine, and on how the command is called from there. */
function comparable(line: string): string {
  return line
    .replaceAll(/[\d.]+ (images\/s|examples\/sec)/g, "N $1")
    .replaceAll(/\b(cpu|gpu) \(.*\)/g, "$1 (...)")
    .replaceAll(/ {2}\d+:\d\d(:\d\d)?$/g, "  0:00")
    .replaceAll(/("(?:imagesPerSecond|seconds)":)[\d.e+-]+/g, "$1N")
    .replaceAll(/(?:node \S*bin\/nin\.js|npx nin)/g, "nin");
}

/** A slow machine prints lines within an epoch too, and what is in colour or not depends on the terminal. */
const isProgress = (line: string): boolean => /^epoch +\d+\/\d+ +\d+ %/.test(line);

function printed(command: string, folder: string): string[] {
  const script = `nin() { "$NODE" "$ROOT/bin/nin.js" "$@"; }\n{ ${command}; } 2>&1`;
  const { stdout, status } = spawnSync("bash", ["-c", script], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE: process.execPath, ROOT: root },
  });
  assert.equal(status, 0, stdout);
  return stdout
    .trimEnd()
    .split("\n")
    .filter((line) => !isProgress(line));
}

/** Whether lines are those that a page shows, where a line `...` stands for any. */
function agree(got: readonly string[], shown: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return got.length === 0;
  if (first === "...") return got.some((_, i) => agree(got.slice(i), rest)) || agree([], rest);
  return got.length > 0 && comparable(got[0]!) === comparable(first) && agree(got.slice(1), rest);
}

const bash = spawnSync("bash", ["-c", "true"]).status === 0;

// After a change on purpose: UPDATE_EXPECTED=1 npm test -- documented-output, then read the difference. What is elided
// by a line of three dots must be written by hand.
test("what docs/ shows that commands print is what they print", {
  skip: !bash && "there is no bash",
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nin-docs-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [page, before] of pages) {
    await t.test(`docs/${page}.md`, () => {
      if (before !== undefined) printed(before, folder);
      const file = join(root, "docs", `${page}.md`);
      const lines = readFileSync(file, "utf8").split("\n");
      const calls = shownIn(lines).filter(({ command }) => !notRun.includes(command));
      assert.ok(calls.length > 0);
      // From the last one up, so that places stay what they are.
      const outputs = calls.map((shown) => ({ ...shown, got: printed(shown.command, folder) }));
      for (const { command, output, at, got } of outputs.toReversed()) {
        if (agree(got, output)) continue;
        const isElided = output.includes("...");
        if (!process.env.UPDATE_EXPECTED || isElided) {
          assert.deepEqual(got.map(comparable), output.map(comparable), `$ ${command}`);
        }
        const asInstalled = got.map((line) => line.replaceAll(/node \S*bin\/nin\.js/g, "nin"));
        lines.splice(at, output.length, ...asInstalled.map((line) => (line === "" ? "" : `    ${line}`)));
      }
      if (process.env.UPDATE_EXPECTED) writeFileSync(file, lines.join("\n"));
    });
  }
});

test("three dots stand for any lines, and figures of the machine for each other", () => {
  assert.ok(agree(["a", "b", "c"], ["a", "...", "c"]));
  assert.ok(agree(["a"], ["a", "..."]));
  assert.ok(!agree(["a", "b"], ["a"]));
  assert.ok(agree(["12.5 images/s  0:07"], ["740 images/s  1:26"]));
  assert.ok(!agree(["test acc 0.5"], ["test acc 0.6"]));
});
