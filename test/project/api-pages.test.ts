import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "./sources.js";

const json = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));

/** Every `types` of a manifest's `exports`, however deep. */
function declarationsIn(exported: unknown): string[] {
  if (typeof exported !== "object" || exported === null) return [];
  return Object.entries(exported).flatMap(([condition, target]) =>
    condition === "types" ? [String(target)] : declarationsIn(target),
  );
}

test("the API pages are of every entry of the library", () => {
  const sources = declarationsIn(json("packages/nin-net/package.json").exports).map((declarations) =>
    posix.join("packages/nin-net", declarations.replace(/^\.\/dist/, "src").replace(/\.d\.ts$/, ".ts")),
  );
  const entryPoints = (json("docs/api/typedoc.json").entryPoints as string[]).map((path) =>
    posix.join("docs/api", path),
  );
  assert.ok(sources.length > 0);
  assert.deepEqual(entryPoints.sort(), sources.sort());
});

interface BrokenLink {
  readonly page: string;
  readonly link: string;
  readonly reason: string;
}

test("links of pages that lead nowhere are found, those that lead somewhere are not", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nin-pages-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = {
    "index.html": '<a href="a/one.html#top">1</a> <a href="https://a.b/c">2</a> <a href="#gone">3</a>',
    "a/one.html":
      '<h1 id="top">1</h1><a href="../">1</a><a href="../x.svg">2</a><a href="two%20words.html">3</a>',
    "a/two words.html":
      '<a title="x" href="one.html#bottom">1</a><img src="no.png"><a href="../../out.html">2</a>',
    "x.svg": "<svg/>",
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const address = pathToFileURL(join(root, "scripts", "page-links.mjs")).href;
  const { brokenLinks } = (await import(address)) as { brokenLinks: (folder: string) => BrokenLink[] };
  const found = brokenLinks(folder).map(({ page, link, reason }) => `${page}: ${link}: ${reason}`);
  assert.deepEqual(found.sort(), [
    "a/two words.html: ../../out.html: it leaves the pages",
    "a/two words.html: no.png: there is no a/no.png",
    "a/two words.html: one.html#bottom: a/one.html has no anchor bottom",
    "index.html: #gone: index.html has no anchor gone",
  ]);
});
