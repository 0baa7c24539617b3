#!/usr/bin/env node
// Starts the built command line, or says what is missing. Written so that old versions of Node can read it too.
import { existsSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
const entry = new URL("../dist/main.js", import.meta.url);

if (!isSupported) {
  fail(
    `nin needs Node.js 20.19, 22.12, 24 or later, and this is ${process.versions.node}. Get a newer one from https://nodejs.org.`,
  );
} else if (!existsSync(entry)) {
  fail(
    "nin is not built yet. In its folder, run: npm ci (installs and builds), or npm run build (builds alone).",
  );
} else {
  import(entry.href)
    .then(({ main }) => main(process.argv.slice(2)))
    .then((status) => {
      process.exitCode = status;
    });
}

function fail(sentence) {
  process.stderr.write(`error: ${sentence}\n`);
  process.exitCode = 1;
}
