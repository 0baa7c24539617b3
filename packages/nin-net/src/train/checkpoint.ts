/**
 * The one format of a run's state: safetensors with the weights under PyTorch's names, what the optimiser keeps, the
 * weights' averages where there are some, and all the rest in the metadata; sealed by a SHA-256 over the whole file.
 */
import * as z from "zod";
import { DataError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";
import {
  readSafetensors,
  readSafetensorsMetadata,
  type Safetensors,
  writeSafetensors,
} from "../interop/safetensors.ts";
import { averagePrefix } from "../optim/average-weights.ts";
import type { EpochEndEvent } from "./events.ts";
import { optimizerStateName } from "./programs.ts";
import { progressSchema } from "./progress-schema.ts";
import { parseRecipe, type Recipe } from "./recipe.ts";
import type { TrainingState } from "./training-state.ts";

/** Raised by every change that an older version cannot read; 1 had a recipe with a momentum instead of an optimiser. */
export const checkpointFormatVersion = 2;
const readableVersions = ["1", "2"];

/** What a state came from: to go on as if never stopped, all of it must be the same. */
export interface CheckpointOrigin {
  /** The network is named in it. */
  readonly recipe: Recipe;
  /** SHA-256 of the data set's files; null where it was not taken. */
  readonly datasetChecksum: string | null;
  /** Of the package that wrote it. */
  readonly packageVersion: string;
}

/** A state of training, and what it comes from. */
export interface Checkpoint {
  /** Weights, what the optimiser keeps, and progress. */
  readonly state: TrainingState;
  /** What they came from. */
  readonly origin: CheckpointOrigin;
  /** How many of the run's events came before it. */
  readonly events: number;
}

/** A tensor that the optimiser keeps, and the weight that it keeps it for. */
const optimizerTensor = /^optimizer\.([^.]+)\.(.+)$/;
const unsealed = "0".repeat(64);

/** @returns the bytes of a checkpoint file */
export async function encodeCheckpoint({ state, origin, events }: Checkpoint): Promise<Uint8Array> {
  const { epoch, step, ...rest } = state.progress;
  const { recipe, datasetChecksum, packageVersion } = origin;
  const kept = Object.entries(state.optimizer).flatMap(([stateName, tensors]) =>
    Object.entries(tensors).map(
      ([weight, tensor]) => [optimizerStateName(stateName, weight), tensor] as const,
    ),
  );
  const means = Object.entries(state.averages ?? {}).map(
    ([weight, tensor]) => [averagePrefix + weight, tensor] as const,
  );
  const bytes = writeSafetensors(
    { ...state.weights, ...Object.fromEntries([...kept, ...means]) },
    {
      format: "pt",
      formatVersion: String(checkpointFormatVersion),
      packageVersion,
      net: recipe.net,
      seed: String(recipe.seed),
      recipe: JSON.stringify(recipe),
      ...(datasetChecksum !== null && { datasetChecksum }),
      epoch: String(epoch),
      step: String(step),
      progress: JSON.stringify(rest),
      ...(state.pendingEvents && { pendingEvents: JSON.stringify(state.pendingEvents) }),
      events: String(events),
      sha256: unsealed,
    },
  );
  const seal = await sha256(bytes);
  bytes.set(new TextEncoder().encode(seal), sealPlace(bytes, unsealed));
  return bytes;
}

/**
 * Reads what {@link encodeCheckpoint} wrote.
 *
 * @throws DataError if it is damaged, cut short, or no checkpoint of this version of the format
 */
export async function decodeCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const { tensors, metadata } = await readIntact(bytes);
  checkVersion(metadata);
  await checkSeal(bytes, metadata);
  const fields = parseMetadata(metadata);
  const recipe = parseRecipe(fields.recipe, "any");
  if (recipe.net !== metadata.net || String(recipe.seed) !== metadata.seed) {
    throw damaged(
      `net and seed are ${metadata.net} and ${metadata.seed}, but the recipe has ${recipe.net} and ${recipe.seed}`,
    );
  }
  const weights: [string, Tensor][] = [];
  const kept = new Map<string, [string, Tensor][]>();
  const means: [string, Tensor][] = [];
  for (const [name, tensor] of Object.entries(tensors)) {
    const [, stateName, weight] = optimizerTensor.exec(name) ?? [];
    if (name.startsWith(averagePrefix)) means.push([name.slice(averagePrefix.length), tensor]);
    else if (stateName === undefined) weights.push([name, tensor]);
    else kept.set(stateName, [...(kept.get(stateName) ?? []), [weight!, tensor]]);
  }
  return {
    state: {
      weights: Object.fromEntries(weights),
      optimizer: Object.fromEntries([...kept].map(([name, values]) => [name, Object.fromEntries(values)])),
      ...(means.length > 0 && { averages: Object.fromEntries(means) }),
      progress: { ...fields.progress, epoch: fields.epoch, step: fields.step },
      ...(fields.pendingEvents && {
        pendingEvents: fields.pendingEvents as unknown as readonly EpochEndEvent[],
      }),
    },
    origin: {
      recipe,
      datasetChecksum: fields.datasetChecksum ?? null,
      packageVersion: fields.packageVersion,
    },
    events: fields.events,
  };
}

