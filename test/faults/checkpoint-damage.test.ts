import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after } from "node:test";
import { RunFolder } from "#nin-cli/runs/run-folder.js";
import { Tensor } from "#nin-net/core/tensor.js";
import { noProgress } from "#nin-net/train/training-state.js";
import { answer } from "../fuzz/fuzz-target.js";
import { smallRecipe } from "../small-recipe.js";
import type { FaultName, Statement } from "./catalogue.js";
import { faultTest, type Happens } from "./fault-test.js";
import { ScratchFolder } from "./tiny-folder.js";

const scratch = new ScratchFolder();
after(() => scratch[Symbol.dispose]());

const run = await RunFolder.create(scratch.path, {
  recipe: smallRecipe,
  versions: {},
  datasetChecksum: "ab12",
});
await run.saveState({
  weights: { "0.weight": Tensor.random([16, 1, 5, 5], 1), "0.bias": Tensor.random([16], 2) },
  optimizer: {
    momentum: { "0.weight": Tensor.random([16, 1, 5, 5], 3), "0.bias": Tensor.zeros([16]) },
  },
  progress: { ...noProgress(0.1), epoch: 2, step: 3 },
});
const file = run.file("checkpoint.safetensors");
const whole = new Uint8Array(readFileSync(file));

/** Bytes that reading may take, whatever the file says. */
const most = 8 * whole.length + 65_536;

type DamageName = Extract<
  FaultName,
  "checkpointCut" | "checkpointFlipped" | "checkpointForeign" | "checkpointHuge" | "checkpointHugeTensor"
>;

/** The message that most of these files are refused with, names and numbers masked; all must be refused. */
async function commonestRefusal(
  happens: Happens<Statement<DamageName>>,
  files: Iterable<Uint8Array>,
): Promise<string> {
  const counts = new Map<string, number>();
  for (const bytes of files) {
    writeFileSync(file, bytes);
    await happens(
      "each is refused, and reading it takes no more memory than a few copies of the file",
      async () => {
        const result = await answer(() => run.readCheckpoint(), most);
        assert.ok("refused" in result, "damage went unseen");
        const message = result.refused.message
          .replace(scratch.path, "<run>")
          .replace(/(?:optimizer\.momentum\.)?0\.(?:weight|bias)/, "<tensor>")
          .replace(/(?<![-\w])\d+/g, "<number>");
        assert.match(
          message,
          /^<run>\/checkpoint\.safetensors: (?:safetensors|checkpoint): .*(?:again|run)\.$/,
        );
        counts.set(message, (counts.get(message) ?? 0) + 1);
      },
    );
  }
  const [commonest] = [...counts].sort(([, a], [, b]) => b - a);
  return commonest![0];
}

const damages: Readonly<Record<DamageName, () => Iterable<Uint8Array>>> = {
  *checkpointCut() {
    for (let part = 0; part < 50; part++) yield whole.slice(0, Math.floor((whole.length * part) / 50));
  },
  *checkpointFlipped() {
    for (let part = 0; part < 200; part++) {
      const at = 8 + Math.floor(((whole.length - 8) * part) / 200);
      yield whole.with(at, whole[at]! ^ (1 << (part % 8)));
    }
    // What would read as weights of another type, or as an entry of another program's.
    for (const text of ['"F32"', '"dtype"', '"shape"']) {
      const at = Buffer.from(whole.buffer).indexOf(text) + 2;
      yield whole.with(at, whole[at]! ^ 1);
    }
  },
  *checkpointForeign() {
    const headers = [
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
      "PK\x03\x04\x14\0\0\0\0\0",
      "GGUF\x03\0\0\0\0\0\0\0",
      "\x80\x02ctorch",
    ];
    for (const header of headers) {
      const bytes = Uint8Array.from(whole);
      bytes.set(Buffer.from(header, "latin1"));
      yield bytes;
    }
  },
  *checkpointHuge() {
    for (const terabytes of [1, 4, 1000, 16_000_000]) {
      const bytes = Uint8Array.from(whole);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(terabytes) * 10n ** 12n, true);
      yield bytes;
    }
  },
  *checkpointHugeTensor() {
    for (const [shape, end] of [
      ["[1000000,1000000]", 4_000_000_000_000],
      ["[1000000000000]", 64],
    ] as const) {
      const header = Buffer.from(`{"w":{"dtype":"F32","shape":${shape},"data_offsets":[0,${end}]}}`);
      const bytes = new Uint8Array(8 + header.length + 64);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
      bytes.set(header, 8);
      yield bytes;
    }
  },
};

for (const [name, files] of Object.entries(damages)) {
  faultTest(name as DamageName, (happens) => commonestRefusal(happens, files()));
}
