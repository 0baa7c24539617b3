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

test("a sentence is broken where the terminal ends, at 80 where it does not know, never in a pipe", () => {
  const short = "boot.png: is empty, expected an image. Save or send it again.";
  const broken = "boot.png: is empty, expected an image.\nSave or send it again.\n";
  assert.equal(noteOn({ isTTY: true, columns: 40 }, short), broken);
  assert.equal(noteOn({ isTTY: true, columns: 0 }, short), `${short}\n`);
  assert.equal(noteOn({ isTTY: true }, short), `${short}\n`);
  assert.equal(noteOn({ isTTY: true, columns: 0 }, `${short} ${short}`).split("\n").length, 3);
  assert.equal(noteOn({}, `${short} ${short}`), `${short} ${short}\n`);
});