const count = z.coerce.number().pipe(z.int().min(0));
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});
const metadataSchema = z.object({
  packageVersion: z.string(),
  recipe: json,
  datasetChecksum: z.string().optional(),
  epoch: count,
  step: count,
  pendingEvents: json
    .pipe(z.array(z.looseObject({ kind: z.enum(["epoch", "deadClassMaps", "notice"]) })))
    .optional(),
  progress: json.pipe(progressSchema.omit({ epoch: true, step: true })),
  events: count,
});

function parseMetadata(metadata: Readonly<Record<string, string>>): z.infer<typeof metadataSchema> {
  const parsed = metadataSchema.safeParse(metadata);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw damaged(`${path.join(".")} in the metadata: ${message}`);
}

function checkVersion({ formatVersion, packageVersion }: Readonly<Record<string, string>>): void {
  if (formatVersion === undefined) {
    throw new DataError(
      "checkpoint: got weights without a formatVersion in their metadata, expected what nin train writes. " +
        "Give a checkpoint of a run.",
    );
  }
  if (!readableVersions.includes(formatVersion)) {
    throw new DataError(
      `checkpoint: got format version ${formatVersion}, written by nin-net ${packageVersion}, ` +
        `expected ${readableVersions.join(" or ")}. Use that version of the package.`,
    );
  }
}

/** Reads the file; where that fails, damage is what to tell: a damaged header can look like another program's. */
async function readIntact(bytes: Uint8Array): Promise<Safetensors> {
  try {
    return readSafetensors(bytes);
  } catch (error) {
    const metadata = readSafetensorsMetadata(bytes);
    if (metadata.sha256 !== undefined) await checkSeal(bytes, metadata);
    throw error;
  }
}

async function checkSeal(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Promise<void> {
  const { sha256: seal } = metadata;
  const place = seal?.length === unsealed.length ? sealPlace(bytes, seal) : -1;
  if (place === -1) throw damaged("it has no SHA-256");
  const unsealedBytes = bytes.slice();
  unsealedBytes.set(new TextEncoder().encode(unsealed), place);
  if ((await sha256(unsealedBytes)) !== seal) throw damaged("its bytes are not those of its SHA-256");
}

/** Where the digest stands in the file; -1 if it does not. */
function sealPlace(bytes: Uint8Array, seal: string): number {
  const key = new TextEncoder().encode(`"sha256":"${seal}"`);
  const at = indexOf(bytes, key);
  return at === -1 ? -1 : at + `"sha256":"`.length;
}

/** Where `part` first stands in the safetensors header of `bytes`; -1 if it does not. */
function indexOf(bytes: Uint8Array, part: Uint8Array): number {
  const headerEnd = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  for (
    let at = bytes.indexOf(part[0]!, 8);
    at !== -1 && at < headerEnd;
    at = bytes.indexOf(part[0]!, at + 1)
  ) {
    if (part.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function damaged(what: string): DataError {
  return new DataError(`checkpoint: ${what}. The file is damaged: take another checkpoint, or train again.`);
}
