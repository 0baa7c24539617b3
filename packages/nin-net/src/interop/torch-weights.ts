import { DataError, formatShape } from "../core/errors.ts";
import { Tensor } from "../core/tensor.ts";
import { bfloat16, type FloatFormat, float16, float32, float64, int64 } from "./float-formats.ts";
import { PickleGlobal, type PickleMaker, PickleObject, readPickle, refused } from "./pickle.ts";
import { TorchArchive } from "./torch-archive.ts";

/** Whether a network can take tensors of these names and shapes. */
export type FitsNetwork = (
  tensors: Readonly<Record<string, { readonly shape: readonly number[] }>>,
) => boolean;

/**
 * Reads the weights in a file that `torch.save` wrote: a `state_dict`, or a dictionary that holds one. Objects of
 * unknown classes beside it are skipped. Nothing in the file is run.
 *
 * @param bytes - of the .pt or .pth file, by PyTorch 1.6 or later
 * @param fits - chooses among several dictionaries of tensors; without it, `state_dict`, `model_state_dict` or `model`
 *   is taken, or else the only one there is
 * @returns float32 tensors by name, in the file's order; float64, float16 and bfloat16 are converted
 * @throws DataError if the file is damaged, holds no weights, or asks for something to be run
 * @see https://docs.pytorch.org/docs/stable/notes/serialization.html
 */
export function readTorchWeights(bytes: Uint8Array, fits?: FitsNetwork): Record<string, Tensor> {
  const archive = new TorchArchive(bytes);
  const tensors = stateDictOf(readPickle(archive.pickle, { find: findMaker, outside: storageOf }), fits);
  const contents = archive.storages(new Set(tensors.map(([, { storage }]) => storage.key)));
  return Object.fromEntries(
    tensors.map(([name, tensor]) => [
      name,
      asFloat32(name, tensor, contents.get(tensor.storage.key), archive.isLittleEndian),
    ]),
  );
}

/** Numbers in a file of their own; tensors show parts of them. */
class Storage {
  readonly key: string;
  /** PyTorch's name, e.g. `torch.FloatStorage`. */
  readonly kind: string;
  readonly length: number;

  constructor(key: string, kind: string, length: number) {
    this.key = key;
    this.kind = kind;
    this.length = length;
  }
}

