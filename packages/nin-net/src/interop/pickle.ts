import { DataError } from "../core/errors.ts";

/** What a pickle can say of a Python object by naming a class or function. */
export interface PickleNames {
  /**
   * Stands for `module.name`.
   *
   * @returns what makes the value of the arguments; undefined for a name that is not known, whose objects are opaque
   */
  find(name: string): PickleMaker | undefined;
  /** The value that an outside object stands for, e.g. a storage of tensors. */
  outside(id: unknown): unknown;
}

/** Makes a value of the arguments that a pickle calls a class or function with. */
export type PickleMaker = (args: readonly unknown[]) => unknown;

/** A class or function that a pickle names. */
export class PickleGlobal {
  readonly name: string;
  readonly make: PickleMaker;

  constructor(name: string, make: PickleMaker) {
    this.name = name;
    this.make = make;
  }
}

/** An object of a class, or a result of a function, that is not known: its name is all that is kept of it. */
export class PickleObject {
  /** `module.name` of the class or function. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const opcode = {
  mark: 0x28, // (
  emptyTuple: 0x29, // )
  stop: 0x2e, // .
  pop: 0x30, // 0
  popMark: 0x31, // 1
  dup: 0x32, // 2
  binBytes: 0x42, // B
  shortBinBytes: 0x43, // C
  binFloat: 0x47, // G
  binInt: 0x4a, // J
  binInt1: 0x4b, // K
  binInt2: 0x4d, // M
  none: 0x4e, // N
  binPersistentId: 0x51, // Q
  reduce: 0x52, // R
  binString: 0x54, // T
  shortBinString: 0x55, // U
  binUnicode: 0x58, // X
  emptyList: 0x5d, // ]
  append: 0x61, // a
  build: 0x62, // b
  global: 0x63, // c
  appends: 0x65, // e
  binGet: 0x68, // h
  longBinGet: 0x6a, // j
  binPut: 0x71, // q
  longBinPut: 0x72, // r
  setItem: 0x73, // s
  tuple: 0x74, // t
  setItems: 0x75, // u
  emptyDict: 0x7d, // }
  protocol: 0x80,
  newObject: 0x81,
  tuple1: 0x85,
  tuple2: 0x86,
  tuple3: 0x87,
  newTrue: 0x88,
  newFalse: 0x89,
  long1: 0x8a,
  long4: 0x8b,
  shortBinUnicode: 0x8c,
  emptySet: 0x8f,
  addItems: 0x90,
  frozenSet: 0x91,
  newObjectWithKeywords: 0x92,
  stackGlobal: 0x93,
  memoize: 0x94,
  frame: 0x95,
} as const;

/** Put on the stack where a list of values begins. */
const mark = Symbol("mark");

/**
 * Reads a pickle without running anything: numbers, texts, bytes, None, booleans, tuples, lists, sets and
 * dictionaries, and of named classes and functions those that `names` knows. Objects of others become a
 * {@link PickleObject}; what they are made of is dropped.
 *
 * Tuples, lists and sets become arrays, dictionaries Maps, whole numbers that are too large bigints.
 *
 * @throws DataError if the pickle is damaged, or has an operation that is not known
 * @see https://github.com/python/cpython/blob/3.13/Lib/pickletools.py
 */
export function readPickle(bytes: Uint8Array, names: PickleNames): unknown {
  const input = new PickleInput(bytes);
  const stack: unknown[] = [];
  const memo = new Map<number, unknown>();

  const pop = (): unknown => {
    const value = stack.length > 0 ? stack.pop() : mark;
    if (value === mark) throw damaged("a value is missing");
    return value;
  };
  const top = (): unknown => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const popToMark = (): unknown[] => {
    const at = stack.lastIndexOf(mark);
    if (at < 0) throw damaged("the beginning of a list is missing");
    const values = stack.splice(at);
    return values.slice(1);
  };
  const popMany = (count: number): unknown[] => {
    const values = Array.from({ length: count }, pop);
    return values.reverse();
  };
  const named = (name: string): PickleGlobal =>
    new PickleGlobal(name, names.find(name) ?? (() => new PickleObject(name)));
  const call = (callee: unknown, args: unknown): unknown => {
    // What a call of something opaque gives can be called again, as by functools.partial.
    if (callee instanceof PickleObject) return callee;
    if (!(callee instanceof PickleGlobal)) throw damaged("it calls what is no class or function");
    if (!Array.isArray(args)) throw damaged(`the arguments of ${callee.name} are no tuple`);
    return callee.make(args);
  };
  const recall = (index: number): unknown => {
    if (!memo.has(index)) throw damaged(`value ${index} is asked for before it is there`);
    return memo.get(index);
  };
  const append = (values: readonly unknown[]): void => {
    const target = top();
    if (target instanceof PickleObject) return;
    if (!Array.isArray(target)) throw damaged("something is added to what is no list");
    for (const value of values) target.push(value);
  };
  const setItems = (items: readonly unknown[]): void => {
    const dictionary = top();
    if (dictionary instanceof PickleObject) return;
    if (!(dictionary instanceof Map) || items.length % 2 !== 0) {
      throw damaged("an entry is added to what is no dictionary");
    }
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  };

  for (;;) {
    const code = input.byte();
    switch (code) {
      case opcode.protocol: {
        const version = input.byte();
        if (version < 2 || version > 5) throw damaged(`its protocol is ${version}, expected 2 to 5`);
        break;
      }
      case opcode.frame:
        input.take(8);
        break;
      case opcode.stop: {
        const value = pop();
        if (stack.length > 0) throw damaged("values are left over at its end");
        return value;
      }
      case opcode.mark:
        stack.push(mark);
        break;
      case opcode.pop:
        stack.pop();
        break;
      case opcode.popMark:
        popToMark();
        break;
      case opcode.dup:
        stack.push(top());
        break;
      case opcode.none:
        stack.push(null);
        break;
      case opcode.newTrue:
        stack.push(true);
        break;
      case opcode.newFalse:
        stack.push(false);
        break;
      case opcode.binInt:
        stack.push(input.view(4).getInt32(0, true));
        break;
      case opcode.binInt1:
        stack.push(input.byte());
        break;
      case opcode.binInt2:
        stack.push(input.view(2).getUint16(0, true));
        break;
      case opcode.long1:
        stack.push(wholeNumber(input.take(input.byte())));
        break;
      case opcode.long4:
        stack.push(wholeNumber(input.take(input.view(4).getUint32(0, true))));
        break;
      case opcode.shortBinBytes:
        stack.push(input.take(input.byte()));
        break;
      case opcode.binBytes:
        stack.push(input.take(input.view(4).getUint32(0, true)));
        break;
      case opcode.binFloat:
        stack.push(input.view(8).getFloat64(0, false));
        break;
      case opcode.shortBinUnicode:
      case opcode.shortBinString:
        stack.push(input.text(input.byte()));
        break;
      case opcode.binUnicode:
      case opcode.binString:
        stack.push(input.text(input.view(4).getUint32(0, true)));
        break;
      case opcode.emptyTuple:
      case opcode.emptyList:
      case opcode.emptySet:
        stack.push([]);
        break;
      case opcode.emptyDict:
        stack.push(new Map());
        break;
      case opcode.tuple:
      case opcode.frozenSet:
        stack.push(popToMark());
        break;
      case opcode.tuple1:
      case opcode.tuple2:
      case opcode.tuple3:
        stack.push(popMany(code - opcode.tuple1 + 1));
        break;
      case opcode.append:
        append(popMany(1));
        break;
      case opcode.appends:
      case opcode.addItems:
        append(popToMark());
        break;
      case opcode.setItem:
        setItems(popMany(2));
        break;
      case opcode.setItems:
        setItems(popToMark());
        break;
      case opcode.binPut:
        memo.set(input.byte(), top());
        break;
      case opcode.longBinPut:
        memo.set(input.view(4).getUint32(0, true), top());
        break;
      case opcode.memoize:
        memo.set(memo.size, top());
        break;
      case opcode.binGet:
        stack.push(recall(input.byte()));
        break;
      case opcode.longBinGet:
        stack.push(recall(input.view(4).getUint32(0, true)));
        break;
      case opcode.global: {
        const module = input.line();
        stack.push(named(`${module}.${input.line()}`));
        break;
      }
      case opcode.stackGlobal: {
        const [module, name] = popMany(2);
        if (typeof module !== "string" || typeof name !== "string") throw damaged("a name is no text");
        stack.push(named(`${module}.${name}`));
        break;
      }
      case opcode.reduce:
      case opcode.newObject: {
        const [callee, args] = popMany(2);
        stack.push(call(callee, args));
        break;
      }
      case opcode.newObjectWithKeywords: {
        const [callee, args] = popMany(3);
        stack.push(call(callee, args));
        break;
      }
      case opcode.build:
        // Attributes of an object, such as the versions that PyTorch attaches to a state_dict: not needed.
        pop();
        top();
        break;
      case opcode.binPersistentId:
        stack.push(names.outside(pop()));
        break;
      default:
        throw refused(`operation 0x${code.toString(16).padStart(2, "0")} at byte ${input.at - 1}`);
    }
  }
}

/** The bytes of a pickle, read from the start. */
class PickleInput {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw damaged("it ends too early");
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  view(length: number): DataView {
    const part = this.take(length);
    return new DataView(part.buffer, part.byteOffset, part.byteLength);
  }

  text(length: number): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.take(length));
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw damaged("a text is not UTF-8");
    }
  }

  /** Up to the next line feed, which is left out. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw damaged("it ends too early");
    const line = this.text(end - this.#at);
    this.#at++;
    return line;
  }
}

/** A whole number in two's complement, the lowest byte first; a bigint where a number could not hold it. */
function wholeNumber(bytes: Uint8Array): number | bigint {
  const unsigned = bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const value = BigInt.asIntN(bytes.length * 8, unsigned);
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

function damaged(what: string): DataError {
  return new DataError(`pickle: ${what}. The file is damaged or cut short: copy or save it again.`);
}

/** @param what - the name of a class or function, or an operation */
export function refused(what: string): DataError {
  return new DataError(
    `pickle: got ${what}, expected tensors, numbers and texts in dictionaries and lists. ` +
      "Nothing else is read, so that no file can run anything: save net.state_dict() alone.",
  );
}
