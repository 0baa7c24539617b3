import assert from "node:assert/strict";
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { levelSums } from "#nin-cli/picture-folder/grey.js";
import { cachePlace, type DecodedPicture, PictureCache } from "#nin-cli/picture-folder/picture-cache.js";
import { temporaryFolder } from "../cli/run-nin.js";

const size = { height: 2, width: 3 };
const colours = Uint8Array.from({ length: 18 }, (_, i) => (i * 37) % 256);

const coloured = (shift: number): DecodedPicture => {
  const pixels = colours.map((level) => level + shift);
  return { channels: 3, sums: levelSums(pixels), pixels };
};
const file = (n: number) => ({ name: `${n}.png`, bytes: n, stamp: n });
const digest = (n: number) => n.toString(16).padStart(64, "0");

function read(cache: PictureCache, n: number, channels: number): Uint8Array {
  const into = new Uint8Array(6 * channels + 2);
  cache.read(cache.picture(digest(n))!, channels, into, 1);
  assert.deepEqual([into[0], into.at(-1)], [0, 0], "nothing beside it is written");
  return into.subarray(1, -1);
}

test("what one cache has written another reads", async (t) => {
  const folder = join(temporaryFolder(t), "cache");
  const grey = Uint8Array.of(1, 2, 3, 4, 5, 6);
  {
    await using cache = await PictureCache.open({ folder, ...size });
    await cache.add(file(1), digest(1), coloured(0));
    await cache.add(file(2), digest(2), { channels: 1, sums: [0, 0, 0, 0, 0, 0, 0, 0], pixels: grey });
    await cache.commit([file(1), file(2)]);
  }
  await using cache = await PictureCache.open({ folder, ...size });
  assert.equal(cache.digestOf(file(1)), digest(1));
  assert.equal(cache.digestOf({ ...file(1), stamp: 5 }), undefined);
  assert.equal(cache.digestOf({ ...file(1), bytes: 5 }), undefined);
  assert.deepEqual(read(cache, 1, 3), colours);
  assert.deepEqual(read(cache, 2, 1), grey);
  assert.deepEqual([...read(cache, 2, 3)].slice(0, 6), [1, 1, 1, 2, 2, 2]);
  // 0.212656 * 0 + 0.715158 * 37 + 0.072186 * 74
  assert.equal(read(cache, 1, 1)[0], Math.round(26.460846 + 5.341764));
});

test("without a commit nothing is left", async (t) => {
  const folder = temporaryFolder(t);
  {
    await using cache = await PictureCache.open({ folder, ...size });
    await cache.add(file(1), digest(1), coloured(0));
  }
  assert.deepEqual(readdirSync(folder), []);
});

test("many small changes leave no heap of files, and little that nobody needs", async (t) => {
  const folder = temporaryFolder(t);
  for (let n = 0; n < 40; n++) {
    await using cache = await PictureCache.open({ folder, ...size });
    await cache.add(file(n), digest(n), coloured(n));
    // The last five stay.
    await cache.commit(Array.from({ length: Math.min(5, n + 1) }, (_, i) => file(n - i)));
  }
  const names = readdirSync(folder).filter((name) => name.endsWith(".pixels"));
  const bytes = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  assert.ok(names.length <= 10 && bytes <= 2 * 5 * 18, `${names.length} files of ${bytes} bytes`);
  await using cache = await PictureCache.open({ folder, ...size });
  for (const n of [35, 39]) assert.deepEqual(read(cache, n, 3), coloured(n).pixels);
  assert.equal(cache.digestOf(file(34)), undefined);
});

test("many additions do not leave a file each", async (t) => {
  const folder = temporaryFolder(t);
  const all = Array.from({ length: 40 }, (_, n) => n);
  for (const n of all) {
    await using cache = await PictureCache.open({ folder, ...size });
    await cache.add(file(n), digest(n), coloured(n));
    await cache.commit(all.slice(0, n + 1).map(file));
  }
  assert.ok(readdirSync(folder).length <= 33, readdirSync(folder).join(" "));
  await using cache = await PictureCache.open({ folder, ...size });
  for (const n of all) assert.deepEqual(read(cache, n, 3), coloured(n).pixels);
});

test("files of pixels that another process is still writing are left alone, abandoned ones are not", async (t) => {
  const folder = temporaryFolder(t);
  const [fresh, abandoned] = ["0", "1"].map((digit) => `${digit.repeat(36)}.pixels`);
  for (const name of [fresh!, abandoned!]) writeFileSync(join(folder, name), "x");
  const longAgo = Date.now() / 1000 - 100_000;
  utimesSync(join(folder, abandoned!), longAgo, longAgo);
  await using cache = await PictureCache.open({ folder, ...size });
  await cache.add(file(1), digest(1), coloured(0));
  await cache.commit([file(1)]);
  const names = readdirSync(folder);
  assert.deepEqual([names.includes(fresh!), names.includes(abandoned!)], [true, false]);
});

test("each source, size and way has a place of its own, with a readable name in any script", () => {
  const place = (key: readonly (string | number)[]) => cachePlace("cache", "Фото 2026!", key);
  assert.match(place(["a", 64]), /^cache[\\/]pictures[\\/]Фото-2026--[0-9a-f]{16}$/);
  assert.equal(new Set([place(["a", 64]), place(["a", 65]), place(["b", 64])]).size, 3);
});
