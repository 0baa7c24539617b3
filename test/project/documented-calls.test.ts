import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createProgram } from "#nin-cli/program.js";
import { Output } from "#nin-cli/terminal/output.js";
import { root } from "./sources.js";

const program = createProgram(new Output(), () => {});

/** Each command's options, those of the program included. */
const optionsOf: ReadonlyMap<string, readonly string[]> = new Map(
  program.commands.map((command) => [
    command.name(),
    [...program.options, ...command.options]
      // An option may have two long names.
      .flatMap(({ short, long }) => [short, long].filter((name) => name !== undefined))
      .concat("--help"),
  ]),
);

/** Calls of the command line that stand in the code of a document: `nin train --epochs 3`. */
function callsIn(text: string): string[] {
  const fenced = [...text.matchAll(/^```(?:sh|text)?\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!.split("\n"),
  );
  const indented = text.split("\n").filter((line) => line.startsWith("    "));
  const call = /^\s*(?:\$ )?(?:\w+=\S+ )*(?:npx nin|nin) (.*)/;
  const inline = [...text.matchAll(/`(?:npx nin|nin) ([^`\n]+)`/g)].map((match) => match[1]!);
  return [...fenced, ...indented].flatMap((line) => call.exec(line)?.[1] ?? []).concat(inline);
}

/** What is wrong with a call, or nothing. */
function wrongIn(call: string): string[] {
  const [name, ...words] = call.replace(/ #.*/, "").split(/\s+/) as [string, ...string[]];
  if (name === "--help" || /^[<A-Z.…|]/.test(name)) return [];
  const options = optionsOf.get(name);
  if (options === undefined) return [`nin ${call}: no command ${name}`];
  return words
    .filter((word) => word.startsWith("--"))
    .map((word) => word.split("=")[0]!.replace(/[^\w-]+$/, ""))
    .filter((word) => !options.includes(word))
    .map((word) => `nin ${call}: no option ${word}`);
}

const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith(".md"),
);

for (const document of documents) {
  test(`${document} calls commands and options that exist`, () => {
    const calls = callsIn(readFileSync(join(root, document), "utf8"));
    assert.deepEqual(calls.flatMap(wrongIn), []);
  });
}

test("every command has a page with a call of it", () => {
  for (const name of optionsOf.keys()) {
    if (name === "help") continue; // what it prints is the page
    const page = join(root, "docs", `${name}.md`);
    assert.ok(existsSync(page), `docs/${name}.md is missing`);
    const calls = callsIn(readFileSync(page, "utf8"));
    assert.ok(
      calls.some((call) => call.split(/\s/)[0] === name),
      `docs/${name}.md shows no call of nin ${name}`,
    );
  }
});

test("a wrong call is seen", () => {
  const text =
    "```sh\nnin train --epoch 3  # no --such\n```\n\n    $ A=b nin paint\n\n`nin data --download mnist`";
  assert.deepEqual(callsIn(text).flatMap(wrongIn), [
    "nin train --epoch 3  # no --such: no option --epoch",
    "nin paint: no command paint",
  ]);
});