/** A tensor before its numbers are read. */
class StoredTensor {
  readonly storage: Storage;
  /** Where it begins and how far its elements lie apart along each axis, in elements. */
  readonly offset: number;
  readonly strides: readonly number[];
  readonly shape: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** The kinds of storage that become weights. */
const elementTypes: Readonly<Record<string, FloatFormat>> = {
  "torch.FloatStorage": float32,
  "torch.DoubleStorage": float64,
  "torch.HalfStorage": float16,
  "torch.BFloat16Storage": bfloat16,
};

/** Those that may lie beside weights, e.g. a count of steps. */
const otherStorages = /^torch\.(?:Long|Int|Short|Char|Byte|Bool|ComplexFloat|ComplexDouble)Storage$/;

/** All that a file may name, by what it is for. */
function findMaker(name: string): PickleMaker | undefined {
  if (Object.hasOwn(elementTypes, name) || otherStorages.test(name)) {
    return () => {
      throw odd(`${name} is called`);
    };
  }
  return makers.get(name);
}

const makers = new Map<string, PickleMaker>([
  [
    "collections.OrderedDict",
    (args) => {
      if (args.length > 0) throw odd("an OrderedDict has arguments");
      return new Map();
    },
  ],
  [
    "torch._utils._rebuild_tensor_v2",
    ([storage, offset, shape, strides]) => {
      const isTensor =
        storage instanceof Storage &&
        isCount(offset) &&
        isCounts(shape) &&
        isCounts(strides) &&
        shape.length === strides.length;
      if (!isTensor) throw odd("a tensor has other arguments than PyTorch gives it");
      return new StoredTensor(storage, offset, shape, strides);
    },
  ],
  ["torch._utils._rebuild_parameter", ([tensor]) => tensor],
  ["torch.Size", ([lengths]) => lengths],
  ["torch.device", ([type]) => type],
]);

/** A persistent id is `("storage", kind, key, device, length)`. */
function storageOf(id: unknown): Storage {
  const [what, kind, key, , length] = Array.isArray(id) ? (id as unknown[]) : [];
  if (what !== "storage" || !(kind instanceof PickleGlobal) || typeof key !== "string" || !isCount(length)) {
    throw odd("a storage is described in another way than PyTorch does");
  }
  return new Storage(key, kind.name, length);
}

/** A dictionary of tensors alone, and the keys that lead to it. */
interface StateDictFound {
  readonly keys: readonly string[];
  readonly tensors: readonly (readonly [name: string, tensor: StoredTensor])[];
}

/** Names that checkpoints give their weights, the usual one first. */
const usualNames: readonly string[] = ["state_dict", "model_state_dict", "model"];

/** A checkpoint's weights lie this deep at most: deeper are what optimizers keep for each parameter. */
const mostDepth = 3;

function stateDictOf(value: unknown, fits: FitsNetwork | undefined): StateDictFound["tensors"] {
  if (value instanceof PickleObject) throw refused(value.name.slice(0, 80));
  if (!(value instanceof Map)) throw unfit(value instanceof StoredTensor ? "one tensor" : "no dictionary");
  if (value.size === 0) throw unfit("an empty dictionary");
  const found = [...stateDictsIn(value, [])];
  const fitting = fits === undefined ? [] : found.filter(({ tensors }) => fits(Object.fromEntries(tensors)));
  const chosen = onlyOne(fitting) ?? onlyOne(found.filter(({ keys }) => keys.length <= 1));
  if (chosen === undefined) throw unfit(whatIsThere(value, fitting.length > 0 ? fitting : found));
  return chosen.tensors;
}

/** Every dictionary of tensors in another one. */
function* stateDictsIn(value: unknown, keys: readonly string[]): Generator<StateDictFound> {
  if (!(value instanceof Map) || value.size === 0) return;
  const entries = [...(value as Map<unknown, unknown>)];
  if (entries.every((entry): entry is [string, StoredTensor] => isNamedTensor(entry))) {
    yield { keys, tensors: entries };
  } else if (keys.length < mostDepth) {
    for (const [key, inner] of entries) {
      if (typeof key === "string") yield* stateDictsIn(inner, [...keys, key]);
    }
  }
}

function isNamedTensor([name, tensor]: readonly [unknown, unknown]): boolean {
  return typeof name === "string" && tensor instanceof StoredTensor;
}

/** The only one, or the one under a usual name. */
function onlyOne(found: readonly StateDictFound[]): StateDictFound | undefined {
  if (found.length === 1) return found[0];
  return usualNames
    .map((name) => found.find(({ keys }) => keys.length === 1 && keys[0] === name))
    .find((each) => each !== undefined);
}

/** What a dictionary holds instead of one set of weights. */
function whatIsThere(value: ReadonlyMap<unknown, unknown>, found: readonly StateDictFound[]): string {
  if (found.length > 0) {
    const places = found.map(({ keys }) => quoted(keys.join("."))).slice(0, 8);
    return `dictionaries of tensors under ${places.join(", ")}`;
  }
  const opaque = [...value.values()].find((each) => each instanceof PickleObject);
  const hasTensors = [...value.values()].some((each) => each instanceof StoredTensor);
  if (opaque !== undefined && hasTensors) throw refused(opaque.name.slice(0, 80));
  const odds = [...value].filter((entry) => !isNamedTensor(entry)).map(([key]) => key);
  if (typeof odds[0] !== "string") return "a dictionary with a key that is not text";
  const keys = [...value.keys()].map((key) => quoted(String(key))).slice(0, 8);
  const all = value.size === 1 ? "" : ` (its keys: ${keys.join(", ")})`;
  return `a dictionary with ${quoted(odds[0])}, which is no tensor${all}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function asFloat32(
  name: string,
  { storage, offset, shape, strides }: StoredTensor,
  content: Uint8Array | undefined,
  isLittleEndian: boolean,
): Tensor {
  const isCounter = storage.kind === "torch.LongStorage" && shape.length === 0;
  const type = isCounter ? int64 : elementTypes[storage.kind];
  if (type === undefined) {
    throw new DataError(
      `torch.save file: ${name} is of ${storage.kind}, expected floating-point numbers. ` +
        "Convert the weights by net.float() before saving them.",
    );
  }
  if (content?.length !== storage.length * type.bytes) {
    throw odd(
      `the storage of ${name} has ${content?.length ?? "no"} bytes, expected ${storage.length * type.bytes}`,
    );
  }
  const size = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis]!, offset);
  if (size > storage.length || (size > 0 && last >= storage.length)) {
    throw odd(
      `${name} of shape ${formatShape(shape)} reaches over the ${storage.length} numbers of its storage`,
    );
  }
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const data = new Float32Array(size);
  const place = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    data[i] = type.read(view, at * type.bytes, isLittleEndian);
    // To the next element, the last axis first.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return new Tensor(shape, data);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}

function odd(what: string): DataError {
  return new DataError(
    `torch.save file: ${what}. The file is damaged or of an unknown version: save the weights again.`,
  );
}

function unfit(what: string): DataError {
  return new DataError(
    `torch.save file: got ${what}, expected weights by name. Save them by torch.save(net.state_dict(), file).`,
  );
}
