import fc from "fast-check";

/** Damage as disks, cables and hands do it. */
export type Damage =
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "set"; readonly at: number; readonly byte: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly at: number; readonly count: number };

// Headers decide, so most damage goes there.
const at = fc.oneof({ weight: 3, arbitrary: fc.nat(64) }, { weight: 1, arbitrary: fc.nat() });
const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));

/** One to four kinds of damage, one after the other. */
export const anyDamage: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("flip"), at, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant("set"), at, byte }),
    fc.record({ kind: fc.constant("cut"), at: fc.nat() }),
    fc.record({ kind: fc.constant("insert"), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
    fc.record({ kind: fc.constant("remove"), at, count: fc.integer({ min: 1, max: 40 }) }),
  ),
  { minLength: 1, maxLength: 4 },
);

/** A damaged copy; places are taken modulo the file's length. */
export function damaged(file: Uint8Array, damages: readonly Damage[]): Uint8Array {
  return damages.reduce<Uint8Array>(damagedOnce, file);
}

function damagedOnce(bytes: Uint8Array, damage: Damage): Uint8Array {
  if (bytes.length === 0) return damage.kind === "insert" ? damage.bytes : bytes;
  const place = damage.at % bytes.length;
  switch (damage.kind) {
    case "flip":
      return bytes.with(place, bytes[place]! ^ (1 << damage.bit));
    case "set":
      return bytes.with(place, damage.byte);
    case "cut":
      return bytes.slice(0, place);
    case "insert":
      return joined(bytes.subarray(0, place), damage.bytes, bytes.subarray(place));
    case "remove":
      return joined(bytes.subarray(0, place), bytes.subarray(place + damage.count));
    default:
      return damage satisfies never;
  }
}

/** Pieces one after the other. */
export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}
