import fc from "fast-check";

/** A good body with some bytes changed, cut out or put in. */
export const damaged = (good: Uint8Array) =>
  fc
    .array(
      fc.record({
        at: fc.nat(good.length),
        drop: fc.nat(40),
        put: fc.uint8Array({ maxLength: 8 }),
      }),
      { maxLength: 4 },
    )
    .map((edits) =>
      edits.reduce<Uint8Array>(
        (bytes, { at, drop, put }) =>
          Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + drop)]),
        good,
      ),
    );
