import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { acrossClasses, acrossHalves, placed, type ReadFile } from "#nin-cli/picture-folder/halves.js";

/** A picture whose hash begins with these digits. */
const file = (name: string, digits: string, rest: Partial<ReadFile> = {}): ReadFile => ({
  name,
  className: "a",
  half: undefined,
  bytes: 1,
  stamp: 0,
  sha256: digits.padEnd(64, "0"),
  ...rest,
});

const halves = (files: readonly ReadFile[], share: number) =>
  Object.fromEntries(placed(files, share).map(({ name, half }) => [name, half]));

test("the hash as a fraction decides: below the share is tested on", () => {
  // 0x33.. is 0.1999, 0x34.. is 0.203.
  const files = [file("low", "33"), file("just above", "34"), file("high", "ff")];
  assert.deepEqual(halves(files, 0.2), { low: "test", "just above": "train", high: "train" });
});

test("where a class would have nothing in a half, the nearest picture goes there", () => {
  const allHigh = [file("a", "80"), file("b", "90")];
  assert.deepEqual(halves(allHigh, 0.2), { a: "test", b: "train" });
  const allLow = [file("a", "01"), file("b", "02")];
  assert.deepEqual(halves(allLow, 0.2), { a: "test", b: "train" });
});

test("what a folder says is kept", () => {
  const files = [file("low", "01", { half: "train" }), file("high", "ff", { half: "test" })];
  assert.deepEqual(halves(files, 0.2), { low: "train", high: "test" });
});

test("more pictures move none, and about the share of many is tested on", () => {
  const many = Array.from({ length: 2000 }, (_, i) =>
    file(`${i}`, createHash("sha256").update(String(i)).digest("hex")),
  );
  const before = halves(many.slice(0, 1000), 0.2);
  const after = halves(many, 0.2);
  for (const [name, half] of Object.entries(before)) assert.equal(after[name], half);
  const tested = Object.values(after).filter((half) => half === "test").length;
  // Five standard deviations of a binomial of 2000 and 0.2.
  assert.ok(Math.abs(tested - 400) < 5 * Math.sqrt(2000 * 0.2 * 0.8), `${tested} tested on`);
});

test("equal pictures are found across halves and across classes", () => {
  const files = placed(
    [
      file("train/a/1", "11", { half: "train" }),
      file("test/a/2", "11", { half: "test" }),
      file("train/b/3", "22", { half: "train", className: "b" }),
      file("train/a/4", "22", { half: "train" }),
    ],
    0.2,
  );
  const names = (groups: readonly (readonly ReadFile[])[]) =>
    groups.map((group) => group.map(({ name }) => name));
  assert.deepEqual(names(acrossHalves(files)), [["train/a/1", "test/a/2"]]);
  assert.deepEqual(names(acrossClasses(files)), [["train/b/3", "train/a/4"]]);
});
