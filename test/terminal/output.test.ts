import assert from "node:assert/strict";
import { test } from "node:test";
import { Output, type OutputStream } from "#nin-cli/terminal/output.js";

/** What a note becomes on a stream of this kind. */
function noteOn(stream: { readonly isTTY?: boolean; readonly columns?: number }, text: string): string {
  let written = "";
  const write = (chunk: string) => {
    written += chunk;
  };
  new Output(process.stdout, { ...stream, write } as unknown as OutputStream).note(text);
  return written;
}

/** What a result becomes on a stream of this kind. */
function resultOn(stream: { readonly isTTY?: boolean; readonly columns?: number }, text: string): string {
  let written = "";
  const write = (chunk: string) => {
    written += chunk;
  };
  new Output({ ...stream, write } as unknown as OutputStream).result(text);
  return written;
}

test("a result is broken between words where the terminal ends, and nowhere in a pipe", () => {
  const device = "740.5 examples/sec on cpu (WebAssembly, relaxed SIMD, 256 bits, 6x16 tiles, 2 threads)";
  const [first, second] = [device.slice(0, -9), device.slice(-8)];
  assert.equal(resultOn({ isTTY: true, columns: 80 }, device), `${first}\n${second}\n`);
  assert.equal(resultOn({ isTTY: true, columns: 120 }, device), `${device}\n`);
  assert.equal(resultOn({}, device), `${device}\n`);
  const table = "bag  0.5    1,000";
  assert.equal(resultOn({ isTTY: true, columns: 40 }, table), `${table}\n`);
});

test("a sentence is broken where the terminal ends, at 80 where it does not know, never in a pipe", () => {
  const short = "boot.png: is empty, expected an image. Save or send it again.";
  const broken = "boot.png: is empty, expected an image.\nSave or send it again.\n";
  assert.equal(noteOn({ isTTY: true, columns: 40 }, short), broken);
  assert.equal(noteOn({ isTTY: true, columns: 0 }, short), `${short}\n`);
  assert.equal(noteOn({ isTTY: true }, short), `${short}\n`);
  assert.equal(noteOn({ isTTY: true, columns: 0 }, `${short} ${short}`).split("\n").length, 3);
  assert.equal(noteOn({}, `${short} ${short}`), `${short} ${short}\n`);
});
