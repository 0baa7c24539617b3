import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "#nin-net/core/errors.js";
import { type PickleNames, PickleObject, readPickle } from "#nin-net/interop/pickle.js";

const nothing: PickleNames = { find: () => undefined, outside: () => assert.fail("nothing lies outside") };
const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const read = (text: string, names = nothing) => readPickle(bytesOf(text), names);

// What pickle.dumps gives, by pickletools; protocol 2 unless said.
test("reads Python's plain values", () => {
  assert.equal(read("\x80\x02N."), null);
  assert.deepEqual(read("\x80\x02\x88\x89\x86."), [true, false]);
  assert.deepEqual(read("\x80\x02]q\x00(K\x05M\x00\x01J\xff\xff\xff\xffe."), [5, 256, -1]);
  assert.equal(read("\x80\x02\x8a\x06\x00\x00\x00\x00\x00\x01."), 2 ** 40);
  assert.equal(read("\x80\x02\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80."), -(2n ** 63n));
  assert.equal(read("\x80\x02\x8a\x00."), 0);
  assert.equal(read("\x80\x02G\xbf\xd0\x00\x00\x00\x00\x00\x00."), -0.25);
  assert.equal(read("\x80\x02X\x03\x00\x00\x00a\xc3\xa9."), "aé");
  assert.deepEqual(
    read("\x80\x02}q\x00(K\x01N\x8c\x01bK\x02u."),
    new Map<unknown, unknown>([
      [1, null],
      ["b", 2],
    ]),
  );
  assert.deepEqual(read("\x80\x02)]\x86."), [[], []]);
});

test("a value that is used twice is one value", () => {
  const [a, b] = read("\x80\x02]q\x01h\x01\x86.") as [unknown, unknown];
  assert.equal(a, b);
  const [c, d] = read("\x80\x04\x95\x09\x00\x00\x00\x00\x00\x00\x00]\x94h\x00\x86.") as [unknown, unknown];
  assert.equal(c, d);
});

test("a known name is made from its arguments, an outside object is asked for", () => {
  const names: PickleNames = {
    find: (name) => (name === "shop.Price" ? (args) => ({ price: args }) : undefined),
    outside: (id) => ({ id }),
  };
  assert.deepEqual(read("\x80\x02cshop\nPrice\nK\x05\x85R.", names), { price: [5] });
  assert.deepEqual(read("\x80\x04\x8c\x04shop\x8c\x05Price\x93)R.", names), { price: [] });
  assert.deepEqual(read("\x80\x02K\x05Q.", names), { id: 5 });
});

test("objects of names that are not known are opaque: nothing is run or kept of them", () => {
  const system = new PickleObject("os.system");
  assert.deepEqual(read("\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R."), system);
  assert.deepEqual(read("\x80\x04\x8c\x02os\x8c\x06system\x93)R."), system);
  assert.deepEqual(read("\x80\x02cos\nsystem\n)\x81."), system); // NEWOBJ
  assert.deepEqual(read("\x80\x04cos\nsystem\n)}\x92."), system); // NEWOBJ_EX
  assert.deepEqual(read("\x80\x02cos\nsystem\n)R)R."), system); // what it gives is called
  // Entries, elements and attributes of such an object.
  assert.deepEqual(read("\x80\x02cos\nsystem\n)\x81K\x01K\x02s(K\x01K\x02uK\x03a(K\x04e}b."), system);
});

test("reads sets, bytes, and values that are dropped or doubled", () => {
  assert.deepEqual(read("\x80\x04\x8f(K\x01K\x02\x90."), [1, 2]);
  assert.deepEqual(read("\x80\x04(K\x01\x91."), [1]);
  assert.deepEqual(read("\x80\x03C\x02ab."), Uint8Array.of(97, 98));
  assert.deepEqual(read("\x80\x03B\x02\x00\x00\x00ab."), Uint8Array.of(97, 98));
  assert.equal(read("\x80\x02K\x01K\x020."), 1);
  assert.deepEqual(read("\x80\x02K\x012\x86."), [1, 1]);
  assert.equal(read("\x80\x02K\x01(K\x02K\x031."), 1);
});

test("operations that PyTorch does not use are refused", () => {
  // INST, OBJ, EXT1, PERSID
  for (const code of ["i", "o", "\x82", "P"]) {
    assert.throws(() => read(`\x80\x02${code}`), /got operation 0x[\da-f]{2} at byte 2, expected/);
  }
});

test("names of JavaScript's own are values like others", () => {
  const value = read("\x80\x02}(X\x09\x00\x00\x00__proto__K\x01u.") as Map<string, number>;
  assert.equal(value.get("__proto__"), 1);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

const damaged: readonly (readonly [text: string, why: RegExp])[] = [
  ["", /it ends too early/],
  ["\x80\x02X\xff\xff\xff\xffab", /it ends too early/],
  ["\x80\x01N.", /its protocol is 1, expected 2 to 5/],
  ["\x80\x02.", /a value is missing/],
  ["\x80\x02(.", /a value is missing/],
  ["\x80\x02K\x01t.", /the beginning of a list is missing/],
  ["\x80\x02NN.", /values are left over/],
  ["\x80\x02h\x07.", /value 7 is asked for before it is there/],
  ["\x80\x02NNa.", /added to what is no list/],
  ["\x80\x02N(NNu.", /added to what is no dictionary/],
  ["\x80\x02}(Nu.", /added to what is no dictionary/],
  ["\x80\x02N)R.", /calls what is no class or function/],
  ["\x80\x02X\x01\x00\x00\x00\xff.", /a text is not UTF-8/],
];

for (const [text, why] of damaged) {
  test(`refuses ${JSON.stringify(text)}: ${why.source}`, () => {
    assert.throws(
      () => read(text),
      (error) =>
        error instanceof DataError && why.test(error.message) && /damaged or cut short/.test(error.message),
    );
  });
}
