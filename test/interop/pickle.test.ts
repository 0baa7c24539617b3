import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "#nin-net/core/errors.js";
import { type PickleNames, readPickle } from "#nin-net/interop/pickle.js";

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

test("names that are not known are refused, before anything is made", () => {
  assert.throws(() => read("\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R."), {
    name: "DataError",
    message:
      "pickle: got os.system, expected tensors, numbers and texts in dictionaries and lists. " +
      "Nothing else is read, so that no file can run anything: save net.state_dict() alone.",
  });
  assert.throws(() => read("\x80\x04\x8c\x08builtins\x8c\x04eval\x93."), /got builtins\.eval/);
});

test("operations that make objects of classes are refused", () => {
  // INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, PERSID
  for (const code of ["i", "o", "\x81", "\x92", "\x82", "P"]) {
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
