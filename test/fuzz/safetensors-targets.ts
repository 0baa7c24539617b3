import assert from "node:assert/strict";
import fc from "fast-check";
import { Tensor } from "#nin-net/core/tensor.js";
import { readSafetensors, writeSafetensors } from "#nin-net/interop/safetensors.js";
import { anyDamage, damaged } from "./damage.js";
import { answer, type FuzzTarget } from "./fuzz-target.js";

/** A name that means something to JavaScript or to the format is a name all the same. */
const names = fc.oneof(
  fc.constantFrom("weight", "model.0.0.weight", "__proto__", "constructor", "toString", "0", ""),
  fc.string({ maxLength: 8, unit: "binary" }),
);
const tensors = fc
  .uniqueArray(
    fc.tuple(
      names.filter((name) => name !== "__metadata__"),
      fc.array(fc.nat(3), { maxLength: 4 }),
      fc.nat(),
    ),
    { maxLength: 4, selector: ([name]) => name },
  )
  .map((entries) => entries.map(([name, shape, seed]) => [name, Tensor.random(shape, seed)] as const));
const metadata = fc.dictionary(names, fc.string({ maxLength: 12 }), { maxKeys: 3, noNullPrototype: true });

const bytesOf = (entries: readonly (readonly [string, Tensor])[], texts: Record<string, string>) =>
  writeSafetensors(Object.fromEntries(entries), texts);

/** What was written is read, to the bit. */
const roundTrip = fc.asyncProperty(tensors, metadata, async (entries, texts) => {
  const bytes = bytesOf(entries, texts);
  const result = await answer(() => readSafetensors(bytes), mostFor(bytes));
  assert.ok("read" in result);
  // JavaScript puts names that are whole numbers first, in objects as in files.
  assert.deepEqual(result.read, { tensors: Object.fromEntries(entries), metadata: texts });
});

/** Reading copies the values once, those of two bytes to four. */
function mostFor(bytes: Uint8Array): number {
  return 3 * bytes.length + 65_536;
}

type Header = Readonly<Record<string, { readonly dtype: string }>>;
const sizes: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/** All values of the file are in tensors, and no others. */
async function checkReading(bytes: Uint8Array): Promise<void> {
  const result = await answer(() => readSafetensors(bytes), mostFor(bytes));
  if ("refused" in result) return;
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Header;
  let values = 0;
  for (const [name, { shape, data }] of Object.entries(result.read.tensors)) {
    assert.equal(
      data.length,
      shape.reduce((product, length) => product * length, 1),
    );
    values += data.length * sizes[header[name]!.dtype]!;
  }
  assert.equal(8 + headerLength + values, bytes.length);
}

const damage = fc.asyncProperty(tensors, metadata, anyDamage, (entries, texts, damages) =>
  checkReading(damaged(bytesOf(entries, texts), damages)),
);

/** Numbers that make sums overflow, and things that are no numbers. */
const oddLength = fc.oneof(
  fc.nat(8),
  fc.constantFrom(-1, 0.5, 1e9, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300, null, "4", true),
);
const nested = fc.nat(20_000).map((depth) => `${"[".repeat(depth)}1${"]".repeat(depth)}`);
const json = (value: fc.Arbitrary<unknown>) => value.map((each) => JSON.stringify(each));
const oddField = fc.oneof(
  { weight: 8, arbitrary: json(fc.array(oddLength, { maxLength: 4 })) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
);
const entry = fc
  .tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('"F32"') },
      fc.constantFrom('"F64"', '"F16"', '"BF16"', '"I8"'),
      fc.json(),
    ),
    oddField,
    oddField,
  )
  .map(([dtype, shape, offsets]) => `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`);
/** Written by hand, so that a name may stand twice and any depth of brackets fits. */
const header = fc.oneof(
  fc
    .array(fc.tuple(json(names), fc.oneof({ weight: 8, arbitrary: entry }, fc.json())), { maxLength: 4 })
    .map((entries) => `{${entries.map(([name, value]) => `${name}:${value}`).join()}}`),
  fc.json(),
  nested,
);
const headerLength = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
);

/** Whatever a header says, only what the file has is read. */
const madeUp = fc.asyncProperty(
  header,
  headerLength,
  fc.uint8Array({ maxLength: 32 }),
  async (text, length, values) => {
    const encoded = new TextEncoder().encode(text);
    const bytes = new Uint8Array(8 + encoded.length + values.length);
    new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(encoded.length), true);
    bytes.set(encoded, 8);
    bytes.set(values, 8 + encoded.length);
    await checkReading(bytes);
  },
);

export const safetensorsTargets: readonly FuzzTarget[] = [
  { name: "safetensors, written and read", cases: 1000, property: roundTrip },
  { name: "safetensors, damaged", cases: 2000, property: damage },
  { name: "safetensors with a made-up header", cases: 2000, property: madeUp },
];
