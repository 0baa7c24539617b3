import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./sources.js";

/** The page's blocks of one language, each with the line of the page that it starts on. */
function blocks(page: string, language: string): { line: number; text: string }[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...page.matchAll(pattern)].map((match) => ({
    line: page.slice(0, match.index).split("\n").length + 1,
    text: match[1]!,
  }));
}

/** What was printed, as the page shows it: `…` is any text, a line of it alone any lines, none included. */
function matcher(shown: string): RegExp {
  const lines = shown
    .split("\n")
    .map((line) => (line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escaped).join(".*")}\\n`));
  return new RegExp(`^${lines.join("")}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

test("the code of docs/library.md compiles strictly and prints what the page shows", () => {
  const page = readFileSync(join(root, "docs", "library.md"), "utf8");
  const code = blocks(page, "ts");
  assert.ok(code.length > 8);
  mkdirSync(join(root, "build"), { recursive: true });
  // Within the checkout, so that the package finds itself by its name.
  const folder = mkdtempSync(join(root, "build", "library-page-"));
  try {
    const program = code.map(({ line, text }) => `// docs/library.md, line ${line}\n${text}`).join("\n");
    writeFileSync(join(folder, "library.ts"), program);
    const options =
      "--ignoreConfig --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --target ES2022 " +
      "--lib ES2022,ESNext.Disposable,DOM --module NodeNext --types node --rootDir . --outDir .";
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    run([tsc, ...options.split(" "), "library.ts"], folder);
    const printed = run(["library.js"], folder);
    const shown = blocks(page, "text")
      .map(({ text }) => text)
      .join("");
    assert.match(printed, matcher(shown.trimEnd()));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an ellipsis stands for any text, and nothing else does", () => {
  assert.match("a 12 s\nb\nx\ny\nc\n", matcher("a … s\nb\n…\nc"));
  assert.match("b\nc\n", matcher("b\n…\nc"));
  assert.doesNotMatch("a.b\n", matcher("a_b"));
  assert.doesNotMatch("a\nb\n", matcher("a"));
});

/** Runs Node; what it complains of is the failure's message. */
function run(args: readonly string[], cwd: string): string {
  try {
    return execFileSync(process.execPath, args, { cwd, encoding: "utf8", stdio: "pipe", timeout: 120_000 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    assert.fail(`${stdout}${stderr}` || String(error));
  }
}
