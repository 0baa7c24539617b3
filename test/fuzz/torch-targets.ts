import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { readTorchWeights } from "#nin-net/interop/torch-weights.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget } from "./fuzz-target.js";

/** What `torch.save` wrote: test/oracle/torch-weights.py made them. */
const files = ["plain.pt", "protocol-4.pt", "views.pt", "types.pt", "checkpoint.pt", "runs-something.pt"].map(
  (name) => new Uint8Array(readFileSync(join("test", "oracle", "torch-weights", name))),
);
const someFile = fc.constantFrom(...files);

/** Whatever is read has as many values as its shape says; nothing in a file is run. */
async function checkReading(bytes: Uint8Array): Promise<void> {
  const result = await answer(() => readTorchWeights(bytes), 16 * bytes.length + 65_536);
  if ("refused" in result) return;
  for (const { shape, data } of Object.values(result.read)) {
    assert.equal(
      data.length,
      shape.reduce((product, length) => product * length, 1),
    );
  }
}

const damage = fc.asyncProperty(someFile, anyDamage, (file, damages) => checkReading(damaged(file, damages)));

/** A whole archive around another pickle: what holds the archive together does not shield its reader. */
function withPickle(file: Uint8Array, change: (pickle: Uint8Array) => Uint8Array): Uint8Array {
  const entries = Object.entries(unzipSync(file)).map(([name, content]) => [
    name,
    name.endsWith("data.pkl") ? change(content) : content,
  ]);
  return zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>, { level: 0 });
}

const damagedPickle = fc.asyncProperty(someFile, anyDamage, (file, damages) =>
  checkReading(withPickle(file, (pickle) => damaged(pickle, damages))),
);

/** Protocol, marks, numbers, texts, containers, memory, calls, and the end. */
const opcode = fc.oneof(
  fc
    .constantFrom(
      "(",
      ")",
      "]",
      "}",
      "t",
      "\x85",
      "\x86",
      "\x87",
      "a",
      "e",
      "s",
      "u",
      "0",
      "1",
      "2",
      "N",
      "\x88",
    )
    .map((text) => Buffer.from(text, "latin1")),
  fc.constantFrom("R", "b", "Q", "\x81", "\x93", "\x94", ".").map((text) => Buffer.from(text, "latin1")),
  fc
    .tuple(fc.constantFrom("K", "q", "h", "\x80"), fc.nat(255))
    .map(([op, n]) => Buffer.from([op.charCodeAt(0), n])),
  fc
    .tuple(fc.constantFrom("J", "X", "j", "r", "M"), fc.uint8Array({ minLength: 4, maxLength: 8 }))
    .map(([op, rest]) => Buffer.concat([Buffer.from(op), rest])),
  fc
    .constantFrom(
      "ccollections\nOrderedDict\n",
      "ctorch._utils\n_rebuild_tensor_v2\n",
      "ctorch\nFloatStorage\n",
      "cos\nsystem\n",
    )
    .map((text) => Buffer.from(text)),
);
const madeUpPickle = fc.asyncProperty(fc.array(opcode, { maxLength: 40 }), fc.boolean(), (opcodes, ends) =>
  checkReading(
    withPickle(files[0]!, () =>
      Buffer.concat([Buffer.from([0x80, 2]), ...opcodes, Buffer.from(ends ? "." : "")]),
    ),
  ),
);

export const torchTargets: readonly FuzzTarget[] = [
  { name: "a torch.save file, damaged", cases: 1000, property: damage },
  { name: "a torch.save file with a damaged pickle", cases: 2000, property: damagedPickle },
  { name: "a torch.save file with a made-up pickle", cases: 1000, property: madeUpPickle },
];
